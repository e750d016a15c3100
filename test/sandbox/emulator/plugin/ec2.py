"""Types of EC2 that the emulator has an API for, and no CloudFormation type, and what that API leaves out of them."""

import re

from ministack.services import ec2

from .define import after, define, element, ok, query, rewrite


def given(properties, *keys):
    return {key: properties[key] for key in keys if key in properties}


def tagged(kind, properties):
    tags = properties.get("Tags")
    return {"TagSpecification": [{"ResourceType": kind, "Tag": tags}]} if tags else {}


def retag(resource, properties):
    own = [tag for tag in ec2._tags.get(resource, []) if tag["Key"].startswith("aws:")]
    ec2._tags[resource] = own + list(properties.get("Tags") or [])


# The group of a NAT instance asks for the range of its network, which the emulator does not give.
after("AWS::EC2::VPC", lambda vpc, properties: {"CidrBlock": ec2._vpcs[vpc]["CidrBlock"]})


# ---- Elastic IP. Its physical id is the address.


def allocation(address):
    return next((key for key, value in ec2._addresses.items() if value["PublicIp"] == address), None)


def allocate(properties, logical, stack):
    parameters = {"Domain": properties.get("Domain", "vpc"), **tagged("elastic-ip", properties)}
    body = ok(ec2._allocate_address(query(parameters)))
    address = element("publicIp", body)
    return address, {"AllocationId": element("allocationId", body), "PublicIp": address}


def release(address, properties):
    if allocation(address):
        ok(ec2._release_address({"AllocationId": allocation(address)}))


def update_address(address, old, new):
    retag(allocation(address), new)
    return {"AllocationId": allocation(address), "PublicIp": address}


define("AWS::EC2::EIP", allocate, release, update_address, ("Domain",))


# ---- NAT gateway

NAT = ("SubnetId", "AllocationId", "ConnectivityType")


def create_nat(properties, logical, stack):
    parameters = {**given(properties, *NAT), **tagged("natgateway", properties)}
    nat = element("natGatewayId", ok(ec2._create_nat_gateway(query(parameters))))
    return nat, {"NatGatewayId": nat}


def update_nat(nat, old, new):
    retag(nat, new)
    ec2._nat_gateways[nat]["Tags"] = ec2._tags[nat]
    return {"NatGatewayId": nat}


define("AWS::EC2::NatGateway", create_nat, lambda nat, properties: ok(ec2._delete_nat_gateway({"NatGatewayId": nat})),
       update_nat, NAT)

rewrite(ec2._describe_nat_gateways,
        "<natGatewayAddressSet/>",
        "<natGatewayAddressSet><item><allocationId>{nat.get('AllocationId') or ''}</allocationId></item></natGatewayAddressSet>")


# ---- Flow log

FLOW_LOG = ("ResourceType", "TrafficType", "LogDestinationType", "LogDestination", "LogGroupName",
            "DeliverLogsPermissionArn", "MaxAggregationInterval")


def create_flow_log(properties, logical, stack):
    parameters = {"ResourceId": [properties["ResourceId"]], **given(properties, *FLOW_LOG),
                  **tagged("flow-log", properties)}
    log = re.search(r"fl-\w+", ok(ec2._create_flow_logs(query(parameters)))).group(0)
    ec2._flow_logs[log].update(given(properties, "DeliverLogsPermissionArn", "LogGroupName"))
    return log, {"Id": log}


rewrite(ec2._describe_flow_logs,
        "            <flowLogStatus>",
        "            <deliverLogsPermissionArn>{fl.get('DeliverLogsPermissionArn', '')}</deliverLogsPermissionArn>\n"
        "            <logGroupName>{fl.get('LogGroupName', '')}</logGroupName>\n"
        "            <flowLogStatus>")


def update_flow_log(log, old, new):
    retag(log, new)
    return {"Id": log}


define("AWS::EC2::FlowLog", create_flow_log, lambda log, properties: ok(ec2._delete_flow_logs({"FlowLogId.1": log})),
       update_flow_log, ("ResourceId", *FLOW_LOG))


# ---- Instance, such as the one for NAT

INSTANCE = ("ImageId", "InstanceType", "SubnetId", "KeyName", "UserData")


