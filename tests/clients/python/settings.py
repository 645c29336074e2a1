"""Settings of buckets: put, read, deleted, and refused where the documents do not allow them."""

from session import Session, equal, refused

DOMAIN = "www.python.example.com"


def kinds(session: Session):
    """Name of the methods, the parameter and the document, a text of what is kept, and the code for
    a bucket without it, if it is refused."""
    other = f"qcs::cos:{session.region}::{session.bucket_name('reports')}"
    yield (
        "cors",
        "CORSConfiguration",
        {"CORSRule": [{"AllowedOrigin": ["http://a.example"], "AllowedMethod": ["GET", "PUT"]}]},
        "http://a.example",
        "NoSuchCORSConfiguration",
    )
    yield (
        "lifecycle",
        "LifecycleConfiguration",
        {
            "Rule": [
                {
                    "ID": "old",
                    "Filter": {"Prefix": "logs/"},
                    "Status": "Enabled",
                    "Expiration": {"Days": "100"},
                }
            ]
        },
        "logs/",
        "NoSuchLifecycleConfiguration",
    )
    yield (
        "website",
        "WebsiteConfiguration",
        {
            "IndexDocument": {"Suffix": "index.html"},
            "RoutingRules": [
                {
                    "Condition": {"HttpErrorCodeReturnedEquals": "404"},
                    "Redirect": {"Protocol": "https", "ReplaceKeyWith": "404.html"},
                }
            ],
        },
        "404.html",
        "NoSuchWebsiteConfiguration",
    )
    yield (
        "domain",
        "DomainConfiguration",
        {"DomainRule": [{"Name": DOMAIN, "Status": "ENABLED", "Type": "REST"}]},
        DOMAIN,
        None,
    )
    yield (
        "origin",
        "OriginConfiguration",
        {
            "OriginRule": {
                "OriginType": "Mirror",
                "OriginCondition": {"HTTPStatusCode": "404"},
                "OriginInfo": {"HostInfo": {"HostName": "origin.example.com"}},
            }
        },
        "origin.example.com",
        "OriginConfigurationNotFoundError",
    )
    yield (
        "tagging",
        "Tagging",
        {"TagSet": {"Tag": [{"Key": "client", "Value": "python"}]}},
        "python",
        "NoSuchTagSet",
    )
    yield (
        "encryption",
        "ServerSideEncryptionConfiguration",
        {"Rule": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
        "AES256",
        "NoSuchEncryptionConfiguration",
    )
    yield (
        "referer",
        "RefererConfiguration",
        {
            "Status": "Enabled",
            "RefererType": "White-List",
            "EmptyReferConfiguration": "Allow",
            "DomainList": {"Domain": ["*.example.com"]},
        },
        "*.example.com",
        None,
    )
    yield (
        "replication",
        "ReplicationConfiguration",
        {
            "Role": "qcs::cam::uin/100000000001:uin/100000000001",
            "Rule": [
                {
                    "ID": "copies",
                    "Status": "Enabled",
                    "Prefix": "a/",
                    "Destination": {"Bucket": other},
                }
            ],
        },
        "copies",
        "ReplicationConfigurationNotFoundError",
    )
    yield (
        "policy",
        "Policy",
        {
            "version": "2.0",
            "Statement": [
                {
                    "Principal": {"qcs": ["qcs::cam::anyone:anyone"]},
                    "Effect": "allow",
                    "Action": ["name/cos:GetObject"],
                    "Resource": [
                        f"qcs::cos:{session.region}:uid/{session.app_id}:"
                        f"{session.bucket_name('settings')}/*"
                    ],
                }
            ],
        },
        "name/cos:GetObject",
        "NoSuchPolicyVersion",
    )


def kept(session: Session, name: str, parameter: str, document: dict, text: str, absent) -> None:
    cos, bucket = session.cos, session.bucket_name("settings")
    put, get, delete = (
        getattr(cos, f"{verb}_bucket_{name}") for verb in ("put", "get", "delete")
    )
    if absent:
        refused(absent, 404, lambda: get(Bucket=bucket))
    else:
        assert text not in repr(get(Bucket=bucket))
    put(Bucket=bucket, **{parameter: document})
    answer = repr(get(Bucket=bucket))
    assert text in answer, f"{text} is not in {answer}"
    missing = session.missing
    refused("NoSuchBucket", 404, lambda: put(Bucket=missing, **{parameter: document}))
    refused("NoSuchBucket", 404, lambda: get(Bucket=missing))
    refused("NoSuchBucket", 404, lambda: delete(Bucket=missing))
    delete(Bucket=bucket)
    if absent:
        refused(absent, 404, lambda: get(Bucket=bucket))
    else:
        assert text not in repr(get(Bucket=bucket))


def certificate(session: Session) -> None:
    cos, bucket = session.cos, session.bucket_name("settings")
    of = {
        "CertificateInfo": {"CertType": "CustomCert", "CustomCert": {"CertId": "c1"}},
        "DomainList": {"DomainName": [DOMAIN]},
    }
    put = lambda: cos.put_bucket_domain_certificate(
        Bucket=bucket, DomainCertificateConfiguration=of
    )
    refused("InvalidArgument", 400, put)
    domain = {"DomainRule": [{"Name": DOMAIN, "Status": "ENABLED", "Type": "REST"}]}
    cos.put_bucket_domain(Bucket=bucket, DomainConfiguration=domain)
    put()
    got = lambda: cos.get_bucket_domain_certificate(Bucket=bucket, DomainName=DOMAIN)["Status"]
    equal(got(), "Enabled", "status of the certificate")
    cos.delete_bucket_domain_certificate(Bucket=bucket, DomainName=DOMAIN)
    equal(got(), "Disabled", "status of no certificate")
    cos.delete_bucket_domain(Bucket=bucket)


def logging(session: Session) -> None:
    cos, bucket = session.cos, session.bucket_name("settings")
    target = {"TargetBucket": session.bucket_name("reports"), "TargetPrefix": "logs/"}
    cos.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": target})
    equal(cos.get_bucket_logging(Bucket=bucket)["LoggingEnabled"], target, "target of logs")
    cos.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in (cos.get_bucket_logging(Bucket=bucket) or {})


def inventory(session: Session) -> None:
    cos, bucket = session.cos, session.bucket_name("settings")
    destination = {
        "Bucket": f"qcs::cos:{session.region}::{session.bucket_name('reports')}",
        "Format": "CSV",
    }
    report = {
        "IsEnabled": "true",
        "Destination": {"COSBucketDestination": destination},
        "Schedule": {"Frequency": "Daily"},
        "IncludedObjectVersions": "All",
        "OptionalFields": {"Field": ["Size", "ETag"]},
    }
    missing = lambda: cos.get_bucket_inventory(Bucket=bucket, Id="one")
    refused("InventoryConfigurationNotFoundError", 404, missing)
    for name in ("one", "two"):
        cos.put_bucket_inventory(Bucket=bucket, Id=name, InventoryConfiguration=dict(report))
    got = cos.get_bucket_inventory(Bucket=bucket, Id="one")
    equal(got["Id"], "one", "name of the report")
    listed = cos.list_bucket_inventory_configurations(Bucket=bucket)
    equal(
        [each["Id"] for each in listed["InventoryConfiguration"]], ["one", "two"], "reports listed"
    )
    for name in ("one", "two"):
        cos.delete_bucket_inventory(Bucket=bucket, Id=name)
    refused("InventoryConfigurationNotFoundError", 404, missing)


def tiering(session: Session) -> None:
    cos, bucket = session.cos, session.bucket_name("settings")
    switch = {"Status": "Enabled", "Transition": {"Days": "30", "RequestFrequent": "1"}}
    put = lambda: cos.put_bucket_intelligenttiering(
        Bucket=bucket, IntelligentTieringConfiguration=switch
    )
    put()
    got = cos.get_bucket_intelligenttiering(Bucket=bucket)
    equal(got["Transition"]["Days"], "30", "days of the switch")
    refused("InvalidBucketState", 409, put)
    tiers = {"AccessTier": "ARCHIVE", "Days": "90"}
    cos.put_bucket_intelligenttiering_v2(
        Bucket=bucket,
        Id="cold",
        IntelligentTieringConfiguration={"Id": "cold", "Status": "Enabled", "Tiering": [tiers]},
    )
    got = cos.get_bucket_intelligenttiering_v2(Bucket=bucket, Id="cold")
    assert "ARCHIVE" in repr(got), got
    listed = cos.list_bucket_intelligenttiering_configurations(Bucket=bucket)
    assert "cold" in repr(listed), listed
    unknown = lambda: cos.get_bucket_intelligenttiering_v2(Bucket=bucket, Id="none")
    refused("IntelligentTieringConfigurationNotFoundError", 404, unknown)


def object_lock(session: Session) -> None:
    cos, bucket = session.cos, session.bucket_name("locked")
    cos.create_bucket(Bucket=bucket)
    cos.put_bucket_versioning(Bucket=bucket, Status="Suspended")
    lock = {"ObjectLockEnabled": "Enabled"}
    locking = lambda: cos.put_bucket_object_lock(Bucket=bucket, ObjectLockConfiguration=lock)
    refused("InvalidBucketState", 409, locking)
    cos.put_bucket_versioning(Bucket=bucket, Status="Enabled")
    missing = lambda: cos.get_bucket_object_lock(Bucket=bucket)
    refused("NoSuchObjectLockConfiguration", 404, missing)
    locking()
    equal(missing()["ObjectLockEnabled"], "Enabled", "whether objects can be locked")
    off = {"ObjectLockEnabled": "Disabled"}
    refused(
        "InvalidArgument",
        400,
        lambda: cos.put_bucket_object_lock(Bucket=bucket, ObjectLockConfiguration=off),
    )
    suspending = lambda: cos.put_bucket_versioning(Bucket=bucket, Status="Suspended")
    refused("InvalidBucketState", 409, suspending)
    cos.delete_bucket(Bucket=bucket)


def listed_by_tag(session: Session) -> None:
    cos, bucket = session.cos, session.bucket_name("settings")
    tags = {"TagSet": {"Tag": [{"Key": "found", "Value": "by tag"}]}}
    cos.put_bucket_tagging(Bucket=bucket, Tagging=tags)
    found = cos.list_buckets(TagKey="found", TagValue="by tag")["Buckets"]["Bucket"]
    equal([each["Name"] for each in found], [bucket], "buckets with the tag")
    cos.delete_bucket_tagging(Bucket=bucket)


def location(session: Session) -> None:
    cos, bucket = session.cos, session.bucket_name("settings")
    answer = cos.get_bucket_location(Bucket=bucket)
    equal(answer["LocationConstraint"], session.region, "region of the bucket")
    refused("NoSuchBucket", 404, lambda: cos.get_bucket_location(Bucket=session.missing))


def wrong_uses(session: Session):
    """Name, code and call of each."""
    cos, bucket = session.cos, session.bucket_name("settings")
    rule = {"AllowedOrigin": ["nowhere"], "AllowedMethod": ["GET"]}
    yield (
        "an origin that is none",
        "InvalidArgument",
        lambda: cos.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRule": [rule]}),
    )
    twice = [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]
    yield (
        "a tag twice",
        "InvalidTag",
        lambda: cos.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": {"Tag": twice}}),
    )
    yield (
        "a website without a page",
        "InvalidArgument",
        lambda: cos.put_bucket_website(Bucket=bucket, WebsiteConfiguration={}),
    )
    nothing = {"Rule": [{"ID": "x", "Filter": {"Prefix": ""}, "Status": "Enabled"}]}
    yield (
        "a lifecycle in which nothing happens",
        "InvalidArgument",
        lambda: cos.put_bucket_lifecycle(Bucket=bucket, LifecycleConfiguration=nothing),
    )
    target = {"LoggingEnabled": {"TargetBucket": session.missing, "TargetPrefix": "a"}}
    yield (
        "logs to no bucket",
        "InvalidTargetBucketForLogging",
        lambda: cos.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=target),
    )
    yield (
        "a policy of no version",
        "InvalidArgument",
        lambda: cos.put_bucket_policy(Bucket=bucket, Policy={"version": "1.0", "Statement": []}),
    )


def run(session: Session, report) -> None:
    for name in ("settings", "reports"):
        session.cos.create_bucket(Bucket=session.bucket_name(name))
        # As replication needs it.
        session.cos.put_bucket_versioning(Bucket=session.bucket_name(name), Status="Enabled")
    for name, *rest in kinds(session):
        report.case(f"settings: {name}", kept, session, name, *rest)
    for case in (certificate, logging, inventory, tiering, object_lock, listed_by_tag, location):
        report.case(f"settings: {case.__name__}", case, session)
    for name, code, call in wrong_uses(session):
        report.case(f"settings: {name}", refused, code, 400, call)
    for name in ("settings", "reports"):
        session.cos.delete_bucket(Bucket=session.bucket_name(name))
