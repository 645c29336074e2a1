"""Buckets: made, listed, described, deleted, and the lists of their objects."""

from urllib.parse import unquote

from session import Session, equal, refused


def life(session: Session) -> None:
    cos, name = session.cos, session.bucket_name("life")
    assert not cos.bucket_exists(name)
    cos.create_bucket(Bucket=name)
    head = cos.head_bucket(Bucket=name)
    equal(head["x-cos-bucket-region"], session.region, "region of the bucket")
    assert cos.bucket_exists(name)
    cos.delete_bucket(Bucket=name)
    assert not cos.bucket_exists(name)


def access_lists(session: Session) -> None:
    cos, anonymous = session.cos, session.cos_client(Anonymous=True, SecretId="", SecretKey="")
    for acl, read, write in (
        ("private", False, False),
        ("public-read", True, False),
        ("public-read-write", True, True),
    ):
        name = session.bucket_name(f"acl-{acl}")
        cos.create_bucket(Bucket=name, ACL=acl)
        cos.put_object(Bucket=name, Key="k", Body=b"k")
        for allowed, call in (
            (read, lambda: anonymous.get_object(Bucket=name, Key="k")),
            (read, lambda: anonymous.list_objects(Bucket=name)),
            (write, lambda: anonymous.put_object(Bucket=name, Key="k", Body=b"k")),
            (write, lambda: anonymous.delete_object(Bucket=name, Key="k")),
        ):
            call() if allowed else refused("AccessDenied", 403, call)
        cos.delete_object(Bucket=name, Key="k")
        cos.delete_bucket(Bucket=name)


def access_lists_changed(session: Session) -> None:
    cos, name = session.cos, session.bucket_name("acl-changed")
    anonymous = session.cos_client(Anonymous=True, SecretId="", SecretKey="")
    cos.create_bucket(Bucket=name)
    owner = cos.get_bucket_acl(Bucket=name)["Owner"]
    uri = "http://cam.qcloud.com/groups/global/AllUsers"
    everyone = {"Grantee": {"Type": "Group", "URI": uri}, "Permission": "READ"}

    def policy(*grants) -> dict:
        return {"Owner": owner, "AccessControlList": {"Grant": list(grants)}}

    for change in ({"ACL": "public-read"}, {"AccessControlPolicy": policy(everyone)}):
        cos.put_bucket_acl(Bucket=name, **change)
        grants = cos.get_bucket_acl(Bucket=name)["AccessControlList"]["Grant"]
        assert any(grant["Permission"] == "READ" for grant in grants), grants
        anonymous.list_objects(Bucket=name)
        cos.put_bucket_acl(Bucket=name, ACL="private")
        refused("AccessDenied", 403, lambda: anonymous.list_objects(Bucket=name))
    stranger = {"Grantee": {"Type": "CanonicalUser", "ID": "qcs::cam::uin/1:uin/1"}}
    foreign = policy(stranger | {"Permission": "READ"})
    for change in ({"AccessControlPolicy": foreign}, {"GrantRead": 'id="1"'}):
        cos.put_bucket_acl(Bucket=name, **change)
        grants = cos.get_bucket_acl(Bucket=name)["AccessControlList"]["Grant"]
        assert any(grant["Grantee"].get("ID") == "qcs::cam::uin/1:uin/1" for grant in grants), grants
        refused("AccessDenied", 403, lambda: anonymous.list_objects(Bucket=name))
    # Someone who signs, and someone whom a grant names.
    reader = session.cos_client(SecretId="AKIDreader", SecretKey="reader-secret")
    refused("AccessDenied", 403, lambda: reader.list_objects(Bucket=name))
    for change in ({"ACL": "authenticated-read"}, {"GrantRead": 'id="100000000002"'}):
        cos.put_bucket_acl(Bucket=name, **change)
        reader.list_objects(Bucket=name)
        refused("AccessDenied", 403, lambda: anonymous.list_objects(Bucket=name))
    nobody = policy({"Grantee": {"Type": "CanonicalUser", "ID": "nobody"}, "Permission": "READ"})
    for code, status, wrong in (
        ("InvalidArgument", 400, {"ACL": "everyone"}),
        ("InvalidArgument", 400, {"AccessControlPolicy": nobody}),
        ("InvalidArgument", 400, {"GrantRead": "nobody"}),
    ):
        refused(code, status, lambda: cos.put_bucket_acl(Bucket=name, **wrong))
    missing = {"Bucket": session.missing}
    refused("NoSuchBucket", 404, lambda: cos.get_bucket_acl(**missing))
    refused("NoSuchBucket", 404, lambda: cos.put_bucket_acl(**missing, ACL="private"))
    cos.delete_bucket(Bucket=name)


