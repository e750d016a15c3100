"""Composite alarms: the emulator has the API, and no CloudFormation type."""

from ministack.services import cloudwatch

from .define import arn, define, unique


def put(name, properties):
    cloudwatch._put_composite_alarm({}, {**properties, "AlarmName": name}, False, True)
    return {"Arn": arn("cloudwatch", f"alarm:{name}")}


def create(properties, logical, stack):
    name = properties.get("AlarmName") or f"{stack}-{logical}-{unique()}"
    return name, put(name, properties)


define("AWS::CloudWatch::CompositeAlarm", create,
       lambda name, properties: cloudwatch._delete_alarms({}, {"AlarmNames": [name]}, False, True),
       lambda name, old, new: put(name, new), ("AlarmName",))
