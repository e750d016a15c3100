"""What the emulator drops of a load balancer's parts."""

from ministack.services import alb

from .define import after


def tag(rule, properties):
    alb._tags[rule] = list(properties.get("Tags") or [])


after("AWS::ElasticLoadBalancingV2::ListenerRule", tag)

# The metric of a target group knows it by the end of its ARN.
after("AWS::ElasticLoadBalancingV2::TargetGroup",
      lambda group, properties: {"TargetGroupFullName": group.split(":")[-1]})
