"""Buckets, versions, and what is set of them and of objects."""

from session import APP_ID, BUCKET, REGION, client, content, equal, fails

EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"


def buckets(s3) -> None:
    name = f"boto3-second-{APP_ID}"
    place = {"LocationConstraint": "ap-beijing"}
    made = s3.create_bucket(Bucket=name, CreateBucketConfiguration=place, ACL="public-read")
    equal(made["Location"], f"/{name}", "location")
    equal(s3.get_bucket_location(Bucket=name)["LocationConstraint"], "ap-beijing", "region")
    # It is in another region than the client signs for, which its SDK finds out.
    equal(s3.head_bucket(Bucket=name)["BucketRegion"], "ap-beijing", "region")
    again = lambda: client(region="us-east-1").create_bucket(Bucket=name)
    fails("BucketAlreadyOwnedByYou", again, 409)
    found = {bucket["Name"]: bucket for bucket in s3.list_buckets()["Buckets"]}
    assert {name, BUCKET} <= set(found), found
    pages = s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 1})
    equal([it["Name"] for page in pages for it in page["Buckets"]], sorted(found), "pages")
    own = s3.list_buckets(BucketRegion="ap-beijing", MaxBuckets=10)["Buckets"]
    equal([(it["Name"], it["BucketRegion"]) for it in own], [(name, "ap-beijing")], "of a region")
    client(region="ap-beijing").delete_bucket(Bucket=name)
    fails("404", lambda: s3.head_bucket(Bucket=name), 404)
    fails("NoSuchBucket", lambda: s3.list_objects_v2(Bucket=name), 404)
    fails("InvalidBucketName", lambda: s3.create_bucket(Bucket="without-number"), 400, APP_ID)
    s3.put_object(Bucket=BUCKET, Key="stays", Body=b"")
    fails("BucketNotEmpty", lambda: s3.delete_bucket(Bucket=BUCKET), 409)
    s3.delete_object(Bucket=BUCKET, Key="stays")


def regions(_) -> None:
    """A client may sign for the bucket's region, or for the one that is usual."""
    for region in (REGION, "us-east-1"):
        client(region=region).head_bucket(Bucket=BUCKET)
    elsewhere = client(region="ap-nowhere")
    # The SDK reads the right region from the refusal, and signs once more.
    elsewhere.list_objects_v2(Bucket=BUCKET)


def access(s3) -> None:
    s3.put_object(Bucket=BUCKET, Key="access", Body=b"x", ACL="public-read")
    grants = s3.get_object_acl(Bucket=BUCKET, Key="access")
    groups = [(it["Grantee"].get("URI"), it["Permission"]) for it in grants["Grants"]]
    assert (EVERYONE, "READ") in groups, groups
    owner = grants["Owner"]["ID"]
    s3.put_object_acl(Bucket=BUCKET, Key="access", ACL="private")
    groups = [it["Grantee"].get("URI") for it in s3.get_object_acl(Bucket=BUCKET, Key="access")["Grants"]]
    equal(groups, [None], "grants of what is private")
    policy = {
        "Owner": {"ID": owner},
        "Grants": [
            {"Grantee": {"Type": "Group", "URI": EVERYONE}, "Permission": "READ"},
            {"Grantee": {"Type": "CanonicalUser", "ID": owner}, "Permission": "FULL_CONTROL"},
        ],
    }
    s3.put_object_acl(Bucket=BUCKET, Key="access", AccessControlPolicy=policy)
    groups = [it["Grantee"].get("URI") for it in s3.get_object_acl(Bucket=BUCKET, Key="access")["Grants"]]
    assert EVERYONE in groups, groups
    s3.put_object_acl(Bucket=BUCKET, Key="access", GrantRead=f'uri="{EVERYONE}"')
    for acl in ("public-read", "private"):
        s3.put_bucket_acl(Bucket=BUCKET, ACL=acl)
        groups = [it["Grantee"].get("URI") for it in s3.get_bucket_acl(Bucket=BUCKET)["Grants"]]
        equal(EVERYONE in groups, acl == "public-read", f"grants of {acl}")


