"""Root, which stands for a service that assumes a role, sends the context that the service sends. Without it, a trust policy
that names the account and that for which the service may act denies root."""

import dataclasses
import json

from ministack.core import iam_evaluator

evaluate = iam_evaluator.evaluate_trust_policy

# That for which a service assumes a role, after the region and the account.
SOURCES = {
    "ecs-tasks.amazonaws.com": ("ecs", "task/sandbox"),
    "scheduler.amazonaws.com": ("scheduler", "schedule-group/default"),
    "states.amazonaws.com": ("states", "stateMachine:sandbox"),
}


def listed(value):
    return value if isinstance(value, list) else [value]


def source(trust_doc):
    """Of the service that a trust policy names: a role here has one."""
    document = json.loads(trust_doc) if isinstance(trust_doc, str) else trust_doc
    for statement in listed(document.get("Statement", [])):
        principal = statement.get("Principal")
        for name in listed(principal.get("Service", [])) if isinstance(principal, dict) else []:
            if name in SOURCES:
                return SOURCES[name]
    return SOURCES["ecs-tasks.amazonaws.com"]


def as_service(trust_doc, caller_arn, ctx=None):
    if ctx is not None and caller_arn.endswith(":root"):
        partition = caller_arn.split(":")[1]
        service, rest = source(trust_doc)
        sent = {
            "aws:sourceaccount": ctx.principal_account,
            "aws:sourcearn": f"arn:{partition}:{service}:{ctx.region}:{ctx.principal_account}:{rest}",
        }
        ctx = dataclasses.replace(ctx, service_context={**ctx.service_context, **sent})
    return evaluate(trust_doc, caller_arn, ctx)


iam_evaluator.evaluate_trust_policy = as_service
