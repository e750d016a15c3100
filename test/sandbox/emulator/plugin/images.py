"""The public parameter of the AMI for a NAT instance on ARM, which the emulator lacks."""

from ministack.services import ssm

ssm._PUBLIC_AMI_PARAMETERS["/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64"] = "ami-0c2023a1b2c3d4e5f"