def listed_by_the_service(session: Session) -> None:
    cos, names = session.cos, [session.bucket_name(f"listed-{letter}") for letter in "abc"]
    for name in names:
        cos.create_bucket(Bucket=name)
    found = cos.list_buckets()["Buckets"]["Bucket"]
    assert set(names) <= {bucket["Name"] for bucket in found}, found
    equal({bucket["Location"] for bucket in found}, {session.region}, "regions")
    seen, marker = [], ""
    while True:
        page = cos.list_buckets(MaxKeys=2, Marker=marker)
        seen += [bucket["Name"] for bucket in page["Buckets"]["Bucket"]]
        if page["IsTruncated"] == "false":
            break
        marker = page["NextMarker"]
    equal(seen, sorted(bucket["Name"] for bucket in found), "buckets of all pages")
    here = cos.list_buckets(Region=session.region)["Buckets"]["Bucket"]
    equal(len(here), len(found), "buckets of the region")
    late = cos.list_buckets(CreateTime=4_000_000_000, Range="lt")["Buckets"]["Bucket"]
    equal(len(late), len(found), "buckets made before 2096")
    for name in names:
        cos.delete_bucket(Bucket=name)


def listed_objects(session: Session) -> None:
    cos, name = session.cos, session.bucket_name("objects")
    cos.create_bucket(Bucket=name)
    keys = [f"list/{folder}/{number}" for folder in "abc" for number in range(5)]
    for key in keys:
        cos.put_object(Bucket=name, Key=key, Body=b"")
    page = cos.list_objects(Bucket=name, Prefix="list/", Delimiter="/")
    folders = [each["Prefix"] for each in page["CommonPrefixes"]]
    equal(folders, ["list/a/", "list/b/", "list/c/"], "folders")
    assert "Contents" not in page, "objects of folders are not listed beside the folders"
    seen, marker = [], ""
    while True:
        page = cos.list_objects(Bucket=name, Prefix="list/", MaxKeys=4, Marker=marker)
        assert len(page["Contents"]) <= 4
        seen += [each["Key"] for each in page["Contents"]]
        if page["IsTruncated"] == "false":
            break
        marker = page["NextMarker"]
    equal(seen, keys, "keys of all pages")
    assert "Contents" not in cos.list_objects(Bucket=name, Prefix="nothing/")
    odd = "list/\u56fe & <a>\u0007"
    cos.put_object(Bucket=name, Key=odd, Body=b"")
    encoded = cos.list_objects(Bucket=name, Prefix="list/\u56fe", EncodingType="url")
    found = [unquote(each["Key"]) for each in encoded["Contents"]]
    equal(found, [odd], "key of a control character")
    for key in [*keys, odd]:
        cos.delete_object(Bucket=name, Key=key)
    cos.delete_bucket(Bucket=name)


def not_empty(session: Session) -> None:
    session.put("not-empty")
    refused("BucketNotEmpty", 409, lambda: session.cos.delete_bucket(Bucket=session.bucket))
    equal(session.content("not-empty"), b"content", "object of the bucket")


def wrong_uses(session: Session):
    """Name, code, status and call of each."""
    cos, bucket, other = session.cos, session.bucket, session.bucket_name("other")
    invalid = "InvalidArgument"
    yield "a bucket twice", "BucketAlreadyOwnedByYou", 409, lambda: cos.create_bucket(Bucket=bucket)
    for name in ("hyphen-", "long" * 20):
        full = session.bucket_name(name)
        create = lambda: cos.create_bucket(Bucket=full)
        yield f"a bucket called {full}", "InvalidBucketName", 400, create
    create = lambda: cos.create_bucket(Bucket=other, ACL="everyone")
    yield "a bucket with an unknown list", invalid, 400, create
    for size in (0, -1, 1001, "many"):
        yield (
            f"{size} keys of a bucket",
            invalid,
            400,
            lambda: cos.list_objects(Bucket=bucket, MaxKeys=size),
        )
    for size in (0, -1, 2001, "many"):
        yield f"{size} buckets", invalid, 400, lambda: cos.list_buckets(MaxKeys=size)
    yield (
        "buckets made at no time",
        invalid,
        400,
        lambda: cos.list_buckets(CreateTime="noon", Range="lt"),
    )
    yield "buckets of no range", invalid, 400, lambda: cos.list_buckets(CreateTime=1, Range="near")


def run(session: Session, report) -> None:
    for case in (
        life,
        access_lists,
        access_lists_changed,
        listed_by_the_service,
        listed_objects,
        not_empty,
    ):
        report.case(f"buckets: {case.__name__}", case, session)
    for name, code, status, call in wrong_uses(session):
        report.case(f"buckets: {name}", refused, code, status, call)
    for name, call in (
        (
            "availability zones",
            lambda: session.cos.create_bucket(
                Bucket=session.bucket_name("zones"), BucketAZConfig="MAZ"
            ),
        ),
        (
            "a file system",
            lambda: session.cos.create_bucket(
                Bucket=session.bucket_name("files"), BucketArchConfig="OFS"
            ),
        ),
    ):
        report.refusal(f"buckets with {name}", refused, "NotImplemented", 501, call)
    made = [session.bucket_name(name) for name in ("other", "zones", "files")]
    report.case(
        "buckets: a refusal makes none",
        lambda: equal([name for name in made if session.cos.bucket_exists(name)], [], "buckets"),
    )
