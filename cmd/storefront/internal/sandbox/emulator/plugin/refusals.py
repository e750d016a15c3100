"""An AccessDenied response of DynamoDB has the checksum of all its responses, which clients verify."""

import zlib

from ministack.core import iam_actions

refused = iam_actions.access_denied_response


def with_checksum(service, *given, **named):
    status, headers, body = refused(service, *given, **named)
    if service == "dynamodb":
        headers["x-amz-crc32"] = str(zlib.crc32(body))
    return status, headers, body


iam_actions.access_denied_response = with_checksum
