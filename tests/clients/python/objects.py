"""Objects: stored, read, described, deleted, and who may read them."""

import base64
import hashlib
import io
import os
import time
import urllib.request

from session import Session, equal, refused

# Of all that a key may hold, what signing and paths trip over.
KEYS = [
    "plain.txt",
    "folder/with space/a b.txt",
    "100%/50%25.txt",
    "\u56fe\u7247/\u7167\u7247 1.png",
    "q?a=b&c#d.txt",
    "plus+and~tilde_-.txt",
    "quotes'(and)[brackets]{}!*@:;,$=.txt",
    "dots/../and/./so/on",
    "//slashes//",
]


def of_any_name(session: Session) -> None:
    for direct in (False, True):
        cos = session.cos_client(direct=direct)
        for number, key in enumerate(KEYS):
            body = f"{number}: {key}".encode()
            put = cos.put_object(
                Bucket=session.bucket,
                Key=key,
                Body=body,
                EnableMD5=True,
                ContentType="text/x-test",
                Metadata={"x-cos-meta-number": str(number)},
            )
            equal(put["ETag"], f'"{hashlib.md5(body).hexdigest()}"', f"ETag of {key}")
            head = cos.head_object(Bucket=session.bucket, Key=key)
            equal(head["ETag"], put["ETag"], f"ETag of {key}")
            equal(head["Content-Length"], str(len(body)), f"size of {key}")
            equal(head["Content-Type"], "text/x-test", f"type of {key}")
            equal(head["x-cos-meta-number"], str(number), f"metadata of {key}")
            equal(session.content(key), body, f"content of {key}")
    listed = {each["Key"] for each in session.cos.list_objects(Bucket=session.bucket)["Contents"]}
    wanted = {key.removeprefix("/") for key in KEYS}
    assert wanted <= listed, f"not in the list: {wanted - listed}"
    for key in KEYS:
        session.cos.delete_object(Bucket=session.bucket, Key=key)
        assert not session.cos.object_exists(session.bucket, key), f"{key} is still there"


def headers(session: Session) -> None:
    kept = {
        "CacheControl": "max-age=60",
        "ContentDisposition": 'attachment; filename="a.txt"',
        "ContentEncoding": "identity",
        "ContentLanguage": "zh-CN",
        "Expires": "Wed, 21 Oct 2065 07:28:00 GMT",
        "StorageClass": "STANDARD_IA",
    }
    session.put("headers.txt", **kept)
    head = session.cos.head_object(Bucket=session.bucket, Key="headers.txt")
    equal(head["Content-Type"], "text/plain", "type by the name of the key")
    for name, value in kept.items():
        header = {"StorageClass": "x-cos-storage-class"}.get(name) or "".join(
            f"-{letter}" if letter.isupper() and at else letter for at, letter in enumerate(name)
        )
        equal(head.get(header), value, header)
    answer = session.cos.get_object(
        Bucket=session.bucket,
        Key="headers.txt",
        ResponseContentType="text/x-other",
        ResponseContentLanguage="en",
        ResponseExpires="0",
        ResponseCacheControl="no-store",
        ResponseContentDisposition="inline",
        ResponseContentEncoding="identity",
    )
    for header, value in (
        ("Content-Type", "text/x-other"),
        ("Content-Language", "en"),
        ("Expires", "0"),
        ("Cache-Control", "no-store"),
        ("Content-Disposition", "inline"),
    ):
        equal(answer[header], value, f"{header} that the request asks for")


def streams(session: Session) -> None:
    content = bytes(range(256)) * 4096
    session.put("stream", io.BytesIO(content))

    def chunks():
        for start in range(0, len(content), 100_000):
            yield content[start : start + 100_000]

    session.put("chunked", chunks())
    session.put("empty", b"")
    equal(session.content("empty"), b"", "the empty object")
    for key in ("stream", "chunked"):
        equal(session.content(key), content, f"content of {key}")
    for asked, wanted in {
        "bytes=0-9": content[:10],
        "bytes=1000000-": content[1_000_000:],
        "bytes=-5": content[-5:],
        "bytes=1048570-9999999": content[-6:],
    }.items():
        part = session.cos.get_object(Bucket=session.bucket, Key="stream", Range=asked)
        equal(part["Body"].get_raw_stream().read(), wanted, asked)
        assert part["Content-Range"].endswith(f"/{len(content)}"), part["Content-Range"]


