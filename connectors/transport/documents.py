"""Bytes of a reply to values, guarded against documents made to do harm (pure)."""

import json
import re
from decimal import Decimal
from typing import Final, NoReturn

from lxml import etree

from connectors.failure import FailureKind, SourceError

MAX_DEPTH: Final = 32
"""Lists and objects inside each other in JSON; no source's document has more than five."""

_MAX_NUMBER: Final = 40
"""Characters of a number: amounts of any source have fewer than 20."""

# Possessive, so that a text without an end costs one pass: the rest of it counts as text.
_NO_BRACKET: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[^\[\]{}"]++', re.DOTALL)
_SUSPICIOUS_ESCAPE: Final = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


def read_json(body: bytes) -> object:
    """Numbers as int or Decimal, never float.

    Raises `SourceError` (`MALFORMED`): no UTF-8, no JSON, NaN or a number out of all measure, an
    object with a key twice, a text that cannot be stored, more than `MAX_DEPTH` deep.
    """
    if _depth(body) > MAX_DEPTH:
        raise _malformed("nested too deeply")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is None:
        raise _malformed("no UTF-8")
    try:
        value: object = json.loads(
            text,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_no_number,
            object_pairs_hook=_unambiguous,
        )
    except (ValueError, RecursionError):
        value = _UNREADABLE
    # Raised outside: the decoder's error carries the whole document.
    if value is _UNREADABLE:
        raise _malformed("no JSON")
    if _SUSPICIOUS_ESCAPE.search(text) is not None and not _can_be_stored(value):
        raise _malformed("text that is none")
    return value


def read_xml(body: bytes, encoding: str | None) -> etree._Element:
    """The root element; `encoding` overrides what the document declares (None: as declared).

    No entities, no DTD, no network. Raises `SourceError` (`MALFORMED`).
    """
    parser = etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    root: etree._Element | None
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        root = None
    if root is None:
        raise _malformed("no XML")
    if root.getroottree().docinfo.doctype:
        raise _malformed("XML with a document type")
    return root


_UNREADABLE: Final = object()


def _depth(body: bytes) -> int:
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for bracket in _NO_BRACKET.sub(b"", body):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _decimal(text: str) -> Decimal:
    value = Decimal(text)
    if len(text) > _MAX_NUMBER or abs(value.adjusted()) > _MAX_NUMBER:
        raise ValueError("a number out of all measure")
    return value


def _integer(text: str) -> int:
    if len(text) > _MAX_NUMBER:
        raise ValueError("a number out of all measure")
    return int(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError("no number")


def _unambiguous(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key twice")
    return values


def _can_be_stored(value: object) -> bool:
    """No NUL and no half of a surrogate pair, which databases refuse."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\\u0000" not in text


def _malformed(detail: str) -> SourceError:
    return SourceError.of(FailureKind.MALFORMED, f"the reply is {detail}")
