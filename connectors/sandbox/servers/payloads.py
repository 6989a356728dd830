"""Bodies no source should ever send: bombs, noise, pages of somebody else."""

import zlib
from functools import cache
from random import Random
from typing import Final

MEGABYTE: Final = 1 << 20
BOMB_MEGABYTES: Final = 256
DEPTH: Final = 100_000

HTML_PAGE: Final = (
    '<html><head><title>Sign in</title></head><body><form action="/portal/login">'
    "<p>Session expired, please sign in.</p></form></body></html>"
)
"""What a gateway shows instead of the answer; well-formed, so that XML readers accept it."""

XML_ENTITY_BOMB: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE root [<!ENTITY e0 "hahahahaha">\n'
    + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">\n' for n in range(1, 10))
    + "]>\n<root><message>&e9;</message></root>"
)
"""A few hundred bytes whose entities grow to ten thousand million characters."""


@cache
def gzip_bomb() -> bytes:
    """A gzip member of some 260 KB that unpacks to 256 MB of zeros."""
    block = bytes(MEGABYTE)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(BOMB_MEGABYTES):
        checksum = zlib.crc32(block, checksum)
    size = (BOMB_MEGABYTES * MEGABYTE) & 0xFFFFFFFF
    head = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF))
    tail = packer.flush() + checksum.to_bytes(4, "little") + size.to_bytes(4, "little")
    return head + packed * BOMB_MEGABYTES + tail


def deep_json() -> bytes:
    """Arrays within arrays, closed properly."""
    return b"[" * DEPTH + b"]" * DEPTH


def deep_xml() -> bytes:
    """Elements within elements, closed properly."""
    return b"<a>" * DEPTH + b"</a>" * DEPTH


def garbage(rng: Random, size: int = 700) -> bytes:
    """Bytes without any meaning, never valid UTF-8 or GB18030."""
    return b"\xff\xfe\x80" + rng.randbytes(size)


def padded(body: bytes) -> bytes:
    """The body with ten megabytes of blanks behind it."""
    return body + b" " * (10 * MEGABYTE)