def files(session: Session) -> None:
    """The methods of the SDK that move files by the operations that are there."""
    cos, bucket = session.cos, session.bucket
    path = os.path.join(session.scratch, "file.bin")
    content = os.urandom(300_000)
    with open(path, "wb") as file:
        file.write(content)
    cos.put_object_from_local_file(Bucket=bucket, LocalFilePath=path, Key="file/1")
    cos.upload_file(Bucket=bucket, Key="file/2", LocalFilePath=path, EnableMD5=True)
    with open(path, "rb") as file:
        cos.upload_file_from_buffer(Bucket=bucket, Key="file/3", Body=file)
    back = os.path.join(session.scratch, "back.bin")
    for number in (1, 2, 3):
        cos.download_file(Bucket=bucket, Key=f"file/{number}", DestFilePath=back, EnableCRC=True)
        with open(back, "rb") as file:
            equal(file.read(), content, f"file {number}")
    large = os.urandom(3 * 1024 * 1024 + 1)
    session.put("file/large", large)
    cos.download_file(Bucket=bucket, Key="file/large", DestFilePath=back, PartSize=1, MAXThread=3)
    with open(back, "rb") as file:
        equal(file.read(), large, "file of several ranges")


def presigned(session: Session) -> None:
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({"http": f"http://{session.address}"})
    )
    cos, bucket = session.cos, session.bucket
    for sign_host in (True, False):
        url = cos.get_presigned_url(bucket, "presigned &.txt", "PUT", SignHost=sign_host)
        opener.open(urllib.request.Request(url, data=b"by address", method="PUT")).close()
        url = cos.get_presigned_download_url(
            bucket,
            "presigned &.txt",
            Params={"response-content-type": "text/x-other"},
            SignHost=sign_host,
        )
        with opener.open(url) as answer:
            equal(answer.read(), b"by address", "content at the presigned address")
            equal(answer.headers["Content-Type"], "text/x-other", "type that is signed in")
    equal(cos.get_object_url(bucket, "a b"), url.split("/presigned")[0] + "/a%20b", "plain address")
    for name, bad, status in (
        ("expired", cos.get_presigned_download_url(bucket, "presigned &.txt", Expired=-1), 403),
        ("altered", url.replace("text%2Fx-other", "text%2Fhtml"), 403),
        ("of another key", url.replace("presigned", "other"), 403),
    ):
        try:
            opener.open(bad).close()
        except urllib.error.HTTPError as error:
            equal(error.code, status, f"status of a presigned address that is {name}")
        else:
            raise AssertionError(f"a presigned address that is {name} was answered")


def unsigned_parts(session: Session) -> None:
    """The switches by which the SDK leaves host or parameters out of the signature."""
    for settings in ({"SignHost": False}, {"SignParams": False}):
        cos = session.cos_client(**settings)
        cos.put_object(Bucket=session.bucket, Key="unsigned", Body=b"x", ContentType="text/x-a")
        page = cos.list_objects(Bucket=session.bucket, Prefix="unsigned", MaxKeys=1)
        equal([each["Key"] for each in page["Contents"]], ["unsigned"], f"list with {settings}")
        cos.delete_object(Bucket=session.bucket, Key="unsigned")


