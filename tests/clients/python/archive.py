"""Archived objects. The last part: it puts the cloud's clock ahead."""

import json
import urllib.request

from session import Session, equal, refused

MINUTES = 5


def restoring(session: Session) -> None:
    cos, where = session.cos, {"Bucket": session.bucket, "Key": "cold"}
    session.put("cold", b"cold", StorageClass="ARCHIVE")
    refused("InvalidObjectState", 403, lambda: cos.get_object(**where))
    restore = {"Days": 1, "CASJobParameters": {"Tier": "Expedited"}}
    cos.restore_object(**where, RestoreRequest=restore)
    equal(cos.head_object(**where)["x-cos-restore"], 'ongoing-request="true"', "on the way")
    refused(
        "RestoreAlreadyInProgress",
        409,
        lambda: cos.restore_object(**where, RestoreRequest=restore),
    )
    clock = f"http://{session.address}/_local/clock?advance={MINUTES * 60}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(clock, method="POST")) as answer:
        equal(json.load(answer)["ahead_seconds"], MINUTES * 60, "the clock")
    head = cos.head_object(**where)
    assert head["x-cos-restore"].startswith('ongoing-request="false", expiry-date="'), head
    equal(session.content("cold"), b"cold", "content of the restored object")
    cos.restore_object(**where, RestoreRequest=restore | {"Days": 2})


def wrong_uses(session: Session):
    """Name, code, status and call of each."""
    session.put("warm")
    session.put("deep", StorageClass="DEEP_ARCHIVE")

    def restore(key: str, tier: str, days: int = 1, **more):
        request = {"Days": days, "CASJobParameters": {"Tier": tier}}
        where = {"Bucket": session.bucket, "Key": key} | more
        return lambda: session.cos.restore_object(**where, RestoreRequest=request)

    yield "what is not archived", "RestoreNonArchiveObject", 405, restore("warm", "Bulk")
    yield "what is not there", "NoSuchKey", 404, restore("none", "Bulk")
    yield "too deep for haste", "InvalidArgument", 400, restore("deep", "Expedited")
    yield "an unknown tier", "InvalidArgument", 400, restore("deep", "Slow")
    yield "no day", "InvalidArgument", 400, restore("deep", "Bulk", 0)
    yield "no version", "NoSuchVersion", 404, restore(
        "deep", "Bulk", VersionId="MTg0NDUxNTc1NjIzMTQ1MDAwODg"
    )


def run(session: Session, report) -> None:
    report.case("restoring", restoring, session)
    for name, code, status, call in wrong_uses(session):
        report.case(f"restoring {name}", refused, code, status, call)