def tags(s3) -> None:
    wanted = [{"Key": "team", "Value": "blue"}, {"Key": "year", "Value": "2024"}]
    s3.put_object(Bucket=BUCKET, Key="tags", Body=b"x")
    equal(s3.get_object_tagging(Bucket=BUCKET, Key="tags")["TagSet"], [], "tags of the new")
    s3.put_object_tagging(Bucket=BUCKET, Key="tags", Tagging={"TagSet": wanted})
    equal(s3.get_object_tagging(Bucket=BUCKET, Key="tags")["TagSet"], wanted, "tags")
    s3.delete_object_tagging(Bucket=BUCKET, Key="tags")
    equal(s3.get_object_tagging(Bucket=BUCKET, Key="tags")["TagSet"], [], "tags")
    many = [{"Key": str(number), "Value": "v"} for number in range(11)]
    put = lambda: s3.put_object_tagging(Bucket=BUCKET, Key="tags", Tagging={"TagSet": many})
    fails("InvalidTag", put, 400)
    fails("NoSuchTagSet", lambda: s3.get_bucket_tagging(Bucket=BUCKET), 404)
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": wanted})
    equal(s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"], wanted, "tags of the bucket")
    s3.delete_bucket_tagging(Bucket=BUCKET)


def cors(s3) -> None:
    fails("NoSuchCORSConfiguration", lambda: s3.get_bucket_cors(Bucket=BUCKET), 404)
    rule = {
        "ID": "one",
        "AllowedOrigins": ["http://a.example", "http://b.example"],
        "AllowedMethods": ["GET", "PUT"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 60,
    }
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": [rule]})
    equal(s3.get_bucket_cors(Bucket=BUCKET)["CORSRules"], [rule], "rules")
    s3.delete_bucket_cors(Bucket=BUCKET)
    fails("NoSuchCORSConfiguration", lambda: s3.get_bucket_cors(Bucket=BUCKET), 404)


def lifecycle(s3) -> None:
    missing = lambda: s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)
    fails("NoSuchLifecycleConfiguration", missing, 404)
    rules = [
        {
            "ID": "cold",
            "Status": "Enabled",
            "Filter": {"Prefix": "logs/"},
            "Transitions": [
                {"Days": 30, "StorageClass": "STANDARD_IA"},
                {"Days": 60, "StorageClass": "GLACIER"},
            ],
            "Expiration": {"Days": 365},
        },
        {
            "ID": "tidy",
            "Status": "Disabled",
            "Filter": {"And": {"Prefix": "a", "Tags": [{"Key": "t", "Value": "1"}]}},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
        },
        {
            "ID": "uploads",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
        },
    ]
    put = lambda rules: s3.put_bucket_lifecycle_configuration(
        Bucket=BUCKET, LifecycleConfiguration={"Rules": rules}
    )
    put(rules)
    found = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    equal(found, rules, "rules")
    # The older form of a filter.
    put([{"ID": "old", "Status": "Enabled", "Prefix": "b/", "Expiration": {"Days": 1}}])
    found = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    equal(found[0]["Filter"], {"Prefix": "b/"}, "filter")
    newer = {"NoncurrentDays": 1, "NewerNoncurrentVersions": 2}
    more = [{**rules[1], "NoncurrentVersionExpiration": newer}]
    fails("NotImplemented", lambda: put(more), 501, "NewerNoncurrentVersions")
    s3.delete_bucket_lifecycle(Bucket=BUCKET)
    fails("NoSuchLifecycleConfiguration", missing, 404)


def versions(s3) -> None:
    name = f"boto3-versions-{APP_ID}"
    s3.create_bucket(Bucket=name)
    assert "Status" not in s3.get_bucket_versioning(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    equal(s3.get_bucket_versioning(Bucket=name)["Status"], "Enabled", "versioning")
    ids = [s3.put_object(Bucket=name, Key="a b", Body=body)["VersionId"] for body in (b"1", b"2")]
    read = lambda **more: s3.get_object(Bucket=name, Key="a b", **more)["Body"].read()
    equal((read(), read(VersionId=ids[0])), (b"2", b"1"), "both versions")
    marker = s3.delete_object(Bucket=name, Key="a b")
    equal(marker["DeleteMarker"], True, "a delete marker")
    hidden = fails("NoSuchKey", read, 404)
    headers = hidden["ResponseMetadata"]["HTTPHeaders"]
    equal(headers["x-amz-delete-marker"], "true", "header of the delete marker")
    fails("MethodNotAllowed", lambda: read(VersionId=marker["VersionId"]), 405)
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=name, PaginationConfig={"PageSize": 1}
    )
    pages = list(pages)
    listed = [it["VersionId"] for page in pages for it in page.get("Versions", [])]
    markers = [it["VersionId"] for page in pages for it in page.get("DeleteMarkers", [])]
    equal((listed, markers), ([ids[1], ids[0]], [marker["VersionId"]]), "versions and markers")
    copied = s3.copy_object(
        Bucket=name, Key="old", CopySource={"Bucket": name, "Key": "a b", "VersionId": ids[0]}
    )
    equal(copied["CopySourceVersionId"], ids[0], "version that was copied")
    everything = s3.list_object_versions(Bucket=name)
    wanted = [
        {"Key": it["Key"], "VersionId": it["VersionId"]}
        for it in everything["Versions"] + everything["DeleteMarkers"]
    ]
    answer = s3.delete_objects(Bucket=name, Delete={"Objects": wanted})
    equal(len(answer["Deleted"]), len(wanted), "versions that were deleted")
    s3.delete_bucket(Bucket=name)


def archived(s3) -> None:
    s3.put_object(Bucket=BUCKET, Key="cold", Body=b"x", StorageClass="GLACIER")
    equal(s3.head_object(Bucket=BUCKET, Key="cold")["StorageClass"], "GLACIER", "class")
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="cold")["Contents"]
    equal(listed[0]["StorageClass"], "GLACIER", "class in a list")
    fails("InvalidObjectState", lambda: content(s3, "cold"), 403)
    request = {"Days": 1, "GlacierJobParameters": {"Tier": "Expedited"}}
    restore = lambda: s3.restore_object(Bucket=BUCKET, Key="cold", RestoreRequest=request)
    restore()
    assert 'ongoing-request="true"' in s3.head_object(Bucket=BUCKET, Key="cold")["Restore"]
    fails("RestoreAlreadyInProgress", restore, 409)
    s3.put_object(Bucket=BUCKET, Key="warm", Body=b"x")
    warm = lambda: s3.restore_object(Bucket=BUCKET, Key="warm", RestoreRequest=request)
    fails("InvalidObjectState", warm, 403)


CASES = (buckets, regions, access, tags, cors, lifecycle, versions, archived)
