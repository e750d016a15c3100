"""Alarms on a metric math expression, which the emulator refuses."""

from ministack.services.cloudformation import provisioners

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
