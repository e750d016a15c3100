"""What a role may put on an event bus. AWS authorizes each entry of PutEvents, with its source and its detail type in the
context; the emulator checks the bus alone, so that a condition on the two denies everything."""

import contextvars
import json

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id

extract, enforce = iam_actions.extract_resource_arn, iam_evaluator.enforce

# The entries of the current request.
entries = contextvars.ContextVar("entries", default=())


def context(source, detail_type):
    """The keys of an entry that policies may have conditions on."""
    return {"events:source": source, "events:detail-type": detail_type}


def entries_of(body):
    try:
        return [entry for entry in json.loads(body or b"{}")["Entries"] if isinstance(entry, dict)]
    except (KeyError, TypeError, ValueError):
        return []


def extract_and_keep(service, method, path, headers, body, *given):
    entries.set(entries_of(body) if service == "events" else ())
    return extract(service, method, path, headers, body, *given)


def enforce_entries(access_key, action, service, region, resource_arn="*", service_context=None):
    if action != "events:PutEvents" or not entries.get():
        return enforce(access_key, action, service, region, resource_arn, service_context)
    for entry in entries.get():
        bus = entry.get("EventBusName") or "default"
        if not bus.startswith("arn:"):
            bus = f"arn:aws:events:{region}:{get_account_id()}:event-bus/{bus}"
        denied = enforce(access_key, action, service, region, bus, context(entry.get("Source", ""), entry.get("DetailType", "")))
        if denied:
            return denied
    return None


iam_actions.extract_resource_arn = extract_and_keep
iam_evaluator.enforce = enforce_entries
