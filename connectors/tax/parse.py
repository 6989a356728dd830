"""Reads the tax office's answers 税务: taxed income, none, or unknown (pure)."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from lxml import etree

from connectors.binding import bind, distinct
from connectors.contract import AskedPerson, Outcome
from connectors.failure import Failure, FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.records import AnyRecord
from connectors.tax.envelope import TAX, answer

_COUNT: Final = re.compile(r"[0-9]{1,6}")
_FOUND: Final = "000"
_NONE: Final = "001"


def read_reply(body: bytes, person: AskedPerson, mapping: FieldMap) -> Outcome:
    """What the reply says about the person; the order of entries is kept (corrections need it).

    Raises `SourceError` for a failure that the reply tells, and for a reply that is none.
    """
    content = answer(body)
    code, items = _text(content, "fhm"), content.findall(f"{{{TAX}}}item")
    if code not in {_FOUND, _NONE}:
        raise SourceError.of(FailureKind.UNAVAILABLE, "the source tells a failure of its own")
    count = _count(content)
    if code == _NONE and (items or count):
        raise SourceError.of(FailureKind.MALFORMED, "items stand beside the code for no record")
    if code == _FOUND and not items:
        kind = FailureKind.INCOMPLETE if count else FailureKind.MALFORMED
        raise SourceError.of(kind, "the code says found, and there are no items")
    return _outcome(items, count, person, mapping)


def _outcome(
    items: Sequence[etree._Element], count: int, person: AskedPerson, mapping: FieldMap
) -> Outcome:
    records: list[AnyRecord] = []
    gap: Failure | None = None
    for item in items:
        try:
            records.append(mapping.record("item", _row(item)))
        except SourceError as error:
            gap = error.failure
    once = distinct(records)
    if gap is None and count not in {len(items), len(once)}:
        gap = Failure(FailureKind.INCOMPLETE, "jls is not the number of items")
    return bind(person, once, gap)


def _row(item: etree._Element) -> Mapping[str, str | None]:
    row: dict[str, str | None] = {}
    for child in item:
        name = etree.QName(child)
        if name.namespace != TAX or name.localname in row or len(child):
            raise SourceError.of(FailureKind.MALFORMED, "an item is not as described")
        row[name.localname] = child.text
    return row


def _count(content: etree._Element) -> int:
    text = _text(content, "jls")
    if _COUNT.fullmatch(text) is None:
        raise SourceError.of(FailureKind.MALFORMED, "jls is no number of items")
    return int(text)


def _text(content: etree._Element, name: str) -> str:
    found = content.findall(f"{{{TAX}}}{name}")
    if len(found) != 1:
        raise SourceError.of(FailureKind.MALFORMED, f"the answer has not one {name}")
    return (found[0].text or "").strip()
