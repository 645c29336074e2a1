"""Pictures made from nothing but the standard library."""

import struct
import zlib

WIDTH, HEIGHT = 48, 32
PACKET = 188


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """A picture of red rising to the right and green rising to the bottom."""
    rows = b"".join(
        b"\0" + b"".join(bytes((255 * x // width, 255 * y // height, 90)) for x in range(width))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows))
        + _chunk(b"IEND", b"")
    )


def mpeg_ts(packets: int = 40) -> bytes:
    """A transport stream of one elementary stream, led by its program tables."""

    def section(table: int, body: bytes) -> bytes:
        head = struct.pack(">BHHBBB", table, 0xB000 | (len(body) + 9), 1, 0xC1, 0, 0) + body
        return head + struct.pack(">I", _crc32_mpeg2(head))

    def packet(pid: int, starts: bool, counter: int, payload: bytes) -> bytes:
        start = 0x4000 if starts else 0
        head = struct.pack(">BHB", 0x47, start | pid, 0x10 | counter % 16)
        return (head + payload).ljust(PACKET, b"\xff")

    programs = section(0, struct.pack(">HH", 1, 0xE000 | 0x1000))
    streams = section(2, struct.pack(">HHBHH", 0xE100, 0xF000, 0x1B, 0xE100, 0xF000))
    tables = packet(0, True, 0, b"\0" + programs) + packet(0x1000, True, 0, b"\0" + streams)
    media = (
        packet(0x100, index == 0, index, b"\0\0\1\xe0\0\0\x80\0\0".ljust(184, bytes([index])))
        for index in range(packets)
    )
    return tables + b"".join(media)


def _crc32_mpeg2(data: bytes) -> int:
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1 ^ (0x04C11DB7 if register & 0x80000000 else 0)) & 0xFFFFFFFF
    return register


def size_of_png(data: bytes) -> tuple[int, int]:
    """Width and height of a PNG."""
    return struct.unpack(">II", data[16:24])


def size_of_jpeg(data: bytes) -> tuple[int, int]:
    """Width and height, as the frame header of a JPEG file tells them."""
    at = 2
    while at + 9 < len(data):
        marker, length = struct.unpack(">HH", data[at : at + 4])
        if 0xFFC0 <= marker <= 0xFFC2:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    raise ValueError("the file has no frame header")
