"""No container runs, so a service has no target. With SANDBOX_STAND_INS a stand-in answers for it; without, as on AWS, the load
balancer answers 503. A program that registers as a target takes over. `storefront run` tags the target groups of the services that
it runs: none stands in for these, so that they answer 503 while no task is healthy."""

import json
import os

from ministack.services import alb

forward = alb._forward_to_tg

RUN = "storefront:run"


def stands_in(group):
    return group in alb._tgs and not alb._targets.get(group) and all(tag["Key"] != RUN for tag in alb._tags.get(group, []))


async def forward_or_answer(group, method, path, headers, *rest):
    if not stands_in(group):
        return await forward(group, method, path, headers, *rest)
    sent = {name.lower(): value for name, value in headers.items()}
    service = sent.get("x-microservice") or alb._tgs[group]["TargetGroupName"]
    body = {
        "standIn": True,
        "service": service,
        "method": method,
        "path": path,
        "userId": sent.get("x-user-id"),
        "message": f"the sandbox answers for {service}, of which no task runs here",
    }
    return 200, {"Content-Type": "application/json"}, json.dumps(body).encode() + b"\n"


if os.environ.get("SANDBOX_STAND_INS") == "true":
    alb._forward_to_tg = forward_or_answer
