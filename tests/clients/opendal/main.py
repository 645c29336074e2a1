"""Drives Apache OpenDAL through a local cloud that checks every signature.

OpenDAL signs what it sends, but never the host, and reaches the cloud as its HTTP proxy.
"""

import asyncio
import hashlib
import os
import sys
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

ADDRESS = os.environ["CLOUD_ADDRESS"]
REGION = os.environ["CLOUD_REGION"]
# Its HTTP client takes the proxy from here, once.
os.environ["http_proxy"] = f"http://{ADDRESS}"
os.environ["no_proxy"] = ""

import opendal  # noqa: E402
from opendal import exceptions  # noqa: E402

from report import Report  # noqa: E402

KEYS = [
    "plain.txt",
    "folder/with space/a b.txt",
    "100%/50%25.txt",
    "\u56fe\u7247/\u7167\u7247 1.png",
    "q?a=b&c#d.txt",
    "plus+and~tilde_-.txt",
    "quotes'(and)[brackets]{}!*@:;,$=.txt",
]


def operator(**change) -> opendal.Operator:
    settings = {
        "endpoint": f"http://cos.{REGION}.myqcloud.com",
        "bucket": os.environ["CLOUD_BUCKET"],
        "secret_id": os.environ["CLOUD_SECRET_ID"],
        "secret_key": os.environ["CLOUD_SECRET_KEY"],
        "disable_config_load": "true",
    }
    return opendal.Operator("cos", **settings | change)


def equal(got: object, wanted: object, what: str) -> None:
    assert got == wanted, f"{what}: wanted {wanted!r}, got {got!r}"


def fails(kind: type, call, *words: str) -> None:
    """Asserts that `call` fails as `kind`, with `words` in what it says."""
    try:
        answer = call()
    except kind as error:
        for word in words:
            assert word in str(error), f"{word} is not in: {error}"
    else:
        raise AssertionError(f"{kind.__name__} was expected, but the call gave {answer!r}")


async def _presigned(what: str, path: str, seconds: int) -> object:
    client = operator().to_async_operator()
    return await getattr(client, f"presign_{what}")(path, seconds)


def _fetch(request, method: str, body: bytes | None = None) -> bytes:
    proxy = urllib.request.ProxyHandler({"http": f"http://{ADDRESS}"})
    plain = urllib.request.Request(request.url, data=body, method=method)
    for name, value in request.headers.items():
        plain.add_header(name, value)
    with urllib.request.build_opener(proxy).open(plain) as answer:
        return answer.read()


def of_any_name(op: opendal.Operator) -> None:
    for key in KEYS:
        body = f"the content of {key}".encode()
        op.write(key, body)
        assert op.exists(key), key
        equal(op.read(key), body, f"content of {key}")
        described = op.stat(key)
        equal(described.content_length, len(body), f"size of {key}")
        equal(described.etag, f'"{hashlib.md5(body).hexdigest()}"', f"ETag of {key}")
    listed = {entry.path for entry in op.list("/", recursive=True)}
    assert set(KEYS) <= listed, f"not in the list: {set(KEYS) - listed}"
    for key in KEYS:
        op.delete(key)
        assert not op.exists(key), f"{key} is still there"
        op.delete(key)


def properties(op: opendal.Operator) -> None:
    op.write(
        "properties.txt",
        b"content",
        content_type="text/x-test",
        cache_control="max-age=60",
        content_disposition="inline",
        user_metadata={"number": "1"},
    )
    described = op.stat("properties.txt")
    equal(described.content_type, "text/x-test", "content type")
    equal(described.content_disposition, "inline", "content disposition")
    equal(described.user_metadata, {"number": "1"}, "metadata")
    op.write("guessed.txt", b"content")
    equal(op.stat("guessed.txt").content_type, "text/plain", "type by the name of the key")


def ranges(op: opendal.Operator) -> None:
    content = os.urandom(300_000)
    op.write("ranges.bin", content)
    equal(op.read("ranges.bin", offset=10, size=20), content[10:30], "part")
    equal(op.read("ranges.bin", offset=299_990), content[-10:], "end")
    whole = op.read("ranges.bin", chunk=65_536, concurrent=4)
    assert whole == content, "content in several ranges"
    with op.open("ranges.bin", "rb") as file:
        file.seek(1000)
        equal(file.read(10), content[1000:1010], "part of a file")
    with op.open("written.bin", "wb") as file:
        file.write(content)
    assert op.read("written.bin") == content, "content written as a file"
    op.write("empty.bin", b"")
    equal(op.read("empty.bin"), b"", "empty content")


