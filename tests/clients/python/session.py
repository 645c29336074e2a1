"""What the cases share: clients of the SDKs, a bucket, and how a refusal is recognised.

The SDKs are neither patched nor told that the cloud is a local one: they reach it as a forward
proxy for the services' own host names, by its address, and as the endpoint of an API 3.0 service.
"""

import os
import sys
import time
from contextlib import contextmanager
from unittest import mock

from qcloud_cos import CosConfig, CosS3Client, CosServiceError
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.mps.v20190612.mps_client import MpsClient
from tencentcloud.sts.v20180813.sts_client import StsClient

PATIENCE = 60.0


def recorded(kind: type, called: set) -> type:
    """`kind`, whose methods note in `called` that a case has called them. The SDK calls its own, too."""

    class Recorded(kind):
        def __getattribute__(self, name: str):
            if not sys._getframe(1).f_globals["__name__"].startswith("qcloud_cos"):
                called.add(name)
            return super().__getattribute__(name)

    return Recorded


class Session:
    """The endpoint, the keys, and a bucket with one object that must outlive every refusal."""

    def __init__(self) -> None:
        self.address = os.environ["CLOUD_ADDRESS"]
        self.region = os.environ["CLOUD_REGION"]
        self.secret_id = os.environ["CLOUD_SECRET_ID"]
        self.secret_key = os.environ["CLOUD_SECRET_KEY"]
        self.app_id = os.environ["CLOUD_APP_ID"]
        self.scratch = os.environ["CLOUD_SCRATCH"]
        self.bucket = self.bucket_name("main")
        self.missing = self.bucket_name("missing")
        # The methods that a case has called, by name.
        self.called = set()
        self.cos = self.cos_client()
        self.cos.create_bucket(Bucket=self.bucket)

    def bucket_name(self, name: str) -> str:
        return f"python-{name}-{self.app_id}"

    def cos_client(
        self, kind=CosS3Client, direct: bool = False, connections=None, **settings
    ) -> CosS3Client:
        """A client of COS and CI: through the proxy, or straight to the address."""
        host, port = self.address.rsplit(":", 1)
        way = (
            {"IP": host, "Port": int(port)}
            if direct
            else {"Proxies": {"http": f"http://{self.address}"}}
        )
        keys = {"SecretId": self.secret_id, "SecretKey": self.secret_key} | settings
        config = CosConfig(Region=self.region, Scheme="http", **way, **keys)
        return recorded(kind, self.called)(config, retry=0, session=connections)

    def mps_client(self, **settings) -> MpsClient:
        return MpsClient(*self._api(**settings))

    def sts_client(self, **settings) -> StsClient:
        return StsClient(*self._api(**settings))

    def api_client(self, service: str, version: str, **settings) -> CommonClient:
        """A client of any service of API 3.0."""
        return CommonClient(service, version, *self._api(**settings))

    def _api(self, direct=True, secret_id=None, secret_key=None, token=None, sign=None, **http):
        """What every client of API 3.0 is made of: with the cloud as endpoint, or as proxy."""
        credential = Credential(secret_id or self.secret_id, secret_key or self.secret_key, token)
        profile = ClientProfile(signMethod=sign, httpProfile=self.http_profile(direct, **http))
        return credential, self.region, profile

    def http_profile(self, direct=True, **http) -> HttpProfile:
        way = {"endpoint": self.address} if direct else {"proxy": f"http://{self.address}"}
        return HttpProfile(protocol="http", **way, **http)

    def content(self, key: str, bucket: str | None = None) -> bytes:
        answer = self.cos.get_object(Bucket=bucket or self.bucket, Key=key)
        return answer["Body"].get_raw_stream().read()

    def put(self, key: str, body: bytes = b"content", **settings) -> dict:
        return self.cos.put_object(Bucket=self.bucket, Key=key, Body=body, **settings)


def equal(got: object, wanted: object, what: str) -> None:
    assert got == wanted, f"{what}: wanted {wanted!r}, got {got!r}"


def refused(code: str | None, status: int | None, call) -> str:
    """Asserts that the service refuses `call` with `code`, in a body that the SDK understands, and
    gives the message back. An answer to HEAD has a status alone: its code is None."""
    try:
        answer = call()
    except CosServiceError as error:
        if status is not None:
            equal(error.get_status_code(), status, f"status ({error})")
        if code is None:
            return ""
        equal(error.get_error_code(), code, f"error code ({error})")
        assert error.get_error_msg(), f"{code} comes without a message"
        assert error.get_request_id() not in ("", "Unknown"), f"{code} comes without a request id"
        return error.get_error_msg()
    except TencentCloudSDKException as error:
        equal(error.get_code(), code, f"error code ({error})")
        assert error.get_message() and error.get_request_id(), f"{code} lacks message or id"
        return error.get_message()
    raise AssertionError(f"{code or status} was expected, but the call went through: {answer!r}")


def until(done, describe):
    """Asks `describe` until `done` holds for its answer."""
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = describe()
        if done(answer):
            return answer
        assert time.monotonic() < deadline, f"still not done: {answer}"
        time.sleep(0.02)


@contextmanager
def clock_off_by(seconds: int):
    """Lets the SDKs sign at another time."""
    real = time.time
    with mock.patch("time.time", lambda: real() + seconds):
        yield
