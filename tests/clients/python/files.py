"""Files of Cloud Infinite: hashes, archives that are made and unpacked, and a look into one."""

import hashlib
import io
import zipfile

from qcloud_cos.cos_auth import CosS3Auth
from session import Session, equal, refused, until

CONTENT = {"pack/a.txt": b"first", "pack/deep/b.txt": b"second" * 1000}


def open_bucket(session: Session) -> None:
    """The SDK has no method of its own for it."""
    cos, conf = session.cos, session.cos.get_conf()
    url = conf.uri(bucket=session.bucket, path="/file_bucket", endpoint=conf._endpoint_ci)
    auth = CosS3Auth(conf, "/file_bucket", params={})
    for _ in range(2):
        answer = cos.send_request(
            "POST", url, bucket=session.bucket, auth=auth, headers={}, ci_request=True
        )
        equal(answer.status_code, 200, "opening a bucket for files")


def ended(session: Session, answer: dict) -> dict:
    detail = answer["JobsDetail"]
    job = detail[0] if isinstance(detail, list) else detail
    ask = lambda: session.cos.ci_get_file_process_jobs(Bucket=session.bucket, JobIDs=job["JobId"])
    over = lambda answer: answer["JobsDetail"][0]["State"] not in ("Submitted", "Running")
    return until(over, ask)["JobsDetail"][0]


def hashes(session: Session) -> None:
    session.put("pack/a.txt", CONTENT["pack/a.txt"])
    wanted = hashlib.sha256(CONTENT["pack/a.txt"]).hexdigest()
    answer = session.cos.file_hash(Bucket=session.bucket, Key="pack/a.txt", Type="sha256")
    equal(answer["FileHashCodeResult"]["SHA256"].lower(), wanted, "hash at once")
    job = session.cos.ci_create_file_hash_job(
        Bucket=session.bucket,
        InputObject="pack/a.txt",
        FileHashCodeConfig={"Type": "SHA256"},
        UserData="from Python",
    )
    job = ended(session, job)
    equal(job["State"], "Success", "end of the job")
    equal(job["Operation"]["FileHashCodeResult"]["SHA256"].lower(), wanted, "hash by a job")
    equal(job["Operation"]["UserData"], "from Python", "user data")


def archives(session: Session) -> None:
    cos, bucket = session.cos, session.bucket
    for key, content in CONTENT.items():
        session.put(key, content)
    job = cos.ci_create_file_compress_job(
        Bucket=bucket,
        OutputBucket=bucket,
        OutputRegion=session.region,
        OutputObject="made.zip",
        FileCompressConfig={"Flatten": "0", "Format": "zip", "Prefix": "pack/"},
    )
    equal(ended(session, job)["State"], "Success", "end of packing")
    with zipfile.ZipFile(io.BytesIO(session.content("made.zip"))) as made:
        packed = {name.lstrip("/"): made.read(name) for name in made.namelist() if name[-1] != "/"}
    equal(packed, CONTENT, "what is in the archive")
    preview = cos.ci_file_zip_preview(Bucket=bucket, Key="made.zip")
    names = str(preview)
    for key in CONTENT:
        assert key in names, f"{key} is not in {names}"
    job = cos.ci_create_file_uncompress_job(
        Bucket=bucket,
        InputObject="made.zip",
        OutputBucket=bucket,
        OutputRegion=session.region,
        FileUncompressConfig={"Prefix": "unpacked/", "PrefixReplaced": "0"},
    )
    equal(ended(session, job)["State"], "Success", "end of unpacking")
    for key, content in CONTENT.items():
        equal(session.content(f"unpacked/{key}"), content, f"unpacked {key}")


def failures(session: Session) -> None:
    """What can only be found out while the work is done."""
    cos, bucket = session.cos, session.bucket
    session.put("none.zip", b"no archive")
    hash_job = cos.ci_create_file_hash_job(
        Bucket=bucket, InputObject="absent", FileHashCodeConfig={"Type": "MD5"}
    )
    unpack = cos.ci_create_file_uncompress_job(
        Bucket=bucket,
        InputObject="none.zip",
        OutputBucket=bucket,
        OutputRegion=session.region,
        FileUncompressConfig={"Prefix": "never/"},
    )
    for job in (hash_job, unpack):
        job = ended(session, job)
        equal(job["State"], "Failed", f"end of {job['Tag']}")
        assert job["Code"] not in ("", "Success") and job["Message"], job
    unknown = "f" + "0" * 32
    answer = cos.ci_get_file_process_jobs(Bucket=bucket, JobIDs=unknown)
    equal(answer["NonExistJobIds"], unknown, "the job that is not there")


def wrong_uses(session: Session):
    """Name, code, status and call of each."""
    cos, bucket = session.cos, session.bucket
    unbound = session.bucket_name("no-files")
    cos.create_bucket(Bucket=unbound)
    hash_job = lambda **change: lambda: cos.ci_create_file_hash_job(
        **{"Bucket": bucket, "InputObject": "a", "FileHashCodeConfig": {"Type": "MD5"}} | change
    )
    pack = lambda **config: lambda: cos.ci_create_file_compress_job(
        Bucket=bucket,
        OutputBucket=bucket,
        OutputRegion=session.region,
        OutputObject="never.zip",
        FileCompressConfig={"Flatten": "0", "Format": "zip"} | config,
    )
    for name, call in {
        "no such hash": hash_job(FileHashCodeConfig={"Type": "CRC"}),
        "no such hash at once": lambda: cos.file_hash(Bucket=bucket, Key="kept", Type="crc"),
        "a callback by FTP": hash_job(CallBack="ftp://example.com"),
        "nothing to pack": pack(),
        "no such format": pack(Format="cab", Prefix="pack/"),
    }.items():
        yield name, "InvalidArgument", 400, call
    yield "no such queue", "QueueNotFound", 400, hash_job(QueueId="p" + "0" * 32)
    absent = {"Bucket": bucket, "Key": "absent"}
    hash_now = lambda: cos.file_hash(Type="md5", **absent)
    yield "no such object", "ResourceNotFound", 400, hash_now
    yield "no such archive", "ResourceNotFound", 400, lambda: cos.ci_file_zip_preview(**absent)
    yield "a bucket that is not open", "MediaBucketUnBinded", 403, hash_job(Bucket=unbound)


def not_built(session: Session):
    """Name and call of what is documented and not there."""
    queue = {"MqRegion": "gz", "MqMode": "Queue", "MqName": "jobs"}
    yield (
        "a callback by TDMQ",
        lambda: session.cos.ci_create_file_hash_job(
            Bucket=session.bucket,
            InputObject="a",
            FileHashCodeConfig={"Type": "MD5"},
            CallBackType="TDMQ",
            CallBackMqConfig=queue,
        ),
    )


def run(session: Session, report) -> None:
    for case in (open_bucket, hashes, archives, failures):
        report.case(f"files: {case.__name__}", case, session)
    for name, code, status, call in wrong_uses(session):
        report.case(f"files: {name}", refused, code, status, call)
    for name, call in not_built(session):
        report.refusal(f"files: {name}", refused, "NotImplemented", 501, call)
