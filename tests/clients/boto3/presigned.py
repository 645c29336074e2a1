"""Addresses and forms that are signed for somebody else."""

import urllib.parse
import uuid

from session import BUCKET, ADDRESS, client, equal, fetch


def addresses(s3) -> None:
    for key in ("presigned.txt", "presigned/a b &+%.txt"):
        where = {"Bucket": BUCKET, "Key": key}
        url = s3.generate_presigned_url("put_object", Params=where, ExpiresIn=60)
        status, _, text = fetch(url, "PUT", b"by address", {"Content-Type": ""})
        equal((status, text), (200, b""), url)
        url = s3.generate_presigned_url("get_object", Params=where, ExpiresIn=60)
        status, headers, got = fetch(url)
        equal((status, got), (200, b"by address"), url)
        assert headers["x-amz-request-id"], headers
        url = s3.generate_presigned_url(
            "get_object", Params={**where, "ResponseContentType": "text/x-test"}, ExpiresIn=60
        )
        equal(fetch(url)[1]["Content-Type"], "text/x-test", "type that was asked for")
        url = s3.generate_presigned_url("head_object", Params=where, ExpiresIn=60)
        equal(fetch(url, "HEAD")[0], 200, url)
        url = s3.generate_presigned_url("delete_object", Params=where, ExpiresIn=60)
        equal(fetch(url, "DELETE")[0], 204, url)


def signed_headers(s3) -> None:
    params = {"Bucket": BUCKET, "Key": "signed", "ContentType": "text/x-test", "Metadata": {"a": "1"}}
    url = s3.generate_presigned_url("put_object", Params=params, ExpiresIn=60)
    headers = {"Content-Type": "text/x-test", "x-amz-meta-a": "1"}
    equal(fetch(url, "PUT", b"x", headers)[0], 200, "with the headers that were signed")
    described = s3.head_object(Bucket=BUCKET, Key="signed")
    equal((described["ContentType"], described["Metadata"]), ("text/x-test", {"a": "1"}), "kept")
    status, _, text = fetch(url, "PUT", b"x", {**headers, "x-amz-meta-a": "2"})
    equal(status, 403, "another value of a header")
    assert b"SignatureDoesNotMatch" in text, text
    status, _, text = fetch(url, "PUT", b"x", {**headers, "x-amz-acl": "public-read"})
    equal(status, 403, "a header that was not signed")
    assert b"HeadersNotSigned" in text, text


def wrong_addresses(s3) -> None:
    s3.put_object(Bucket=BUCKET, Key="wrong", Body=b"x")
    where = {"Bucket": BUCKET, "Key": "wrong"}
    url = s3.generate_presigned_url("get_object", Params=where, ExpiresIn=60)
    expired = s3.generate_presigned_url("get_object", Params=where, ExpiresIn=-1)
    long = s3.generate_presigned_url("get_object", Params=where, ExpiresIn=604801)
    of_nobody = client(secret_id="AKIDnobody").generate_presigned_url("get_object", Params=where)
    of_another = client(secret="wrong").generate_presigned_url("get_object", Params=where)
    for what, wrong, method, wanted, code in (
        ("another key", url.replace("/wrong?", "/other?"), "GET", 403, "SignatureDoesNotMatch"),
        ("another method", url, "DELETE", 403, "SignatureDoesNotMatch"),
        ("another time", url.replace("Expires=60", "Expires=600"), "GET", 403, "SignatureDoesNotMatch"),
        ("more parameters", url + "&versionId=1", "GET", 403, "SignatureDoesNotMatch"),
        ("no expiry", url.replace("X-Amz-Expires=60&", ""), "GET", 400, "AuthorizationQueryParametersError"),
        ("an expiry in the past", expired, "GET", 400, "AuthorizationQueryParametersError"),
        ("an expiry too far away", long, "GET", 400, "AuthorizationQueryParametersError"),
        ("a key that nobody has", of_nobody, "GET", 403, "InvalidAccessKeyId"),
        ("a wrong secret", of_another, "GET", 403, "SignatureDoesNotMatch"),
    ):
        status, _, text = fetch(wrong, method)
        equal(status, wanted, f"{what}: {text!r}")
        assert f"<Code>{code}</Code>".encode() in text, f"{what}: {text!r}"
    equal(fetch(url)[0], 200, "the right one")


def _post(form: dict, content: bytes, **change):
    """Sends a form as a browser does."""
    fields = form["fields"] | change
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
        if value is not None
    ]
    parts += [
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a b.txt"\r\n'
        "Content-Type: text/plain\r\n\r\n".encode(),
        content,
        f"\r\n--{boundary}--\r\n".encode(),
    ]
    kind = f"multipart/form-data; boundary={boundary}"
    return fetch(form["url"], "POST", b"".join(parts), {"Content-Type": kind})


def forms(s3) -> None:
    form = s3.generate_presigned_post(BUCKET, "forms/plain")
    equal(_post(form, b"by a form")[0], 204, "status")
    equal(s3.get_object(Bucket=BUCKET, Key="forms/plain")["Body"].read(), b"by a form", "content")
    fields = {
        "acl": "public-read",
        "success_action_status": "201",
        "Content-Type": "text/x-test",
        "x-amz-meta-a": "1",
    }
    conditions = [{name: value} for name, value in fields.items()]
    form = s3.generate_presigned_post(
        BUCKET,
        "forms/${filename}",
        Fields=fields,
        Conditions=[*conditions, ["content-length-range", 1, 20]],
        ExpiresIn=60,
    )
    status, headers, text = _post(form, b"by a form")
    equal(status, 201, f"status: {text!r}")
    assert headers["Location"].endswith("/forms/a%20b.txt"), headers["Location"]
    described = s3.head_object(Bucket=BUCKET, Key="forms/a b.txt")
    equal((described["ContentType"], described["Metadata"]), ("text/x-test", {"a": "1"}), "kept")
    quoted = urllib.parse.quote("forms/a b.txt")
    equal(fetch(f"http://{ADDRESS}/{BUCKET}/{quoted}")[2], b"by a form", "for everyone")
    for what, status, code, sent in (
        ("too long", 400, "EntityTooLarge", lambda: _post(form, b"x" * 21)),
        ("too short", 400, "EntityTooSmall", lambda: _post(form, b"")),
        ("another value", 403, "AccessDenied", lambda: _post(form, b"x", acl="private")),
        ("a field too many", 403, "AccessDenied", lambda: _post(form, b"x", **{"x-amz-meta-b": "2"})),
        ("a field too few", 403, "AccessDenied", lambda: _post(form, b"x", acl=None)),
        (
            "another signature",
            403,
            "SignatureDoesNotMatch",
            lambda: _post(form, b"x", **{"x-amz-signature": "0" * 64}),
        ),
        ("no policy", 400, "MalformedPOSTRequest", lambda: _post(form, b"x", policy=None)),
    ):
        got, _, text = sent()
        equal(got, status, f"{what}: {text!r}")
        assert f"<Code>{code}</Code>".encode() in text, f"{what}: {text!r}"
    expired = s3.generate_presigned_post(BUCKET, "forms/late", ExpiresIn=-10)
    got, _, text = _post(expired, b"x")
    equal(got, 403, f"an expired policy: {text!r}")
    assert b"expired" in text, text


CASES = (addresses, signed_headers, wrong_addresses, forms)
