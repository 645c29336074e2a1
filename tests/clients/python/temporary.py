"""Temporary keys: of a role, of a federated user, of a pod and of a virtual machine, and what they
may do in COS, CI and MPS until they end."""

import json
import os
from contextlib import contextmanager
from unittest import mock
from urllib.parse import quote
from urllib.request import ProxyHandler, build_opener

from tencentcloud.common import credential
from tencentcloud.common.credential import CVMRoleCredential, OIDCRoleArnCredential
from tencentcloud.mps.v20190612 import models as mps_models
from tencentcloud.sts.v20180813 import models
from tencentcloud.sts.v20180813.sts_client import StsClient

from session import Session, equal, refused, until

ROLE = "qcs::cam::uin/100000000001:roleName/clients"
READER = {"secret_id": "AKIDreader", "secret_key": "reader-secret"}
JOB = "c" + "0" * 32


class Key:
    """A temporary key, and clients that have it."""

    def __init__(self, session: Session, secret_id: str, secret_key: str, token: str) -> None:
        self._session = session
        self.cos = session.cos_client(SecretId=secret_id, SecretKey=secret_key, Token=token)
        api = {"secret_id": secret_id, "secret_key": secret_key, "token": token}
        self.mps = session.mps_client(**api)
        self.sts = session.sts_client(**api)

    @classmethod
    def of(cls, session: Session, answer) -> "Key":
        key = answer.Credentials
        return cls(session, key.TmpSecretId, key.TmpSecretKey, key.Token)

    def who(self) -> models.GetCallerIdentityResponse:
        return self.sts.GetCallerIdentity(models.GetCallerIdentityRequest())

    def describe_task(self):
        question = mps_models.DescribeImageTaskDetailRequest()
        question.TaskId = "none"
        return self.mps.DescribeImageTaskDetail(question)

    def process(self):
        place = {"Bucket": self._session.bucket, "Region": self._session.region, "Object": "/a.png"}
        request = mps_models.ProcessImageRequest()
        request.from_json_string(
            json.dumps({"InputInfo": {"Type": "COS", "CosInputInfo": place}, "OutputDir": "/out/"})
        )
        return self.mps.ProcessImage(request)


def built(kind, **members):
    request = kind()
    request.from_json_string(json.dumps(members))
    return request


def assume(sts: StsClient, **change) -> models.AssumeRoleResponse:
    members = {"RoleArn": ROLE, "RoleSessionName": "python"} | change
    return sts.AssumeRole(built(models.AssumeRoleRequest, **members))


def policy(*statements: dict) -> str:
    return quote(json.dumps({"version": "2.0", "statement": statements}))


def allow(*actions: str) -> dict:
    return {"effect": "allow", "action": list(actions), "resource": ["*"]}


def allowed(session: Session, key: Key) -> None:
    """What the role may do."""
    cos, bucket = key.cos, session.bucket
    cos.put_object(Bucket=bucket, Key="temporary/a", Body=b"by a temporary key")
    answer = cos.get_object(Bucket=bucket, Key="temporary/a")
    equal(answer["Body"].get_raw_stream().read(), b"by a temporary key", "content")
    jobs = cos.ci_get_media_jobs(Bucket=bucket, JobIDs=JOB)
    equal(jobs["NonExistJobIds"], JOB, "the job that is not there")
    # It may ask, so it is told that there is none.
    refused("ResourceNotFound", None, key.describe_task)


def denied(session: Session, key: Key) -> None:
    """What it may not, each by the permission that is missing."""
    cos, bucket = key.cos, session.bucket
    for permission, code, status, call in (
        (
            "cos:PutObject",
            "AccessDenied",
            403,
            lambda: cos.put_object(Bucket=bucket, Key="elsewhere", Body=b""),
        ),
        ("cos:GetBucket", "AccessDenied", 403, lambda: cos.list_objects(Bucket=bucket)),
        (
            "ci:CancelMediaJob",
            "AccessDenied",
            403,
            lambda: cos.ci_cancel_jobs(Bucket=bucket, JobID=JOB),
        ),
        ("mps:ProcessImage", "AuthFailure.UnauthorizedOperation", None, key.process),
    ):
        message = refused(code, status, call)
        assert f"({permission})" in message, message


def of_a_role(session: Session) -> None:
    for sts in (session.sts_client(), session.sts_client(direct=False), session.sts_client(**READER)):
        answer = assume(sts, DurationSeconds=900)
        key = Key.of(session, answer)
        who = key.who()
        equal(who.Type, "CAMRole", "type")
        assert who.UserId.endswith(":python"), who.UserId
        allowed(session, key)
        denied(session, key)


def bounded_by_a_policy(session: Session) -> None:
    only_reads = assume(session.sts_client(), Policy=policy(allow("name/cos:GetObject")))
    key = Key.of(session, only_reads)
    key.cos.get_object(Bucket=session.bucket, Key="temporary/a")
    put = lambda: key.cos.put_object(Bucket=session.bucket, Key="temporary/a", Body=b"")
    assert "(cos:PutObject)" in refused("AccessDenied", 403, put)


