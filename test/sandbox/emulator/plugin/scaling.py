"""The API of Application Auto Scaling over what was recorded of its types: what is there can be read and changed, as by
hand, and nothing scales by it."""

import calendar
import json
import time

from ministack import app
from ministack.core import router

from .define import RECORDED, arn

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
KEYS = ("ResourceId", "ScalableDimension", "ServiceNamespace")


def recorded(kind):
    return {physical: properties for physical, (known, properties) in RECORDED.items() if known == kind}


def of_target(physical):
    return dict(zip(KEYS, physical.split("|")))


def targets(request):
    for physical, properties in recorded(TARGET).items():
        key = of_target(physical)
        ids = request.get("ResourceIds") or [request.get("ResourceId", key["ResourceId"])]
        if key["ResourceId"] in ids and all(request.get(name, key[name]) == key[name] for name in KEYS[1:]):
            yield physical, key, properties


def describe_targets(request):
    return {"ScalableTargets": [{
        **key,
        "ScalableTargetARN": arn("application-autoscaling", f"scalable-target/{physical}"),
        "MinCapacity": int(properties["MinCapacity"]),
        "MaxCapacity": int(properties["MaxCapacity"]),
        "RoleARN": properties.get("RoleARN", ""),
        "SuspendedState": properties.get("SuspendedState") or {},
        "CreationTime": 0,
    } for physical, key, properties in targets(request)]}


def register_target(request):
    for physical, _, properties in targets(request):
        changes = {name: request[name] for name in ("MinCapacity", "MaxCapacity", "SuspendedState") if name in request}
        RECORDED[physical] = (TARGET, {**properties, **changes})
        return {"ScalableTargetARN": arn("application-autoscaling", f"scalable-target/{physical}")}
    raise LookupError("the sandbox registers a target by its stack alone, and changes it then")


def describe_actions(request):
    return {"ScheduledActions": [{
        **key,
        **action,
        **{name: moment(action[name]) for name in ("StartTime", "EndTime") if name in action},
        "ScheduledActionARN": arn("autoscaling", f"scheduledAction:{physical}:{action['ScheduledActionName']}"),
        "CreationTime": 0,
    } for physical, key, properties in targets(request) for action in properties.get("ScheduledActions") or []]}


def moment(text):
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


def policies(request):
    for physical, properties in recorded(POLICY).items():
        key = of_target(properties["ScalingTargetId"]) if properties.get("ScalingTargetId") else {
            name: properties[name] for name in KEYS}
        names = request.get("PolicyNames") or [request.get("PolicyName", properties["PolicyName"])]
        if properties["PolicyName"] in names and all(request.get(name, key[name]) == key[name] for name in KEYS):
            yield physical, key, properties


def describe_policies(request):
    return {"ScalingPolicies": [{
        **key,
        "PolicyARN": physical,
        "CreationTime": 0,
        **{name: properties[name] for name in (
            "PolicyName", "PolicyType", "TargetTrackingScalingPolicyConfiguration", "StepScalingPolicyConfiguration",
        ) if name in properties},
    } for physical, key, properties in policies(request)]}


def put_policy(request):
    for physical, _, properties in policies(request):
        RECORDED[physical] = (POLICY, {**properties, **{key: value for key, value in request.items() if key not in KEYS}})
        return {"PolicyARN": physical, "Alarms": []}
    raise LookupError("the sandbox makes a policy by its stack alone, and changes it then")


OPERATIONS = {
    "DescribeScalableTargets": describe_targets,
    "DescribeScalingPolicies": describe_policies,
    "DescribeScheduledActions": describe_actions,
    "PutScalingPolicy": put_policy,
    "RegisterScalableTarget": register_target,
}


async def serve(method, path, headers, body, query_params):
    name = headers.get("x-amz-target", "").split(".")[-1]
    try:
        if name not in OPERATIONS:
            raise LookupError(f"the sandbox has no {name} of Application Auto Scaling")
        status, result = 200, OPERATIONS[name](json.loads(body or b"{}"))
    except LookupError as error:
        status, result = 400, {"__type": "ValidationException", "message": str(error)}
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(result).encode()


router.SERVICE_PATTERNS["application-autoscaling"] = {"target_prefixes": ["AnyScaleFrontendService"]}
app.SERVICE_HANDLERS["application-autoscaling"] = serve
