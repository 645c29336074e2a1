"""Uploads in parts, by hand and by the transfer manager."""

import io
import os

from boto3.s3.transfer import TransferConfig

from session import BUCKET, content, equal, fails

MIB = 1024 * 1024


def by_hand(s3) -> None:
    key = "parts/by hand"
    begun = s3.create_multipart_upload(
        Bucket=BUCKET, Key=key, ContentType="text/plain", Metadata={"a": "1"}
    )
    upload = {"Bucket": BUCKET, "Key": key, "UploadId": begun["UploadId"]}
    bodies = [os.urandom(5 * MIB), os.urandom(100)]
    parts = []
    for number, body in enumerate(bodies, 1):
        sent = s3.upload_part(**upload, PartNumber=number, Body=body)
        assert sent["ChecksumCRC32"]
        part = {"PartNumber": number, "ETag": sent["ETag"]}
        # As whoever keeps checksums of parts sends them.
        parts.append({**part, "ChecksumCRC32": sent["ChecksumCRC32"]})
    pages = s3.get_paginator("list_parts").paginate(**upload, PaginationConfig={"PageSize": 1})
    listed = [part for page in pages for part in page["Parts"]]
    equal([part["Size"] for part in listed], [len(body) for body in bodies], "sizes of the parts")
    uploads = s3.list_multipart_uploads(Bucket=BUCKET, Prefix="parts/")["Uploads"]
    equal([(it["Key"], it["UploadId"]) for it in uploads], [(key, upload["UploadId"])], "uploads")
    done = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    equal((done["Bucket"], done["Key"]), (BUCKET, key), "the object")
    assert done["ETag"].endswith('-2"'), done["ETag"]
    equal(content(s3, key), b"".join(bodies), "content")
    described = s3.head_object(Bucket=BUCKET, Key=key)
    equal((described["ContentType"], described["Metadata"]), ("text/plain", {"a": "1"}), "kept")
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)


def copied_parts(s3) -> None:
    source = {"Bucket": BUCKET, "Key": "parts/by hand"}
    whole = content(s3, "parts/by hand")
    begun = s3.create_multipart_upload(Bucket=BUCKET, Key="parts/copy")
    upload = {"Bucket": BUCKET, "Key": "parts/copy", "UploadId": begun["UploadId"]}
    parts = []
    for number, part in enumerate((f"bytes=0-{5 * MIB - 1}", f"bytes={5 * MIB}-{len(whole) - 1}"), 1):
        copied = s3.upload_part_copy(
            **upload, PartNumber=number, CopySource=source, CopySourceRange=part
        )
        parts.append({"PartNumber": number, "ETag": copied["CopyPartResult"]["ETag"]})
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    equal(content(s3, "parts/copy"), whole, "content")


def wrong_uploads(s3) -> None:
    key = "parts/wrong"
    none = {"Bucket": BUCKET, "Key": key, "UploadId": "none"}
    fails("NoSuchUpload", lambda: s3.upload_part(**none, PartNumber=1, Body=b"x"), 404)
    fails("NoSuchUpload", lambda: s3.list_parts(**none), 404)
    fails("NoSuchUpload", lambda: s3.abort_multipart_upload(**none), 404)
    upload = {**none, "UploadId": s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]}
    etags = [
        s3.upload_part(**upload, PartNumber=number, Body=b"short")["ETag"] for number in (1, 2)
    ]
    complete = lambda *parts: s3.complete_multipart_upload(
        **upload,
        MultipartUpload={"Parts": [{"PartNumber": number, "ETag": tag} for number, tag in parts]},
    )
    fails("EntityTooSmall", lambda: complete((1, etags[0]), (2, etags[1])), 400)
    fails("InvalidPart", lambda: complete((1, '"00"')), 400)
    fails("InvalidPartOrder", lambda: complete((2, etags[1]), (1, etags[0])), 400)
    bad = lambda: s3.upload_part(**upload, PartNumber=3, Body=b"x", ChecksumCRC32="AAAAAA==")
    fails("BadDigest", bad, 400)
    equal(len(s3.list_parts(**upload)["Parts"]), 2, "parts that are there")
    whole = lambda: s3.complete_multipart_upload(
        **upload,
        ChecksumCRC32="AAAAAA==",
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etags[0]}]},
    )
    fails("NotImplemented", whole, 501, "x-amz-checksum-crc32")
    s3.abort_multipart_upload(**upload)
    fails("NoSuchUpload", lambda: s3.list_parts(**upload), 404)
    fails("404", lambda: s3.head_object(Bucket=BUCKET, Key=key))


def by_the_transfer_manager(s3) -> None:
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    folder = os.environ["CLOUD_SCRATCH"]
    sent, got = os.path.join(folder, "boto3-sent"), os.path.join(folder, "boto3-got")
    for size in (0, 1000, 12 * MIB + 5):
        with open(sent, "wb") as file:
            file.write(os.urandom(size))
        key = f"transfers/{size}"
        extra = {"Metadata": {"size": str(size)}, "ContentType": "text/x-test"}
        moved = []
        s3.upload_file(sent, BUCKET, key, Config=config, ExtraArgs=extra, Callback=moved.append)
        equal(sum(moved), size, "bytes that were reported")
        described = s3.head_object(Bucket=BUCKET, Key=key)
        equal((described["ContentLength"], described["Metadata"]), (size, {"size": str(size)}), key)
        s3.download_file(BUCKET, key, got, Config=config)
        with open(sent, "rb") as one, open(got, "rb") as other:
            assert one.read() == other.read(), f"content of {key}"
    s3.copy({"Bucket": BUCKET, "Key": key}, BUCKET, "transfers/copy", Config=config)
    into = io.BytesIO()
    s3.download_fileobj(BUCKET, "transfers/copy", into, Config=config)
    with open(sent, "rb") as file:
        assert file.read() == into.getvalue(), "content of the copy"
    # A stream of which nobody knows the length.
    s3.upload_fileobj(io.BytesIO(b"stream" * MIB), BUCKET, "transfers/stream", Config=config)
    equal(content(s3, "transfers/stream"), b"stream" * MIB, "content of the stream")


CASES = (by_hand, copied_parts, wrong_uploads, by_the_transfer_manager)
