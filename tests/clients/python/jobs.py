"""Jobs of Cloud Infinite: pictures inspected for what hides in them."""

import pictures
from session import Session, equal, refused, until

QUEUE = "p" + "0" * 32


def submit(session: Session, key: str, bucket: str | None = None, **operation) -> dict:
    job = {
        "Tag": "ImageInspect",
        "Input": {"Object": key},
        "Operation": {"UserData": "from Python", "JobLevel": "1"} | operation,
    }
    answer = session.cos.ci_create_media_jobs(Bucket=bucket or session.bucket, Jobs=job)
    [submitted] = answer["JobsDetail"]
    return submitted


def ended(session: Session, job: dict) -> dict:
    ask = lambda: session.cos.ci_get_media_jobs(Bucket=session.bucket, JobIDs=job["JobId"])
    over = lambda answer: answer["JobsDetail"][0]["State"] not in ("Submitted", "Running")
    return until(over, ask)["JobsDetail"][0]


def picture_buckets(session: Session) -> None:
    cos = session.cos
    for _ in range(2):
        _, answer = cos.ci_open_pic_bucket(Bucket=session.bucket)
        equal(answer["PicBucket"]["BucketId"], session.bucket, "bucket with asynchronous pictures")
        equal(answer["PicBucket"]["Region"], session.region, "its region")
    found = cos.ci_get_pic_bucket(
        Regions=session.region, BucketNames=session.bucket, PageNumber="1", PageSize="10"
    )
    equal(found["TotalCount"], "1", "buckets of that name")
    found = cos.ci_get_pic_bucket(BucketName="python-main", PageNumber="1", PageSize="10")
    equal(found["TotalCount"], "1", "buckets whose name begins so")
    found = cos.ci_get_pic_bucket(Regions="ap-nowhere", PageNumber="1", PageSize="10")
    equal(found["TotalCount"], "0", "buckets elsewhere")


def inspection(session: Session) -> None:
    cos, picture, stream = session.cos, pictures.png(), pictures.mpeg_ts()
    session.put("in/clean.png", picture)
    session.put("in/odd.png", picture + stream)
    move = {"ImageInspect": {"AutoProcess": "true", "ProcessType": "BackupObject"}}
    clean, odd = (submit(session, f"in/{name}.png", **move) for name in ("clean", "odd"))
    for job in (clean, odd):
        equal(job["State"], "Submitted", "state of a new job")
    clean, odd = ended(session, clean), ended(session, odd)
    for job in (clean, odd):
        equal(job["State"], "Success", f"end of {job['JobId']}")
        equal(job["Operation"]["UserData"], "from Python", "user data")
    result = clean["Operation"]["ImageInspectResult"]["ProcessResult"]
    equal(result["Suspicious"], "false", "verdict on the clean picture")
    assert cos.object_exists(session.bucket, "in/clean.png")
    result = odd["Operation"]["ImageInspectResult"]["ProcessResult"]
    equal(result["Suspicious"], "true", "verdict on the odd picture")
    equal(result["SuspiciousType"], "MPEG-TS", "what hides in it")
    equal(result["PicType"], "png", "what it seems to be")
    equal(int(result["SuspiciousBeginByte"]), len(picture), "where it begins")
    equal(int(result["SuspiciousSize"]), len(stream), "how much it is")
    equal(result["AutoProcessResult"]["Code"], "Success", "what was done about it")
    assert not cos.object_exists(session.bucket, "in/odd.png")
    moved = session.content("abnormal_images_backup/in/odd.png")
    equal(moved, picture + stream, "the moved picture")
    missing = ended(session, submit(session, "in/none.png"))
    equal(missing["State"], "Failed", "job on an object that is not there")
    assert missing["Code"] not in ("", "Success") and missing["Message"], missing


def kept_or_shut_away(session: Session) -> None:
    """The other ways to treat a suspicious picture."""
    odd = pictures.png() + pictures.mpeg_ts()
    anonymous = session.cos_client(Anonymous=True, SecretId="", SecretKey="")
    for way in ("DeleteObject", "SwitchObjectToPrivate"):
        session.put(f"odd/{way}.png", odd, ACL="public-read")
        operation = {"ImageInspect": {"AutoProcess": "true", "ProcessType": way}}
        equal(
            ended(session, submit(session, f"odd/{way}.png", **operation))["State"], "Success", way
        )
    assert not session.cos.object_exists(session.bucket, "odd/DeleteObject.png")
    equal(session.content("odd/SwitchObjectToPrivate.png"), odd, "content")
    private = {"Bucket": session.bucket, "Key": "odd/SwitchObjectToPrivate.png"}
    refused("AccessDenied", 403, lambda: anonymous.get_object(**private))


def lookup(session: Session) -> None:
    session.put("lookup.png", pictures.png())
    jobs = [ended(session, submit(session, "lookup.png")) for _ in range(3)]
    ids, unknown = [job["JobId"] for job in jobs], "c" + "0" * 32
    answer = session.cos.ci_get_media_jobs(Bucket=session.bucket, JobIDs=",".join([*ids, unknown]))
    equal([job["JobId"] for job in answer["JobsDetail"]], ids, "jobs that were asked for")
    equal(answer["NonExistJobIds"], unknown, "the job that is not there")
    listed = lambda **settings: session.cos.ci_list_media_jobs(
        Bucket=session.bucket, Tag="ImageInspect", QueueId=jobs[0]["QueueId"], **settings
    )
    seen, token = [], ""
    while True:
        page = listed(Size=2, NextToken=token)
        assert len(page["JobsDetail"]) <= 2
        seen += [job["JobId"] for job in page["JobsDetail"]]
        token = page.get("NextToken") or ""
        if not token:
            break
    equal(seen[:3], ids[::-1], "newest jobs first")
    oldest = [job["JobId"] for job in listed(Size=100, OrderByTime="Asc")["JobsDetail"]]
    equal(oldest, seen[::-1], "oldest jobs first")
    failed = listed(States="Failed", Size=100).get("JobsDetail", [])
    assert {job["State"] for job in failed} <= {"Failed"}, failed
    none = listed(StartCreationTime="2049-01-01T00:00:00+0800")
    assert not none.get("JobsDetail"), none


