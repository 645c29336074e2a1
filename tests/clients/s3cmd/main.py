"""Drives s3cmd through a local cloud that checks every signature, by S3's interface: by path, and by
the hosts of the service with the cloud as proxy."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from report import Report

ADDRESS = os.environ["CLOUD_ADDRESS"]
REGION = os.environ["CLOUD_REGION"]
APP_ID = os.environ["CLOUD_APP_ID"]
SCRATCH = Path(os.environ["CLOUD_SCRATCH"]) / "s3cmd"
COMMAND = Path(sys.executable).parent / "s3cmd"
BUCKET = f"s3cmd-{APP_ID}"


def configure(name: str, **change: str) -> None:
    settings = {
        "access_key": os.environ["CLOUD_SECRET_ID"],
        "secret_key": os.environ["CLOUD_SECRET_KEY"],
        "host_base": ADDRESS,
        # By path, since the address has no names below it.
        "host_bucket": ADDRESS,
        "bucket_location": REGION,
        "use_https": "False",
        "max_retries": "1",
        "use_mime_magic": "False",
    } | change
    lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
    (SCRATCH / f"{name}.conf").write_text(f"[default]\n{lines}")


def run(*arguments: str, using: str = "path", fails: bool = False) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", COMMAND, "-c", SCRATCH / f"{using}.conf", *arguments],
        capture_output=True,
        cwd=SCRATCH,
        env=os.environ | {"HOME": str(SCRATCH), "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=60,
    )
    printed = done.stdout + done.stderr
    assert (done.returncode != 0) == fails, f"{arguments} ended with {done.returncode}: {printed}"
    return printed if fails else done.stdout


def refused(*arguments: str, word: str, using: str = "path") -> None:
    printed = run(*arguments, using=using, fails=True)
    assert word in printed, f"{word} is not in: {printed}"


def at(path: str = "") -> str:
    return f"s3://{BUCKET}/{path}"


def file(name: str, content: bytes = b"content") -> str:
    path = SCRATCH / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return name


def equal(got: object, wanted: object, what: str) -> None:
    assert got == wanted, f"{what}: wanted {wanted!r}, got {got!r}"


FILES = {
    "plain.txt": b"plain",
    "empty": b"",
    "folder/a b.txt": b"spaces",
    "folder/100%25.txt": b"percent",
    "\u56fe\u7247/1.png": b"picture",
    "q&a=b+c.txt": b"signs",
}


def buckets() -> None:
    run("mb", at())
    assert at().rstrip("/") in run("ls")
    info = run("info", at())
    assert REGION in info, info
    refused("mb", "s3://without-number", word="InvalidBucketName")


def puts_and_gets() -> None:
    for name, content in FILES.items():
        run("put", file(f"first/{name}", content), at(f"put/{name}"))
        run("get", "--force", at(f"put/{name}"), "got")
        equal((SCRATCH / "got").read_bytes(), content, name)
    listed = run("ls", "--list-md5", "-r", at("put/"))
    for name, content in FILES.items():
        assert at(f"put/{name}") in listed, f"{name}: {listed}"
        assert hashlib.md5(content).hexdigest() in listed, f"{name}: {listed}"
    run("put", "--acl-public", "--mime-type", "text/x-test", "--add-header", "x-amz-meta-a: 1",
        "first/plain.txt", at("public"))
    info = run("info", at("public"))
    for word in ("text/x-test", "x-amz-meta-a", "anon"):
        assert word in info, f"{word}: {info}"
    run("put", "--storage-class", "STANDARD_IA", "first/plain.txt", at("seldom"))
    assert "STANDARD_IA" in run("info", at("seldom"))


def copies_and_moves() -> None:
    run("cp", at("put/folder/a b.txt"), at("copied é.txt"))
    run("mv", at("copied é.txt"), at("moved"))
    # It sends all that it was answered, and the other header.
    run("modify", "--add-header", "x-amz-meta-b: 2", at("moved"))
    assert "x-amz-meta-b" in run("info", at("moved"))
    refused("info", at("copied é.txt"), word="404")
    run("get", "--force", at("moved"), "got")
    equal((SCRATCH / "got").read_bytes(), b"spaces", "content")


def syncs() -> None:
    run("sync", "first/", at("sync/"))
    listed = run("ls", "-r", at("sync/"))
    equal(len(listed.splitlines()), len(FILES), "files")
    (SCRATCH / "first/empty").unlink()
    file("first/plain.txt", b"changed")
    run("sync", "--delete-removed", "first/", at("sync/"))
    assert at("sync/empty") not in run("ls", "-r", at("sync/"))
    run("sync", at("sync/"), "back/")
    equal((SCRATCH / "back/plain.txt").read_bytes(), b"changed", "content")
    run("sync", at("sync/"), at("other/"))
    equal(len(run("ls", "-r", at("other/")).splitlines()), len(FILES) - 1, "files")
    assert run("du", at("other/")).split()[1:2] == [str(len(FILES) - 1)]


def in_parts() -> None:
    content = os.urandom(11 * 1024 * 1024 + 3)
    run("put", "--multipart-chunk-size-mb", "5", file("large", content), at("large"))
    run("get", "--force", at("large"), "got")
    assert (SCRATCH / "got").read_bytes() == content
    equal(run("multipart", at()).count("large"), 0, "uploads that are left")


def settings() -> None:
    run("setacl", "--acl-public", at("moved"))
    run("setacl", "--acl-private", at("moved"))
    versions = f"s3://s3cmd-versions-{APP_ID}"
    run("mb", versions)
    run("setversioning", versions, "enable")
    assert "Enabled" in run("info", versions)
    run("rb", versions)
    rules = "<LifecycleConfiguration><Rule><ID>a</ID><Filter><Prefix>logs/</Prefix></Filter>" \
        "<Status>Enabled</Status><Expiration><Days>3</Days></Expiration></Rule>" \
        "</LifecycleConfiguration>"
    run("setlifecycle", file("lifecycle.xml", rules.encode()), at())
    assert "<Days>3</Days>" in run("getlifecycle", at())
    run("dellifecycle", at())
    rules = "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>" \
        "<AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>"
    run("setcors", file("cors.xml", rules.encode()), at())
    assert "<AllowedMethod>GET</AllowedMethod>" in run("info", at())
    run("delcors", at())
    run("settagging", at("moved"), "a=1&b=2")
    tags = run("gettagging", at("moved"))
    assert "a" in tags and "2" in tags, tags
    run("deltagging", at("moved"))


def by_host() -> None:
    run("put", "first/plain.txt", at("by host.txt"), using="host")
    assert "by host.txt" in run("ls", at(), using="host")
    run("del", at("by host.txt"), using="host")


def wrong_uses() -> None:
    name = file("wrong")
    for using, word in (("secret", "SignatureDoesNotMatch"), ("key", "InvalidAccessKeyId")):
        refused("put", name, at("wrong"), word=word, using=using)
        refused("ls", at(), word=word, using=using)
        refused("del", at("moved"), word=word, using=using)
    refused("ls", f"s3://missing-{APP_ID}", word="NoSuchBucket")
    refused("get", at("none"), "none", word="does not exist")
    refused("rb", at(), word="BucketNotEmpty")
    assert at("wrong") not in run("ls", at())
    assert at("moved") in run("ls", at())


REFUSALS = {
    "policy": ("setpolicy", "lifecycle.xml", at()),
    "website": ("ws-create", at()),
    "requestPayment": ("payer", at()),
    "logging": ("accesslog", at()),
    "class": ("put", "--storage-class", "ONEZONE_IA", "wrong", at("refused")),
}


def leaves_nothing() -> None:
    run("del", "--recursive", "--force", at())
    run("rb", at())


def main() -> int:
    SCRATCH.mkdir()
    configure("path")
    configure("secret", secret_key="wrong")
    configure("key", access_key="AKIDstranger")
    host, port = ADDRESS.rsplit(":", 1)
    configure(
        "host",
        host_base=f"cos.{REGION}.myqcloud.com",
        host_bucket=f"%(bucket)s.cos.{REGION}.myqcloud.com",
        proxy_host=host,
        proxy_port=port,
    )
    report = Report("s3cmd")
    try:
        for case in (
            buckets,
            puts_and_gets,
            copies_and_moves,
            syncs,
            in_parts,
            settings,
            by_host,
            wrong_uses,
        ):
            report.case(case.__name__, case)
        for name, arguments in REFUSALS.items():
            report.refusal(name, lambda: refused(*arguments, word="NotImplemented"))
        report.case("leaves nothing", leaves_nothing)
    except Exception as error:
        report.differs("the cases after this one", str(error))
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
