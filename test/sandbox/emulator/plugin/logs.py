"""Actions on log streams are asked of the stream, as on AWS; the emulator asks of the group's ARN without ":*", which no
grant in the form that Fn::GetAtt Arn gives it would match."""

import sys

from ministack.core import iam_actions

asked = iam_actions.extract_resource_arn


def of_stream(service, *given, **named):
    resource = asked(service, *given, **named)
    return f"{resource}:log-stream:any" if service == "logs" and resource.count(":") == 6 else resource


for module in list(sys.modules.values()):
    if getattr(module, "extract_resource_arn", None) is asked:
        module.extract_resource_arn = of_stream
