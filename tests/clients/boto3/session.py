"""Clients of boto3 for the local cloud, and what their cases compare."""

import os
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ADDRESS = os.environ["CLOUD_ADDRESS"]
REGION = os.environ["CLOUD_REGION"]
APP_ID = os.environ["CLOUD_APP_ID"]
BUCKET = f"boto3-{APP_ID}"
# Nothing of the machine's own settings.
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


def client(
    secret_id: str | None = None,
    secret: str | None = None,
    region: str = REGION,
    endpoint: str | None = None,
    **config,
):
    """A client that reaches its buckets by path, since the address has no name."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint or f"http://{ADDRESS}",
        region_name=region,
        aws_access_key_id=secret_id or os.environ["CLOUD_SECRET_ID"],
        aws_secret_access_key=secret or os.environ["CLOUD_SECRET_KEY"],
        config=Config(retries={"max_attempts": 1}, **config),
    )


def by_host(**config):
    """A client that reaches its buckets by their hosts, with the cloud as its proxy."""
    return client(
        endpoint=f"http://cos.{REGION}.myqcloud.com",
        proxies={"http": f"http://{ADDRESS}"},
        s3={"addressing_style": "virtual"},
        **config,
    )


def equal(got: object, wanted: object, what: str) -> None:
    assert got == wanted, f"{what}: wanted {wanted!r}, got {got!r}"


def fails(code: str, call, status: int | None = None, word: str = "") -> dict:
    """Asserts that `call` is refused with `code`."""
    try:
        answer = call()
    except ClientError as error:
        equal(error.response["Error"]["Code"], code, str(error))
        if status is not None:
            equal(error.response["ResponseMetadata"]["HTTPStatusCode"], status, str(error))
        assert word in str(error), f"{word} is not in: {error}"
        return error.response
    raise AssertionError(f"{code} was expected, but the call gave {answer!r}")


def fetch(url: str, method: str = "GET", body: bytes | None = None, headers=None):
    """Status, headers and content of a plain request."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def content(s3, key: str, **more) -> bytes:
    return s3.get_object(Bucket=BUCKET, Key=key, **more)["Body"].read()
