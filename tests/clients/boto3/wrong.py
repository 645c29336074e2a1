"""Wrong uses, and what S3 has and Object Storage has not."""

import datetime

import botocore.auth
from botocore import UNSIGNED

from session import BUCKET, client, content, equal, fails


def uses(s3) -> dict:
    """Each operation by a call of it."""
    where = {"Bucket": BUCKET, "Key": "victim"}
    return {
        "put": lambda: s3.put_object(**where, Body=b"changed"),
        "get": lambda: s3.get_object(**where),
        "delete": lambda: s3.delete_object(**where),
        "list": lambda: s3.list_objects_v2(Bucket=BUCKET),
        "buckets": lambda: s3.list_buckets(),
        "delete many": lambda: s3.delete_objects(
            Bucket=BUCKET, Delete={"Objects": [{"Key": "victim"}]}
        ),
        "begin": lambda: s3.create_multipart_upload(**where),
        "acl": lambda: s3.put_object_acl(**where, ACL="public-read"),
        "tags": lambda: s3.put_object_tagging(**where, Tagging={"TagSet": []}),
    }


def wrong_keys(s3) -> None:
    s3.put_object(Bucket=BUCKET, Key="victim", Body=b"victim")
    strangers = (
        (client(secret="not-the-secret"), "SignatureDoesNotMatch"),
        (client(secret_id="AKIDstranger"), "InvalidAccessKeyId"),
        (client(signature_version=UNSIGNED), "AccessDenied"),
    )
    for stranger, code in strangers:
        for name, call in uses(stranger).items():
            try:
                fails(code, call, 403)
            except AssertionError as error:
                raise AssertionError(f"{name}: {error}") from error
        fails("403", lambda: stranger.head_object(Bucket=BUCKET, Key="victim"), 403)
    equal(content(s3, "victim"), b"victim", "what was there")


def public(s3) -> None:
    s3.put_object(Bucket=BUCKET, Key="public", Body=b"public", ACL="public-read")
    anyone = client(signature_version=UNSIGNED)
    equal(content(anyone, "public"), b"public", "content")
    fails("AccessDenied", lambda: anyone.delete_object(Bucket=BUCKET, Key="public"), 403)


def changed_on_the_way(s3) -> None:
    """What is changed behind the signature is found."""

    def change(request, **_):
        request.body = b"other!"

    other = client()
    other.meta.events.register("before-send.s3.PutObject", change)
    put = lambda: other.put_object(Bucket=BUCKET, Key="victim", Body=b"victim")
    fails("XAmzContentSHA256Mismatch", put, 400)

    def move(request, **_):
        request.url = request.url.replace("victim", "another")

    other = client()
    other.meta.events.register("before-send.s3.PutObject", move)
    fails("SignatureDoesNotMatch", lambda: other.put_object(Bucket=BUCKET, Key="victim"), 403)

    def add(request, **_):
        request.headers["x-amz-acl"] = "public-read"

    other = client()
    other.meta.events.register("before-send.s3.PutObject", add)
    fails("AccessDenied", lambda: other.put_object(Bucket=BUCKET, Key="victim"), 403)
    equal(content(s3, "victim"), b"victim", "what was there")


def another_time(_) -> None:
    real = botocore.auth.get_current_datetime
    shifted = lambda *more, **others: real(*more, **others) - datetime.timedelta(hours=1)
    botocore.auth.get_current_datetime = shifted
    try:
        late = client()
        fails("RequestTimeTooSkewed", lambda: late.get_object(Bucket=BUCKET, Key="victim"), 403)
    finally:
        botocore.auth.get_current_datetime = real


def wrong_values(s3) -> None:
    long = lambda: s3.put_object(Bucket=BUCKET, Key="k" * 900, Body=b"")
    fails("KeyTooLongError", long, 400)
    no_version = lambda: s3.get_object(Bucket=BUCKET, Key="victim", VersionId="v1")
    fails("InvalidArgument", no_version, 400)
    digest = lambda: s3.put_object(Bucket=BUCKET, Key="victim", Body=b"x", ContentMD5="x")
    fails("InvalidDigest", digest, 400)
    owner = lambda: s3.get_object(Bucket=BUCKET, Key="victim", ExpectedBucketOwner="111122223333")
    fails("AccessDenied", owner, 403)
    s3.get_object(Bucket=BUCKET, Key="victim", ExpectedBucketOwner="100000000001")
    equal(content(s3, "victim"), b"victim", "what was there")


def refused(s3) -> dict:
    """What is not here, by a word of its refusal, and its call."""
    where = {"Bucket": BUCKET, "Key": "victim"}
    return {
        "policy": lambda: s3.get_bucket_policy(Bucket=BUCKET),
        "website": lambda: s3.get_bucket_website(Bucket=BUCKET),
        "encryption": lambda: s3.get_bucket_encryption(Bucket=BUCKET),
        "notification": lambda: s3.get_bucket_notification_configuration(Bucket=BUCKET),
        "replication": lambda: s3.get_bucket_replication(Bucket=BUCKET),
        "logging": lambda: s3.get_bucket_logging(Bucket=BUCKET),
        "accelerate": lambda: s3.get_bucket_accelerate_configuration(Bucket=BUCKET),
        "requestPayment": lambda: s3.get_bucket_request_payment(Bucket=BUCKET),
        "publicAccessBlock": lambda: s3.get_public_access_block(Bucket=BUCKET),
        "ownershipControls": lambda: s3.get_bucket_ownership_controls(Bucket=BUCKET),
        "object-lock": lambda: s3.get_object_lock_configuration(Bucket=BUCKET),
        "inventory": lambda: s3.list_bucket_inventory_configurations(Bucket=BUCKET),
        "attributes": lambda: s3.get_object_attributes(**where, ObjectAttributes=["ETag"]),
        "partNumber": lambda: s3.get_object(**where, PartNumber=1),
        "retention": lambda: s3.get_object_retention(**where),
        "legal-hold": lambda: s3.get_object_legal_hold(**where),
        "torrent": lambda: s3.get_object_torrent(**where),
        "x-amz-website-redirect-location": lambda: s3.put_object(
            **where, WebsiteRedirectLocation="/a"
        ),
        "x-amz-object-lock-mode": lambda: s3.put_object(
            **where,
            ObjectLockMode="GOVERNANCE",
            ObjectLockRetainUntilDate=datetime.datetime(2030, 1, 1),
        ),
        "x-amz-request-payer": lambda: s3.get_object(**where, RequestPayer="requester"),
        "bucket-owner-full-control": lambda: s3.put_object(**where, ACL="bucket-owner-full-control"),
        "REDUCED_REDUNDANCY": lambda: s3.put_object(**where, StorageClass="REDUCED_REDUNDANCY"),
        "if-match": lambda: s3.put_object(**where, IfMatch='"a"'),
        "emailaddress": lambda: s3.put_object_acl(**where, GrantRead='emailAddress="a@b"'),
        "renameObject": lambda: s3.rename_object(**where, RenameSource="/other"),
    }


CASES = (wrong_keys, public, changed_on_the_way, another_time, wrong_values)
