"""Attributes of a topic that the emulator drops."""

from ministack.services import sns

from .define import after


def complete(topic, properties):
    attributes = sns._topics[topic]["attributes"]
    for name in ("KmsMasterKeyId", "SignatureVersion", "TracingConfig"):
        if name in properties:
            attributes[name] = str(properties[name])
        else:
            attributes.pop(name, None)


after("AWS::SNS::Topic", complete)
