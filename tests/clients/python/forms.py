"""Forms of browsers. The SDK has no method for them: its users sign the policy themselves."""

import base64
import hashlib
import hmac
import json
import time

import requests
from session import Session, equal


def signed(session: Session, *conditions, key=None, **fields) -> dict:
    """The fields of a form, signed as the service's document says."""
    now = int(time.time())
    times = f"{now - 60};{now + 900}"
    own = [
        {"bucket": session.bucket},
        {"q-sign-algorithm": "sha1"},
        {"q-ak": session.secret_id},
        {"q-sign-time": times},
    ]
    expiration = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(now + 900))
    policy = json.dumps({"expiration": expiration, "conditions": own + list(conditions)})

    def mac(key: str, text: str) -> str:
        return hmac.new(key.encode(), text.encode(), hashlib.sha1).hexdigest()

    to_sign = hashlib.sha1(policy.encode()).hexdigest()
    return {
        "key": key or "forms/${filename}",
        "policy": base64.b64encode(policy.encode()).decode(),
        "q-sign-algorithm": "sha1",
        "q-ak": session.secret_id,
        "q-key-time": times,
        "q-signature": mac(mac(session.secret_key, times), to_sign),
    } | fields


def send(session: Session, fields: dict, content: bytes = b"content", name: str = "a b.txt"):
    url = f"http://{session.bucket}.cos.{session.region}.myqcloud.com/"
    return requests.post(
        url,
        data=fields,
        files={"file": (name, content)},
        proxies={"http": f"http://{session.address}"},
        allow_redirects=False,
        timeout=60,
    )


def storing(session: Session) -> None:
    conditions = (
        ["starts-with", "$key", "forms/"],
        ["starts-with", "$Content-Type", "text/"],
        ["content-length-range", 1, 10_000_000],
        {"x-cos-meta-album": "summer"},
    )
    more = {"Content-Type": "text/x-form", "x-cos-meta-album": "summer"}
    large = b"0123456789" * 500_000
    for content in (b"content", large):
        answer = send(session, signed(session, *conditions, **more), content)
        equal(answer.status_code, 204, f"status ({answer.text})")
        where = {"Bucket": session.bucket, "Key": "forms/a b.txt"}
        head = session.cos.head_object(**where)
        equal(head["ETag"], answer.headers["ETag"], "ETag")
        equal(head["Content-Type"], "text/x-form", "type")
        equal(head["x-cos-meta-album"], "summer", "metadata")
        equal(session.content("forms/a b.txt"), content, "content")


def answers(session: Session) -> None:
    for status in (200, 201, 204):
        fields = signed(session, success_action_status=str(status))
        equal(send(session, fields).status_code, status, "status")
    fields = signed(session, success_action_redirect="https://my.website/done.html")
    answer = send(session, fields)
    equal(answer.status_code, 303, "status")
    wanted = f"https://my.website/done.html?bucket={session.bucket}&key=forms%2Fa%20b.txt&etag="
    assert answer.headers["Location"].startswith(wanted), answer.headers["Location"]


def wrong_uses(session: Session):
    """Name, code, status and fields of each."""
    key = ["starts-with", "$key", "forms/"]
    yield "another key", "AccessDenied", 403, signed(session, key, key="other")
    yield "too much", "EntityTooLarge", 400, signed(session, ["content-length-range", 1, 3])
    yield "too little", "EntityTooSmall", 400, signed(session, ["content-length-range", 8, 9])
    yield "a missing field", "AccessDenied", 403, signed(session, {"acl": "default"})
    changed = signed(session)
    yield "another signature", "SignatureDoesNotMatch", 403, changed | {"q-signature": "0" * 40}
    yield "no signature", "AccessDenied", 403, {"key": "forms/k"}
    unknown = signed(session) | {"q-ak": "AKIDunknown"}
    yield "an unknown key", "InvalidAccessKeyId", 403, unknown
    yield "no policy", "InvalidPolicyDocument", 400, signed(session, ["ends-with", "$key", "x"])


def wrong(session: Session, code: str, status: int, fields: dict) -> None:
    answer = send(session, fields)
    equal(answer.status_code, status, f"status ({answer.text})")
    assert f"<Code>{code}</Code>" in answer.text, answer.text


def run(session: Session, report) -> None:
    report.case("forms", storing, session)
    report.case("answers to forms", answers, session)
    for name, code, status, fields in wrong_uses(session):
        report.case(f"a form with {name}", wrong, session, code, status, fields)
