"""What the emulator drops of a table: expiry, continuous backups, and what a global table says of its one replica."""

from ministack.services import dynamodb

from .define import after


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
after("AWS::DynamoDB::GlobalTable", complete)
