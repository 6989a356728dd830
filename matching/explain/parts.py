"""Addresses (地址), dates and telephone numbers laid side by side part by part."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from typing import Final

from matching.addresses import Address
from matching.explain.phrases import phrases
from matching.explain.spans import Span, SpanKind, merged, text_spans
from matching.phones import is_mobile

AREA_CODE: Final = 4  # digits at most, with the 0 before it


def part_names() -> tuple[str, ...]:
    """The parts of an address that hold a text, from the coarsest."""
    return tuple(one.name for one in fields(Address) if "str" in str(one.type))


def part_text(part: str, value: str | None) -> str:
    """A part as it is shown: `501室`; empty where it was not written."""
    if value is None:
        return ""
    word: str = phrases()["parts"].get(part, {}).get("suffix", "")
    return value + word if value.isascii() and not value.endswith(word) else value


def address_form(address: Address | None) -> str | None:
    """All parts one after the other; None where the address could not be read."""
    if address is None:
        return None
    return "".join(part_text(part, getattr(address, part)) for part in part_names()) or None


def address_spans(left: Address | None, right: Address | None) -> tuple[Span, ...]:
    """One span a part; a part that one side leaves out is not written, which is no difference."""
    if left is None or right is None:
        return text_spans(address_form(left), address_form(right))
    spans = tuple(_part_spans(left, right))
    if all(span.kind is SpanKind.SAME for span in spans):
        text = "".join(span.left for span in spans)
        return (Span(SpanKind.SAME, text, text),) if text else ()
    return spans


def _part_spans(left: Address, right: Address) -> Iterator[Span]:
    for part in part_names():
        one, other = getattr(left, part), getattr(right, part)
        if one is None and other is None:
            continue
        texts = part_text(part, one), part_text(part, other)
        if one is None or other is None:
            yield Span(SpanKind.NOT_WRITTEN, *texts, part)
        else:
            yield Span(SpanKind.SAME if one == other else SpanKind.REPLACED, *texts, part)


def date_form(day: date | None) -> str | None:
    """`1980-03-07`."""
    return None if day is None else day.isoformat()


def date_spans(left: date | None, right: date | None) -> tuple[Span, ...]:
    """Year, month and day; a month and day that are exchanged are one span."""
    if left is None or right is None or left == right:
        return text_spans(date_form(left), date_form(right))
    one, other = left.isoformat(), right.isoformat()
    if left.year == right.year and (left.month, left.day) == (right.day, right.month):
        year = one[:5]
        return (
            Span(SpanKind.SAME, year, year),
            Span(SpanKind.TRANSPOSED, one[5:], other[5:], "month_and_day"),
        )
    return merged(_date_parts(one, other))


def _date_parts(one: str, other: str) -> Iterator[Span]:
    for part, start, end in (("year", 0, 4), ("month", 5, 7), ("day", 8, 10)):
        if start:
            yield Span(SpanKind.SAME, "-", "-")
        if one[start:end] == other[start:end]:
            yield Span(SpanKind.SAME, one[start:end], other[start:end])
        else:
            yield Span(SpanKind.REPLACED, one[start:end], other[start:end], part)


def phone_spans(left: str | None, right: str | None) -> tuple[Span, ...]:
    """Digit by digit; an area code (区号) that only one side has is a part not written."""
    if left is None or right is None or left == right or is_mobile(left) or is_mobile(right):
        return text_spans(left, right)
    longer, local = (left, right) if len(left) > len(right) else (right, left)
    if not longer.startswith("0") or not 0 < len(longer) - len(local) <= AREA_CODE:
        return text_spans(left, right)
    code = longer[: len(longer) - len(local)]
    texts = (code, "") if longer is left else ("", code)
    rest = [text.removeprefix(code) if text is longer else text for text in (left, right)]
    return (Span(SpanKind.NOT_WRITTEN, *texts, "area_code"), *text_spans(*rest))
