"""Uploads in parts, objects that grow, and the methods that are made of them."""

import hashlib
import io
import os
from urllib.parse import unquote

from session import Session, equal, refused

MIB = 1024 * 1024
NO_UPLOAD = "1700000000000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


def begin(session: Session, key: str, **settings) -> dict:
    """What names an upload that has begun."""
    at = {"Bucket": session.bucket, "Key": key}
    begun = session.cos.create_multipart_upload(**at, **settings)
    equal((begun["Bucket"], begun["Key"]), (session.bucket, key), "what was begun")
    return at | {"UploadId": begun["UploadId"]}


def part(session: Session, upload: dict, number: int, body: bytes, **settings) -> dict:
    sent = session.cos.upload_part(**upload, PartNumber=number, Body=body, **settings)
    equal(sent["ETag"], f'"{hashlib.md5(body).hexdigest()}"', "ETag of the part")
    return {"PartNumber": number, "ETag": sent["ETag"]}


def complete(session: Session, upload: dict, parts: list) -> dict:
    return session.cos.complete_multipart_upload(**upload, MultipartUpload={"Part": parts})


def step_by_step(session: Session) -> None:
    key = "parts/\u56fe \u7247+%.bin"
    kept = {"Metadata": {"x-cos-meta-number": "7"}, "StorageClass": "STANDARD_IA"}
    upload = begin(session, key, ContentType="text/x-test", **kept)
    bodies = {1: b"a" * MIB, 2: b"b" * (MIB + 5), 3: b"the end"}
    part(session, upload, 2, b"another one")
    parts = [part(session, upload, number, bodies[number], EnableMD5=True) for number in (3, 2, 1)]
    parts.sort(key=lambda each: each["PartNumber"])
    assert not session.cos.object_exists(session.bucket, key), "there before it is complete"

    first = session.cos.list_parts(**upload, MaxParts=2, EncodingType="url")
    equal([each["PartNumber"] for each in first["Part"]], ["1", "2"], "numbers of the parts")
    equal([each["ETag"] for each in first["Part"]], [each["ETag"] for each in parts[:2]], "tags")
    equal((first["IsTruncated"], first["StorageClass"]), ("true", "STANDARD_IA"), "the page")
    marker = first["NextPartNumberMarker"]
    second = session.cos.list_parts(**upload, MaxParts=2, PartNumberMarker=marker)
    equal([each["Size"] for each in second["Part"]], ["7"], "size of the last part")
    equal(second["IsTruncated"], "false", "end of the list")

    done = complete(session, upload, parts)
    equal((done["Bucket"], done["Key"]), (session.bucket, key), "what was completed")
    assert done["ETag"].endswith('-3"'), done
    head = session.cos.head_object(Bucket=session.bucket, Key=key)
    equal(head["ETag"], done["ETag"], "ETag of the object")
    equal(head["x-cos-hash-crc64ecma"], done["x-cos-hash-crc64ecma"], "CRC-64 of the object")
    equal(head["Content-Type"], "text/x-test", "type")
    equal(head["x-cos-meta-number"], "7", "metadata")
    equal(session.content(key), b"".join(bodies.values()), "content")
    answer = session.cos.get_object(
        Bucket=session.bucket, Key=key, Range=f"bytes={MIB - 2}-{MIB + 1}"
    )
    equal(answer["Body"].get_raw_stream().read(), b"aabb", "bytes of two parts")
    refused("NoSuchUpload", 404, lambda: complete(session, upload, parts))
    session.cos.delete_object(Bucket=session.bucket, Key=key)


def aborting(session: Session) -> None:
    upload = begin(session, "parts/aborted")
    part(session, upload, 1, b"x" * MIB)
    session.cos.abort_multipart_upload(**upload)
    refused("NoSuchUpload", 404, lambda: session.cos.abort_multipart_upload(**upload))
    refused("NoSuchUpload", 404, lambda: session.cos.list_parts(**upload))
    late = {"PartNumber": 1, "Body": b"x"}
    refused("NoSuchUpload", 404, lambda: session.cos.upload_part(**upload, **late))
    assert not session.cos.object_exists(session.bucket, "parts/aborted")


