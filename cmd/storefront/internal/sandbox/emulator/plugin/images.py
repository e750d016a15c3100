"""The public parameter of the AMI for a NAT instance, which the emulator lacks."""

from ministack.services import ssm

ssm._PUBLIC_AMI_PARAMETERS["/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/"
                           "al2023-ami-ecs-hvm-2023.0.20260727-kernel-6.1-arm64/image_id"] = "ami-0c2023a1b2c3d4e5f"
