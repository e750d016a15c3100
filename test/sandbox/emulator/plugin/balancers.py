"""What the emulator drops of a load balancer's parts."""

from ministack.services import alb

from .define import after


def complete(rule, properties):
    alb._tags[rule] = list(properties.get("Tags") or [])
    # Of several target groups the first alone is kept, and gets all requests.
    for kept, action in zip(alb._rules[rule]["Actions"], properties["Actions"]):
        if "ForwardConfig" in action:
            kept["ForwardConfig"] = action["ForwardConfig"]


after("AWS::ElasticLoadBalancingV2::ListenerRule", complete)

told = alb._action_xml


def with_weights(action):
    groups = "".join(f"<member><TargetGroupArn>{group['TargetGroupArn']}</TargetGroupArn>"
                     f"<Weight>{group.get('Weight', 1)}</Weight></member>"
                     for group in action.get("ForwardConfig", {}).get("TargetGroups", []))
    forward = f"<ForwardConfig><TargetGroups>{groups}</TargetGroups></ForwardConfig>" if groups else ""
    return told(action).removesuffix("</member>") + forward + "</member>"


alb._action_xml = with_weights

# The metric of a target group knows it by the end of its ARN.
after("AWS::ElasticLoadBalancingV2::TargetGroup",
      lambda group, properties: {"TargetGroupFullName": group.split(":")[-1]})
