"""Objects copied, changed by a copy onto themselves, and deleted many at once."""

from session import Session, equal, refused

# Well formed, and of another bucket.
NO_VERSION = "MTg0NDUxNTc1NjIzMTQ1MDAwODg"


def source(session: Session, key: str, bucket: str | None = None, **more) -> dict:
    return {"Bucket": bucket or session.bucket, "Key": key, "Region": session.region} | more


def of_any_name(session: Session) -> None:
    cos, bucket = session.cos, session.bucket
    for number, key in enumerate(
        ("plain.txt", "with space/100%.txt", "\u56fe\u7247 1.png", "q?a=b&c#d+e.txt", "~quo'te*")
    ):
        session.put(f"copies/{key}", key.encode(), Metadata={"x-cos-meta-number": str(number)})
        copy = cos.copy_object(
            Bucket=bucket, Key=f"copied/{key}", CopySource=source(session, f"copies/{key}")
        )
        head = cos.head_object(Bucket=bucket, Key=f"copied/{key}")
        equal(copy["ETag"], head["ETag"], f"ETag of {key}")
        equal(copy["CRC64"], head["x-cos-hash-crc64ecma"], f"checksum of {key}")
        equal(head["x-cos-meta-number"], str(number), f"metadata of {key}")
        equal(session.content(f"copied/{key}"), key.encode(), f"content of {key}")


def across_buckets(session: Session) -> None:
    other = session.bucket_name("copies")
    session.cos.create_bucket(Bucket=other)
    session.put("source", b"across", ContentType="text/x-test")
    for name, copy in (("one", session.cos.copy_object), ("two", session.cos.copy)):
        copy(Bucket=other, Key=name, CopySource=source(session, "source"))
        equal(session.content(name, other), b"across", f"content of {name}")
        head = session.cos.head_object(Bucket=other, Key=name)
        equal(head["Content-Type"], "text/x-test", f"type of {name}")
        session.cos.delete_object(Bucket=other, Key=name)
    session.cos.delete_bucket(Bucket=other)


def described_anew(session: Session) -> None:
    cos, here = session.cos, {"Bucket": session.bucket, "Key": "described"}
    session.put("described", b"content", Metadata={"x-cos-meta-a": "1"}, CacheControl="no-cache")
    cos.copy_object(
        Bucket=session.bucket,
        Key="anew",
        CopySource=source(session, "described"),
        CopyStatus="Replaced",
        Metadata={"x-cos-meta-b": "2"},
        ContentType="text/x-other",
        StorageClass="STANDARD_IA",
    )
    head = cos.head_object(Bucket=session.bucket, Key="anew")
    equal(head["x-cos-meta-b"], "2", "new metadata")
    equal(head["Content-Type"], "text/x-other", "new type")
    equal(head["x-cos-storage-class"], "STANDARD_IA", "new class")
    assert "x-cos-meta-a" not in head and "Cache-Control" not in head, head
    # Onto itself.
    cos.update_object_meta(**here, Metadata={"x-cos-meta-c": "3"}, ContentType="text/x-mine")
    head = cos.head_object(**here)
    equal((head["x-cos-meta-c"], head["Content-Type"]), ("3", "text/x-mine"), "updated metadata")
    assert "x-cos-meta-a" not in head, head
    cos.change_object_storage_class(**here, StorageClass="INTELLIGENT_TIERING")
    head = cos.head_object(**here)
    equal(head["x-cos-storage-class"], "INTELLIGENT_TIERING", "changed class")
    equal(session.content("described"), b"content", "content that stayed")


def on_conditions(session: Session) -> None:
    etag = session.put("conditional")["ETag"]
    past, future = "Sat, 01 Jan 2000 00:00:00 GMT", "Tue, 01 Jan 2075 00:00:00 GMT"

    def copy(**condition):
        return session.cos.copy_object(
            Bucket=session.bucket,
            Key="on-condition",
            CopySource=source(session, "conditional"),
            **condition,
        )

    for holds in (
        {"CopySourceIfMatch": etag},
        {"CopySourceIfNoneMatch": '"other"'},
        {"CopySourceIfModifiedSince": past},
        {"CopySourceIfUnmodifiedSince": future},
    ):
        copy(**holds)
    for fails in (
        {"CopySourceIfMatch": '"other"'},
        {"CopySourceIfNoneMatch": etag},
        {"CopySourceIfModifiedSince": future},
        {"CopySourceIfUnmodifiedSince": past},
    ):
        refused("PreconditionFailed", 412, lambda: copy(**fails))


