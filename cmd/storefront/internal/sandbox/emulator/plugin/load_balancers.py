"""Properties of listener rules and target groups that the emulator drops."""

from ministack.services import alb

from .define import after


def complete(rule, properties):
    alb._tags[rule] = list(properties.get("Tags") or [])
    # The emulator keeps only the first of several target groups, which receives all requests.
    for kept, action in zip(alb._rules[rule]["Actions"], properties["Actions"]):
        if "ForwardConfig" in action:
            kept["ForwardConfig"] = action["ForwardConfig"]


after("AWS::ElasticLoadBalancingV2::ListenerRule", complete)

action_xml = alb._action_xml


def with_weights(action):
    groups = "".join(f"<member><TargetGroupArn>{group['TargetGroupArn']}</TargetGroupArn>"
                     f"<Weight>{group.get('Weight', 1)}</Weight></member>"
                     for group in action.get("ForwardConfig", {}).get("TargetGroups", []))
    forward = f"<ForwardConfig><TargetGroups>{groups}</TargetGroups></ForwardConfig>" if groups else ""
    return action_xml(action).removesuffix("</member>") + forward + "</member>"


alb._action_xml = with_weights

parse_actions = alb._parse_actions


def parse_weights(params, prefix="DefaultActions"):
    """Also the target groups of a request, with their weights."""
    actions = parse_actions(params, prefix)
    for i, action in enumerate(actions, 1):
        groups, at = [], f"{prefix}.member.{i}.ForwardConfig.TargetGroups.member."
        while arn := alb._p(params, f"{at}{len(groups) + 1}.TargetGroupArn"):
            groups.append({"TargetGroupArn": arn, "Weight": alb._p(params, f"{at}{len(groups) + 1}.Weight", "1")})
        if groups:
            action["ForwardConfig"] = {"TargetGroups": groups}
            action.setdefault("TargetGroupArn", groups[0]["TargetGroupArn"])
    return actions


alb._parse_actions = parse_weights

# The dimension of a target group in metrics is the end of its ARN.
after("AWS::ElasticLoadBalancingV2::TargetGroup",
      lambda group, properties: {"TargetGroupFullName": group.split(":")[-1]})


# On AWS a target is an address and a port; the emulator keeps only one target of an address.
def key(group, target):
    return target["Id"], int(target.get("Port") or alb._tgs[group].get("Port", 80))


def register(params):
    group = alb._p(params, "TargetGroupArn")
    if group not in alb._tgs:
        return alb._error("TargetGroupNotFound", f"Target group '{group}' not found.")
    kept = alb._targets.get(group, [])
    known = {key(group, target) for target in kept}
    alb._targets[group] = kept + [target for target in alb._parse_targets_param(params) if key(group, target) not in known]
    return alb._empty("RegisterTargets")


def deregister(params):
    group = alb._p(params, "TargetGroupArn")
    if group not in alb._tgs:
        return alb._error("TargetGroupNotFound", f"Target group '{group}' not found.")
    gone = {key(group, target) for target in alb._parse_targets_param(params)}
    alb._targets[group] = [target for target in alb._targets.get(group, []) if key(group, target) not in gone]
    return alb._empty("DeregisterTargets")


alb._ACTION_MAP.update(RegisterTargets=register, DeregisterTargets=deregister)
