"""Drives the official Python SDKs through a local cloud that checks every signature."""

import logging
import sys

import archive
import buckets
import copies
import fetches
import files
import forms
import images
import jobs
import multipart
import objects
import others
import settings
import signatures
import temporary
import versions
from report import Report
from session import Session


def main() -> int:
    # Refusals are expected here; the SDK logs each as an error.
    logging.disable(logging.CRITICAL)
    session, report = Session(), Report("python")
    parts = (
        buckets,
        objects,
        copies,
        fetches,
        versions,
        multipart,
        jobs,
        files,
        forms,
        images,
        settings,
        signatures,
        temporary,
        others,
        # The last, since it puts the clock ahead.
        archive,
    )
    for part in parts:
        try:
            part.run(session, report)
        except Exception as error:  # The other parts go on.
            report.differs(f"{part.__name__}: the cases after this one", repr(error))
    others.uncalled(session, report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