def of_a_federated_user(session: Session) -> None:
    request = built(
        models.GetFederationTokenRequest,
        Name="guest",
        Policy=policy(allow("name/cos:GetObject", "name/cos:PutObject")),
        DurationSeconds=1800,
    )
    key = Key.of(session, session.sts_client().GetFederationToken(request))
    equal(key.who().UserId, "100000000001:guest", "user")
    key.cos.put_object(Bucket=session.bucket, Key="elsewhere", Body=b"")
    delete = lambda: key.cos.delete_object(Bucket=session.bucket, Key="elsewhere")
    assert "(cos:DeleteObject)" in refused("AccessDenied", 403, delete)
    session.cos.delete_object(Bucket=session.bucket, Key="elsewhere")


def in_a_url(session: Session) -> None:
    """The token is signed with it or behind it, as the SDK is told."""
    answer = assume(session.sts_client())
    key = Key.of(session, answer)
    token = {"x-cos-security-token": answer.Credentials.Token}
    url = key.cos.get_presigned_url(
        Method="GET", Bucket=session.bucket, Key="temporary/a", Params=token
    )
    opener = build_opener(ProxyHandler({"http": f"http://{session.address}"}))
    equal(opener.open(url).read(), b"by a temporary key", "content by a URL")


def ended(session: Session) -> None:
    """Each service says in its own way that a key has ended; the SDK is not told when."""
    answer = assume(session.sts_client(), DurationSeconds=1)
    key = Key.of(session, answer)
    get = lambda: key.cos.get_object(Bucket=session.bucket, Key="temporary/a")

    def is_over():
        try:
            get()
        except Exception:  # Which one it is comes next.
            return True
        return False

    until(lambda over: over, is_over)
    refused("ExpiredToken", 400, get)
    jobs = lambda: key.cos.ci_get_media_jobs(Bucket=session.bucket, JobIDs=JOB)
    refused("ExpiredToken", 400, jobs)
    refused("AuthFailure.TokenFailure", None, key.describe_task)
    refused("AuthFailure.TokenFailure", None, key.who)


@contextmanager
def endpoint_of(session: Session):
    """Lets providers of credentials, which take no scheme, speak to the cloud."""
    plain = lambda *given, **named: session.http_profile()
    with mock.patch.object(credential, "HttpProfile", plain):
        yield


def of_a_pod(session: Session) -> None:
    with open(os.environ["CLOUD_WEB_IDENTITY_TOKEN"], encoding="utf-8") as file:
        token = file.read()
    pod = OIDCRoleArnCredential(session.region, "local", token, ROLE, "pod", endpoint=session.address)
    with endpoint_of(session):
        key = Key(session, *pod.get_credential_info())
    assert key.who().UserId.endswith(":pod")
    allowed(session, key)
    other = OIDCRoleArnCredential(
        session.region, "local", token[:-2], ROLE, "pod", endpoint=session.address
    )
    with endpoint_of(session):
        refused("InvalidParameter.WebIdentityTokenError", None, other.get_credential_info)


def of_a_machine(session: Session) -> None:
    """The SDK asks metadata.tencentyun.com, through the proxy of the environment."""
    proxies = {"http_proxy": f"http://{session.address}", "no_proxy": ""}
    with mock.patch.dict(os.environ, proxies):
        machine = CVMRoleCredential()
        equal(machine.get_role_name(), "clients", "role")
        key = Key(session, *machine.get_credential_info())
    equal(key.who().Type, "CAMRole", "type")
    allowed(session, key)


def of_a_user(session: Session) -> None:
    reader = session.cos_client(SecretId=READER["secret_id"], SecretKey=READER["secret_key"])
    reader.get_object(Bucket=session.bucket, Key="temporary/a")
    put = lambda: reader.put_object(Bucket=session.bucket, Key="temporary/a", Body=b"")
    assert "(cos:PutObject)" in refused("AccessDenied", 403, put)
    who = session.sts_client(**READER).GetCallerIdentity(models.GetCallerIdentityRequest())
    equal((who.UserId, who.AccountId), ("100000000002", "100000000001"), "user and account")


def wrong_uses(session: Session):
    """Name, code and call of each."""
    sts, reader = session.sts_client(), session.sts_client(**READER)
    gone = "qcs::cam::uin/100000000001:roleName/gone"
    yield "a role that is not there", "ResourceNotFound.RoleNotFound", lambda: assume(sts, RoleArn=gone)
    yield (
        "a key for too long",
        "InvalidParameter.OverTimeError",
        lambda: assume(sts, DurationSeconds=43_201),
    )
    yield (
        "a policy that is none",
        "InvalidParameter.StrategyFormatError",
        lambda: assume(sts, Policy="{"),
    )
    federation = built(
        models.GetFederationTokenRequest, Name="guest", Policy=policy(allow("name/cos:*"))
    )
    yield (
        "a federated user by a user without permission",
        "UnauthorizedOperation",
        lambda: reader.GetFederationToken(federation),
    )
    key = Key.of(session, assume(sts))
    yield (
        "a federated user by a temporary key",
        "FailedOperation.TempKeyNotAllowed",
        lambda: key.sts.GetFederationToken(federation),
    )


def run(session: Session, report) -> None:
    for case in (
        of_a_role,
        bounded_by_a_policy,
        of_a_federated_user,
        in_a_url,
        of_a_pod,
        of_a_machine,
        of_a_user,
        ended,
    ):
        report.case(f"temporary: {case.__name__}", case, session)
    for name, code, call in wrong_uses(session):
        report.case(f"temporary: {name}", refused, code, None, call)
    session.cos.delete_object(Bucket=session.bucket, Key="temporary/a")
