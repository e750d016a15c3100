"""The secret with the password that RDS manages for a cluster, which the emulator lacks. It ends with the cluster."""

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

from .define import HANDLERS, after

TYPE = "AWS::RDS::DBCluster"


def name(cluster):
    return f"rds!cluster-{cluster}"


def complete(cluster, properties):
    if not properties.get("ManageMasterUserPassword"):
        return {}
    if name(cluster) not in secretsmanager._secrets:
        template = {"Name": name(cluster), "GenerateSecretString": {
            "SecretStringTemplate": '{"username": "%s"}' % properties.get("MasterUsername", "admin"), "GenerateStringKey": "password"}}
        provisioners._sm_secret_create(cluster, template, "rds")
    return {"MasterUserSecret.SecretArn": secretsmanager._secrets[name(cluster)]["ARN"]}


after(TYPE, complete)
delete = HANDLERS[TYPE]["delete"]


def with_secret(cluster, properties):
    delete(cluster, properties)
    secretsmanager._secrets.pop(name(cluster), None)


HANDLERS[TYPE] = {**HANDLERS[TYPE], "delete": with_secret}