def many_at_once(session: Session) -> None:
    cos, bucket = session.cos, session.bucket
    keys = [f"many/{number} & <{number}>" for number in range(20)]
    for key in keys:
        session.put(key)
    objects = [{"Key": key} for key in keys]
    answer = cos.delete_objects(
        Bucket=bucket, Delete={"Object": objects[:10] + [{"Key": "many/none"}], "Quiet": "false"}
    )
    deleted = [each["Key"] for each in answer["Deleted"]]
    equal(deleted, keys[:10] + ["many/none"], "what was deleted")
    answer = cos.delete_objects(Bucket=bucket, Delete={"Object": objects[10:], "Quiet": "true"})
    assert not answer or "Deleted" not in answer, answer
    equal(
        cos.list_objects(Bucket=bucket, Prefix="many/").get("Contents"), None, "what is left of all"
    )
    long = "k" * 851
    answer = cos.delete_objects(Bucket=bucket, Delete={"Object": [{"Key": long}], "Quiet": "true"})
    equal(answer["Error"][0]["Code"], "KeyTooLong", "the refusal among them")


def wrong_uses(session: Session):
    """Name, code, status and call of each."""
    cos, bucket = session.cos, session.bucket
    session.put("here")

    def copy(key: str, of: dict, **more):
        return lambda: cos.copy_object(Bucket=bucket, Key=key, CopySource=of, **more)

    here = source(session, "here")
    yield "copy of nothing", "NoSuchCopySource", 404, copy("to", source(session, "none"))
    yield "copy from nowhere", "NoSuchBucket", 404, copy("to", here | {"Bucket": session.missing})
    yield "copy onto itself", "InvalidRequest", 400, copy("here", here)
    yield "copy of no version", "NoSuchVersion", 404, copy("to", here | {"VersionId": NO_VERSION})
    yield "copy of a wrong version", "InvalidArgument", 400, copy("to", here | {"VersionId": "v1"})
    yield (
        "copy to nowhere",
        "NoSuchBucket",
        404,
        lambda: cos.copy_object(Bucket=session.missing, Key="to", CopySource=here),
    )
    yield (
        "copy from a host of nobody",
        "InvalidCopySource",
        400,
        copy("to", {"Bucket": bucket, "Key": "here", "Endpoint": "example.com"}),
    )
    yield "copy in no class", "InvalidArgument", 400, copy("to", here, StorageClass="GLACIER")
    yield "copy with a long key", "KeyTooLong", 400, copy("k" * 851, here)
    many = [{"Key": str(number)} for number in range(1001)]
    yield (
        "too many at once",
        "MalformedXML",
        400,
        lambda: cos.delete_objects(Bucket=bucket, Delete={"Object": many}),
    )
    yield (
        "none at once",
        None,
        400,
        lambda: cos.delete_objects(Bucket=bucket, Delete={"Quiet": "true"}),
    )
    yield (
        "many nowhere",
        "NoSuchBucket",
        404,
        lambda: cos.delete_objects(Bucket=session.missing, Delete={"Object": many[:1]}),
    )
    none = {"Bucket": bucket, "Key": "none"}
    yield "change of nothing", "NoSuchCopySource", 404, lambda: cos.update_object_meta(**none)
    yield (
        "class of nothing",
        "NoSuchCopySource",
        404,
        lambda: cos.change_object_storage_class(**none, StorageClass="STANDARD_IA"),
    )
    yield (
        "copy of nothing in parts or not",
        None,
        404,
        lambda: cos.copy(Bucket=bucket, Key="to", CopySource=source(session, "none")),
    )


def run(session: Session, report) -> None:
    for case in (of_any_name, across_buckets, described_anew, on_conditions, many_at_once):
        report.case(case.__name__, case, session)
    for name, code, status, call in wrong_uses(session):
        report.case(name, refused, code, status, call)
