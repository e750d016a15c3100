"""Tables: the emulator drops their expiry, their continuous backups and what a global table says of its one replica; it
replaces a global table at every update, and deletes one that is protected."""

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from .define import HANDLERS, after, ok

GLOBAL = "AWS::DynamoDB::GlobalTable"
create, update = HANDLERS[GLOBAL]["create"], HANDLERS[GLOBAL]["update"]

# What DynamoDB cannot change of a table, so that CloudFormation makes another one.
REPLACING = ("TableName", "KeySchema", "LocalSecondaryIndexes")


def delete(table, properties):
    if table in dynamodb._tables:
        ok(dynamodb._delete_table({"TableName": table}))


def change(table, old, new, stack, logical):
    if any(old.get(key) != new.get(key) for key in REPLACING):
        made = provisioners._seeded_create(create, logical, new, stack)
        provisioners._delete_predecessor(delete, table, old)
        return made
    # Without a name the emulator would derive one from the physical id, find that it is another, and replace.
    return update(table, {**old, "TableName": table}, {**new, "TableName": table}, stack)


HANDLERS[GLOBAL] = {"create": create, "update": change, "update_with_logical_id": True, "delete": delete}
HANDLERS["AWS::DynamoDB::Table"]["delete"] = delete


def complete(table, properties):
    replica = (properties.get("Replicas") or [{}])[0]
    expiry = properties.get("TimeToLiveSpecification")
    if expiry:
        dynamodb._update_ttl({"TableName": table, "TimeToLiveSpecification": expiry})
    backups = replica.get("PointInTimeRecoverySpecification") or properties.get("PointInTimeRecoverySpecification")
    if backups:
        dynamodb._update_continuous_backups({"TableName": table, "PointInTimeRecoverySpecification": backups})
    kept = dynamodb._tables[table]
    if "DeletionProtectionEnabled" in replica:
        kept["DeletionProtectionEnabled"] = replica["DeletionProtectionEnabled"]
    if replica.get("Tags"):
        dynamodb._tags[kept["TableArn"]] = list(replica["Tags"])


after("AWS::DynamoDB::Table", complete)
after(GLOBAL, complete)
