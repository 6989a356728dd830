"""The text of a PDF as a reader would copy it: in the order of its content, without artifacts.

For files of the typesetter alone: marked content, one map of glyphs to text.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Final

_OBJECT: Final = re.compile(rb"(\d+) 0 obj\s(.*?)\sendobj", re.DOTALL)
_STREAM: Final = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_MARKED: Final = re.compile(rb"/(Artifact|Span)<<(?:[^>]|>(?!>))*>>\s*BDC(.*?)EMC", re.DOTALL)
_INNER: Final = rb"(?:\\.|[^\\()])"
_STRING: Final = re.compile(
    rb"\(((?:" + _INNER + rb"|\(" + _INNER + rb"*\))*)\)|<([0-9A-Fa-f]+)>", re.DOTALL
)
"""Brackets within a string may be its own, where they are balanced."""
_ESCAPED: Final = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_SIGNS: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(pdf: bytes) -> tuple[str, str]:
    """What is read, and what stands in artifacts (the feet of pages, the watermark)."""
    streams = dict(_streams(pdf))
    maps = [one for one in streams.values() if b"beginbfchar" in one or b"beginbfrange" in one]
    signs = {code: sign for one in maps for code, sign in _signs(one)}
    texts: dict[bytes, list[str]] = {b"Span": [], b"Artifact": []}
    for number in re.findall(rb"/Type/Page/.*?/Contents (\d+) 0 R", pdf):
        for mark, body in _MARKED.findall(streams[int(number)]):
            glyphs = b"".join(_strings(body))
            codes = (int.from_bytes(glyphs[at : at + 2], "big") for at in range(0, len(glyphs), 2))
            texts[mark].append("".join(signs.get(code, "\ufffd") for code in codes))
    return "".join(texts[b"Span"]), "".join(texts[b"Artifact"])


def _streams(pdf: bytes) -> Iterator[tuple[int, bytes]]:
    for number, body in _OBJECT.findall(pdf):
        found = _STREAM.search(body)
        if found is not None and b"FlateDecode" in body:
            yield int(number), zlib.decompress(found[1])


def _signs(cmap: bytes) -> Iterator[tuple[int, str]]:
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, text in re.findall(rb"<(\w+)>\s*<(\w+)>", block):
            yield int(code, 16), _utf16(text)
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for first, last, text in re.findall(rb"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for at in range(int(last, 16) - int(first, 16) + 1):
                yield int(first, 16) + at, chr(ord(_utf16(text)) + at)


def _utf16(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be")


def _strings(content: bytes) -> Iterator[bytes]:
    for plain, coded in _STRING.findall(content):
        yield bytes.fromhex(coded.decode()) if coded else _ESCAPED.sub(_unescaped, plain)


def _unescaped(found: "re.Match[bytes]") -> bytes:
    said: bytes = found[1]
    if said.isdigit():
        return bytes([int(said, 8) & 255])
    return _SIGNS.get(said, said)
