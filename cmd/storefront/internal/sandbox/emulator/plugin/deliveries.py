"""What EventBridge delivers to queues. The emulator asks no policy of a queue, and drops what it cannot deliver; on AWS the queue
must allow the rule, and what is not delivered goes to the dead-letter queue of the target, which must allow it, too."""

import contextlib
import contextvars
import logging

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import eventbridge, sqs

log = logging.getLogger("events")
invoke, send = eventbridge._invoke_target, eventbridge._dispatch_to_sqs

# The rule and the target of the current delivery.
delivery = contextvars.ContextVar("delivery", default=None)


@contextlib.contextmanager
def by_service():
    """Services of AWS send over TLS, also from a thread that serves no request."""
    token = iam_evaluator._request_origin.set(("127.0.0.1", True))
    try:
        yield
    finally:
        iam_evaluator._request_origin.reset(token)


def refusal(queue, source):
    """The error code of EventBridge if the resource with that ARN may not send to a queue, or None."""
    if sqs._queue_by_arn(queue) is None:
        return "NO_RESOURCE"
    with by_service():
        allowed = sqs.queue_policy_allows(queue, "events.amazonaws.com", source, get_account_id())
    return None if allowed else "NO_PERMISSIONS"


def to_dead_letters(rule, target, payload, code):
    """Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html"""
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue or refusal(queue, rule["Arn"]):
        log.warning("the event for %s is dropped: %s", target["Arn"], code)
        return
    send(eventbridge.parse_arn(queue), payload)
    attributes = {"RULE_ARN": rule["Arn"], "TARGET_ARN": target["Arn"], "ERROR_CODE": code}
    sqs._queue_by_arn(queue)["messages"][-1]["message_attributes"] = {
        name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
    }


def invoke_target(target, event, rule, view=None):
    token = delivery.set((rule, target))
    try:
        return invoke(target, event, rule, view)
    finally:
        delivery.reset(token)


def send_if_allowed(spec, payload, parameters=None):
    rule, target = delivery.get()
    code = refusal(str(spec), rule["Arn"])
    if code:
        return to_dead_letters(rule, target, payload, code)
    return send(spec, payload, parameters)


eventbridge._invoke_target = invoke_target
eventbridge._dispatch_to_sqs = send_if_allowed
