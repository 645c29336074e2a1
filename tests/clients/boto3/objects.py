"""Objects: stored, read, described, copied, deleted, listed."""

import base64
import gzip
import hashlib
import zlib
from datetime import datetime, timedelta, timezone

from session import BUCKET, REGION, by_host, content, equal, fails

KEYS = [
    "plain.txt",
    "folder/with space/a b.txt",
    "100%/50%25.txt",
    "\u56fe\u7247/\u7167\u7247 1.png",
    "q?a=b&c#d.txt",
    "plus+and~tilde_-.txt",
    "quotes'(and)[brackets]{}!*@:;,$=.txt",
    "//slashes//",
    "control\x01\x1f.txt",
]


def of_any_name(s3) -> None:
    for key in KEYS:
        body = f"the content of {key}".encode()
        stored = s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        equal(stored["ETag"], etag, f"ETag of {key}")
        # What the SDK sends of itself was checked.
        crc = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
        equal(stored["ChecksumCRC32"], crc, f"checksum of {key}")
        equal(content(s3, key), body, f"content of {key}")
        described = s3.head_object(Bucket=BUCKET, Key=key)
        equal(described["ContentLength"], len(body), f"size of {key}")
        equal(described["ETag"], etag, f"ETag of {key}")
    for listing in (s3.list_objects_v2, s3.list_objects):
        listed = [item["Key"] for item in listing(Bucket=BUCKET)["Contents"]]
        equal(listed, sorted(KEYS, key=lambda key: key.encode()), "the keys")
    for key in KEYS:
        s3.delete_object(Bucket=BUCKET, Key=key)
        fails("404", lambda: s3.head_object(Bucket=BUCKET, Key=key), 404)
        fails("NoSuchKey", lambda: s3.get_object(Bucket=BUCKET, Key=key), 404)
        s3.delete_object(Bucket=BUCKET, Key=key)


def properties(s3) -> None:
    s3.put_object(
        Bucket=BUCKET,
        Key="properties",
        Body=b"content",
        ContentType="text/x-test",
        CacheControl="max-age=60",
        ContentDisposition="inline",
        ContentEncoding="identity",
        ContentLanguage="en",
        Metadata={"number": "1", "word": "one"},
        StorageClass="STANDARD_IA",
        Tagging="a=1&b=2",
    )
    described = s3.head_object(Bucket=BUCKET, Key="properties")
    for name, value in {
        "ContentType": "text/x-test",
        "CacheControl": "max-age=60",
        "ContentDisposition": "inline",
        "ContentEncoding": "identity",
        "ContentLanguage": "en",
        "Metadata": {"number": "1", "word": "one"},
        "StorageClass": "STANDARD_IA",
    }.items():
        equal(described[name], value, name)
    equal(s3.get_object(Bucket=BUCKET, Key="properties")["TagCount"], 2, "tags")
    s3.put_object(Bucket=BUCKET, Key="plain", Body=b"")
    described = s3.head_object(Bucket=BUCKET, Key="plain")
    equal(described["ContentType"], "binary/octet-stream", "type of what has none")
    assert "StorageClass" not in described
    overridden = s3.get_object(
        Bucket=BUCKET, Key="plain", ResponseContentType="text/plain", ResponseExpires=datetime.now()
    )
    equal(overridden["ContentType"], "text/plain", "type that was asked for")


def ranges_and_conditions(s3) -> None:
    body = bytes(range(256)) * 100
    etag = s3.put_object(Bucket=BUCKET, Key="ranges", Body=body)["ETag"]
    part = s3.get_object(Bucket=BUCKET, Key="ranges", Range="bytes=10-19")
    equal(part["Body"].read(), body[10:20], "part")
    equal(part["ContentRange"], f"bytes 10-19/{len(body)}", "range")
    equal(content(s3, "ranges", Range="bytes=-5"), body[-5:], "end")
    fails("InvalidRange", lambda: content(s3, "ranges", Range="bytes=99999-"), 416)
    past = datetime(2000, 1, 1, tzinfo=timezone.utc)
    future = datetime.now(timezone.utc) + timedelta(hours=1)
    for held in (
        {"IfMatch": etag},
        {"IfNoneMatch": '"other"'},
        {"IfModifiedSince": past},
        {"IfUnmodifiedSince": future},
    ):
        equal(content(s3, "ranges", **held), body, f"{held}")
    for failed, code in (
        ({"IfMatch": '"other"'}, "PreconditionFailed"),
        ({"IfUnmodifiedSince": past}, "PreconditionFailed"),
        ({"IfNoneMatch": etag}, "304"),
        ({"IfModifiedSince": future}, "304"),
    ):
        fails(code, lambda: content(s3, "ranges", **failed))
    s3.put_object(Bucket=BUCKET, Key="only-new", Body=b"1", IfNoneMatch="*")
    again = lambda: s3.put_object(Bucket=BUCKET, Key="only-new", Body=b"2", IfNoneMatch="*")
    fails("PreconditionFailed", again, 412)
    equal(content(s3, "only-new"), b"1", "what was there")


