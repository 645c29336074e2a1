"""Runs coscmd as a process of its own, with files beside it.

It reaches the cloud as its HTTP proxy, by the hosts of the service. What is run is the command's own
function: around it the program only waits for whole seconds.
"""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

COMMAND = (
    "import sys; from coscmd import cos_cmd; cos_cmd.command_thread(); "
    "sys.exit(cos_cmd.res)"
)
PROXY = f"http://{os.environ['CLOUD_ADDRESS']}"
REGION = os.environ["CLOUD_REGION"]
APP_ID = os.environ["CLOUD_APP_ID"]


class Session:
    """Configurations of coscmd, and a bucket."""

    def __init__(self) -> None:
        self.folder = Path(os.environ["CLOUD_SCRATCH"]) / "coscmd"
        self.folder.mkdir()
        self.bucket = self.bucket_name("main")
        self.configure("right")
        self.run("createbucket")

    @staticmethod
    def bucket_name(name: str) -> str:
        return f"coscmd-{name}-{APP_ID}"

    def configure(self, name: str, bucket: str = "", **keys: str) -> None:
        """Writes the configuration `name`."""
        self.run(
            "config",
            *("-a", keys.get("id", os.environ["CLOUD_SECRET_ID"])),
            *("-s", keys.get("key", os.environ["CLOUD_SECRET_KEY"])),
            *("-b", bucket or self.bucket, "-r", REGION),
            *("--do-not-use-ssl", "--retry", "1"),
            using=name,
        )
        # From where on parts are sent and fetched, in MB; no lower one is taken.
        with (self.folder / f"{name}.conf").open("a") as file:
            file.write("multiupload_threshold = 20\nmultidownload_threshold = 20\n")

    def run(self, *arguments: str, using: str = "right", bucket: str = "", status: int = 0) -> str:
        """What coscmd prints, which must end with `status`."""
        own = ["-c", str(self.folder / f"{using}.conf"), "-l", str(self.folder / "log")]
        own += ["-b", bucket] if bucket else []
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", COMMAND, *own, *arguments],
            capture_output=True,
            cwd=self.folder,
            env=os.environ | {"http_proxy": PROXY, "no_proxy": "", "HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=120,
        )
        printed = done.stdout + done.stderr
        wanted = status & 255
        assert done.returncode == wanted, f"{arguments} ended with {done.returncode}: {printed}"
        return printed

    def refused(self, *arguments: str, words: tuple[str, ...] = (), **how) -> None:
        """Asserts that coscmd fails, with `words` in what it says."""
        printed = self.run(*arguments, **({"status": -1} | how))
        for word in words:
            assert word in printed, f"{word} is not in: {printed}"

    def file(self, name: str, content: bytes = b"content") -> str:
        """A file with `content`, by its path below the folder that coscmd runs in."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return name

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def put(self, key: str, content: bytes = b"content", *arguments: str, **how) -> None:
        self.run("upload", self.file("to-put", content), key, *arguments, **how)

    def content(self, key: str, *arguments: str, **how) -> bytes:
        """The object `key`, as coscmd downloads it."""
        self.run("download", "-f", key, "got", *arguments, **how)
        return self.read("got")

    def keys(self, prefix: str = "", **how) -> set[str]:
        """The keys below `prefix`, as coscmd lists them. None of them has a blank."""
        printed = self.run("-s", "list", "-r", "-a", prefix, **how)
        lines = (line.split() for line in printed.splitlines())
        return {line[0] for line in lines if len(line) > 1}

    def signed(self, *arguments: str) -> str:
        """The URL that coscmd signs. It prints the bytes as Python writes them."""
        return self.run("signurl", *arguments).split()[0].removeprefix("b'").removesuffix("'")

    def source(self, key: str, bucket: str = "") -> str:
        return f"{bucket or self.bucket}.cos.{REGION}.myqcloud.com/{key}"


def fetch(url: str) -> tuple[int, bytes]:
    """Status and content of what a URL leads to, without a signature but its own."""
    handler = urllib.request.ProxyHandler({"http": PROXY})
    try:
        with urllib.request.build_opener(handler).open(url, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def equal(got: object, wanted: object, what: str) -> None:
    assert got == wanted, f"{what}: wanted {wanted!r}, got {got!r}"
