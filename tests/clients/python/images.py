"""Image tasks of the media processing service, and every action that it does not have."""

import base64
import inspect
import itertools
import json
import os

import pictures
from qcloud_cos import AIRecognitionClient
from tencentcloud.mps.v20190612 import models
from tencentcloud.mps.v20190612.mps_client import MpsClient

from session import Session, equal, refused, until

BUILT = ("ProcessImage", "DescribeImageTaskDetail")


def request(session: Session, **change) -> models.ProcessImageRequest:
    place = {"Bucket": session.bucket, "Region": session.region, "Object": "/photo/a.png"}
    built = models.ProcessImageRequest()
    built.from_json_string(
        json.dumps(
            {
                "InputInfo": {"Type": "COS", "CosInputInfo": place},
                "OutputDir": "/out/",
                "ImageTask": {"EncodeConfig": {"Format": "JPEG", "Quality": 80}},
            }
            | change
        )
    )
    return built


def detail(mps: MpsClient, task: str) -> models.DescribeImageTaskDetailResponse:
    question = models.DescribeImageTaskDetailRequest()
    question.TaskId = task
    return until(
        lambda answer: answer.Status == "FINISH", lambda: mps.DescribeImageTaskDetail(question)
    )


def processed(session: Session) -> None:
    session.put("photo/a.png", pictures.png(60, 40))
    twice = {
        "EncodeConfig": {"Format": "JPEG", "Quality": 80},
        "EnhanceConfig": {"SuperResolution": {"Switch": "ON", "Type": "lq", "Size": 2}},
    }
    small = {
        "EncodeConfig": {"Format": "JPEG"},
        "TransformConfig": {"ImageResize": {"Switch": "ON", "Mode": "percent", "Percent": 0.5}},
    }
    colored = {
        "EncodeConfig": {"Format": "JPEG"},
        "EnhanceConfig": {"ColorEnhance": {"Type": "weak"}, "LowLightEnhance": {"Switch": "ON"}},
    }
    erased = {
        "EncodeConfig": {"Format": "JPEG"},
        "EraseConfig": {"ImageEraseLogo": {"ImageAreaBoxes": [{"AreaCoordSet": [9, 9, 20, 20]}]}},
    }
    denoised = {
        "EncodeConfig": {"Format": "JPEG"},
        "EnhanceConfig": {"Denoise": {"Switch": "ON", "Type": "weak"}},
    }
    for direct in (True, False):
        for task, wanted in (
            (twice, (120, 80)),
            (small, (30, 20)),
            (denoised, (60, 40)),
            (colored, (60, 40)),
            (erased, (60, 40)),
        ):
            mps = session.mps_client(direct=direct)
            submitted = mps.ProcessImage(request(session, ImageTask=task))
            assert submitted.TaskId and submitted.RequestId
            answer = detail(mps, submitted.TaskId)
            equal(answer.ErrMsg, "", f"error of task {submitted.TaskId} ({answer.Message})")
            [result] = answer.ImageProcessTaskResultSet
            equal(result.Status, "SUCCESS", "state of the result")
            key = result.Output.Path.lstrip("/")
            assert key.startswith("out/"), result.Output.Path
            equal(pictures.size_of_jpeg(session.content(key)), wanted, "size of the new picture")
            session.cos.delete_object(Bucket=session.bucket, Key=key)


def jobs_of(answer) -> list:
    """The jobs of an answer: one alone is no list."""
    jobs = answer["JobsDetail"]
    return jobs if isinstance(jobs, list) else [jobs]


def while_read(session: Session) -> None:
    """A picture that is processed as it is read, and what is known of it."""
    picture = {"Bucket": session.bucket, "Key": "photo/a.png"}
    session.put(picture["Key"], pictures.png(60, 40))
    _, known = session.cos.ci_get_image_info(**picture)
    known = json.loads(known)
    equal((str(known["width"]), str(known["height"])), ("60", "40"), "size of the picture")
    _, average = session.cos.ci_get_image_ave_info(**picture)
    assert json.loads(average)["RGB"].startswith("0x"), average
    path = os.path.join(session.scratch, "compressed.webp")
    session.cos.ci_download_compress_image(**picture, DestImagePath=path, CompressType="webp")
    with open(path, "rb") as file:
        equal(file.read(12)[8:], b"WEBP", "format of the picture")
    enlarged = session.cos.ci_super_resolution_process(**picture)
    enlarged = enlarged["Body"].get_raw_stream().read()
    equal(pictures.size_of_png(enlarged), (120, 80), "size of the enlarged picture")