def checksums(s3) -> None:
    for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
        try:
            stored = s3.put_object(
                Bucket=BUCKET, Key="sums", Body=b"content", ChecksumAlgorithm=algorithm
            )
        except Exception as error:
            # Two of them need a package of its own.
            if type(error).__name__ != "MissingDependencyException":
                raise
            continue
        assert stored[f"Checksum{algorithm}"], algorithm
    # Those that were made elsewhere: `123456789` is what catalogues of checksums give them of.
    for name, value in (
        ("ChecksumCRC32", "y/Q5Jg=="),
        ("ChecksumCRC32C", "4waSgw=="),
        ("ChecksumCRC64NVME", "rosUhgp5mIg="),
    ):
        put = lambda body: s3.put_object(Bucket=BUCKET, Key="sums", Body=body, **{name: value})
        equal(put(b"123456789")[name], value, name)
        fails("BadDigest", lambda: put(b"12345678"), 400)
        equal(content(s3, "sums"), b"123456789", "what was there")
    wrong = base64.b64encode(b"0" * 16).decode()
    fails("BadDigest", lambda: s3.put_object(Bucket=BUCKET, Key="sums", Body=b"", ContentMD5=wrong))


def copies(s3) -> None:
    s3.put_object(
        Bucket=BUCKET, Key="a b/from %.txt", Body=b"from", Metadata={"a": "1"}, Tagging="t=1"
    )
    source = {"Bucket": BUCKET, "Key": "a b/from %.txt"}
    copied = s3.copy_object(Bucket=BUCKET, Key="to", CopySource=source)["CopyObjectResult"]
    equal(copied["ETag"], s3.head_object(Bucket=BUCKET, Key="to")["ETag"], "ETag")
    assert isinstance(copied["LastModified"], datetime)
    equal(s3.head_object(Bucket=BUCKET, Key="to")["Metadata"], {"a": "1"}, "metadata")
    s3.copy_object(
        Bucket=BUCKET,
        Key="to",
        CopySource=source,
        Metadata={"b": "2"},
        MetadataDirective="REPLACE",
        TaggingDirective="REPLACE",
        Tagging="t=2",
        ContentType="text/plain",
    )
    described = s3.head_object(Bucket=BUCKET, Key="to")
    equal(described["Metadata"], {"b": "2"}, "metadata that took their place")
    tags = s3.get_object_tagging(Bucket=BUCKET, Key="to")["TagSet"]
    equal(tags, [{"Key": "t", "Value": "2"}], "tags")
    none = {"Bucket": BUCKET, "Key": "none"}
    fails("NoSuchKey", lambda: s3.copy_object(Bucket=BUCKET, Key="to", CopySource=none), 404)
    onto = lambda: s3.copy_object(Bucket=BUCKET, Key="to", CopySource={"Bucket": BUCKET, "Key": "to"})
    fails("InvalidRequest", onto, 400)
    other = lambda: s3.copy_object(
        Bucket=BUCKET, Key="to", CopySource=source, CopySourceIfMatch='"other"'
    )
    fails("PreconditionFailed", other, 412)


def deletes_many(s3) -> None:
    keys = [f"many/{number}" for number in range(20)] + ["many/a b&<c>.txt"]
    for key in keys:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    wanted = [{"Key": key} for key in [*keys, "many/none"]]
    answer = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": wanted})
    equal({it["Key"] for it in answer["Deleted"]}, {it["Key"] for it in wanted}, "deleted")
    assert "Errors" not in answer
    s3.put_object(Bucket=BUCKET, Key="many/0", Body=b"")
    quiet = {"Objects": [{"Key": "many/0"}], "Quiet": True}
    assert "Deleted" not in s3.delete_objects(Bucket=BUCKET, Delete=quiet)
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix="many/")


