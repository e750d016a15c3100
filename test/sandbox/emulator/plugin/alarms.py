"""Composite alarms, of which the emulator has the API and no CloudFormation type, and alarms on an expression."""

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from .define import arn, define, unique

# What an alarm on one metric has, and one on an expression of several has not.
ONE_METRIC = ("Dimensions", "ExtendedStatistic", "MetricName", "Namespace", "Period", "Statistic", "Unit")

recorded = provisioners._cw_metric_alarm_record


def with_expression(name, properties):
    """The record of an alarm; one on an expression, which the emulator refuses, is kept and never goes off."""
    if not properties.get("Metrics"):
        return recorded(name, properties)
    stand_in = {"MetricName": "-", "Namespace": "-"}
    alarm = recorded(name, {**{key: value for key, value in properties.items() if key != "Metrics"}, **stand_in})
    metrics = [dict(query) for query in properties["Metrics"]]
    return {**{key: value for key, value in alarm.items() if key not in ONE_METRIC}, "Metrics": metrics}


provisioners._cw_metric_alarm_record = with_expression


def put(name, properties):
    cloudwatch._put_composite_alarm({}, {**properties, "AlarmName": name}, False, True)
    return {"Arn": arn("cloudwatch", f"alarm:{name}")}


def create(properties, logical, stack):
    name = properties.get("AlarmName") or f"{stack}-{logical}-{unique()}"
    return name, put(name, properties)


define("AWS::CloudWatch::CompositeAlarm", create,
       lambda name, properties: cloudwatch._delete_alarms({}, {"AlarmNames": [name]}, False, True),
       lambda name, old, new: put(name, new), ("AlarmName",))