def by_rules(session: Session) -> None:
    """Pictures that are made while one is uploaded or of a stored one, by a rule or a style."""
    cos, bucket, picture = session.cos, session.bucket, pictures.png(60, 40)
    style = {"StyleName": "half", "StyleBody": "imageMogr2/thumbnail/!50p"}
    cos.ci_put_image_style(Bucket=bucket, Request=style)
    _, told = cos.ci_get_image_style(Bucket=bucket, Request={"StyleName": "half"})
    equal(told["StyleRule"]["StyleBody"], style["StyleBody"], "the style")
    path = os.path.join(session.scratch, "rules.png")
    with open(path, "wb") as file:
        file.write(picture)
    rule = {"fileid": "half.jpg", "rule": "style/half|imageMogr2/format/jpg"}
    operations = json.dumps({"is_pic_info": 1, "rules": [rule]})
    for upload in (
        lambda: cos.ci_put_object(bucket, picture, "rules/a.png", PicOperations=operations),
        lambda: cos.ci_put_object_from_local_file(
            bucket, path, "rules/a.png", PicOperations=operations
        ),
        lambda: cos.ci_image_process(bucket, "rules/a.png", PicOperations=operations),
    ):
        _, data = upload()
        equal(data["OriginalInfo"]["ImageInfo"]["Width"], "60", "width of the picture")
        made = data["ProcessResults"]["Object"]
        equal((made["Key"], made["Width"]), ("rules/half.jpg", "30"), "the result")
        equal(pictures.size_of_jpeg(session.content("rules/half.jpg")), (30, 20), "its size")
        cos.delete_object(Bucket=bucket, Key="rules/half.jpg")
    job = {
        "Tag": "PicProcess",
        "Input": {"Object": "rules/a.png"},
        "Operation": {
            "PicProcess": {"IsPicInfo": "true", "ProcessRule": rule["rule"]},
            "Output": {"Region": session.region, "Bucket": bucket, "Object": "rules/job.jpg"},
        },
    }
    queue = jobs_of(cos.ci_create_media_pic_jobs(Bucket=bucket, Jobs=job))[0]["QueueId"]
    until(lambda made: made, lambda: cos.object_exists(bucket, "rules/job.jpg"))
    equal(pictures.size_of_jpeg(session.content("rules/job.jpg")), (30, 20), "size by a job")
    known = {"Bucket": bucket, "Tag": "PicProcess", "QueueId": queue}
    listed = jobs_of(cos.ci_list_media_pic_jobs(**known, Size=1))[0]
    told = jobs_of(cos.ci_get_media_pic_jobs(bucket, listed["JobId"]))
    equal(told[0]["Tag"], "PicProcess", "tag of the job")
    queues = cos.ci_get_media_pic_queue(bucket, State="Active", QueueIds=queue)
    equal(queues["TotalCount"], "1", "queues of pictures")
    change = {"Name": "pictures", "State": "Active", "NotifyConfig": {"State": "Off"}}
    changed = cos.ci_update_media_pic_queue(bucket, queue, Request=change)
    equal(changed["Queue"][0]["Name"], "pictures", "name of the queue")
    refused("InvalidArgument", 400, lambda: cos.ci_update_media_pic_queue(bucket, queue))
    _, noted = cos.ci_get_image_exif_info(Bucket=bucket, Key="rules/a.png")
    equal(json.loads(noted), {"error": "no exif data"}, "what is noted in the picture")
    cos.ci_delete_image_style(Bucket=bucket, Request={"StyleName": "half"})
    for templates in (cos.ci_get_template, cos.ci_get_asr_template):
        equal(templates(Bucket=bucket)["TotalCount"], "0", "templates")
    for delete in (cos.ci_delete_template, cos.ci_delete_asr_template):
        refused("InvalidArgument", 400, lambda: delete(Bucket=bucket, TemplateId="none"))


def retouched(session: Session) -> None:
    """Calls that erase, cut, improve and rate a picture while it is read."""
    session.put("photo/a.png", pictures.png(60, 40))
    client = session.cos_client(AIRecognitionClient, Appid=session.app_id)
    picture = {"Bucket": session.bucket, "ObjectKey": "photo/a.png"}
    outline = base64.urlsafe_b64encode(b"[[10,10],[20,10],[20,20],[10,20]]").decode()
    for call, size in (
        (lambda: client.cos_image_repair(**picture, MaskPoly=outline, Stream=True), (60, 40)),
        (lambda: client.cos_ai_image_crop(**picture, Width=10, Height=10, Stream=True), (40, 40)),
        (lambda: client.cos_ai_enhance_image(**picture, Denoise=1, Sharpen=2, Stream=True), (60, 40)),
    ):
        answer = call()
        body = answer[1] if isinstance(answer, tuple) else answer
        equal(pictures.size_of_png(body.get_raw_stream().read()), size, "size of the picture")
    rated = session.cos.ci_image_assess_quality(Bucket=session.bucket, Key="photo/a.png")
    equal(rated["SmallImage"].lower(), "true", "whether the picture is small")