def cancelled(session: Session) -> None:
    """One job at a time is in work: the last of a few still waits."""
    session.put("heavy.png", pictures.png() + bytes(8_000_000))
    jobs = [submit(session, "heavy.png") for _ in range(8)]
    session.cos.ci_cancel_jobs(Bucket=session.bucket, JobID=jobs[-1]["JobId"])
    equal(ended(session, jobs[-1])["State"], "Cancel", "state of the cancelled job")
    for job in jobs[:-1]:
        equal(ended(session, job)["State"], "Success", "state of another job")


def wrong_uses(session: Session):
    """Name, code, status and call of each."""
    cos, bucket = session.cos, session.bucket
    [over] = [ended(session, submit(session, "none.png"))]
    create = lambda **change: lambda: cos.ci_create_media_jobs(
        Bucket=bucket,
        Jobs={"Tag": "ImageInspect", "Input": {"Object": "a.png"}, "Operation": {}} | change,
    )
    operation = lambda **nodes: create(Operation=nodes)
    inspect = lambda **nodes: operation(ImageInspect=nodes)
    jobs = lambda **settings: lambda: cos.ci_list_media_jobs(
        **{"Bucket": bucket, "Tag": "ImageInspect", "QueueId": over["QueueId"]} | settings
    )
    for name, call in {
        "no input": create(Input={}),
        "no object": create(Input={"Object": ""}),
        "a long key": create(Input={"Object": "k" * 851}),
        "no such level": operation(JobLevel="3"),
        "much user data": operation(UserData="x" * 1025),
        "user data beyond ASCII": operation(UserData="\u732b"),
        "no switch": inspect(AutoProcess="perhaps"),
        "no such way": inspect(ProcessType="Burn"),
        "a callback by FTP": create(CallBack="ftp://example.com"),
        "a callback to half an address": create(CallBack="example.com/hook"),
        "a callback of no format": create(CallBackFormat="YAML"),
        "a callback of no kind": create(CallBackType="Pigeon"),
        "no such state": jobs(States="Nowhere"),
        "no such order": jobs(OrderByTime="Random"),
        "no such token": jobs(NextToken="none"),
        "a list of none": jobs(Size=0),
        "a long list": jobs(Size=101),
        "a list from no time": jobs(StartCreationTime="yesterday"),
        "a list until no time": jobs(EndCreationTime="tomorrow"),
        "many jobs": lambda: cos.ci_get_media_jobs(Bucket=bucket, JobIDs=",".join("abcdefghijk")),
        "a job that is over": lambda: cos.ci_cancel_jobs(Bucket=bucket, JobID=over["JobId"]),
        "page 0": lambda: cos.ci_get_pic_bucket(PageNumber="0", PageSize="10"),
        "a long page": lambda: cos.ci_get_pic_bucket(PageNumber="1", PageSize="101"),
        "a page of none": lambda: cos.ci_get_pic_bucket(PageNumber="1", PageSize="0"),
    }.items():
        yield name, "InvalidArgument", 400, call
    unbound = session.bucket_name("unbound")
    cos.create_bucket(Bucket=unbound)
    yield (
        "a bucket that is not bound",
        "MediaBucketUnBinded",
        403,
        lambda: submit(session, "a.png", bucket=unbound),
    )
    yield "no such queue", "QueueNotFound", 400, jobs(QueueId=QUEUE)
    yield (
        "no such job",
        "ResourceNotFound",
        400,
        lambda: cos.ci_cancel_jobs(Bucket=bucket, JobID="c" + "0" * 32),
    )


def not_built(session: Session):
    """Name and call of what is documented and not there."""
    create = lambda **nodes: lambda: session.cos.ci_create_media_jobs(
        Bucket=session.bucket,
        Jobs={"Tag": "ImageInspect", "Input": {"Object": "a.png"}, "Operation": {}} | nodes,
    )
    queue = {"MqRegion": "gz", "MqMode": "Queue", "MqName": "jobs"}
    yield "a callback by TDMQ", create(CallBackType="TDMQ", CallBackMqConfig=queue)
    for tag in (
        "Transcode",
        "Snapshot",
        "Animation",
        "Concat",
        "SmartCover",
        "VideoMontage",
        "VoiceSeparate",
        "DigitalWatermark",
        "ExtractDigitalWatermark",
        "VideoProcess",
        "SDRtoHDR",
        "SuperResolution",
        "Segment",
        "StreamExtract",
        "Translation",
        "Tts",
        "WordsGeneralize",
    ):
        yield f"a job {tag}", create(Tag=tag)


def run(session: Session, report) -> None:
    for case in (picture_buckets, inspection, kept_or_shut_away, lookup, cancelled):
        report.case(f"jobs: {case.__name__}", case, session)
    for name, code, status, call in wrong_uses(session):
        report.case(f"jobs: {name}", refused, code, status, call)
    for name, call in not_built(session):
        report.refusal(f"jobs: {name}", refused, "NotImplemented", 501, call)
