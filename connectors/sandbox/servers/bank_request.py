"""Reads a bank's request file and says why it is rejected, if it is."""

import re
from dataclasses import dataclass
from hashlib import md5
from typing import Final

NAME: Final = re.compile(r"HDREQ_(?P<region>\d+)_(?P<day>\d{8})_(?P<number>\d{4})\.txt")
LARGEST: Final = 50_000
DOCUMENT_KINDS: Final = frozenset("1234")
ENCODING: Final = "gb18030"
END: Final = b"\r\n"
_HEADER_FIELDS: Final = 4
_PERSON_FIELDS: Final = 4
_TRAILER_FIELDS: Final = 3


@dataclass(frozen=True, slots=True)
class BankRequest:
    """`tail` is region, day and number as they stand in the file names."""

    tail: str
    day: str
    persons: tuple[tuple[str, str, str], ...]
    """Sequence number, name, identity number."""


class Rejected(Exception):  # noqa: N818 - the bank's word
    """The file is not as documented; the message is the bank's reason."""


def read_request(file_name: str, body: bytes) -> BankRequest:
    """The request of a file, or `Rejected` with the reason."""
    named = NAME.fullmatch(file_name)
    if named is None:
        raise Rejected("文件名不符合规范")
    lines = body.split(END)
    if lines.pop() != b"" or len(lines) < 2:
        raise Rejected("文件不完整或换行符错误")
    stem = file_name.removesuffix(".txt")
    count = _checked_trailer(lines)
    header = _fields(lines[0], _HEADER_FIELDS)
    if header[:2] != ["HD", stem] or header[3] != named["day"]:
        raise Rejected("文件头与文件名不符")
    persons = tuple(_person(line) for line in lines[1:-1])
    if not header[2] == count == str(len(persons)):
        raise Rejected("笔数不符")
    if len(persons) > LARGEST:
        raise Rejected("超过每文件人数上限")
    return BankRequest(stem.removeprefix("HDREQ_"), named["day"], persons)


def _checked_trailer(lines: list[bytes]) -> str:
    """The trailer's count, after its MD5 was found right."""
    trailer = _fields(lines[-1], _TRAILER_FIELDS)
    before = b"".join(line + END for line in lines[:-1])
    if trailer[0] != "TR":
        raise Rejected("缺少文件尾")
    if trailer[2] != md5(before, usedforsecurity=False).hexdigest():
        raise Rejected("MD5校验失败")
    return trailer[1]


def _fields(line: bytes, count: int) -> list[str]:
    try:
        fields = line.decode(ENCODING).split("|")
    except UnicodeDecodeError as error:
        raise Rejected("文件编码错误") from error
    if len(fields) != count:
        raise Rejected("字段数不符")
    return fields


def _person(line: bytes) -> tuple[str, str, str]:
    sequence, name, kind, number = _fields(line, _PERSON_FIELDS)
    if not sequence.isdecimal() or kind not in DOCUMENT_KINDS:
        raise Rejected("人员记录不符合规范")
    return sequence, name, number
