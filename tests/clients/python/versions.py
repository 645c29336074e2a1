"""Buckets that keep versions of their objects."""

from session import Session, equal, refused


class Versioned:
    """A bucket that keeps versions, and short ways to use it."""

    def __init__(self, session: Session) -> None:
        self.session, self.cos = session, session.cos
        self.bucket = session.bucket_name("versions")
        self.cos.create_bucket(Bucket=self.bucket)
        self.keep("Enabled")

    def keep(self, status: str) -> None:
        self.cos.put_bucket_versioning(Bucket=self.bucket, Status=status)

    def put(self, key: str, body: bytes) -> str:
        answer = self.cos.put_object(Bucket=self.bucket, Key=key, Body=body)
        return answer["x-cos-version-id"]

    def content(self, key: str, **which) -> bytes:
        answer = self.cos.get_object(Bucket=self.bucket, Key=key, **which)
        return answer["Body"].get_raw_stream().read()

    def listed(self, **which) -> tuple[list, list, dict]:
        answer = self.cos.list_objects_versions(Bucket=self.bucket, **which)
        return answer.get("Version", []), answer.get("DeleteMarker", []), answer

    def empty(self) -> None:
        versions, markers, _ = self.listed()
        objects = [
            {"Key": each["Key"], "VersionId": each["VersionId"]} for each in versions + markers
        ]
        if objects:
            self.cos.delete_objects(Bucket=self.bucket, Delete={"Object": objects})


def status_is_kept(in_versions: Versioned) -> None:
    cos, bucket = in_versions.cos, in_versions.session.bucket_name("status")
    cos.create_bucket(Bucket=bucket)
    got = cos.get_bucket_versioning(Bucket=bucket)
    assert not got or "Status" not in got, got
    for status in ("Enabled", "Suspended", "Enabled"):
        cos.put_bucket_versioning(Bucket=bucket, Status=status)
        equal(cos.get_bucket_versioning(Bucket=bucket)["Status"], status, "status")
    cos.delete_bucket(Bucket=bucket)


def each_is_read(in_versions: Versioned) -> None:
    cos, where = in_versions.cos, {"Bucket": in_versions.bucket, "Key": "read"}
    ids = [in_versions.put("read", body) for body in (b"one", b"second")]
    equal(in_versions.content("read"), b"second", "the latest")
    for id, body in zip(ids, (b"one", b"second")):
        equal(in_versions.content("read", VersionId=id), body, f"version {id}")
        head = cos.head_object(**where, VersionId=id)
        equal(head["Content-Length"], str(len(body)), f"size of version {id}")
        equal(head["x-cos-version-id"], id, "id")
    cos.put_object_acl(**where, ACL="public-read", VersionId=ids[0])
    grants = cos.get_object_acl(**where, VersionId=ids[0])["AccessControlList"]["Grant"]
    equal(len(grants), 2, "grants of the old version")


def deletions_are_undone(in_versions: Versioned) -> None:
    cos, where = in_versions.cos, {"Bucket": in_versions.bucket, "Key": "deleted"}
    kept = in_versions.put("deleted", b"kept")
    deleted = cos.delete_object(**where)
    equal(deleted["x-cos-delete-marker"], "true", "a marker is made")
    refused("NoSuchKey", 404, lambda: cos.get_object(**where))
    refused(None, 404, lambda: cos.head_object(**where))
    marker = deleted["x-cos-version-id"]
    refused("MethodNotAllowed", 405, lambda: cos.get_object(**where, VersionId=marker))
    undone = cos.delete_object(**where, VersionId=marker)
    equal(undone["x-cos-delete-marker"], "true", "a marker is deleted")
    equal(in_versions.content("deleted"), b"kept", "the object is there again")
    gone = cos.delete_object(**where, VersionId=kept)
    equal((gone["x-cos-version-id"], gone.get("x-cos-delete-marker")), (kept, None), "a version")
    refused("NoSuchVersion", 404, lambda: cos.get_object(**where, VersionId=kept))


def many_at_once(in_versions: Versioned) -> None:
    first, second = (in_versions.put("many", body) for body in (b"first", b"second"))
    objects = [{"Key": "many", "VersionId": first}, {"Key": "many"}]
    answer = in_versions.cos.delete_objects(Bucket=in_versions.bucket, Delete={"Object": objects})
    deleted = answer["Deleted"]
    equal(deleted[0]["VersionId"], first, "the version")
    equal(deleted[1]["DeleteMarker"], "true", "the marker")
    marker = deleted[1]["DeleteMarkerVersionId"]
    objects = [{"Key": "many", "VersionId": marker}]
    answer = in_versions.cos.delete_objects(Bucket=in_versions.bucket, Delete={"Object": objects})
    equal(answer["Deleted"][0]["DeleteMarkerVersionId"], marker, "the marker that is gone")
    equal(in_versions.content("many", VersionId=second), b"second", "what is left")


