"""The public parameter of the AMI for a NAT instance, which the emulator lacks, and the signal of the instance."""

from ministack.services import ssm
from ministack.services.cloudformation import wait_conditions

from .define import after

ssm._PUBLIC_AMI_PARAMETERS["/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/"
                           "al2023-ami-ecs-hvm-2023.0.20260727-kernel-6.1-arm64/image_id"] = "ami-0c2023a1b2c3d4e5f"


def signal(url, properties):
    """The emulator boots no instance, so that nothing would signal, and the wait condition would fail after its timeout."""
    token = wait_conditions.token_from_url(url)
    wait_conditions.deliver_signal(token, {"Status": "SUCCESS", "UniqueId": "emulator"})


after("AWS::CloudFormation::WaitConditionHandle", signal)
