"""Drives rclone through a local cloud that checks every signature, by S3's interface: as the provider
TencentCOS, by the hosts of the service with the cloud as proxy, and as any other, by path."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from report import Report

ADDRESS = os.environ["CLOUD_ADDRESS"]
REGION = os.environ["CLOUD_REGION"]
APP_ID = os.environ["CLOUD_APP_ID"]
SCRATCH = Path(os.environ["CLOUD_SCRATCH"]) / "rclone"
MIB = 1024 * 1024


class Remote:
    """One way to the cloud, with a bucket and a folder of its own."""

    def __init__(self, name: str, provider: str, endpoint: str, **more: str) -> None:
        self.name = name
        self.bucket = f"rclone-{name}-{APP_ID}"
        self.folder = SCRATCH / name
        self.folder.mkdir(parents=True)
        self.settings = {
            "type": "s3",
            "provider": provider,
            "endpoint": endpoint,
            "access_key_id": os.environ["CLOUD_SECRET_ID"],
            "secret_access_key": os.environ["CLOUD_SECRET_KEY"],
            "acl": "private",
        } | more

    def run(self, *arguments: str, status: int = 0, **change: str) -> str:
        """What rclone prints, which must end with `status`."""
        settings = {
            f"RCLONE_CONFIG_R_{name.upper()}": value
            for name, value in (self.settings | change).items()
        }
        environment = os.environ | settings | {"RCLONE_CONFIG": os.devnull, "no_proxy": ""}
        # Nothing of the machine's own settings.
        for name in list(environment):
            if name.startswith("AWS_") or name.lower() in ("http_proxy", "all_proxy"):
                del environment[name]
        if self.name == "cos":
            environment["http_proxy"] = f"http://{ADDRESS}"
        done = subprocess.run(
            ["rclone", "--retries", "1", "--low-level-retries", "1", "--stats", "0", *arguments],
            capture_output=True,
            env=environment,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=60,
        )
        printed = done.stdout + done.stderr
        failed = done.returncode != 0
        assert failed == (status != 0), f"{arguments} ended with {done.returncode}: {printed}"
        return printed if failed else done.stdout

    def at(self, path: str = "") -> str:
        return f"R:{self.bucket}/{path}"

    def refused(self, *arguments: str, word: str, **change: str) -> None:
        printed = self.run(*arguments, status=1, **change)
        assert word in printed, f"{word} is not in: {printed}"

    def file(self, name: str, content: bytes = b"content") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def listed(self, path: str = "", *more: str) -> dict:
        """Sizes and tags by name."""
        printed = self.run("lsjson", "-R", "--files-only", "--hash", *more, self.at(path))
        return {item["Path"]: item for item in json.loads(printed)}


def equal(got: object, wanted: object, what: str) -> None:
    assert got == wanted, f"{what}: wanted {wanted!r}, got {got!r}"


FILES = {
    "plain.txt": b"plain",
    "empty": b"",
    "folder/a b.txt": b"spaces",
    "folder/100%25.txt": b"percent",
    "\u56fe\u7247/1.png": b"picture",
    "q&a=b+c.txt": b"signs",
}


def copies(remote: Remote) -> None:
    remote.run("mkdir", remote.at())
    # What is there already is no fault.
    remote.run("mkdir", remote.at())
    assert remote.bucket in remote.run("lsd", "R:")
    for name, content in FILES.items():
        remote.file(f"first/{name}", content)
    remote.run("copy", str(remote.folder / "first"), remote.at("copy"))
    listed = remote.listed("copy")
    wanted = {name: hashlib.md5(content).hexdigest() for name, content in FILES.items()}
    found = {name: item["Hashes"]["md5"] for name, item in listed.items()}
    equal(found, wanted, "digests")
    equal({it: listed[it]["Size"] for it in FILES}, {it: len(FILES[it]) for it in FILES}, "sizes")
    remote.run("check", str(remote.folder / "first"), remote.at("copy"))
    remote.run("check", "--download", str(remote.folder / "first"), remote.at("copy"))
    remote.run("copy", remote.at("copy"), str(remote.folder / "back"))
    for name, content in FILES.items():
        equal((remote.folder / "back" / name).read_bytes(), content, name)
    # Times are kept in metadata.
    one, other = (remote.folder / it / "plain.txt" for it in ("first", "back"))
    equal(one.stat().st_mtime_ns, other.stat().st_mtime_ns, "time of a file")
    lines = remote.run("lsl", remote.at("copy"))
    equal(len(lines.splitlines()), len(FILES), "lines of lsl")
    equal(remote.run("cat", remote.at("copy/plain.txt")), "plain", "cat")
    size = json.loads(remote.run("size", "--json", remote.at("copy")))
    equal((size["count"], size["bytes"]), (len(FILES), sum(map(len, FILES.values()))), "size")


def syncs(remote: Remote) -> None:
    first = remote.folder / "first"
    remote.run("sync", str(first), remote.at("sync"))
    (first / "plain.txt").write_bytes(b"changed")
    (first / "empty").unlink()
    remote.file("first/new.txt", b"new")
    remote.refused("check", str(first), remote.at("sync"), word="differences found")
    remote.run("sync", str(first), remote.at("sync"))
    remote.run("check", str(first), remote.at("sync"))
    equal("empty" in remote.listed("sync"), False, "what is gone")
    # From one place in the cloud to another: by copies there.
    remote.run("sync", remote.at("sync"), remote.at("other place"))
    remote.run("check", remote.at("sync"), remote.at("other place"))
    remote.run("moveto", remote.at("other place/new.txt"), remote.at("other place/moved é.txt"))
    assert "moved é.txt" in remote.listed("other place")
    equal("new.txt" in remote.listed("other place"), False, "what was moved")
    remote.run("touch", remote.at("sync/plain.txt"))
    remote.run("copyto", str(first / "plain.txt"), remote.at("sync/plain.txt"))


def many(remote: Remote) -> None:
    """So many that a list has several pages."""
    for number in range(40):
        remote.file(f"many/{number % 4}/{number:04}.txt", str(number).encode())
    remote.run("copy", "--transfers", "8", str(remote.folder / "many"), remote.at("many"))
    for more in ((), ("--fast-list",)):
        chunk = ("--s3-list-chunk", "7")
        equal(len(remote.listed("many", *chunk, *more)), 40, "files")
    version_2 = ("--s3-list-version", "2", "--s3-list-chunk", "7")
    equal(len(remote.listed("many", *version_2)), 40, "files of the second version")
    folders = remote.run("lsf", "--dirs-only", remote.at("many")).split()
    equal(folders, ["0/", "1/", "2/", "3/"], "folders")
    remote.run("delete", "--include", "*0.txt", remote.at("many"))
    equal(len(remote.listed("many")), 36, "files that are left")
    remote.run("purge", remote.at("many"))
    equal(remote.listed().keys() & {"many"}, set(), "what is left")


def in_parts(remote: Remote) -> None:
    content = os.urandom(11 * MIB + 7)
    large = remote.file("large/large.bin", content)
    how = ("--s3-upload-cutoff", "5Mi", "--s3-chunk-size", "5Mi")
    remote.run("copyto", *how, str(large), remote.at("large/large.bin"))
    remote.run("check", str(large.parent), remote.at("large"))
    remote.run("check", "--download", str(large.parent), remote.at("large"))
    item = remote.listed("large")["large.bin"]
    equal(item["Hashes"]["md5"], hashlib.md5(content).hexdigest(), "digest in the metadata")
    cutoff = ("--s3-copy-cutoff", "5Mi")
    remote.run("copyto", *how, *cutoff, remote.at("large/large.bin"), remote.at("large/copy.bin"))
    remote.run("copyto", remote.at("large/copy.bin"), str(remote.folder / "copy.bin"))
    assert (remote.folder / "copy.bin").read_bytes() == content
    equal(remote.run("backend", "list-multipart-uploads", remote.at()).strip()[:1], "{", "uploads")


def classes(remote: Remote) -> None:
    file = remote.file("class.txt", b"class")
    remote.run("copyto", "--s3-storage-class", "STANDARD_IA", str(file), remote.at("class.txt"))
    tiers = [it.get("Tier") for it in remote.listed().values() if it["Path"] == "class.txt"]
    equal(tiers, ["STANDARD_IA"], "class")
    remote.run("settier", "STANDARD", remote.at("class.txt"))
    public = ("--s3-acl", "public-read")
    remote.run("copyto", *public, str(file), remote.at("public.txt"))
    link = remote.run("link", remote.at("class.txt"))
    assert "X-Amz-Signature" in link, link


def wrong_uses(remote: Remote) -> None:
    file = str(remote.file("wrong.txt"))
    to = remote.at("wrong.txt")
    for change, word in (
        ({"secret_access_key": "wrong"}, "SignatureDoesNotMatch"),
        ({"access_key_id": "AKIDstranger"}, "InvalidAccessKeyId"),
    ):
        remote.refused("copyto", file, to, word="403", **change)
        remote.refused("lsf", remote.at(), word=word, **change)
    missing = f"R:missing-{APP_ID}/"
    remote.refused("lsf", missing, word="directory not found")
    # To rclone, a key that is not there is a folder without files.
    nowhere = remote.folder / "none"
    remote.run("copyto", remote.at("none"), str(nowhere))
    assert not nowhere.is_file()
    remote.refused("mkdir", "R:without-number", word="InvalidBucketName")
    assert "wrong.txt" not in remote.listed()


def refusals(remote: Remote) -> dict:
    file = str(remote.folder / "class.txt")
    to = remote.at("refused.txt")
    return {
        "acl": (("copyto", "--s3-acl", "bucket-owner-full-control", file, to), "NotImplemented"),
        "class": (("copyto", "--s3-storage-class", "ONEZONE_IA", file, to), "NotImplemented"),
        "requester pays": (("copyto", "--s3-requester-pays", file, to), "NotImplemented"),
    }


def leaves_nothing(remote: Remote) -> None:
    remote.run("purge", remote.at())
    remote.refused("lsf", remote.at(), word="directory not found")


def main() -> int:
    report = Report("rclone")
    try:
        remotes = (
            Remote("cos", "TencentCOS", f"http://cos.{REGION}.myqcloud.com"),
            Remote("path", "Other", f"http://{ADDRESS}", region=REGION),
        )
        for remote in remotes:
            for case in (copies, syncs, many, in_parts, classes, wrong_uses):
                report.case(f"{case.__name__} ({remote.name})", case, remote)
            for name, (arguments, word) in refusals(remote).items():
                report.refusal(f"{name} ({remote.name})", lambda: remote.refused(*arguments, word=word))
            report.case(f"leaves nothing ({remote.name})", leaves_nothing, remote)
    except Exception as error:
        report.differs("the cases after this one", str(error))
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