def lists_of_uploads(session: Session) -> None:
    keys = ["list/a/1", "list/a/2", "list/b", "list/b", "list/\u4e2d c"]
    uploads = [begin(session, key) for key in keys]
    listed = session.cos.list_multipart_uploads(Bucket=session.bucket, Prefix="list/")
    found = [(each["Key"], each["UploadId"]) for each in listed["Upload"]]
    wanted = sorted((each["Key"], each["UploadId"]) for each in uploads)
    equal(found, wanted, "uploads")
    owner = listed["Upload"][0]["Initiator"]["DisplayName"]
    assert owner.isdigit(), owner
    seen, markers = [], {}
    while True:
        page = session.cos.list_multipart_uploads(
            Bucket=session.bucket, Prefix="list/", MaxUploads=1, EncodingType="url", **markers
        )
        seen += [each["UploadId"] for each in page["Upload"]]
        if page["IsTruncated"] == "false":
            break
        markers = {
            "KeyMarker": unquote(page["NextKeyMarker"]),
            "UploadIdMarker": page["NextUploadIdMarker"],
        }
    equal(seen, [upload for _, upload in wanted], "uploads page by page")
    folded = session.cos.list_multipart_uploads(
        Bucket=session.bucket, Prefix="list/", Delimiter="/"
    )
    equal([each["Prefix"] for each in folded["CommonPrefixes"]], ["list/a/"], "folders")
    equal(len(folded["Upload"]), 3, "uploads beside the folder")
    for upload in uploads:
        session.cos.abort_multipart_upload(**upload)
    none = session.cos.list_multipart_uploads(Bucket=session.bucket, Prefix="list/")
    assert "Upload" not in none, none


