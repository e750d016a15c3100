"""Drift detection of types for which the emulator has none: each reader gives what a service holds now, in the form that a
template has, and None when it is gone. Of other types CloudFormation says that it has not checked them."""

from ministack.services import alb, apigateway, dynamodb
from ministack.services.cloudformation import drift


def read(name, reader, *properties):
    if drift.supports_drift(name):
        raise RuntimeError(f"{name}: the emulator detects its drift: remove it from the plug-in")
    drift._DRIFT_READERS[name] = (reader, frozenset(properties))


def table(name, properties):
    held = drift._read_dynamodb_table(name, properties)
    if held is None:
        return None
    expiry = dynamodb._ttl_settings.get(name) or {}
    if expiry.get("TimeToLiveStatus") == "ENABLED":
        held["TimeToLiveSpecification"] = {"AttributeName": expiry["AttributeName"], "Enabled": True}
    elif properties.get("TimeToLiveSpecification"):
        held["TimeToLiveSpecification"] = {**properties["TimeToLiveSpecification"], "Enabled": False}
    kept = dynamodb._tables[name]
    replica = {
        "DeletionProtectionEnabled": kept.get("DeletionProtectionEnabled", False),
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": bool(dynamodb._pitr_settings.get(name))},
    }
    held["Replicas"] = [{**asked, **{key: value for key, value in replica.items() if key in asked}}
                        for asked in properties["Replicas"]]
    return held


read("AWS::DynamoDB::GlobalTable", table, "BillingMode", "KeySchema", "AttributeDefinitions", "StreamSpecification",
     "TimeToLiveSpecification", "Replicas")


def part_of_api(parts, *names):
    """A reader of what an API has many of: the emulator keeps them by API and id, under the API's names."""
    def reader(part, properties):
        held = parts.get(properties["ApiId"], {}).get(part)
        return held and {name: held.get(name[:1].lower() + name[1:]) for name in names}

    return reader, *names


read("AWS::ApiGatewayV2::Route", *part_of_api(
    apigateway._routes, "RouteKey", "Target", "AuthorizationType", "AuthorizerId"))
read("AWS::ApiGatewayV2::Integration", *part_of_api(
    apigateway._integrations, "IntegrationType", "IntegrationUri", "IntegrationMethod", "ConnectionType", "ConnectionId",
    "RequestParameters", "PayloadFormatVersion"))

HEALTH = ("Protocol", "Port", "VpcId", "TargetType", "HealthCheckProtocol", "HealthCheckPort", "HealthCheckPath",
          "HealthCheckIntervalSeconds", "HealthCheckTimeoutSeconds", "HealthyThresholdCount", "UnhealthyThresholdCount",
          "Matcher")


def group(arn, properties):
    held = alb._tgs.get(arn)
    return held and {name: held[name] for name in HEALTH if name in held}


read("AWS::ElasticLoadBalancingV2::TargetGroup", group, *HEALTH)