def with_codes(session: Session) -> None:
    """Codes that are drawn, stored, read and covered."""
    cos, bucket, text = session.cos, session.bucket, "https://example.com/?a=1"
    for mode, says in ((0, text), (1, "TCLOUD-2024")):
        drawn = cos.ci_qrcode_generate(Bucket=bucket, QrcodeContent=says, Width=300, Mode=mode)
        code = base64.b64decode(drawn["ResultImage"])
        equal(pictures.size_of_png(code)[0], 300, "width of the code")
        session.put("photo/code.png", code)
        _, found = cos.ci_get_object_qrcode(Bucket=bucket, Key="photo/code.png", Cover=1)
        equal(found["CodeStatus"], "1", "whether there are codes")
        [told] = found["QRcodeInfo"] if isinstance(found["QRcodeInfo"], list) else [found["QRcodeInfo"]]
        equal(told["CodeUrl"], says, "what the code says")
        equal(len(told["CodeLocation"]["Point"]), 4, "corners of the code")
        session.put("photo/covered.png", base64.b64decode(found["ResultImage"]))
        _, found = cos.ci_get_object_qrcode(Bucket=bucket, Key="photo/covered.png", Cover=0)
        equal(found["CodeStatus"], "0", "whether the covered picture has codes")
    path = os.path.join(session.scratch, "code.png")
    with open(path, "wb") as file:
        file.write(code)
    rules = json.dumps({"rules": [{"fileid": "out.png", "rule": "QRcode/cover/0"}]})
    _, data = cos.ci_put_object_from_local_file_and_get_qrcode(
        bucket, path, "photo/code.png", PicOperations=rules
    )
    equal(data["ProcessResults"]["Object"]["CodeStatus"], "1", "codes of the uploaded picture")


def hidden(session: Session) -> None:
    """A text that nobody sees, hidden and read by rules of stored pictures."""
    cos, bucket = session.cos, session.bucket
    session.put("photo/large.png", pictures.png(200, 150))
    text = base64.urlsafe_b64encode("云 tcloud".encode()).decode()
    hide = {"fileid": "marked.png", "rule": f"watermark/3/type/3/text/{text}"}
    cos.ci_image_process(bucket, "photo/large.png", PicOperations=json.dumps({"rules": [hide]}))
    read = json.dumps({"rules": [{"fileid": "none.txt", "rule": "watermark/4/type/3"}]})
    _, data = cos.ci_image_process(bucket, "photo/marked.png", PicOperations=read)
    equal(data["ProcessResults"]["Text"], "云 tcloud", "the hidden text")


def failed(session: Session) -> None:
    """A task on an object that is not there is accepted, and says so in the end."""
    place = {"Bucket": session.bucket, "Region": session.region, "Object": "/none.png"}
    mps = session.mps_client()
    task = mps.ProcessImage(
        request(session, InputInfo={"Type": "COS", "CosInputInfo": place})
    ).TaskId
    answer = detail(mps, task)
    assert answer.ErrMsg and answer.Message, answer.to_json_string()


def by_name_alone(session: Session) -> None:
    """The client that knows no action, and the one of JSON."""
    session.put("photo/a.png", pictures.png(60, 40))
    body = json.loads(request(session).to_json_string())
    plain = {name: value for name, value in body.items() if value is not None}
    client = session.api_client("mps", "2019-06-12")
    task = client.call_json("ProcessImage", without_null(plain))["Response"]["TaskId"]
    equal(detail(session.mps_client(), task).Status, "FINISH", "state of the task")
    missing = lambda: client.call_json("DescribeImageTaskDetail", {})
    refused("MissingParameter", None, missing)


def without_null(value):
    if isinstance(value, dict):
        return {name: without_null(each) for name, each in value.items() if each is not None}
    return value


