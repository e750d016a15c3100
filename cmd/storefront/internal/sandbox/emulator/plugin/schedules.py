"""The time zone of a schedule, which the emulator drops, and its state, which it keeps when a template has none any more."""

from ministack.services import scheduler

from .define import after


def complete(name, properties):
    kept = scheduler._schedules[f'{properties.get("GroupName", "default")}/{name}']
    kept["ScheduleExpressionTimezone"] = properties.get("ScheduleExpressionTimezone", "UTC")
    kept["State"] = properties.get("State", "ENABLED")


after("AWS::Scheduler::Schedule", complete)
