"""The physical id of a secret is its name; on AWS it is its ARN, which ends in a hyphen and six characters."""

from ministack.services import secretsmanager

from .define import identify

identify("AWS::SecretsManager::Secret",
         lambda name: secretsmanager._secrets[name]["ARN"],
         lambda arn, properties: arn.split(":secret:")[1][:-7])
