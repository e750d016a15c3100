"""Pipes from the stream of a table to an event bus or a queue, which the emulator holds: it delivers to topics and state machines,
and drops the filter, the template and the role. Records are sent one after the other, with the permissions of the pipe's role.
One that cannot be sent is tried again, and those behind it wait, until its retries or its age are used up; then what identifies
it goes to the dead-letter queue."""

import json
import logging
import time

from ministack.core import iam_evaluator
from ministack.core.arn import parse_arn
from ministack.core.responses import get_account_id, get_region
from ministack.services import dynamodb, eventbridge, pipes

from . import deliveries, event_permissions, pipe_templates
from .define import after, ok

log = logging.getLogger("pipes")
deliver, describe = pipes._deliver_batch, pipes._describe_response

PARAMETERS = ("SourceParameters", "TargetParameters")
READS = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")

# How often each record was tried, by pipe and position in the stream.
attempts = {}


class Refused(Exception):
    """A record could not be sent."""


def allow(pipe, action, resource, context=None):
    """Raises Refused unless the role of the pipe allows an action."""
    role = pipe["RoleArn"].split("/")[-1]
    request = iam_evaluator.EvalContext(
        principal_arn=pipe["RoleArn"], principal_type="AssumedRole", principal_account=get_account_id(),
        action=action, resource_arn=resource, region=get_region(), secure_transport=True, service_context=context or {})
    if iam_evaluator.evaluate(request, iam_evaluator._gather_role_policies(role, get_account_id())).decision != "Allow":
        raise Refused(f"{pipe['RoleArn']} may not {action} on {resource}")


def of_stream(pipe):
    return (pipe.get("SourceParameters") or {}).get("DynamoDBStreamParameters") or {}


def passes(pipe, record):
    filters = ((pipe.get("SourceParameters") or {}).get("FilterCriteria") or {}).get("Filters") or []
    return not filters or any(
        eventbridge._matches_detail(record, alternative)
        for each in filters for alternative in eventbridge._compiled_pattern(each["Pattern"]) or [])


def put_on_bus(pipe, record, text):
    given = (pipe.get("TargetParameters") or {}).get("EventBridgeEventBusParameters") or {}
    source = pipe_templates.parameter(given.get("Source"), record, f"Pipe {pipe['Name']}")
    detail_type = pipe_templates.parameter(given.get("DetailType"), record, "Event from aws:dynamodb")
    try:
        json.loads(text)
    except ValueError as error:
        raise Refused(f"the detail is no JSON: {error}: {text}") from error
    allow(pipe, "events:PutEvents", pipe["Target"], event_permissions.context(source, detail_type))
    entry = {"EventBusName": pipe["Target"], "Source": source, "DetailType": detail_type, "Detail": text,
             "Resources": given.get("Resources") or []}
    answer = json.loads(ok(eventbridge._put_events({"Entries": [entry]})))
    if answer["FailedEntryCount"]:
        raise Refused(str(answer["Entries"]))


def send_to_queue(pipe, queue, text):
    allow(pipe, "sqs:SendMessage", queue)
    if deliveries.sqs._queue_by_arn(queue) is None:
        raise Refused(f"there is no queue {queue}")
    deliveries.send(parse_arn(queue), text)


def send(pipe, record):
    text = pipe_templates.render((pipe.get("TargetParameters") or {}).get("InputTemplate"), pipe, record)
    if parse_arn(pipe["Target"]).service == "sqs":
        send_to_queue(pipe, pipe["Target"], text)
    else:
        put_on_bus(pipe, record, text)


def given_up(pipe, record, tried):
    """Why a record is not tried again, or None. Without a limit it is tried until it leaves the stream."""
    limits = of_stream(pipe)
    retries, age = int(limits.get("MaximumRetryAttempts", -1)), int(limits.get("MaximumRecordAgeInSeconds", -1))
    if 0 <= age < time.time() - record["dynamodb"]["ApproximateCreationDateTime"]:
        return "RecordAgeExceeded"
    return "RetryAttemptsExhausted" if 0 <= retries < tried else None


def to_dead_letters(pipe, record, condition):
    """Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-dynamodb.html"""
    queue = (of_stream(pipe).get("DeadLetterConfig") or {}).get("Arn")
    if not queue:
        return
    number = record["dynamodb"]["SequenceNumber"]
    message = {
        "context": {"partnerResourceArn": pipe["Arn"], "condition": condition},
        "version": "1.0",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "DDBStreamBatchInfo": {"startSequenceNumber": number, "endSequenceNumber": number, "batchSize": 1, "streamArn": pipe["Source"]},
    }
    try:
        send_to_queue(pipe, queue, json.dumps(message))
    except Refused as refused:
        log.warning("%s: a record is lost: %s", pipe["Name"], refused)


def passed_on(pipe, record, position):
    """Whether the pipe is done with a record."""
    if not passes(pipe, record):
        return True
    try:
        for action in READS:
            allow(pipe, action, pipe["Source"])
    except Refused as refused:
        log.warning("%s: %s", pipe["Name"], refused)
        return False
    key = (pipe["Arn"], position)
    try:
        send(pipe, record)
    except (Refused, ValueError) as refused:
        log.warning("%s: %s", pipe["Name"], refused)
        attempts[key] = attempts.get(key, 0) + 1
        condition = given_up(pipe, record, attempts[key])
        if not condition:
            return False
        to_dead_letters(pipe, record, condition)
    attempts.pop(key, None)
    return True


def deliver_records(pipe, records):
    """Whether the pipe is done with all records. The position stays at the first one with which it is not."""
    if parse_arn(pipe["Target"]).service not in ("events", "sqs"):
        return deliver(pipe, records)
    source, table = pipes._dynamodb_stream_source(pipe["Source"])
    start = dynamodb.stream_start_position(table, account_id=source.account_id, region=source.region)
    position = max(int(pipes._positions.get(pipe["Arn"], 0)), start)
    for record in records:
        if not passed_on(pipe, record, position):
            return False
        position += 1
        pipes._positions[pipe["Arn"]] = position
    return True


def complete(name, properties):
    pipe = pipes._pipes[name]
    for parameters in PARAMETERS:
        pipe[parameters] = properties.get(parameters)
    for action in READS:  # as a pipe does when it is created
        allow(pipe, action, pipe["Source"])


def describe_all(pipe):
    return {**describe(pipe), **{parameters: pipe[parameters] for parameters in PARAMETERS if pipe.get(parameters)}}


pipes._deliver_batch = deliver_records
pipes._describe_response = describe_all
after("AWS::Pipes::Pipe", complete)
