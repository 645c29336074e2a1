"""Makes the archives of these tests, with Python's own writers. Run it in its folder."""

import io
import stat
import struct
import tarfile
import warnings
import zipfile

warnings.simplefilter("ignore")
TIME = (2024, 5, 6, 7, 8, 10)


def entry(name, mode=stat.S_IFREG | 0o644):
    info = zipfile.ZipInfo(name, TIME)
    info.create_system = 3
    info.external_attr = mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def a_zip(path, entries):
    with zipfile.ZipFile(path, "w") as archive:
        for info, content in entries:
            archive.writestr(info, content)


def a_tar(path, entries, mode="w", format=tarfile.PAX_FORMAT):
    with tarfile.open(path, mode, format=format) as archive:
        for name, kind, content in entries:
            info = tarfile.TarInfo(name)
            info.type = kind
            info.mtime = 1714979290
            info.size = len(content)
            if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
                info.linkname = "/etc/passwd"
            archive.addfile(info, io.BytesIO(content))


GOOD = [("a.txt", b"alpha"), ("folder/", b""), ("folder/b.txt", b"beta" * 1000), ("folder/\u732b.txt", b"")]
a_zip("good.zip", [(entry(name, stat.S_IFDIR | 0o755 if name[-1] == "/" else stat.S_IFREG | 0o644), content) for name, content in GOOD])
kinds = [("./" + name.rstrip("/"), tarfile.DIRTYPE if name[-1] == "/" else tarfile.REGTYPE, content) for name, content in GOOD]
a_tar("good.tar", kinds)
a_tar("good.tar.gz", kinds + [("x" * 150 + ".txt", tarfile.REGTYPE, b"long")], "w:gz", tarfile.GNU_FORMAT)

a_zip("parent.zip", [(entry("good.txt"), b"good"), (entry("../evil.txt"), b"evil")])
a_zip("absolute.zip", [(entry("/etc/passwd"), b"evil")])
a_zip("link.zip", [(entry("link", stat.S_IFLNK | 0o777), b"/etc/passwd")])
a_zip("twice.zip", [(entry("a.txt"), b"one"), (entry("a.txt"), b"two")])
a_zip("dot-twice.zip", [(entry("a.txt"), b"one"), (entry("./a.txt"), b"two")])
a_zip("deep.zip", [(entry("d/" * 100 + "a.txt"), b"deep")])
a_zip("bomb.zip", [(entry("bomb"), bytes(65 << 20))])
for kind, name in [(tarfile.SYMTYPE, "symlink"), (tarfile.LNKTYPE, "hardlink"), (tarfile.CHRTYPE, "device"), (tarfile.FIFOTYPE, "fifo")]:
    a_tar(name + ".tar", [("good.txt", tarfile.REGTYPE, b"good"), ("evil", kind, b"")])
a_tar("parent.tar", [("good.txt", tarfile.REGTYPE, b"good"), ("a/../../evil", tarfile.REGTYPE, b"evil")])
a_tar("twice.tar", [("a", tarfile.REGTYPE, b"one"), ("a", tarfile.REGTYPE, b"two")])

zipped = bytearray(open("good.zip", "rb").read())


def changed(path, change):
    data = bytearray(zipped)
    change(data)
    open(path, "wb").write(data)


def encrypted(data):
    # The flag in every header.
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(magic)
        while start >= 0:
            data[start + offset] |= 1
            start = data.find(magic, start + 1)


def gbk(data):
    # Names of other bytes than UTF-8, and no flag that says so.
    start = data.find(b"a.txt")
    while start >= 0:
        data[start] = 0xC4
        start = data.find(b"a.txt", start + 1)


def smaller(data):
    # The directory and the header say that b.txt has 5 bytes.
    for magic, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.find(magic)
        while start >= 0:
            if struct.unpack_from("<I", data, start + offset)[0] == 4000:
                struct.pack_into("<I", data, start + offset, 5)
            start = data.find(magic, start + 1)


def zip64(data):
    # A ZIP64 record that claims 2^40 entries.
    end = data.find(b"PK\x05\x06")
    size, start = struct.unpack_from("<II", data, end + 12)
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1 << 40, 1 << 40, size, start)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    tail = bytearray(data[end:])
    struct.pack_into("<HHII", tail, 8, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
    data[end:] = record + locator + tail


changed("encrypted.zip", encrypted)
changed("gbk.zip", gbk)
changed("smaller.zip", smaller)
changed("zip64.zip", zip64)
changed("cut.zip", lambda data: data.__delitem__(slice(len(data) - 30, None)))
open("cut.tar.gz", "wb").write(open("good.tar.gz", "rb").read()[:-20])
# A path of a gigabyte, which a reader would have to keep in memory. Nothing of it is there.
header = tarfile.TarInfo("././@LongLink")
header.type = tarfile.GNUTYPE_LONGNAME
header.size = 1 << 30
open("long-name.tar", "wb").write(header.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
open("a.7z", "wb").write(b"7z\xbc\xaf\x27\x1c" + bytes(64))
open("a.rar", "wb").write(b"Rar!\x1a\x07\x01\x00" + bytes(64))
open("a.txt", "wb").write(b"This is no archive.")
