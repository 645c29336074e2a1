"""Every operation with a wrong signature, and on a bucket that is not there."""

from tencentcloud.mps.v20190612 import models

from session import Session, clock_off_by, equal, refused

JOB = {"Tag": "ImageInspect", "Input": {"Object": "a.png"}, "Operation": {"ImageInspect": {}}}
SHORT, LONG = 2 * 60 * 60, 12 * 60 * 60


def storage(session: Session) -> dict:
    """The operations of COS and CI by name, with whether the answer has a body: calls of a client
    on a bucket."""
    page = {"PageNumber": "1", "PageSize": "10"}
    queue = "p" + "0" * 32
    return {
        "GetService": lambda cos, _: cos.list_buckets(),
        "PutBucket": lambda cos, bucket: cos.create_bucket(Bucket=bucket),
        "HeadBucket": lambda cos, bucket: cos.head_bucket(Bucket=bucket),
        "DeleteBucket": lambda cos, bucket: cos.delete_bucket(Bucket=bucket),
        "GetBucket": lambda cos, bucket: cos.list_objects(Bucket=bucket, Prefix="a b/"),
        "PutObject": lambda cos, bucket: cos.put_object(Bucket=bucket, Key="a b", Body=b"changed"),
        "GetObject": lambda cos, bucket: cos.get_object(Bucket=bucket, Key="a b"),
        "HeadObject": lambda cos, bucket: cos.head_object(Bucket=bucket, Key="a b"),
        "DeleteObject": lambda cos, bucket: cos.delete_object(Bucket=bucket, Key="a b"),
        "GetObjectAcl": lambda cos, bucket: cos.get_object_acl(Bucket=bucket, Key="a b"),
        "PutObjectAcl": lambda cos, bucket: cos.put_object_acl(
            Bucket=bucket, Key="a b", ACL="public-read"
        ),
        "CreatePicBucket": lambda cos, bucket: cos.ci_open_pic_bucket(Bucket=bucket),
        "DescribePicBuckets": lambda cos, _: cos.ci_get_pic_bucket(**page),
        "CreateImageInspectJob": lambda cos, bucket: cos.ci_create_media_jobs(
            Bucket=bucket, Jobs=JOB
        ),
        "DescribeJob": lambda cos, bucket: cos.ci_get_media_jobs(Bucket=bucket, JobIDs="c1"),
        "ListJobs": lambda cos, bucket: cos.ci_list_media_jobs(
            Bucket=bucket, Tag="ImageInspect", QueueId=queue
        ),
        "CancelJob": lambda cos, bucket: cos.ci_cancel_jobs(Bucket=bucket, JobID="c1"),
    }


CI = {
    "CreatePicBucket",
    "DescribePicBuckets",
    "CreateImageInspectJob",
    "DescribeJob",
    "ListJobs",
    "CancelJob",
}
# Those whose host is that of the service, or who make the bucket.
WITHOUT_BUCKET = {"GetService", "DescribePicBuckets", "PutBucket"}


def wrong_storage(session: Session):
    """What is wrong with a request: how the client is made, its clock, and the status and code for
    COS and for CI."""
    mismatch = (403, "SignatureDoesNotMatch")
    unknown = (403, "InvalidAccessKeyId"), (401, "SecretidNotExist")
    expired = (403, "AccessDenied"), (401, "SignatureExpired")
    skewed = (403, "RequestTimeTooSkewed")
    unsigned = (403, "AccessDenied"), (401, "MissingAuthorization")
    anonymous = {"Anonymous": True, "SecretId": "", "SecretKey": ""}
    yield "a wrong secret", {"SecretKey": "not-the-secret"}, 0, mismatch, mismatch
    yield "an unknown key", {"SecretId": "AKIDstranger"}, 0, *unknown
    yield "no signature", anonymous, 0, *unsigned
    yield "an expired signature", {}, -LONG, *expired
    yield "a signature of the future", {}, SHORT, skewed, skewed


def wrong_api(session: Session):
    """The same of API 3.0, whose status is always 200."""
    yield "a wrong secret", {"secret_key": "not-the-secret"}, 0, "AuthFailure.SignatureFailure"
    yield "an unknown key", {"secret_id": "AKIDstranger"}, 0, "AuthFailure.SecretIdNotFound"
    yield "an expired signature", {}, -SHORT, "AuthFailure.SignatureExpire"
    yield "a signature of the future", {}, SHORT, "AuthFailure.SignatureExpire"


def late(call, offset: int):
    with clock_off_by(offset):
        return call()


def run(session: Session, report) -> None:
    session.put("a b", b"unchanged", ACL="private")
    for what, settings, offset, cos_answer, ci_answer in wrong_storage(session):
        client = session.cos_client(**settings)
        for name, call in storage(session).items():
            status, code = ci_answer if name in CI else cos_answer
            bucket = session.bucket if name != "PutBucket" else session.bucket_name("unsigned")
            report.case(
                f"{name} with {what}",
                refused,
                None if name.startswith("Head") else code,
                status,
                lambda: late(lambda: call(client, bucket), offset),
            )
    for name, call in storage(session).items():
        if name not in WITHOUT_BUCKET:
            report.case(
                f"{name} of a missing bucket",
                refused,
                None if name.startswith("Head") else "NoSuchBucket",
                404,
                lambda: call(session.cos, session.missing),
            )
    tasks = {
        "ProcessImage": lambda mps: mps.ProcessImage(models.ProcessImageRequest()),
        "DescribeImageTaskDetail": lambda mps: mps.DescribeImageTaskDetail(
            models.DescribeImageTaskDetailRequest()
        ),
    }
    for what, settings, offset, code in wrong_api(session):
        client = session.mps_client(**settings)
        for name, call in tasks.items():
            report.case(
                f"{name} with {what}", refused, code, None, lambda: late(lambda: call(client), offset)
            )
    report.case(
        "what was refused changed nothing",
        lambda: (
            equal(session.content("a b"), b"unchanged", "content"),
            refused(
                "AccessDenied",
                403,
                lambda: session.cos_client(Anonymous=True, SecretId="", SecretKey="").get_object(
                    Bucket=session.bucket, Key="a b"
                ),
            ),
            equal(session.cos.bucket_exists(session.bucket_name("unsigned")), False, "bucket"),
            equal(session.cos.bucket_exists(session.missing), False, "missing bucket"),
        ),
    )
    session.cos.delete_object(Bucket=session.bucket, Key="a b")