def of_instance(instance):
    known = ec2._instances[instance]
    return {
        "InstanceId": instance,
        "PrivateIp": known.get("PrivateIpAddress", ""),
        "PublicIp": known.get("PublicIpAddress") or "",
        "AvailabilityZone": (known.get("Placement") or {}).get("AvailabilityZone", ""),
    }


def run_instance(properties, logical, stack):
    cards = properties.get("NetworkInterfaces") or []
    first = cards[0] if cards else {}
    parameters = {"MinCount": 1, "MaxCount": 1, **given(first, "SubnetId"), **given(properties, *INSTANCE),
                  "SecurityGroupId": properties.get("SecurityGroupIds") or first.get("GroupSet", []),
                  **tagged("instance", properties)}
    if properties.get("IamInstanceProfile"):
        parameters["IamInstanceProfile"] = {"Name": properties["IamInstanceProfile"]}
    instance = element("instanceId", ok(ec2._run_instances(query(parameters))))
    ec2._instances[instance]["NetworkInterfaces"] = cards
    set_source_check(instance, properties)
    return instance, of_instance(instance)


def cards_xml(instance):
    items = ""
    for card in instance.get("NetworkInterfaces", []):
        groups = "".join(f"<item><groupId>{group}</groupId></item>" for group in card.get("GroupSet", []))
        address = f"<association><publicIp>{instance['PublicIpAddress']}</publicIp></association>"
        items += (f"<item><subnetId>{instance['SubnetId']}</subnetId><groupSet>{groups}</groupSet>"
                  f"<attachment><deviceIndex>{card.get('DeviceIndex', 0)}</deviceIndex></attachment>"
                  f"{address if card.get('AssociatePublicIpAddress') else ''}</item>")
    return f"<networkInterfaceSet>{items}</networkInterfaceSet>"


ec2._plugin_cards_xml = cards_xml
rewrite(ec2._instance_xml, "        <tagSet>{tags}</tagSet>", "        {_plugin_cards_xml(inst)}\n        <tagSet>{tags}</tagSet>")
rewrite(ec2._describe_instance_attribute, 'value_xml = "<userData/>"',
        """value_xml = f"<userData><value>{inst.get('UserData', '')}</value></userData>" """)


def set_source_check(instance, properties):
    ec2._instances[instance]["SourceDestCheck"] = properties.get("SourceDestCheck", True)


def update_instance(instance, old, new):
    retag(instance, new)
    set_source_check(instance, new)
    return of_instance(instance)


define("AWS::EC2::Instance", run_instance,
       lambda instance, properties: ok(ec2._terminate_instances({"InstanceId.1": instance})),
       update_instance, (*INSTANCE, "IamInstanceProfile", "NetworkInterfaces", "SecurityGroupIds"))


# ---- Rules of security groups that stand on their own


def define_rules(name, authorize, revoke, groups, prefixes):
    peers = (("CidrIp", "IpRanges", "CidrIp"), ("CidrIpv6", "Ipv6Ranges", "CidrIpv6"),
             (groups, "Groups", "GroupId"), (prefixes, "PrefixListIds", "PrefixListId"))

    def parameters(properties):
        permission = {"IpProtocol": str(properties["IpProtocol"]), **given(properties, "FromPort", "ToPort")}
        for source, ranges, key in peers:
            if properties.get(source):
                permission[ranges] = [{key: properties[source], **given(properties, "Description")}]
        return query({"GroupId": properties["GroupId"], "IpPermissions": [permission]})

    def create(properties, logical, stack):
        rule = element("securityGroupRuleId", ok(authorize(parameters(properties))))
        return rule, {"Id": rule}

    def delete(rule, properties):
        if properties.get("GroupId") in ec2._security_groups:  # the group may have gone first
            ok(revoke(parameters(properties)))

    # A rule whose description alone changes keeps its id.
    def update(rule, old, new):
        delete(rule, old)
        create(new, "", "")
        return {"Id": rule}

    define(name, create, delete, update,
           ("GroupId", "IpProtocol", "FromPort", "ToPort", "CidrIp", "CidrIpv6", groups, prefixes))


define_rules("AWS::EC2::SecurityGroupIngress", ec2._authorize_sg_ingress, ec2._revoke_sg_ingress,
             "SourceSecurityGroupId", "SourcePrefixListId")
define_rules("AWS::EC2::SecurityGroupEgress", ec2._authorize_sg_egress, ec2._revoke_sg_egress,
             "DestinationSecurityGroupId", "DestinationPrefixListId")
