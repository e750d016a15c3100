"""Actions on log streams are authorized for the stream, as on AWS; the emulator uses the ARN of the group without ":*", which
no policy with Fn::GetAtt Arn matches."""

import sys

from ministack.core import iam_actions

asked = iam_actions.extract_resource_arn


def of_stream(service, *given, **named):
    resource = asked(service, *given, **named)
    return f"{resource}:log-stream:any" if service == "logs" and resource.count(":") == 6 else resource


for module in list(sys.modules.values()):
    if getattr(module, "extract_resource_arn", None) is asked:
        module.extract_resource_arn = of_stream
