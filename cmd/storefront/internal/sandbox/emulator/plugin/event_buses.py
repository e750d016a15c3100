"""Properties of an event bus that the emulator drops, and archives, for which it has an API and no CloudFormation type. A replay
goes to all rules of the bus; on AWS to those that it names."""

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

from .define import after, define, ok, rewrite

OF_BUS = ("DeadLetterConfig", "Description", "KmsKeyIdentifier", "LogConfig")


def complete(bus, properties):
    kept = eventbridge._event_buses[bus]
    for name in OF_BUS:
        if name in properties:
            kept[name] = properties[name]
        else:
            kept.pop(name, None)


after("AWS::Events::EventBus", complete)


# ---- Archives


def of_archive(name, properties):
    """The parameters of the API that an update takes, too. It takes a pattern as text."""
    pattern = properties.get("EventPattern") or ""
    return {
        "ArchiveName": name,
        "Description": properties.get("Description", ""),
        "EventPattern": pattern if isinstance(pattern, str) else eventbridge.json.dumps(pattern),
        "RetentionDays": int(properties.get("RetentionDays", 0)),
        "KmsKeyIdentifier": properties.get("KmsKeyIdentifier", ""),
    }


def attributes(name):
    return {"Arn": eventbridge._archives[name]["ArchiveArn"]}


def create(properties, logical, stack):
    name = properties.get("ArchiveName") or provisioners._physical_name(stack, logical, max_len=48)
    ok(eventbridge._create_archive({**of_archive(name, properties), "EventSourceArn": properties["SourceArn"]}))
    return name, attributes(name)


def update(name, old, new):
    ok(eventbridge._update_archive(of_archive(name, new)))
    return attributes(name)


def delete(name, properties):
    eventbridge._archives.pop(name, None)


define("AWS::Events::Archive", create, delete, update, ("ArchiveName", "SourceArn"))


# ---- Replays


def reaches(event, rule):
    """Whether an event goes to a rule: one of a replay only to those that the replay names, if it names any."""
    replay = eventbridge._replays.get(event.get("ReplayName") or "")
    named = ((replay or {}).get("Destination") or {}).get("FilterArns")
    # A rule of another bus gets what a rule of the first one sends there.
    bus = (replay or {}).get("Destination", {}).get("Arn", "").split("/")[-1]
    return not named or rule["Arn"] in named or rule["EventBusName"] != bus


eventbridge._sandbox_reaches = reaches
rewrite(eventbridge._dispatch_event,
        '        if rule.get("State") != "ENABLED":',
        '        if rule.get("State") != "ENABLED" or not _sandbox_reaches(event, rule):')