def lists(op: opendal.Operator) -> None:
    op.create_dir("list/empty/")
    for folder in "abc":
        for number in range(3):
            op.write(f"list/{folder}/{number}", b"")
    flat = [entry.path for entry in op.list("list/")]
    equal(sorted(set(flat) - {"list/"}), ["list/a/", "list/b/", "list/c/", "list/empty/"], "folder")
    deep = [entry.path for entry in op.list("list/", recursive=True)]
    equal(len([path for path in deep if not path.endswith("/")]), 9, "files below it")
    # As many that a list has several pages.
    equal([entry.path for entry in op.scan("list/a/") if entry.path != "list/a/"],
          [f"list/a/{number}" for number in range(3)], "files of a folder")
    op.remove_all("list/a/")
    assert not op.exists("list/a/0")
    op.delete("list/b/", recursive=True)
    assert not op.exists("list/b/0")
    assert op.exists("list/c/0")
    assert op.stat("list/empty/").mode.is_dir()


def only_if_new(op: opendal.Operator) -> None:
    op.write("new.txt", b"first", if_not_exists=True)
    again = lambda: op.write("new.txt", b"second", if_not_exists=True)
    fails(exceptions.ConditionNotMatch, again)
    equal(op.read("new.txt"), b"first", "content")


def conditions(op: opendal.Operator) -> None:
    op.write("conditions.txt", b"content")
    etag = op.stat("conditions.txt").etag
    past = datetime(2000, 1, 1, tzinfo=timezone.utc)
    future = datetime.now(timezone.utc) + timedelta(hours=1)
    for held in (
        {"if_match": etag},
        {"if_none_match": '"other"'},
        {"if_modified_since": past},
        {"if_unmodified_since": future},
    ):
        equal(op.read("conditions.txt", **held), b"content", f"{held}")
    for failed in (
        {"if_match": '"other"'},
        {"if_none_match": etag},
        {"if_modified_since": future},
        {"if_unmodified_since": past},
    ):
        fails(exceptions.ConditionNotMatch, lambda: op.read("conditions.txt", **failed))
    equal(op.stat("conditions.txt", if_match=etag).content_length, 7, "size")
    fails(exceptions.ConditionNotMatch, lambda: op.stat("conditions.txt", if_match='"other"'))
    fails(exceptions.ConditionNotMatch, lambda: op.stat("conditions.txt", if_none_match=etag))


def copies(op: opendal.Operator) -> None:
    for source in ("from.txt", "a b/100% from.txt"):
        op.write(source, source.encode())
        op.copy(source, "copies/to.txt")
        equal(op.read("copies/to.txt"), source.encode(), f"copy of {source}")
    fails(exceptions.NotFound, lambda: op.copy("none", "copies/none.txt"))
    op.delete("copies/to.txt")


def presigned(op: opendal.Operator) -> None:
    _fetch(asyncio.run(_presigned("write", "presigned &.txt", 60)), "PUT", b"by address")
    request = asyncio.run(_presigned("read", "presigned &.txt", 60))
    equal(_fetch(request, "GET"), b"by address", "content at the presigned address")
    _fetch(asyncio.run(_presigned("stat", "presigned &.txt", 60)), "HEAD")
    try:
        _fetch(asyncio.run(_presigned("read", "presigned &.txt", 60)), "DELETE")
    except urllib.error.HTTPError as error:
        equal(error.code, 403, "status of another method than the signed one")
    else:
        raise AssertionError("another method than the signed one was answered")
    assert op.exists("presigned &.txt")


def root(_: opendal.Operator) -> None:
    """A root of its own: what is written there is below it."""
    inside = operator(root="/inside/here/")
    inside.write("a.txt", b"a")
    equal(operator().read("inside/here/a.txt"), b"a", "content")
    equal([entry.path for entry in inside.list("/") if entry.path != "/"], ["a.txt"], "list")