def conditions(session: Session) -> None:
    etag = session.put("conditions")["ETag"]
    past, future = "Sat, 01 Jan 2000 00:00:00 GMT", time.strftime(
        "%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 3600)
    )
    get = lambda **condition: session.cos.get_object(
        Bucket=session.bucket, Key="conditions", **condition
    )
    head = lambda **condition: session.cos.head_object(
        Bucket=session.bucket, Key="conditions", **condition
    )
    for condition in (
        {"IfMatch": etag},
        {"IfNoneMatch": '"other"'},
        {"IfModifiedSince": past},
        {"IfUnmodifiedSince": future},
    ):
        equal(get(**condition)["Body"].get_raw_stream().read(), b"content", f"{condition}")
        equal(head(**condition)["Content-Length"], "7", f"{condition}")
    for condition in ({"IfMatch": '"other"'}, {"IfUnmodifiedSince": past}):
        refused("PreconditionFailed", 412, lambda: get(**condition))
        refused(None, 412, lambda: head(**condition))
    for condition in ({"IfNoneMatch": etag}, {"IfModifiedSince": future}):
        # For the SDK that is no error: there is no content.
        equal(get(**condition)["Body"].get_raw_stream().read(), b"", f"{condition}")
        equal(head(**condition)["Content-Length"], "0", f"{condition}")


def access_lists(session: Session) -> None:
    cos, where = session.cos, {"Bucket": session.bucket, "Key": "acl"}
    session.put("acl", b"public", ACL="private")
    anonymous = session.cos_client(Anonymous=True, SecretId="", SecretKey="")
    read = lambda: anonymous.get_object(**where)
    refused("AccessDenied", 403, read)
    everyone = {
        "Grantee": {
            "Type": "Group",
            "URI": "http://cam.qcloud.com/groups/global/AllUsers",
        },
        "Permission": "READ",
    }
    owner = cos.get_object_acl(**where)["Owner"]
    for change in (
        {"ACL": "public-read"},
        {"AccessControlPolicy": {"Owner": owner, "AccessControlList": {"Grant": [everyone]}}},
    ):
        cos.put_object_acl(**where, **change)
        grants = cos.get_object_acl(**where)["AccessControlList"]["Grant"]
        assert any(grant["Permission"] == "READ" for grant in grants), grants
        equal(read()["Body"].get_raw_stream().read(), b"public", "object read by anyone")
        equal(anonymous.head_object(**where)["Content-Length"], "6", "size told to anyone")
        cos.put_object_acl(**where, ACL="private")
        refused("AccessDenied", 403, read)
    reader = session.cos_client(SecretId="AKIDreader", SecretKey="reader-secret")
    refused("AccessDenied", 403, lambda: reader.get_object(**where))
    cos.put_object_acl(**where, GrantRead='id="100000000002"')
    equal(reader.get_object(**where)["Body"].get_raw_stream().read(), b"public", "as granted")
    refused("AccessDenied", 403, read)
    refused("InvalidArgument", 400, lambda: cos.put_object_acl(**where, GrantRead="somebody"))
    cos.put_object_acl(**where, ACL="default")


def tagged(session: Session) -> None:
    cos, at = session.cos, {"Bucket": session.bucket, "Key": "tagged \u56fe"}

    def found(**version) -> list:
        tag_set = cos.get_object_tagging(**at, **version)["TagSet"] or {}
        return [(tag["Key"], tag["Value"]) for tag in tag_set.get("Tag", [])]

    def tagging(*pairs) -> dict:
        return {"TagSet": {"Tag": [{"Key": key, "Value": value} for key, value in pairs]}}

    session.put(at["Key"], Tagging="team=deep%20sea&year=2024")
    equal(found(), [("team", "deep sea"), ("year", "2024")], "tags of the header")
    cos.put_object_tagging(**at, Tagging=tagging(("a", "1"), ("b", "2")))
    equal(found(), [("a", "1"), ("b", "2")], "tags of the document")
    copy = {"Bucket": session.bucket, "Key": "tagged copy"}
    cos.copy_object(**copy, CopySource=at | {"Region": session.region})
    tags = cos.get_object_tagging(**copy)["TagSet"]["Tag"]
    equal([tag["Key"] for tag in tags], ["a", "b"], "tags of the copy")
    for wrong in (
        tagging(("k", "1"), ("k", "2")),
        tagging(*((str(number), "v") for number in range(11))),
        tagging(("k" * 128, "1")),
    ):
        refused("InvalidTag", 400, lambda: cos.put_object_tagging(**at, Tagging=wrong))
    refused("InvalidTag", 400, lambda: session.put(at["Key"], Tagging="k=1&k=2"))
    equal(found(), [("a", "1"), ("b", "2")], "tags that stayed")
    for _ in range(2):
        cos.delete_object_tagging(**at)
        equal(found(), [], "tags that are gone")
    none = {"Bucket": session.bucket, "Key": "none"}
    refused("NoSuchKey", 404, lambda: cos.get_object_tagging(**none))
    refused("NoSuchKey", 404, lambda: cos.put_object_tagging(**none, Tagging=tagging(("a", "1"))))
    refused("NoSuchKey", 404, lambda: cos.delete_object_tagging(**none))
    for each in (at, copy):
        cos.delete_object(**each)


