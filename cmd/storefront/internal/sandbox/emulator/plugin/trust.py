"""Root, which stands for a service that assumes a role, sends the context that Amazon ECS sends. Without it, a trust policy
that names the account and the tasks for which the service may act denies root."""

import dataclasses

from ministack.core import iam_evaluator

evaluate = iam_evaluator.evaluate_trust_policy


def as_service(trust_doc, caller_arn, ctx=None):
    if ctx is not None and caller_arn.endswith(":root"):
        partition = caller_arn.split(":")[1]
        sent = {
            "aws:sourceaccount": ctx.principal_account,
            "aws:sourcearn": f"arn:{partition}:ecs:{ctx.region}:{ctx.principal_account}:task/sandbox",
        }
        ctx = dataclasses.replace(ctx, service_context={**ctx.service_context, **sent})
    return evaluate(trust_doc, caller_arn, ctx)


iam_evaluator.evaluate_trust_policy = as_service