def lists(s3) -> None:
    keys = sorted(f"list/{folder}/{number} \u00e9" for folder in "abc" for number in range(5))
    for key in keys:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    for operation, more in (
        ("list_objects", {}),
        ("list_objects_v2", {}),
        ("list_objects_v2", {"FetchOwner": True}),
    ):
        pages = s3.get_paginator(operation).paginate(
            Bucket=BUCKET, Prefix="list/", PaginationConfig={"PageSize": 4}, **more
        )
        pages = list(pages)
        equal(len(pages), 4, f"pages of {operation}")
        found = [item for page in pages for item in page["Contents"]]
        equal([item["Key"] for item in found], keys, operation)
        owned = operation == "list_objects" or bool(more)
        assert all(("Owner" in item) == owned for item in found), operation
        pages = s3.get_paginator(operation).paginate(
            Bucket=BUCKET, Prefix="list/", Delimiter="/", PaginationConfig={"PageSize": 2}
        )
        folders = [it["Prefix"] for page in pages for it in page["CommonPrefixes"]]
        equal(folders, ["list/a/", "list/b/", "list/c/"], f"folders of {operation}")
    first = s3.list_objects_v2(Bucket=BUCKET, Prefix="list/", MaxKeys=4)
    equal((first["KeyCount"], first["MaxKeys"], first["IsTruncated"]), (4, 4, True), "first page")
    after = s3.list_objects_v2(Bucket=BUCKET, Prefix="list/", StartAfter=keys[3])
    equal([it["Key"] for it in after["Contents"]], keys[4:], "what comes after a key")
    equal(after["StartAfter"], keys[3], "the key")
    none = s3.list_objects_v2(Bucket=BUCKET, MaxKeys=0)
    equal((none["KeyCount"], none["IsTruncated"]), (0, False), "nothing at all")
    more = s3.list_objects_v2(Bucket=BUCKET, MaxKeys=5000)
    equal(more["MaxKeys"], 1000, "the bound of a page")
    fails(
        "InvalidArgument",
        lambda: s3.list_objects_v2(Bucket=BUCKET, ContinuationToken="no token!"),
        400,
    )


def buckets_by_host(_) -> None:
    """The same bucket by a name of its own."""
    s3 = by_host()
    s3.put_object(Bucket=BUCKET, Key="by host/1", Body=b"host")
    equal(content(s3, "by host/1"), b"host", "content")
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="by host/")["Contents"]
    equal([it["Key"] for it in listed], ["by host/1"], "list")
    equal(s3.head_bucket(Bucket=BUCKET)["BucketRegion"], REGION, "region")
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert BUCKET in names, names
    s3.delete_object(Bucket=BUCKET, Key="by host/1")


def selected(s3) -> None:
    lines = "".join(f'{{"n":{number},"word":"w{number}"}}\n' for number in range(1000))
    s3.put_object(Bucket=BUCKET, Key="lines", Body=gzip.compress(lines.encode()))

    def ask(expression: str) -> list:
        answer = s3.select_object_content(
            Bucket=BUCKET,
            Key="lines",
            Expression=expression,
            ExpressionType="SQL",
            RequestProgress={"Enabled": True},
            InputSerialization={"JSON": {"Type": "LINES"}, "CompressionType": "GZIP"},
            OutputSerialization={"CSV": {}},
        )
        return list(answer["Payload"])

    events = ask("select s.word, s.n * 2 from s3object s where s.n >= 998")
    equal([next(iter(event)) for event in events], ["Records", "Progress", "Stats", "End"], "events")
    rows = b"w998,1996\nw999,1998\n"
    equal(events[0]["Records"]["Payload"], rows, "rows")
    stats = events[2]["Stats"]["Details"]
    equal(stats["BytesProcessed"], len(lines), "bytes that were looked at")
    equal(stats["BytesReturned"], len(rows), "bytes of the result")
    assert 0 < stats["BytesScanned"] < len(lines), stats
    fails("SQLParsingError", lambda: ask("select word from s3object group by word"), 400)
    s3.delete_object(Bucket=BUCKET, Key="lines")


CASES = (
    of_any_name,
    properties,
    ranges_and_conditions,
    checksums,
    copies,
    deletes_many,
    lists,
    buckets_by_host,
    selected,
)
