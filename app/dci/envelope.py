"""The three parts of a DCI message: signature, header, message; read from bytes. Pure.

What is written otherwise than the standard says is taken where it can mean one thing only: counts
as text, an empty text where nothing is meant, unknown fields.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson

from app.dci.refusals import MessageRefused
from connectors.dci.codes import VERSION, ErrorCode, HeaderCode

MOST_ID: Final = 99
"""Characters of a transaction, correlation or subscription id, as the standard says."""
MOST_NAME: Final = 200
"""Of a message's id and of a party's name, which the standard leaves open."""
_OURS: Final = re.compile(r"v?1(?:\.[0-9]{1,4}){0,2}")
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})"
)
_DIGITS: Final = re.compile(r"[0-9]{1,9}")
_YES: Final = frozenset({"true", "1", "yes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a header says; `raw` is what the signature covers. Of a callback: `status`."""

    version: str
    message_id: str
    message_ts: str
    action: str
    sender_id: str
    sender_uri: str
    receiver_id: str
    total_count: int | None
    is_encrypted: bool
    status: str
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message as it came; `message` may be encrypted."""

    signature: object = field(repr=False)
    header: Header
    message: Any = field(repr=False)


def document_of(body: bytes) -> dict[str, Any]:
    """The JSON object. Raises `MessageRefused`: no JSON, no object, or one that says two things.

    A name that stands twice is read by each reader as it likes, unless both say the same.
    """
    try:
        orjson.loads(body)  # half surrogates, bytes that are no UTF-8, NaN
        document = json.loads(body, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise MessageRefused(ErrorCode.BAD, "the body is not valid JSON") from None
    if not isinstance(document, dict):
        raise MessageRefused(ErrorCode.BAD, "the body is no JSON object")
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found and found[name] != value:
            raise ValueError("a name stands twice, with two values")
        found[name] = value
    return found


def read_envelope(document: Mapping[str, Any], *, callback: bool) -> Envelope:
    """The parts, without judging what they say. Raises `MessageRefused`.

    `callback`: the header of an answer, which has a status and need not have sender or count.
    """
    given = document.get("header")
    if not isinstance(given, Mapping):
        raise MessageRefused(ErrorCode.BAD, "the header is missing or no object")
    if "message" not in document:
        raise MessageRefused(ErrorCode.BAD, "the message is missing")
    own = ("status",) if callback else ("sender_id", "total_count")
    needed = ("message_id", "message_ts", "action", *own)
    missing = [name for name in needed if given.get(name) in (None, "")]
    if missing:
        raise MessageRefused(ErrorCode.BAD, f"header.{missing[0]} is missing")
    return Envelope(document.get("signature"), _header(given), document["message"])


def _header(given: Mapping[str, Any]) -> Header:
    return Header(
        version=_text(given, "version", MOST_NAME) or VERSION,
        message_id=_text(given, "message_id", MOST_NAME),
        message_ts=_text(given, "message_ts", MOST_NAME),
        action=_text(given, "action", MOST_NAME),
        sender_id=_text(given, "sender_id", MOST_NAME),
        sender_uri=_text(given, "sender_uri", 2_000),
        receiver_id=_text(given, "receiver_id", MOST_NAME),
        total_count=_count(given.get("total_count")),
        is_encrypted=_flag(given.get("is_msg_encrypted")),
        status=_text(given, "status", MOST_NAME),
        raw=given,
    )


def _text(given: Mapping[str, Any], name: str, most: int) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > most:
        words = f"header.{name} is no text of at most {most} characters"
        raise MessageRefused(ErrorCode.BAD, words)
    return value


def _count(value: object) -> int | None:
    """A whole number, also as text; None where there is none."""
    if value is None or value == "":
        return None
    number = whole_of(value)
    if number is None or number < 0:
        raise MessageRefused(HeaderCode.TOTAL_COUNT, "header.total_count is no whole number")
    return number


def whole_of(value: object) -> int | None:
    """A whole number, also as text or as `1.0`: JSON has one kind of number. None: it is none."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _flag(value: object) -> bool:
    """Whether it is meant; an empty text means no."""
    return value is True or (isinstance(value, str) and value.lower() in _YES)


def is_our_version(version: str) -> bool:
    """1, 1.0, 1.0.0: the first number says whether messages are understood."""
    return _OURS.fullmatch(version) is not None


def moment_of(text: object) -> datetime | None:
    """A moment by RFC 3339, which has a zone; None: it is none."""
    if not isinstance(text, str) or _MOMENT.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        return None


def id_of(message: Mapping[str, Any], name: str) -> str:
    """An id of at most 99 characters; empty where it is given so, as in the published examples.

    Raises `MessageRefused`.
    """
    value = message.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > MOST_ID:
        words = f"message.{name} is missing, or no text of at most {MOST_ID} characters"
        raise MessageRefused(ErrorCode.BAD, words)
    return value
