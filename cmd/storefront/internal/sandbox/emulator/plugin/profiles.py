"""The physical id of an instance profile is its ARN; on AWS it is its name."""

from ministack.services import iam

from .define import identify

identify("AWS::IAM::InstanceProfile",
         lambda arn: arn.split("/")[-1],
         lambda name, properties: iam._instance_profiles[name]["Arn"])
