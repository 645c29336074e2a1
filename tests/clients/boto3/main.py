"""Drives boto3 through a local cloud that checks every signature, by S3's interface."""

import sys

import multipart
import objects
import presigned
import settings
import wrong
from report import Report
from session import BUCKET, client, content, equal, fails


def run(s3, report: Report) -> None:
    s3.create_bucket(Bucket=BUCKET)
    for part in (objects, multipart, settings, presigned, wrong):
        for case in part.CASES:
            report.case(f"{part.__name__}: {case.__name__}", case, s3)
    for word, call in wrong.refused(s3).items():
        report.refusal(word, fails, "NotImplemented", call, 501, word)
    report.case("nothing came of it", lambda: equal(content(s3, "victim"), b"victim", "content"))


def main() -> int:
    report = Report("boto3")
    try:
        run(client(), report)
    except Exception as error:
        report.differs("the cases after this one", str(error))
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
