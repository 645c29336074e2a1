"""Drives the official Python SDKs through a local cloud that checks every signature.

The SDKs are neither patched nor told that the cloud is a local one: they reach it as a forward
proxy for the services' own host names, by its address, and as the endpoint of an API 3.0 service.
Every answer is checked; if one is wrong, the run ends with status 1.
"""

import argparse
import base64
import io
import json
import logging
import sys
import time
import traceback

from qcloud_cos import CosConfig, CosS3Client, CosServiceError
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.mps.v20190612 import models
from tencentcloud.mps.v20190612.mps_client import MpsClient

import pictures

# Of all that a key may hold, what signing and paths trip over.
KEYS = [
    "plain.txt",
    "folder/with space/a b.txt",
    "100%/50%25.txt",
    "图片/照片 1.png",
    "q?a=b&c#d.txt",
    "plus+and~tilde_-.txt",
    "quotes'(and)[brackets]{}!*@:;,$=.txt",
]
PATIENCE = 60.0


class Session:
    """What the steps share: the endpoint, the keys, a bucket of its own."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.address = arguments.endpoint.removeprefix("http://").rstrip("/")
        self.region = arguments.region
        self.secret_id = arguments.secret_id
        self.secret_key = arguments.secret_key
        self.bucket = f"sdk-{time.time_ns()}-{arguments.app_id}"
        self.cos = self.cos_client()

    def cos_client(self, direct: bool = False, **settings: str) -> CosS3Client:
        """A client of COS and CI: through the proxy, or straight to the address."""
        host, port = self.address.rsplit(":", 1)
        way = (
            {"IP": host, "Port": int(port)}
            if direct
            else {"Proxies": {"http": f"http://{self.address}"}}
        )
        keys = {"SecretId": self.secret_id, "SecretKey": self.secret_key} | settings
        config = CosConfig(Region=self.region, Scheme="http", **way, **keys)
        return CosS3Client(config, retry=0)

    def mps_client(self, direct: bool = True, secret_key: str | None = None) -> MpsClient:
        """A client of MPS: with the cloud as its endpoint, or as its proxy."""
        http = (
            HttpProfile(protocol="http", endpoint=self.address)
            if direct
            else HttpProfile(protocol="http", proxy=f"http://{self.address}")
        )
        credential = Credential(self.secret_id, secret_key or self.secret_key)
        return MpsClient(credential, self.region, ClientProfile(httpProfile=http))


def equal(got: object, wanted: object, what: str) -> None:
    assert got == wanted, f"{what}: wanted {wanted!r}, got {got!r}"


def refused(code: str, call, status: int | None = None) -> None:
    """Asserts that the service refuses `call` with `code`, in a body that the SDK understands."""
    try:
        call()
    except CosServiceError as error:
        equal(error.get_error_code(), code, "error code")
        if status is not None:
            equal(error.get_status_code(), status, f"status of {code}")
        assert error.get_error_msg(), f"{code} comes without a message"
        assert error.get_request_id() not in ("", "Unknown"), f"{code} comes without a request id"
    except TencentCloudSDKException as error:
        equal(error.get_code(), code, "error code")
        assert error.get_message() and error.get_request_id(), f"{code} lacks message or id"
    else:
        raise AssertionError(f"{code} was expected, but the call went through")


def until(done, describe):
    """Asks `describe` until `done` holds for its answer."""
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = describe()
        if done(answer):
            return answer
        assert time.monotonic() < deadline, f"still not done: {answer}"
        time.sleep(0.1)


def bucket_life(session: Session) -> None:
    cos, name = session.cos, f"life-{session.bucket}"
    assert not cos.bucket_exists(name)
    cos.create_bucket(Bucket=name)
    head = cos.head_bucket(Bucket=name)
    equal(head["x-cos-bucket-region"], session.region, "region of the bucket")
    assert cos.bucket_exists(name)
    listed = [bucket["Name"] for bucket in cos.list_buckets()["Buckets"]["Bucket"]]
    assert name in listed, f"{name} is not in {listed}"
    cos.put_object(Bucket=name, Key="a", Body=b"a")
    refused("BucketNotEmpty", lambda: cos.delete_bucket(Bucket=name), 409)
    cos.delete_object(Bucket=name, Key="a")
    cos.delete_bucket(Bucket=name)
    assert not cos.bucket_exists(name)
    refused("NoSuchBucket", lambda: cos.list_objects(Bucket=name), 404)


def objects_of_any_name(session: Session) -> None:
    for direct in (False, True):
        cos = session.cos_client(direct=direct)
        for number, key in enumerate(KEYS):
            body = f"{number}: {key}".encode()
            put = cos.put_object(
                Bucket=session.bucket,
                Key=key,
                Body=body,
                EnableMD5=True,
                ContentType="text/x-test",
                Metadata={"x-cos-meta-number": str(number)},
            )
            head = cos.head_object(Bucket=session.bucket, Key=key)
            equal(head["ETag"], put["ETag"], f"ETag of {key}")
            equal(head["Content-Length"], str(len(body)), f"size of {key}")
            equal(head["Content-Type"], "text/x-test", f"type of {key}")
            equal(head["x-cos-meta-number"], str(number), f"metadata of {key}")
            got = cos.get_object(Bucket=session.bucket, Key=key)
            equal(got["Body"].get_raw_stream().read(), body, f"content of {key}")
    listed = session.cos.list_objects(Bucket=session.bucket)["Contents"]
    equal(sorted(each["Key"] for each in listed), sorted(KEYS), "keys in the list")
    for key in KEYS:
        session.cos.delete_object(Bucket=session.bucket, Key=key)
        assert not session.cos.object_exists(session.bucket, key)
        refused("NoSuchKey", lambda: session.cos.get_object(Bucket=session.bucket, Key=key), 404)


def streams_and_ranges(session: Session) -> None:
    cos, content = session.cos, bytes(range(256)) * 4096
    cos.put_object(Bucket=session.bucket, Key="stream", Body=io.BytesIO(content))

    def chunks():
        for start in range(0, len(content), 100_000):
            yield content[start : start + 100_000]

    cos.put_object(Bucket=session.bucket, Key="chunked", Body=chunks())
    for key in ("stream", "chunked"):
        whole = cos.get_object(Bucket=session.bucket, Key=key)
        equal(whole["Body"].get_raw_stream().read(), content, f"content of {key}")
    parts = {
        "bytes=0-9": content[:10],
        "bytes=1000000-": content[1_000_000:],
        "bytes=-5": content[-5:],
    }
    for asked, wanted in parts.items():
        part = cos.get_object(Bucket=session.bucket, Key="stream", Range=asked)
        equal(part["Body"].get_raw_stream().read(), wanted, asked)
        assert part["Content-Range"].endswith(f"/{len(content)}"), part["Content-Range"]
    refused(
        "InvalidRange",
        lambda: cos.get_object(Bucket=session.bucket, Key="stream", Range="bytes=9999999-"),
        416,
    )
    of_other_bytes = base64.b64encode(bytes(16)).decode()
    wrong = {"Bucket": session.bucket, "Key": "wrong", "Body": b"x", "ContentMD5": of_other_bytes}
    refused("BadDigest", lambda: cos.put_object(**wrong), 400)
    for key in ("stream", "chunked"):
        cos.delete_object(Bucket=session.bucket, Key=key)


def listing(session: Session) -> None:
    cos, keys = session.cos, [f"list/{folder}/{number}" for folder in "abc" for number in range(5)]
    for key in keys:
        cos.put_object(Bucket=session.bucket, Key=key, Body=b"")
    page = cos.list_objects(Bucket=session.bucket, Prefix="list/", Delimiter="/")
    folders = [each["Prefix"] for each in page["CommonPrefixes"]]
    equal(folders, ["list/a/", "list/b/", "list/c/"], "folders")
    assert "Contents" not in page, "what stands in folders is not listed beside them"
    seen, marker = [], ""
    while True:
        page = cos.list_objects(Bucket=session.bucket, Prefix="list/", MaxKeys=4, Marker=marker)
        assert len(page["Contents"]) <= 4
        seen += [each["Key"] for each in page["Contents"]]
        if page["IsTruncated"] == "false":
            break
        marker = page["NextMarker"]
    equal(seen, keys, "keys of all pages")
    for key in keys:
        cos.delete_object(Bucket=session.bucket, Key=key)


def access_control(session: Session) -> None:
    cos, key = session.cos, "acl"
    cos.put_object(Bucket=session.bucket, Key=key, Body=b"public", ACL="private")
    anonymous = session.cos_client(Anonymous=True, SecretId="", SecretKey="")
    read = lambda: anonymous.get_object(Bucket=session.bucket, Key=key)
    refused("AccessDenied", read, 403)
    cos.put_object_acl(Bucket=session.bucket, Key=key, ACL="public-read")
    grants = cos.get_object_acl(Bucket=session.bucket, Key=key)["AccessControlList"]["Grant"]
    assert any(grant["Permission"] == "READ" for grant in grants), grants
    equal(read()["Body"].get_raw_stream().read(), b"public", "object read by anyone")
    cos.put_object_acl(Bucket=session.bucket, Key=key, ACL="private")
    refused("AccessDenied", read, 403)
    cos.delete_object(Bucket=session.bucket, Key=key)


def wrong_keys(session: Session) -> None:
    stranger = session.cos_client(SecretId="AKIDstranger")
    forger = session.cos_client(SecretKey="not-the-secret")
    refused("InvalidAccessKeyId", lambda: stranger.list_objects(Bucket=session.bucket), 403)
    refused("SignatureDoesNotMatch", lambda: forger.list_objects(Bucket=session.bucket), 403)
    refused("SignatureDoesNotMatch", lambda: forger.ci_open_pic_bucket(Bucket=session.bucket), 403)


def asynchronous_pictures(session: Session) -> None:
    cos = session.cos
    _, answer = cos.ci_open_pic_bucket(Bucket=session.bucket)
    equal(answer["PicBucket"]["BucketId"], session.bucket, "bucket with asynchronous pictures")
    equal(answer["PicBucket"]["Region"], session.region, "its region")
    found = cos.ci_get_pic_bucket(
        Regions=session.region, BucketNames=session.bucket, PageNumber="1", PageSize="10"
    )
    equal(found["TotalCount"], "1", "buckets of that name")
    bad = lambda: cos.ci_get_pic_bucket(PageNumber="1", PageSize="101")
    refused("InvalidArgument", bad, 400)


def image_inspection(session: Session) -> None:
    cos, picture, stream = session.cos, pictures.png(), pictures.mpeg_ts()
    cos.put_object(Bucket=session.bucket, Key="in/clean.png", Body=picture)
    cos.put_object(Bucket=session.bucket, Key="in/odd.png", Body=picture + stream)

    def submit(key: str) -> dict:
        job = {
            "Tag": "ImageInspect",
            "Input": {"Object": key},
            "Operation": {
                "UserData": "from Python",
                "JobLevel": "1",
                "ImageInspect": {"AutoProcess": "true", "ProcessType": "BackupObject"},
            },
        }
        [submitted] = cos.ci_create_media_jobs(Bucket=session.bucket, Jobs=job)["JobsDetail"]
        equal(submitted["State"], "Submitted", "state of a new job")
        equal(submitted["Input"]["Object"], key, "input of the job")
        return submitted

    def ended(job: dict) -> dict:
        ask = lambda: cos.ci_get_media_jobs(Bucket=session.bucket, JobIDs=job["JobId"])
        over = lambda answer: answer["JobsDetail"][0]["State"] not in ("Submitted", "Running")
        return until(over, ask)["JobsDetail"][0]

    clean, odd = submit("in/clean.png"), submit("in/odd.png")
    clean, odd = ended(clean), ended(odd)
    for job in (clean, odd):
        equal(job["State"], "Success", f"end of {job['JobId']}")
        equal(job["Operation"]["UserData"], "from Python", "user data")
    result = clean["Operation"]["ImageInspectResult"]["ProcessResult"]
    equal(result["Suspicious"], "false", "verdict on the clean picture")
    assert cos.object_exists(session.bucket, "in/clean.png")
    result = odd["Operation"]["ImageInspectResult"]["ProcessResult"]
    equal(result["Suspicious"], "true", "verdict on the odd picture")
    equal(result["SuspiciousType"], "MPEG-TS", "what hides in it")
    equal(result["PicType"], "png", "what it seems to be")
    equal(int(result["SuspiciousBeginByte"]), len(picture), "where it begins")
    equal(int(result["SuspiciousSize"]), len(stream), "how much it is")
    equal(result["AutoProcessResult"]["Code"], "Success", "what was done about it")
    assert not cos.object_exists(session.bucket, "in/odd.png")
    moved = cos.get_object(Bucket=session.bucket, Key="abnormal_images_backup/in/odd.png")
    equal(moved["Body"].get_raw_stream().read(), picture + stream, "the moved picture")

    queue = clean["QueueId"]
    listed = cos.ci_list_media_jobs(Bucket=session.bucket, Tag="ImageInspect", QueueId=queue)
    listed = {job["JobId"] for job in listed["JobsDetail"]}
    equal(listed, {clean["JobId"], odd["JobId"]}, "jobs of the queue")
    missing = cos.ci_get_media_jobs(Bucket=session.bucket, JobIDs="c" + "0" * 32)
    assert "NonExistJobIds" in missing, missing
    equal(ended(submit("in/none.png"))["State"], "Failed", "job on an object that is not there")
    try:
        cos.ci_cancel_jobs(Bucket=session.bucket, JobID=clean["JobId"])
    except CosServiceError as error:
        assert error.get_status_code() in range(400, 500), error
    else:
        raise AssertionError("a job that has ended was cancelled")


def image_processing(session: Session) -> None:
    session.cos.put_object(Bucket=session.bucket, Key="photo/a.png", Body=pictures.png(60, 40))
    request = models.ProcessImageRequest()
    place = {"Bucket": session.bucket, "Region": session.region}
    request.from_json_string(
        json.dumps(
            {
                "InputInfo": {"Type": "COS", "CosInputInfo": place | {"Object": "/photo/a.png"}},
                "OutputDir": "/out/",
                "ImageTask": {
                    "EncodeConfig": {"Format": "JPEG", "Quality": 80},
                    "EnhanceConfig": {"SuperResolution": {"Switch": "ON", "Type": "lq", "Size": 2}},
                },
            }
        )
    )
    for direct in (True, False):
        mps = session.mps_client(direct=direct)
        submitted = mps.ProcessImage(request)
        assert submitted.TaskId and submitted.RequestId
        question = models.DescribeImageTaskDetailRequest()
        question.TaskId = submitted.TaskId
        detail = until(
            lambda answer: answer.Status == "FINISH",
            lambda: mps.DescribeImageTaskDetail(question),
        )
        equal(detail.ErrMsg, "", f"error of task {submitted.TaskId} ({detail.Message})")
        [result] = detail.ImageProcessTaskResultSet
        equal(result.Status, "SUCCESS", "state of the result")
        key = result.Output.Path.lstrip("/")
        assert key.startswith("out/a."), key
        picture = session.cos.get_object(Bucket=session.bucket, Key=key)
        size = pictures.size_of_jpeg(picture["Body"].get_raw_stream().read())
        equal(size, (120, 80), "size of the new picture")
        session.cos.delete_object(Bucket=session.bucket, Key=key)


def image_processing_refused(session: Session) -> None:
    mps = session.mps_client()
    question = models.DescribeImageTaskDetailRequest()
    question.TaskId = "1250000000-WorkflowTask-none"
    try:
        mps.DescribeImageTaskDetail(question)
    except TencentCloudSDKException as error:
        assert error.get_code().startswith(("InvalidParameter", "ResourceNotFound")), error
        assert error.get_message() and error.get_request_id(), error
    else:
        raise AssertionError("a task that does not exist was described")
    refused("MissingParameter", lambda: mps.ProcessImage(models.ProcessImageRequest()))
    forger = session.mps_client(secret_key="not-the-secret")
    refused("AuthFailure.SignatureFailure", lambda: forger.DescribeImageTaskDetail(question))


STEPS = [
    bucket_life,
    objects_of_any_name,
    streams_and_ranges,
    listing,
    access_control,
    wrong_keys,
    asynchronous_pictures,
    image_inspection,
    image_processing,
    image_processing_refused,
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", required=True, help="address of the cloud: 127.0.0.1:PORT")
    parser.add_argument("--secret-id", required=True)
    parser.add_argument("--secret-key", required=True)
    parser.add_argument("--region", default="ap-guangzhou")
    parser.add_argument("--app-id", default="1250000000")
    # Refusals are expected here; the SDK logs each as an error.
    logging.disable(logging.CRITICAL)
    session = Session(parser.parse_args())
    session.cos.create_bucket(Bucket=session.bucket)
    failed = 0
    for step in STEPS:
        try:
            step(session)
        except Exception:
            failed += 1
            print(f"FAILED {step.__name__}")
            traceback.print_exc()
        else:
            print(f"ok {step.__name__}")
    print(f"official Python SDKs: {len(STEPS) - failed} steps passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
