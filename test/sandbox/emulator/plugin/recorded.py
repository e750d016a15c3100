"""Types whose service the emulator has not: kept as they were asked for, and said so by make sandbox."""

import uuid

from .define import arn, record

record("AWS::ApiGatewayV2::VpcLink", lambda properties, link: {"VpcLinkId": link},
       lambda *_: uuid.uuid4().hex[:10], ("SubnetIds", "SecurityGroupIds"))

TARGET = ("ResourceId", "ScalableDimension", "ServiceNamespace")

record("AWS::ApplicationAutoScaling::ScalableTarget", lambda properties, target: {"Id": target},
       lambda properties, *_: "|".join(properties[key] for key in TARGET), TARGET)

record("AWS::ApplicationAutoScaling::ScalingPolicy", lambda properties, policy: {"Arn": policy},
       lambda properties, *_: arn("autoscaling", f"scalingPolicy:{uuid.uuid4()}:policyName/{properties['PolicyName']}"),
       ("PolicyName", "ScalingTargetId", *TARGET))