def deleted_twice(session: Session) -> None:
    session.put("deleted")
    for _ in range(2):
        session.cos.delete_object(Bucket=session.bucket, Key="deleted")


def wrong_uses(session: Session):
    """Name, code, status and call of each."""
    cos, bucket = session.cos, session.bucket
    session.put("here", b"0123456789")
    none, here = {"Bucket": bucket, "Key": "none"}, {"Bucket": bucket, "Key": "here"}
    new = none | {"Body": b"x"}
    yield "read what is not there", "NoSuchKey", 404, lambda: cos.get_object(**none)
    yield "describe what is not there", None, 404, lambda: cos.head_object(**none)
    yield "list of what is not there", "NoSuchKey", 404, lambda: cos.get_object_acl(**none)
    yield (
        "list for what is not there",
        "NoSuchKey",
        404,
        lambda: cos.put_object_acl(**none, ACL="private"),
    )
    yield "no list", "InvalidArgument", 400, lambda: cos.put_object_acl(**here, ACL="everyone")
    yield (
        "range past the end",
        "InvalidRange",
        416,
        lambda: cos.get_object(**here, Range="bytes=10-"),
    )
    of_other_bytes = base64.b64encode(bytes(16)).decode()
    yield (
        "wrong digest",
        "BadDigest",
        400,
        lambda: cos.put_object(**new, ContentMD5=of_other_bytes),
    )
    yield "no digest", "InvalidDigest", 400, lambda: cos.put_object(**new, ContentMD5="abc")
    yield "long key", "KeyTooLong", 400, lambda: cos.put_object(**new | {"Key": "k" * 851})
    yield (
        "unknown storage class",
        "InvalidArgument",
        400,
        lambda: cos.put_object(**new, StorageClass="GLACIER"),
    )
    yield "unknown list", "InvalidArgument", 400, lambda: cos.put_object(**new, ACL="everyone")
    yield (
        "much metadata",
        "InvalidArgument",
        400,
        lambda: cos.put_object(**new, Metadata={"x-cos-meta-a": "m" * 2049}),
    )
    yield (
        "control characters",
        "InvalidArgument",
        400,
        lambda: cos.get_object(**here, ResponseContentType="a\nb"),
    )


def encrypted(session: Session) -> None:
    cos = session.cos
    served = {"Bucket": session.bucket, "Key": "encrypted-by-the-service"}
    put = cos.put_object(**served, Body=b"x", ServerSideEncryption="AES256")
    equal(put["x-cos-server-side-encryption"], "AES256", "of the answer")
    head = cos.head_object(**served)
    equal(head["x-cos-server-side-encryption"], "AES256", "of the object")
    own = {"Bucket": session.bucket, "Key": "encrypted-by-the-client"}
    key = {
        "SSECustomerAlgorithm": "AES256",
        "SSECustomerKey": base64.b64encode(b"k" * 32).decode(),
        "SSECustomerKeyMD5": base64.b64encode(hashlib.md5(b"k" * 32).digest()).decode(),
    }
    cos.put_object(**own, Body=b"content", **key)
    got = cos.get_object(**own, **key)
    equal(got["Body"].get_raw_stream().read(), b"content", "with the key")
    refused("SsecDecryptHeaderInvalid", 400, lambda: cos.get_object(**own))
    for where in (served, own):
        cos.delete_object(**where)