def wrong_uses(session: Session):
    """Name, code and call of each."""
    mps = session.mps_client()
    process = lambda **change: lambda: mps.ProcessImage(request(session, **change))
    task = lambda **nodes: process(ImageTask=nodes)
    resize = lambda **nodes: task(TransformConfig={"ImageResize": nodes})
    value, missing = "InvalidParameterValue", "MissingParameter"
    yield "nothing", missing, lambda: mps.ProcessImage(models.ProcessImageRequest())
    yield "no task", missing, process(ImageTask=None)
    yield "no input", missing, process(InputInfo=None)
    yield "no place", missing, process(InputInfo={"Type": "COS"})
    yield "a format", value, task(EncodeConfig={"Format": "HEIF"})
    yield "a quality", value, task(EncodeConfig={"Quality": 0})
    yield "a large quality", value, task(EncodeConfig={"Quality": 101})
    yield "a percentage", value, resize(Mode="percent", Percent=11)
    yield "a width", value, resize(Mode="fill", Width=16_385)
    yield "a mode", value, resize(Mode="stretch")
    yield "a path", value, process(OutputPath="{unheardOf}.{format}")
    question = models.DescribeImageTaskDetailRequest()
    question.TaskId = "1250000000-WorkflowTask-none"
    yield "a task", "ResourceNotFound", lambda: mps.DescribeImageTaskDetail(question)
    empty = models.DescribeImageTaskDetailRequest()
    yield "no id", missing, lambda: mps.DescribeImageTaskDetail(empty)
    client = session.api_client("mps", "2019-06-12")
    yield "a parameter", "UnknownParameter", lambda: client.call_json("ProcessImage", {"Imge": 1})
    yield "an action", "InvalidAction", lambda: client.call_json("ProcessPicture", {})
    old = session.api_client("mps", "2018-06-12")
    yield "a version", "NoSuchVersion", lambda: old.call_json("ProcessImage", {})


def not_built(session: Session):
    """Name and call of what is documented and not there."""
    mps = session.mps_client()
    task = lambda **nodes: lambda: mps.ProcessImage(request(session, ImageTask=nodes))
    yield "faces", task(EnhanceConfig={"FaceEnhance": {"Switch": "ON"}})
    yield "erasing", task(EraseConfig={"ImageEraseLogo": {"Switch": "ON"}})
    yield "beauty", task(BeautyConfig={"BeautyEffectItems": [{"Type": "Smooth", "Value": 1}]})
    yield "a scenario", lambda: mps.ProcessImage(request(session, ScheduleId=30_000))
    amazon = {
        "Type": "AWS-S3",
        "S3InputInfo": {"S3Bucket": "b", "S3Region": "us-east-1", "S3Object": "a.png"},
    }
    yield "another cloud", lambda: mps.ProcessImage(request(session, InputInfo=amazon))


def other_actions(session: Session):
    """Every action of the package but those that are built."""
    mps = session.mps_client()
    for name, _ in inspect.getmembers(MpsClient, inspect.isfunction):
        if name[0].isupper() and name not in BUILT:
            empty = getattr(models, f"{name}Request")()
            yield name, lambda: getattr(mps, name)(empty)


def other_services(session: Session):
    """The other services that the tables have."""
    for service, version, action in (
        ("sts", "2018-08-13", "AssumeRoleWithSAML"),
        ("sts", "2018-08-13", "QueryApiKey"),
        ("ims", "2020-12-29", "ImageModeration"),
        ("tiia", "2019-05-29", "DetectLabel"),
    ):
        client = session.api_client(service, version, direct=False)
        yield f"{service} {action}", lambda: client.call_json(action, {})


def names_it(name: str, call) -> None:
    message = refused("UnsupportedOperation", None, call)
    action = name.split(" ")[-1]
    assert action in message, f"the refusal does not name {action}: {message}"


def other_signatures(session: Session) -> None:
    """What the SDK can do besides: done, or refused in a body that it understands."""
    question = models.DescribeImageTaskDetailRequest()
    question.TaskId = "none"
    for settings in (
        {"reqMethod": "GET"},
        {"sign": "HmacSHA1"},
        {"sign": "HmacSHA256"},
        {"sign": "HmacSHA256", "reqMethod": "GET"},
    ):
        for direct in (True, False):
            try:
                session.mps_client(direct=direct, **settings).DescribeImageTaskDetail(question)
            except Exception as error:
                code = getattr(error, "get_code", lambda: None)()
                assert code in (
                    "ResourceNotFound",
                    "UnsupportedProtocol",
                    "UnsupportedOperation",
                    "AuthFailure.InvalidAuthorization",
                ), f"{settings}: {error!r}"
                assert error.get_message() and error.get_request_id(), f"{settings}: {error!r}"
            else:
                raise AssertionError(f"{settings}: a task that does not exist was described")


def run(session: Session, report) -> None:
    cases = (
        processed,
        while_read,
        by_rules,
        retouched,
        with_codes,
        hidden,
        failed,
        by_name_alone,
        other_signatures,
    )
    for case in cases:
        report.case(f"images: {case.__name__}", case, session)
    for name, code, call in wrong_uses(session):
        report.case(f"images: not {name}", refused, code, None, call)
    for name, call in not_built(session):
        report.refusal(f"images: {name}", refused, "UnsupportedOperation", None, call)
    for name, call in itertools.chain(other_actions(session), other_services(session)):
        report.refusal(f"images: {name}", names_it, name, call)