def wrong_uses(session: Session) -> None:
    upload = begin(session, "parts/wrong")
    small = part(session, upload, 1, b"small")
    last = part(session, upload, 2, b"last")
    foreign = {"PartNumber": 1, "ETag": last["ETag"]}
    absent = {"PartNumber": 3, "ETag": last["ETag"]}
    for code, parts in [
        ("EntityTooSmall", [small, last]),
        ("InvalidPartOrder", [last, small]),
        ("InvalidPart", [foreign]),
        ("InvalidPart", [last, absent]),
        ("InvalidArgument", [{"PartNumber": 10_001, "ETag": last["ETag"]}]),
    ]:
        refused(code, 400, lambda parts=parts: complete(session, upload, parts))
    for number in (0, 10_001):
        sent = {"PartNumber": number, "Body": b"x"}
        refused("InvalidArgument", 400, lambda sent=sent: session.cos.upload_part(**upload, **sent))
    digest = {"PartNumber": 1, "Body": b"x", "ContentMD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}
    refused("BadDigest", 400, lambda: session.cos.upload_part(**upload, **digest))
    refused("InvalidArgument", 400, lambda: session.cos.list_parts(**upload, MaxParts=1001))
    bucket = {"Bucket": session.bucket}
    refused(
        "InvalidArgument",
        400,
        lambda: session.cos.list_multipart_uploads(**bucket, MaxUploads=1001),
    )
    other = upload | {"Key": "parts/other"}
    unknown = upload | {"UploadId": NO_UPLOAD}
    for wrong in (other, unknown):
        refused("NoSuchUpload", 404, lambda wrong=wrong: session.cos.list_parts(**wrong))
        refused("NoSuchUpload", 404, lambda wrong=wrong: complete(session, wrong, [last]))
    missing = {"Bucket": session.missing}
    refused(
        "NoSuchBucket", 404, lambda: session.cos.create_multipart_upload(**missing, Key="k")
    )
    refused("NoSuchBucket", 404, lambda: session.cos.list_multipart_uploads(**missing))
    # None of that has changed anything.
    complete(session, upload, [last])
    equal(session.content("parts/wrong"), b"last", "content")
    session.cos.delete_object(Bucket=session.bucket, Key="parts/wrong")


def appending(session: Session) -> None:
    at = {"Bucket": session.bucket, "Key": "log.txt"}
    first = session.cos.append_object(**at, Position=0, Data=b"1234", ContentType="text/x-log")
    equal(first["x-cos-next-append-position"], "4", "next position")
    second = session.cos.append_object(**at, Position=4, Data=b"56789")
    equal(second["x-cos-next-append-position"], "9", "next position")
    # The catalogue's check value of CRC-64/XZ.
    equal(second["x-cos-hash-crc64ecma"], "11051210869376104954", "CRC-64")
    head = session.cos.head_object(**at)
    equal(head["x-cos-object-type"], "appendable", "type of the object")
    equal(head["Content-Type"], "text/x-log", "type of the content")
    equal(session.content("log.txt"), b"123456789", "content")
    for position in (0, 4, 10):
        wrong = {"Position": position, "Data": b"x"}
        refused(
            "AppendPositionErr", 409, lambda wrong=wrong: session.cos.append_object(**at, **wrong)
        )
    whole = at | {"Key": "kept-whole"}
    session.put("kept-whole")
    refused(
        "ObjectNotAppendable",
        409,
        lambda: session.cos.append_object(**whole, Position=7, Data=b"x"),
    )
    equal(session.content("log.txt"), b"123456789", "content")
    for key in ("log.txt", "kept-whole"):
        session.cos.delete_object(Bucket=session.bucket, Key=key)


def large_file(session: Session) -> tuple[str, bytes]:
    path = os.path.join(session.scratch, "large.bin")
    content = bytes(index % 251 for index in range(64 * 1024)) * 100 + b"and the rest"
    with open(path, "wb") as file:
        file.write(content)
    return path, content


def files_of_several_parts(session: Session) -> None:
    path, content = large_file(session)
    at = {"Bucket": session.bucket, "Key": "large"}
    done = []
    session.cos.upload_file(
        **at,
        LocalFilePath=path,
        PartSize=1,
        MAXThread=4,
        EnableMD5=True,
        progress_callback=lambda sent, _: done.append(sent),
        Metadata={"x-cos-meta-way": "file"},
    )
    equal(done[-1], len(content), "progress")
    head = session.cos.head_object(**at)
    assert head["ETag"].endswith('-7"'), head["ETag"]
    equal(head["x-cos-meta-way"], "file", "metadata")
    equal(session.content("large"), content, "content")
    session.cos.upload_file_from_buffer(
        Bucket=session.bucket, Key="buffer", Body=io.BytesIO(content), MaxBufferSize=4, PartSize=1
    )
    equal(session.content("buffer"), content, "content from a buffer")

    target = os.path.join(session.scratch, "downloaded.bin")
    session.cos.download_file(**at, DestFilePath=target, PartSize=1, MAXThread=4, EnableCRC=True)
    with open(target, "rb") as file:
        equal(file.read(), content, "content of the download")
    for key in ("large", "buffer"):
        session.cos.delete_object(Bucket=session.bucket, Key=key)


def an_upload_goes_on(session: Session) -> None:
    path, content = large_file(session)
    upload = begin(session, "resumed")
    part(session, upload, 2, content[MIB : 2 * MIB])
    part(session, upload, 1, content[:MIB])
    before = session.cos.list_parts(**upload)["Part"]
    session.cos.upload_file(
        Bucket=session.bucket, Key="resumed", LocalFilePath=path, PartSize=1, MAXThread=1
    )
    equal(len(before), 2, "parts before")
    refused("NoSuchUpload", 404, lambda: session.cos.list_parts(**upload))
    equal(session.content("resumed"), content, "content")

    # A part that is another one's: the upload begins again, and the old one is still there.
    upload = begin(session, "again")
    part(session, upload, 1, b"x" * MIB)
    session.cos.upload_file(
        Bucket=session.bucket, Key="again", LocalFilePath=path, PartSize=1, MAXThread=1
    )
    equal(session.content("again"), content, "content")
    session.cos.abort_multipart_upload(**upload)
    for key in ("resumed", "again"):
        session.cos.delete_object(Bucket=session.bucket, Key=key)


def files_to_nowhere(session: Session) -> None:
    path, _ = large_file(session)
    at = {"Bucket": session.missing, "Key": "large"}
    refused("NoSuchBucket", 404, lambda: session.cos.upload_file(**at, LocalFilePath=path))
    buffer = {"Body": io.BytesIO(bytes(3 * MIB)), "MaxBufferSize": 1, "PartSize": 1}
    refused("NoSuchBucket", 404, lambda: session.cos.upload_file_from_buffer(**at, **buffer))
    assert not session.cos.object_exists(session.bucket, "large")


def source(session: Session, key: str) -> dict:
    return {"Bucket": session.bucket, "Key": key, "Region": session.region}


def copied_parts(session: Session) -> None:
    cos, other = session.cos, session.bucket_name("part-copies")
    cos.create_bucket(Bucket=other)
    content = b"a" * MIB + b"b" * MIB + b"the end"
    etag = session.put("parts/source \u56fe+%", content)["ETag"]
    of = source(session, "parts/source \u56fe+%")
    at = {"Bucket": other, "Key": "copy"}
    upload = at | {"UploadId": cos.create_multipart_upload(**at)["UploadId"]}

    def copy(number, first, last, **more):
        ranged = {"CopySource": of, "CopySourceRange": f"bytes={first}-{last}"}
        return cos.upload_part_copy(**upload, PartNumber=number, **ranged, **more)

    parts = []
    for number, first, last in ((1, 0, MIB - 1), (2, MIB, len(content) - 1)):
        copied = copy(number, first, last, CopySourceIfMatch=etag)
        digest = hashlib.md5(content[first : last + 1]).hexdigest()
        equal(copied["ETag"], f'"{digest}"', f"ETag of part {number}")
        parts.append({"PartNumber": number, "ETag": copied["ETag"]})
    refused("PreconditionFailed", 412, lambda: copy(1, 0, 1, CopySourceIfMatch='"other"'))
    refused("InvalidRange", 416, lambda: copy(1, 0, len(content)))
    refused("InvalidArgument", 400, lambda: copy(1, 5, 4))
    refused("InvalidArgument", 400, lambda: copy(10_001, 0, 1))
    from_nothing = {"PartNumber": 1, "CopySource": source(session, "none")}
    refused("NoSuchCopySource", 404, lambda: cos.upload_part_copy(**upload, **from_nothing))
    of_nothing = upload | {"UploadId": NO_UPLOAD}
    refused(
        "NoSuchUpload",
        404,
        lambda: cos.upload_part_copy(**of_nothing, PartNumber=1, CopySource=of),
    )
    complete(session, upload, parts)
    equal(session.content("copy", other), content, "content of the copy")
    # The SDK's own way, which is in parts for what is large.
    cos.copy(Bucket=other, Key="again", CopySource=of, PartSize=1, MAXThread=4)
    equal(session.content("again", other), content, "content copied by the SDK")
    for key in ("copy", "again"):
        cos.delete_object(Bucket=other, Key=key)
    cos.delete_bucket(Bucket=other)
    cos.delete_object(Bucket=session.bucket, Key=of["Key"])


def a_bucket_with_uploads_stays(session: Session) -> None:
    bucket = session.bucket_name("parts")
    session.cos.create_bucket(Bucket=bucket)
    at = {"Bucket": bucket, "Key": "key"}
    begun = session.cos.create_multipart_upload(**at)
    refused("BucketNotEmpty", 409, lambda: session.cos.delete_bucket(Bucket=bucket))
    session.cos.abort_multipart_upload(**at, UploadId=begun["UploadId"])
    session.cos.delete_bucket(Bucket=bucket)


def run(session: Session, report) -> None:
    for name, case in [
        ("parts step by step", step_by_step),
        ("an upload is aborted", aborting),
        ("lists of uploads", lists_of_uploads),
        ("wrong parts", wrong_uses),
        ("an object grows", appending),
        ("files of several parts", files_of_several_parts),
        ("an upload goes on where it was", an_upload_goes_on),
        ("files to nowhere", files_to_nowhere),
        ("parts are copied", copied_parts),
        ("a bucket with uploads stays", a_bucket_with_uploads_stays),
    ]:
        report.case(f"multipart: {name}", case, session)
