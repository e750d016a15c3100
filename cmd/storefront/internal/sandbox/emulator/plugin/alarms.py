"""Alarms on a metric math expression, which the emulator rejects."""

from ministack.services.cloudformation import provisioners

# Properties of an alarm on one metric that an alarm on an expression does not have.
ONE_METRIC = ("Dimensions", "ExtendedStatistic", "MetricName", "Namespace", "Period", "Statistic", "Unit")

recorded = provisioners._cw_metric_alarm_record


def with_expression(name, properties):
    """The record of an alarm. One on an expression, which the emulator rejects, is stored and never evaluated."""
    if not properties.get("Metrics"):
        return recorded(name, properties)
    stand_in = {"MetricName": "-", "Namespace": "-"}
    alarm = recorded(name, {**{key: value for key, value in properties.items() if key != "Metrics"}, **stand_in})
    metrics = [dict(query) for query in properties["Metrics"]]
    return {**{key: value for key, value in alarm.items() if key not in ONE_METRIC}, "Metrics": metrics}


provisioners._cw_metric_alarm_record = with_expression