def in_parallel(_: opendal.Operator) -> None:
    async def work() -> None:
        client = operator().to_async_operator()
        keys = [f"parallel/{number}" for number in range(50)]
        await asyncio.gather(*(client.write(key, key.encode()) for key in keys))
        equal(
            await asyncio.gather(*(client.read(key) for key in keys)),
            [key.encode() for key in keys],
            "contents",
        )

    asyncio.run(work())


def uses(client: opendal.Operator) -> dict:
    """Each operation by the call of it."""
    return {
        "write": lambda: client.write("wrong.txt", b"x"),
        "read": lambda: client.read("plain.txt"),
        "stat": lambda: client.stat("plain.txt"),
        "delete": lambda: client.delete("plain.txt"),
        "list": lambda: list(client.list("/")),
        "create_dir": lambda: client.create_dir("wrong/"),
        "check": lambda: client.check(),
    }


def wrong_uses(op: opendal.Operator):
    """Name, kind, words and call of each."""
    missing = operator(bucket=f"missing-{os.environ['CLOUD_APP_ID']}")
    for what, client in (
        ("a wrong secret", operator(secret_key="not-the-secret")),
        ("an unknown key", operator(secret_id="AKIDstranger")),
    ):
        for name, call in uses(client).items():
            yield f"{name} with {what}", exceptions.PermissionDenied, (), call
    for name, call in uses(missing).items():
        if name not in ("check", "delete"):
            yield f"{name} of a missing bucket", exceptions.NotFound, (), call
    yield "read what is not there", exceptions.NotFound, ("NoSuchKey",), lambda: op.read("none")
    yield "describe what is not there", exceptions.NotFound, (), lambda: op.stat("none")
    past = lambda: op.read("plain.txt", offset=1000, size=10)
    yield "range past the end", exceptions.Unexpected, ("InvalidRange",), past
    long = lambda: op.write("k" * 851, b"")
    yield "long key", exceptions.Unexpected, ("KeyTooLong",), long
    no_version = lambda: op.read("plain.txt", version="v1")
    yield "read no version", exceptions.Unexpected, ("InvalidArgument",), no_version
    no_version = lambda: op.delete("plain.txt", version="v1")
    yield "delete no version", exceptions.Unexpected, ("InvalidArgument",), no_version
    yield "read a folder", exceptions.IsADirectory, (), lambda: op.read("folder/")
    yield "rename", exceptions.Unsupported, (), lambda: op.rename("plain.txt", "other.txt")


def in_parts(op: opendal.Operator) -> None:
    """Content that is sent in several parts."""
    large = bytes(range(251)) * 16_000
    op.write("parts.bin", large, chunk=1024 * 1024)
    assert op.read("parts.bin") == large
    assert op.read("parts.bin", offset=1024 * 1024 - 5, size=10) == large[1024 * 1024 - 5 :][:10]
    op.delete("parts.bin")


def appends(op: opendal.Operator) -> None:
    """Data is added at the end, and to nothing that was stored as a whole."""
    for data in (b"1234", b"56789"):
        op.write("log.txt", data, append=True)
    assert op.read("log.txt") == b"123456789"
    op.write("whole.txt", b"whole")
    more = lambda: op.write("whole.txt", b"more", append=True)
    fails(exceptions.Conflict, more, "ObjectNotAppendable")
    assert op.read("whole.txt") == b"whole"
    for key in ("log.txt", "whole.txt"):
        op.delete(key)


def run(op: opendal.Operator, report: Report) -> None:
    for case in (
        of_any_name,
        properties,
        ranges,
        lists,
        only_if_new,
        conditions,
        copies,
        presigned,
        root,
        in_parallel,
        in_parts,
        appends,
    ):
        report.case(case.__name__, case, op)
    op.write("plain.txt", b"plain")
    for name, kind, words, call in wrong_uses(op):
        report.case(name, fails, kind, call, *words)
    report.case(
        "a wrong use changed nothing",
        lambda: (
            equal(op.read("plain.txt"), b"plain", "content"),
            equal(op.exists("wrong.txt"), False, "the unsigned object"),
        ),
    )


def main() -> int:
    report = Report("opendal")
    try:
        run(operator(), report)
    except Exception as error:
        report.differs("the cases after this one", str(error))
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
