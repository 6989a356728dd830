"""Reads the tax office's answers 税务: taxed income, none, or unknown (pure)."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import gcd
from typing import Final

from lxml import etree

from connectors.binding import bind_each
from connectors.contract import AskedPerson, Outcome
from connectors.failure import Failure, FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.records import AnyRecord, IncomeEntry
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
    once = each_once(records)
    if gap is None and count not in {len(items), len(once)}:
        gap = Failure(FailureKind.INCOMPLETE, "jls is not the number of items")
    return bind_each(person, once, gap)


def each_once(records: Sequence[AnyRecord]) -> tuple[AnyRecord, ...]:
    """The entries without repeats; a correction that was made twice is no repeat.

    An entry corrected twice is taken back by two equal entries (+2600, -2600, +2600, -2600,
    +2500), so that equal corrections are repeats only where all of their group came so often.
    """
    written: Counter[tuple[object, ...]] = Counter(_as_written(one) for one in records)
    times: dict[tuple[object, ...], int] = {}
    for said, one in {_as_written(one): one for one in records if _corrects(one)}.items():
        times[_group(one)] = gcd(times.get(_group(one), 0), written[said])
    left = {
        _as_written(one): written[_as_written(one)] // times[_group(one)] if _corrects(one) else 1
        for one in records
    }
    kept = []
    for one in records:
        if left[_as_written(one)] > 0:
            left[_as_written(one)] -= 1
            kept.append(one)
    return tuple(kept)


def _as_written(record: AnyRecord) -> tuple[object, ...]:
    return tuple(record.raw.items())


def _corrects(record: AnyRecord) -> bool:
    return isinstance(record, IncomeEntry) and record.correction is True


def _group(record: AnyRecord) -> tuple[object, ...]:
    """What a correction and what it corrects have in common: whom, period, item, agent."""
    names = ("xm", "zjhm", "sdxmdm", "skssqq", "skssqz", "kjywrsbh", "kjywrmc")
    return tuple(record.raw.get(name) for name in names)


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
