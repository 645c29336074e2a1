"""Drives coscmd through a local cloud that checks every signature."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from report import Report  # noqa: E402
from session import REGION, Session, equal, fetch  # noqa: E402

# What the SDK makes of a 404 without a body.
MISSING = "NoSuchResource"
# More than coscmd sends and fetches at once.
LARGE = bytes(range(256)) * (21 * 1024 * 4 + 1)


def files(session: Session) -> None:
    for key in ("a.txt", "folder/b.txt", "\u56fe\u7247/\u7167\u7247.png", "a+b/100%.txt"):
        content = key.encode()
        session.put(key, content)
        equal(session.content(key), content, key)
        assert str(len(content)) in session.run("info", key)
    session.put("empty", b"")
    equal(session.content("empty"), b"", "an empty object")
    session.put("named/", b"by the file")
    equal(session.content("named/to-put"), b"by the file", "a key that takes the file's name")


def headers(session: Session) -> None:
    wanted = {"Content-Type": "text/x-own", "x-cos-meta-colour": "blue"}
    session.put("headers", b"x", "-H", json.dumps(wanted))
    shown = session.run("info", "headers")
    for text in [*wanted.values(), "x-cos-meta-md5"]:
        assert text in shown, shown


def parts(session: Session) -> None:
    session.put("large", LARGE)
    assert session.content("large") == LARGE, "the parts came back otherwise"
    shown = session.run("info", "large")
    assert str(len(LARGE)) in shown and '-22"' in shown, shown
    session.run("copy", session.source("large"), "large-copy")
    assert session.content("large-copy") == LARGE
    session.run("delete", "-f", "large-copy")


def unfinished(session: Session) -> None:
    from qcloud_cos import CosConfig, CosS3Client
    from session import PROXY
    import os

    keys = {"SecretId": os.environ["CLOUD_SECRET_ID"], "SecretKey": os.environ["CLOUD_SECRET_KEY"]}
    config = CosConfig(Region=REGION, Scheme="http", Proxies={"http": PROXY}, **keys)
    begun = CosS3Client(config).create_multipart_upload(Bucket=session.bucket, Key="begun")
    assert begun["UploadId"] in session.run("listparts", "begun")
    assert "1 files successful" in session.run("abort", "begun")
    assert begun["UploadId"] not in session.run("listparts")


def folders(session: Session) -> None:
    tree = {"a.txt": b"a", "b/c.txt": b"c", "b/d/e.log": b"e"}
    for name, content in tree.items():
        session.file(f"tree/{name}", content)
    session.run("upload", "-r", "tree", "tree")
    equal(session.keys("tree/"), {f"tree/{name}" for name in tree}, "what was uploaded")
    session.run("download", "-r", "tree", "back")
    for name, content in tree.items():
        equal(session.read(f"back/{name}"), content, name)
    session.run("upload", "-r", "--include", "*.log", "tree", "only")
    equal(session.keys("only/"), {"only/b/d/e.log"}, "what is included")
    session.run("upload", "-r", "--ignore", "*.log", "tree", "but")
    equal(session.keys("but/"), {"but/a.txt", "but/b/c.txt"}, "what is not ignored")
    listed = session.run("list", "tree/")
    assert "tree/b/" in listed and "c.txt" not in listed, listed


def syncs(session: Session) -> None:
    for name in ("same", "changed", "gone"):
        session.file(f"synced/{name}", name.encode())
    upload = ("upload", "-r", "-s", "synced", "synced")
    assert "3 files uploaded, 0 files skipped" in session.run(*upload)
    assert "0 files uploaded, 3 files skipped" in session.run(*upload)
    session.file("synced/changed", b"CHANGED")
    (session.folder / "synced/gone").unlink()
    said = session.run(*upload, "--delete", "-f")
    assert "1 files uploaded, 1 files skipped" in said, said
    equal(session.keys("synced/"), {"synced/same", "synced/changed"}, "what is left")
    session.file("down/stale", b"stale")
    session.run("download", "-r", "-s", "--delete", "-f", "synced", "down")
    equal(session.read("down/changed"), b"CHANGED", "what was fetched")
    assert not (session.folder / "down/stale").exists()


def copies(session: Session) -> None:
    session.put("from/a", b"a")
    session.put("from/b", b"b")
    session.run("copy", session.source("from/a"), "to/a")
    equal(session.content("to/a"), b"a", "the copy")
    session.run("copy", "-r", session.source("from/"), "all")
    equal(session.keys("all/"), {"all/a", "all/b"}, "the copies")
    session.run("move", session.source("to/a"), "moved")
    equal(session.content("moved"), b"a", "what was moved")
    equal(session.keys("to/"), set(), "where it was")
    session.run("move", "-r", session.source("all/"), "off")
    equal(session.keys("all/") | session.keys("off/"), {"off/a", "off/b"}, "the folder")
    told = {"Content-Type": "text/x-new"}
    replaced = ("-d", "Replaced", "-H", json.dumps(told))
    session.run("copy", *replaced, session.source("moved"), "told")
    assert told["Content-Type"] in session.run("info", "told")


def deletions(session: Session) -> None:
    for key in ("gone/a", "gone/b", "gone-not"):
        session.put(key)
    session.run("delete", "-f", "gone/a")
    session.run("delete", "-f", "gone/a")
    session.run("delete", "-r", "-f", "gone")
    equal(session.keys("gone"), {"gone-not"}, "what is left")


def signed(session: Session) -> None:
    session.put("signed", b"by a URL")
    url = session.signed("-t", "60", "signed")
    equal(fetch(url), (200, b"by a URL"), "what the URL leads to")
    equal(fetch(url.split("?")[0])[0], 403, "the status without the signature")
    equal(fetch(url.replace("/signed?", "/a.txt?"))[0], 403, "the status of another key")
    missing = session.signed("not-there")
    equal(fetch(missing)[0], 404, "the status of a missing object")


def versions(session: Session) -> None:
    bucket = session.bucket_name("versions")
    of = {"bucket": bucket}
    session.run("createbucket", **of)
    assert "Enabled" not in session.run("getbucketversioning", **of)
    session.run("putbucketversioning", "Enabled", **of)
    assert "Enabled" in session.run("getbucketversioning", **of)
    for content in (b"old", b"newer"):
        session.put("k", content, **of)
    listed = session.run("-s", "list", "-r", "-v", **of)
    ids = {line.split()[1]: line.split()[-1] for line in listed.splitlines() if line.strip()}
    equal(set(ids), {"3", "5"}, "the sizes of both versions")
    equal(session.content("k", **of), b"newer", "what is shown")
    equal(session.content("k", "--versionId", ids["3"], **of), b"old", "the older one")
    session.run("delete", "-f", "k", **of)
    session.refused("info", "k", words=(MISSING,), **of)
    session.run("delete", "-f", "--versionId", ids["3"], "k", **of)
    session.refused("download", "-f", "--versionId", ids["3"], "k", "none", **of)
    session.run("putbucketversioning", "Suspended", **of)
    assert "Suspended" in session.run("getbucketversioning", **of)
    session.run("delete", "-r", "-f", "--versions", "/", **of)
    session.run("deletebucket", **of)


def access(session: Session) -> None:
    session.put("open", b"to all")
    url = f"http://{session.source('open')}"
    equal(fetch(url)[0], 403, "the status before")
    session.run("putobjectacl", "--grant-read", "anyone,100000000001/100000000002", "open")
    equal(fetch(url), (200, b"to all"), "what everyone reads")
    shown = session.run("getobjectacl", "open")
    for grant in ("anyone: READ", "uin/100000000001:uin/100000000002: READ"):
        assert grant in shown, shown
    session.configure("reader", id="AKIDreader", key="reader-secret")
    private = session.source("a.txt")
    equal(fetch(f"http://{private}")[0], 403, "the status of another object")
    session.refused("download", "-f", "a.txt", "none", using="reader")
    session.run("putobjectacl", "--grant-read", "100000000001/100000000002", "a.txt")
    equal(session.content("a.txt", using="reader"), b"a.txt", "what the user reads")
    equal(fetch(f"http://{private}")[0], 403, "the status for everyone else")
    session.run("putbucketacl", "--grant-write", "100000000001/100000000002")
    assert "uin/100000000001:uin/100000000002: WRITE" in session.run("getbucketacl")
    session.put("by-the-user", using="reader")
    session.refused("list", using="reader", words=("AccessDenied",))
    session.run("putbucketacl", "--grant-full-control", "100000000001")
    session.refused("upload", "to-put", "by-the-user", using="reader", words=("AccessDenied",))


def archived(session: Session) -> None:
    session.put("cold", b"cold", "-H", json.dumps({"x-cos-storage-class": "ARCHIVE"}))
    session.refused("download", "-f", "cold", "none", words=("InvalidObjectState",))
    session.run("restore", "-d", "1", "-t", "Expedited", "cold")
    session.refused("restore", "cold", words=("already in",), status=-1)
    session.refused("restore", "a.txt", words=("RestoreNonArchiveObject",))


def probed(session: Session) -> None:
    assert "[1/1]" in session.run("probe", "-n", "1", "-s", "1")


def buckets(session: Session) -> None:
    bucket = session.bucket_name("buckets")
    session.run("createbucket", bucket=bucket)
    session.refused("createbucket", bucket=bucket, words=("BucketAlready",), status=-1)
    session.put("k", bucket=bucket)
    session.refused("deletebucket", bucket=bucket, words=("BucketNotEmpty",), status=-1)
    session.run("deletebucket", "-f", bucket=bucket)
    session.refused("list", bucket=bucket, words=("NoSuchBucket",))
    session.refused("deletebucket", bucket=bucket, words=("NoSuchBucket",), status=-1)


def missing(session: Session) -> None:
    session.refused("info", "not-there", words=(MISSING,))
    session.refused("download", "-f", "not-there", "none", words=(MISSING,))
    assert not (session.folder / "none").exists()
    session.refused("upload", "no-file", "k", words=("No such file",))
    session.refused("copy", session.source("not-there"), "k", words=(MISSING,))
    session.refused("restore", "not-there", words=("NoSuchKey",))
    session.refused("getobjectacl", "not-there", words=("NoSuchKey",))
    nowhere = session.bucket_name("nowhere")
    session.refused("upload", "to-put", "k", bucket=nowhere, words=("NoSuchBucket",))
    session.refused("abort", bucket=nowhere, words=("NoSuchBucket",))


def wrong(session: Session) -> None:
    session.configure("stranger", id="AKIDnobody")
    session.refused("list", using="stranger", words=("InvalidAccessKeyId",))
    session.configure("forger", key="guessed")
    session.refused("list", using="forger", words=("SignatureDoesNotMatch",))
    session.refused("upload", "to-put", "k", using="forger", words=("SignatureDoesNotMatch",))
    grant = ("putobjectacl", "--grant-read", "somebody", "a.txt")
    session.refused(*grant, words=("InvalidArgument",))
    write = ("putobjectacl", "--grant-write", "anyone", "a.txt")
    session.refused(*write, words=("InvalidArgument",))
    session.refused("putbucketversioning", "Enabled", bucket="Upper-1250000000", words=("",))
    version = ("download", "-f", "--versionId", "no-version", "a.txt", "none")
    session.refused(*version, words=("failed",))
    held = {"x-cos-storage-class": "LUKEWARM"}
    session.refused("upload", "to-put", "k", "-H", json.dumps(held), words=("InvalidArgument",))


def not_built(session: Session, header: str, value: str) -> None:
    told = json.dumps({header: value})
    session.refused("upload", "to-put", "k", "-H", told, words=("NotImplemented", header))


def main() -> int:
    report = Report("coscmd")
    try:
        session = Session()
    except Exception as error:
        report.differs("the first bucket", f"{type(error).__name__}: {error}")
        return report.finish()
    for case in (
        files, headers, parts, unfinished, folders, syncs, copies, deletions, signed, versions,
        access, archived, probed, buckets, missing, wrong,
    ):
        report.case(case.__name__, case, session)
    for header, value in (
        ("x-cos-server-side-encryption", "cos/kms"),
        ("x-cos-object-lock-mode", "COMPLIANCE"),
    ):
        report.refusal(f"upload with {header}", not_built, session, header, value)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
