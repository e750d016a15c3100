"""Tables: the emulator drops their time to live, point-in-time recovery and the properties of a global table's replica; it
replaces a global table at every update, and deletes a table with deletion protection."""

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from .define import HANDLERS, after, ok

GLOBAL = "AWS::DynamoDB::GlobalTable"
create, update = HANDLERS[GLOBAL]["create"], HANDLERS[GLOBAL]["update"]

# Properties of a global table whose change replaces it.
REPLACING = ("TableName", "KeySchema", "LocalSecondaryIndexes")


def delete(table, properties):
    if table in dynamodb._tables:
        ok(dynamodb._delete_table({"TableName": table}))


def change(table, old, new, stack, logical):
    if any(old.get(key) != new.get(key) for key in REPLACING):
        made = provisioners._seeded_create(create, logical, new, stack)
        provisioners._delete_predecessor(delete, table, old)
        return made
    # Without a name the emulator would derive one, which differs from the physical id, and replace the table.
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