def links(session: Session) -> None:
    cos, bucket = session.cos, session.bucket
    session.put("target", b"content")
    link = {"Bucket": bucket, "SymlinkName": "link"}
    cos.put_symlink(**link, SymlinkTarget="target")
    equal(cos.get_symlink(**link)["x-cos-symlink-target"], "target", "the link")
    equal(session.content("link"), b"content", "what it leads to")
    refused("InvalidArgument", 400, lambda: cos.put_symlink(**link, SymlinkTarget="link"))
    refused("NoSuchKey", 404, lambda: cos.get_symlink(Bucket=bucket, SymlinkName="none"))
    for key in ("link", "target"):
        cos.delete_object(Bucket=bucket, Key=key)


def not_built(session: Session):
    """Name and call of what an object can be asked for beyond storing and reading."""
    cos, where = session.cos, {"Bucket": session.bucket, "Key": "not-built"}
    put = lambda **settings: lambda: cos.put_object(**where, Body=b"x", **settings)
    yield "encryption by a key of KMS", put(ServerSideEncryption="cos/kms", SSEKMSKeyId="k")
    yield "a callback", put(Callback="e30=")
    session.put("here", b"0123456789")
    here = {"Bucket": session.bucket, "Key": "here"}
    for rule in ("imageMogr2/scrop/50x50", "imageMogr2/format/tpg", "new-thing/7"):
        path = os.path.join(session.scratch, "none.png")
        yield f"{rule}", lambda: cos.ci_get_object(**here, DestImagePath=path, Rule=rule)


def selected(session: Session) -> None:
    """Rows by SQL: the SDK's own reader of messages has what comes."""
    content = "id,name\n1,Ada\n2,Eve\n3,\"Bob, jr.\"\n"
    session.put("people.csv", content.encode())

    def ask(expression: str, **more):
        return session.cos.select_object_content(
            Bucket=session.bucket,
            Key="people.csv",
            Expression=expression,
            ExpressionType="SQL",
            InputSerialization={
                "CompressionType": "NONE",
                "CSV": {"FileHeaderInfo": "USE", "RecordDelimiter": "\n", "FieldDelimiter": ","},
            },
            OutputSerialization={"JSON": {"RecordDelimiter": "\n"}},
            **more,
        )["Payload"]

    wanted = b'{"name":"Eve"}\n{"name":"Bob, jr."}\n'
    asked = "Select s.name from COSObject s where s.id > 1"
    equal(ask(asked).get_select_result(), wanted, "rows")
    events = list(ask(asked, RequestProgress={"Enabled": "True"}))
    equal([next(iter(each)) for each in events], ["Records", "Progress", "Stats", "End"], "events")
    size, returned = str(len(content)), str(len(wanted))
    figures = {"BytesScanned": size, "BytesProcessed": size, "BytesReturned": returned}
    equal(events[2]["Stats"]["Details"], figures, "figures")
    refused("SQLParsingError", 400, lambda: ask("Select * from COSObject order by id"))
    refused("MissingHeaderName", 400, lambda: ask("Select age from COSObject"))


def run(session: Session, report) -> None:
    for case in (
        of_any_name,
        headers,
        streams,
        files,
        presigned,
        unsigned_parts,
        conditions,
        access_lists,
        tagged,
        encrypted,
        links,
        selected,
        deleted_twice,
    ):
        report.case(f"objects: {case.__name__}", case, session)
    for name, code, status, call in wrong_uses(session):
        report.case(f"objects: {name}", refused, code, status, call)
    for name, call in not_built(session):
        code = None if name.startswith("the size") else "NotImplemented"
        report.refusal(f"objects with {name}", refused, code, 501, call)
    report.case(
        "objects: a refusal makes and changes none",
        lambda: (
            equal(session.content("here"), b"0123456789", "the object"),
            equal(session.cos.object_exists(session.bucket, "not-built"), False, "not-built"),
            equal(session.cos.object_exists(session.bucket, "none"), False, "none"),
        ),
    )