def old_ones_come_back(in_versions: Versioned) -> None:
    old = in_versions.put("back", b"old")
    in_versions.put("back", b"new")
    region = in_versions.session.region
    source = {"Bucket": in_versions.bucket, "Key": "back", "Region": region, "VersionId": old}
    copied = in_versions.cos.copy_object(
        Bucket=in_versions.bucket, Key="back", CopySource=source, CopyStatus="Replaced"
    )
    equal(copied["x-cos-copy-source-version-id"], old, "the version that was copied")
    equal(in_versions.content("back"), b"old", "the latest")


def lists_have_pages(in_versions: Versioned) -> None:
    in_versions.empty()
    for key in ("a", "b/1", "b/2", "c & <d>"):
        for body in (b"one", b"two"):
            in_versions.put(key, body)
    in_versions.cos.delete_object(Bucket=in_versions.bucket, Key="a")
    versions, markers, _ = in_versions.listed()
    equal((len(versions), len(markers)), (8, 1), "versions and markers")
    equal(markers[0]["IsLatest"], "true", "the marker is the latest")
    seen, where = [], {}
    while True:
        found, marked, page = in_versions.listed(MaxKeys=2, **where)
        seen += [(each["Key"], each["VersionId"]) for each in found + marked]
        if page["IsTruncated"] == "false":
            break
        where = {
            "KeyMarker": page["NextKeyMarker"],
            "VersionIdMarker": page.get("NextVersionIdMarker") or "",
        }
    wanted = {(each["Key"], each["VersionId"]) for each in versions + markers}
    equal((len(seen), set(seen)), (9, wanted), "all pages together")
    _, _, page = in_versions.listed(Delimiter="/", Prefix="b")
    equal(page["CommonPrefixes"][0]["Prefix"], "b/", "the folder")
    encoded, _, _ = in_versions.listed(EncodingType="url", Prefix="c")
    equal(encoded[0]["Key"], "c%20%26%20%3Cd%3E", "the key, encoded")


def null_is_replaced(in_versions: Versioned) -> None:
    kept = in_versions.put("null", b"kept")
    in_versions.keep("Suspended")
    equal(in_versions.put("null", b"first"), "null", "id of a suspended bucket")
    equal(in_versions.put("null", b"second"), "null", "id of a suspended bucket")
    versions, _, _ = in_versions.listed(Prefix="null")
    equal([each["VersionId"] for each in versions], ["null", kept], "versions")
    equal(in_versions.content("null", VersionId="null"), b"second", "the version null")
    in_versions.keep("Enabled")


def wrong_uses(in_versions: Versioned):
    """Name, code, status and call of each."""
    cos, bucket = in_versions.cos, in_versions.bucket
    missing = in_versions.session.missing
    in_versions.put("here", b"x")
    here = {"Bucket": bucket, "Key": "here"}
    yield (
        "versions of nothing",
        "NoSuchBucket",
        404,
        lambda: cos.put_bucket_versioning(Bucket=missing, Status="Enabled"),
    )
    yield (
        "status of nothing",
        "NoSuchBucket",
        404,
        lambda: cos.get_bucket_versioning(Bucket=missing),
    )
    yield (
        "a list of nothing",
        "NoSuchBucket",
        404,
        lambda: cos.list_objects_versions(Bucket=missing),
    )
    yield (
        "a list that is too long",
        "InvalidArgument",
        400,
        lambda: cos.list_objects_versions(Bucket=bucket, MaxKeys=1001),
    )
    yield (
        "a version without its key",
        "InvalidArgument",
        400,
        lambda: cos.list_objects_versions(Bucket=bucket, VersionIdMarker="null"),
    )
    yield "no version", "InvalidArgument", 400, lambda: cos.get_object(**here, VersionId="v1")
    yield "size of no version", None, 400, lambda: cos.head_object(**here, VersionId="v1")
    yield "end of no version", "InvalidArgument", 400, lambda: cos.delete_object(
        **here, VersionId="v1"
    )
    yield "no null", "NoSuchVersion", 404, lambda: cos.get_object(**here, VersionId="null")
    yield "a bucket with versions", "BucketNotEmpty", 409, lambda: cos.delete_bucket(Bucket=bucket)


def run(session: Session, report) -> None:
    in_versions = Versioned(session)
    for case in (
        status_is_kept,
        each_is_read,
        deletions_are_undone,
        many_at_once,
        old_ones_come_back,
        lists_have_pages,
        null_is_replaced,
    ):
        report.case(f"versions: {case.__name__}", case, in_versions)
    for name, code, status, call in wrong_uses(in_versions):
        report.case(name, refused, code, status, call)
    in_versions.empty()
    report.case("an empty bucket", session.cos.delete_bucket, in_versions.bucket)
