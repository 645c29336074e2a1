"""Objects that the cloud fetches from other addresses by itself."""

import hashlib

from session import Session, equal, refused, until

CONTENT = b"fetched"


def begun(session: Session, key: str, **more) -> str:
    """Begins to fetch the object of the session, and returns the id of the task."""
    host = f"{session.bucket}.cos.{session.region}.myqcloud.com"
    task = {"Url": f"http://{host}/fetched/source", "Key": key} | more
    answer = session.cos.put_async_fetch_task(Bucket=session.bucket, FetchTaskConfiguration=task)
    equal(answer["code"], 0, "code")
    equal(answer["message"], "SUCCESS", "message")
    return answer["data"]["taskid"]


def ended(session: Session, task: str) -> dict:
    def state() -> dict:
        answer = session.cos.get_async_fetch_task(Bucket=session.bucket, TaskId=task)
        equal(answer["code"], 0, "code")
        return answer["data"]

    return until(lambda it: it["status"] != "TASK_DOING", state)


def fetching(session: Session) -> None:
    state = ended(session, begun(session, "fetched/a", MD5=hashlib.md5(CONTENT).hexdigest()))
    equal(state["status"], "TASK_SUCCESS", "status")
    equal(state["percent"], 100, "per cent")
    equal(session.content("fetched/a"), CONTENT, "content")


def leaving_alone(session: Session) -> None:
    for more, wanted in (
        ({"OnKeyExist": "ignore"}, b"old"),
        ({"IgnoreSameKey": True}, b"old"),
        ({"OnKeyExist": "override"}, CONTENT),
    ):
        session.put("fetched/b", b"old")
        equal(ended(session, begun(session, "fetched/b", **more))["status"], "TASK_SUCCESS", "status")
        equal(session.content("fetched/b"), wanted, f"content after {more}")


def failing(session: Session) -> None:
    state = ended(session, begun(session, "fetched/c", MD5="0" * 32))
    equal(state["status"], "TASK_FAILED", "status")
    equal(state["code"], "BadDigest", "code")
    assert state["msg"], state
    refused("NoSuchKey", 404, lambda: session.content("fetched/c"))
    # Nothing on this machine is reached.
    state = ended(session, begun(session, "fetched/c", Url="http://127.0.0.1:9/"))
    equal(state["code"], "InvalidArgument", "code")


def unfetched(code: str, call) -> None:
    answer = call()
    equal(answer["code"], code, "code")
    assert answer["message"] and answer["request_id"], answer


def wrong_uses(session: Session):
    """Name, code and call of each. The SDK returns refusals as it returns answers."""
    cos, bucket = session.cos, session.bucket
    task = {"Url": "http://example.com/a", "Key": "fetched/d"}

    def put(name: str = bucket, **more):
        given = task | more
        return lambda: cos.put_async_fetch_task(Bucket=name, FetchTaskConfiguration=given)

    yield "no bucket", "NoSuchBucket", put(session.missing)
    yield "no key", "InvalidArgument", put(Key="")
    yield "no address", "InvalidArgument", put(Url="ftp://example.com/a")
    yield "no digest", "InvalidArgument", put(MD5="short")
    yield "no word", "InvalidArgument", put(OnKeyExist="keep")
    yield "no task", "NoSuchTask", lambda: cos.get_async_fetch_task(
        Bucket=bucket, TaskId="bm9uZQ=="
    )


def run(session: Session, report) -> None:
    session.put("fetched/source", CONTENT, ACL="public-read")
    report.case("fetching an object", fetching, session)
    report.case("fetching where there is an object", leaving_alone, session)
    report.case("fetching that fails", failing, session)
    for name, code, call in wrong_uses(session):
        report.case(f"fetching: {name}", unfetched, code, call)
