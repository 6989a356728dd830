"""Is a file what it says it is 材料: PDF, JPEG or PNG by its structure, and nothing that runs."""

import re
import zlib
from enum import StrEnum
from itertools import pairwise
from typing import Final

from app.domain.errors import FieldError, InvalidRequest

MOST_BYTES: Final = 10 * 1024 * 1024
_MOST_UNPACKED: Final = 64 * 1024 * 1024
"""Bytes of a PDF's streams together: more is a bomb, not a scan."""
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_PDF: Final = re.compile(rb"%PDF-(1\.[0-7]|2\.0)[\r\n \t]")
_STREAM: Final = re.compile(rb"(?<!end)stream\r?\n")
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_RUNS: Final = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|EF|RichMedia|XFA|SubmitForm|ImportData|GoToE|Movie"
    rb"|Encrypt)(?![A-Za-z0-9])"
)
_TAIL: Final = 1024


class MediaType(StrEnum):
    """What is taken."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"


ENDING: Final = {MediaType.PDF: "pdf", MediaType.JPEG: "jpg", MediaType.PNG: "png"}


def kind_of(content: bytes) -> MediaType:
    """By what stands in it, whatever it is called. Raises InvalidRequest."""
    if not content:
        raise unfit("proof.empty", "the file is empty")
    if len(content) > MOST_BYTES:
        raise unfit("proof.too_large", "a file has at most 10 MB")
    if content.startswith(_PNG):
        _check(_is_png(content), "PNG")
        return MediaType.PNG
    if content.startswith(_JPEG):
        _check(_is_jpeg(content), "JPEG")
        return MediaType.JPEG
    if _PDF.match(content):
        _check_pdf(content)
        return MediaType.PDF
    raise unfit("proof.kind", "only PDF, JPG and PNG are taken, by what stands in the file")


def unfit(code: str, words: str) -> InvalidRequest:
    """Why a file is not taken."""
    return InvalidRequest((FieldError("/file", code, words),))


def _check(whole: bool, name: str) -> None:  # noqa: FBT001 - what it checks
    if not whole:
        raise unfit("proof.damaged", f"the file is no whole {name}: scan it anew")


def _is_png(content: bytes) -> bool:
    """Chunks from IHDR to IEND, each with its checksum, and nothing behind."""
    at, names = len(_PNG), []
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4])
        name, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content):
            return False
        told = int.from_bytes(content[end - 4 : end])
        if zlib.crc32(content[at + 4 : end - 4]) != told:
            return False
        names.append(name)
        at = end
    drawn = b"IDAT" in names
    return at == len(content) and drawn and names[0] == b"IHDR" and names[-1] == b"IEND"


def _is_jpeg(content: bytes) -> bool:
    """Segments up to a scan, a frame among them, and the end mark last."""
    at, framed = 2, False
    while at + 4 <= len(content) and content[at] == 0xFF:
        mark = content[at + 1]
        if mark == 0xFF:  # a fill byte
            at += 1
            continue
        length = int.from_bytes(content[at + 2 : at + 4])
        if length < 2 or at + 2 + length > len(content):
            return False
        framed = framed or (0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC))
        if mark == 0xDA:  # the scan: what follows is the picture itself
            return framed and content.rstrip(b"\x00").endswith(b"\xff\xd9")
        at += 2 + length
    return False


def _check_pdf(content: bytes) -> None:
    """With its end, and without anything that runs, opens, sends or hides."""
    tail = content[-_TAIL:]
    _check(b"startxref" in tail and b"%%EOF" in tail and b" obj" in content, "PDF")
    for text in _texts(content):
        if _RUNS.search(_ESCAPED.sub(_plain, text)):
            words = "the PDF holds a script, an attachment, a form or a password: print it anew"
            raise unfit("proof.active", words)


def _plain(found: "re.Match[bytes]") -> bytes:
    return bytes([int(found[1], 16)])


def _texts(content: bytes) -> list[bytes]:
    """What stands outside of streams, and what streams of objects unpack to."""
    starts = [(one.start(), one.end()) for one in _STREAM.finditer(content)]
    starts.append((len(content), len(content)))
    texts, left = [content[: starts[0][0]]], _MOST_UNPACKED
    for (at, begins), (following, _) in pairwise(starts):
        ends = content.find(b"endstream", begins, following)
        outside = begins if ends < 0 else ends
        texts.append(content[outside:following])
        if b"/ObjStm" in _ESCAPED.sub(_plain, content[content.rfind(b"obj", 0, at) : at]):
            texts.append(_unpacked(content[begins:outside], left))
            left -= len(texts[-1])
    return texts


def _unpacked(packed: bytes, most: int) -> bytes:
    """Raises InvalidRequest for what cannot be read, and so not be looked through."""
    opening = zlib.decompressobj()
    try:
        text = opening.decompress(packed, max(1, most))
    except zlib.error:
        raise unfit("proof.unreadable", "the PDF cannot be looked through: print it anew") from None
    if opening.unconsumed_tail:
        raise unfit("proof.too_large", "the PDF unpacks to more than a scan: print it anew")
    return text
