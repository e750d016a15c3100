"""Properties of a bucket that the emulator drops: encryption, lifecycle, logging, ownership and tags."""

import uuid
from xml.sax.saxutils import escape

from ministack.services import s3

from .define import after, ok


def element(name, *children):
    return f"<{name}>{''.join(children)}</{name}>"


def text(name, value):
    return element(name, escape(str(value).lower() if isinstance(value, bool) else str(value)))


def fields(value, *names):
    return [text(name, value[name]) for name in names if name in value]


def renamed(value, **names):
    """The fields that are there, by the names that the API has for them."""
    return [text(becomes, value[name]) for name, becomes in names.items() if name in value]


def lifecycle_rule(properties):
    """A rule in the form of the API, which has other names than the template. Like S3, it gives a rule without an Id one."""
    parts = [text("ID", properties.get("Id") or uuid.uuid4().hex), element("Filter", *fields(properties, "Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan"))]
    parts += fields(properties, "Status")
    for transition in properties.get("Transitions") or []:
        parts.append(element("Transition", *renamed(transition, TransitionInDays="Days", TransitionDate="Date"), *fields(transition, "StorageClass")))
    for transition in properties.get("NoncurrentVersionTransitions") or []:
        parts.append(element("NoncurrentVersionTransition", text("NoncurrentDays", transition["TransitionInDays"]),
                             *fields(transition, "NewerNoncurrentVersions", "StorageClass")))
    expiration = renamed(properties, ExpirationInDays="Days", ExpirationDate="Date", ExpiredObjectDeleteMarker="ExpiredObjectDeleteMarker")
    if expiration:
        parts.append(element("Expiration", *expiration))
    if "NoncurrentVersionExpiration" in properties:
        parts.append(element("NoncurrentVersionExpiration",
                             *fields(properties["NoncurrentVersionExpiration"], "NoncurrentDays", "NewerNoncurrentVersions")))
    if "AbortIncompleteMultipartUpload" in properties:
        parts.append(element("AbortIncompleteMultipartUpload",
                             *fields(properties["AbortIncompleteMultipartUpload"], "DaysAfterInitiation")))
    return element("Rule", *parts)


def encryption(properties):
    """An encryption rule in the form of the API."""
    return element("Rule",
                   element("ApplyServerSideEncryptionByDefault",
                           *fields(properties.get("ServerSideEncryptionByDefault") or {}, "SSEAlgorithm", "KMSMasterKeyID")),
                   *fields(properties, "BucketKeyEnabled"))


def keyed(default):
    return default.get("SSEAlgorithm") == "AES256" or "KMSMasterKeyID" in default


def complete(bucket, properties):
    encrypted = (properties.get("BucketEncryption") or {}).get("ServerSideEncryptionConfiguration")
    # Without a key, AWS uses its managed key for S3, as for the bootstrap bucket. The emulator has no such key, and would
    # reject every object.
    if encrypted and all(keyed(rule.get("ServerSideEncryptionByDefault") or {}) for rule in encrypted):
        ok(s3._put_bucket_encryption(
            bucket, element("ServerSideEncryptionConfiguration", *map(encryption, encrypted)).encode()))
    owned = (properties.get("OwnershipControls") or {}).get("Rules")
    if owned:
        rules = (element("Rule", *fields(rule, "ObjectOwnership")) for rule in owned)
        ok(s3._put_bucket_ownership_controls(bucket, element("OwnershipControls", *rules).encode()))
    lifecycle = (properties.get("LifecycleConfiguration") or {}).get("Rules")
    if lifecycle:
        ok(s3._put_bucket_lifecycle(bucket, element("LifecycleConfiguration", *map(lifecycle_rule, lifecycle)).encode()))
    else:
        s3._delete_bucket_lifecycle(bucket)
    logging = properties.get("LoggingConfiguration")
    # S3 requires a prefix, which may be empty, and takes the bucket itself if a template names no other.
    enabled = element("LoggingEnabled", text("TargetBucket", logging.get("DestinationBucketName") or bucket),
                      text("TargetPrefix", logging.get("LogFilePrefix", ""))) if logging else ""
    ok(s3._put_bucket_logging(bucket, element("BucketLoggingStatus", enabled).encode()))
    s3._bucket_tags[bucket] = {tag["Key"]: tag["Value"] for tag in properties.get("Tags") or []}


after("AWS::S3::Bucket", complete)
