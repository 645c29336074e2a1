"""Runs what the guide prints for Python and Node programs: the blocks that name a file become that file,
and the tests in them run as the page says, over http and over https."""

import os
import re
import subprocess
import sys
from pathlib import Path

from report import Report

GUIDE = Path("docs/src")
SCRATCH = Path(os.environ["CLOUD_SCRATCH"]) / "quickstarts"
BUCKET = "album-1250000000"
BLOCK = re.compile(r"^```(?:python|js),(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def unpack(page: str) -> Path:
    """A folder with the files of a page."""
    folder = SCRATCH / page.removesuffix(".md")
    folder.mkdir(parents=True)
    blocks = BLOCK.findall((GUIDE / page).read_text())
    assert blocks, f"{page} has no files"
    for name, text in blocks:
        (folder / name).write_text(text)
    return folder


def run(folder: Path, options: list[str], command: list[str], counts: dict[str, str]) -> None:
    """Runs `command` in `folder` with a cloud of its own; its last lines have to say `counts`."""
    server = [str(Path(os.environ["CLOUD_SERVER"]).resolve()), "local", "exec", *options, "--"]
    inherited = ("CLOUD_", "PYTHON", "NODE_")
    environment = {name: it for name, it in os.environ.items() if not name.startswith(inherited)}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "NODE_NO_WARNINGS": "1"}
    ended = subprocess.run(
        [*server, *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    said = f"{ended.stdout}\n{ended.stderr}"
    assert ended.returncode == 0, said
    for what, count in counts.items():
        assert re.search(what.replace("N", rf"\b{count}\b"), said), f"not {count} of {what}: {said}"


def pytest(folder: Path, options: list[str], passed: int, skipped: int) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    counts = {"N passed": passed} | ({"N skipped": skipped} if skipped else {})
    run(folder, ["--bucket", BUCKET, *options], command, counts)


def node(folder: Path, options: list[str], passed: int, skipped: int) -> None:
    command = ["node", "--test", "--test-reporter=tap"]
    run(folder, ["--bucket", BUCKET, *options], command, {"# pass N": passed, "# skipped N": skipped})


def seeded(folder: Path) -> None:
    """What the pages say of `--seed`."""
    album = folder / "fixtures" / BUCKET
    album.mkdir(parents=True)
    (album / "cat.txt").write_text("meow")
    text = (
        "from qcloud_cos import *\nimport os\n"
        "proxy = {'http': os.environ['http_proxy']}\n"
        "config = CosConfig(Region=os.environ['COS_REGION'], SecretId=os.environ['COS_SECRET_ID'],\n"
        "    SecretKey=os.environ['COS_SECRET_KEY'], Scheme='http', Proxies=proxy)\n"
        f"answer = CosS3Client(config).get_object(Bucket='{BUCKET}', Key='cat.txt')\n"
        "print(answer['Body'].get_raw_stream().read())\n"
    )
    run(folder, ["--seed", "fixtures"], [sys.executable, "-c", text], {"b'meow'": 0})


def main() -> int:
    report = Report("quickstarts")
    python, javascript = unpack("python.md"), unpack("node.md")
    (javascript / "node_modules").symlink_to(Path(os.environ["CLOUD_NODE"], "node_modules").resolve())
    for name, case, folder, counts in (
        ("pytest", pytest, python, (5, 1)),
        ("node --test", node, javascript, (5, 1)),
    ):
        passed, skipped = counts
        report.case(f"{name} over http", case, folder, [], passed, skipped)
        report.case(f"{name} over https", case, folder, ["--tls"], passed + skipped, 0)
    report.case("a seed", seeded, python)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
