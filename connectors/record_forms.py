"""What of a source's records a clerk types: fields of the record types, with units and choices.

Generated from `records`: a field that is added there stands in the form. What is typed is read by
the readers that read files and replies; what is left empty is what the source does not tell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from connectors import records as r
from connectors.readers import (
    Hints,
    Read,
    read_date,
    read_decimal,
    read_fraction_or_percent,
    read_month,
    read_share,
    read_text,
    read_yuan,
)

FieldKind = Literal[
    "text", "money", "number", "share", "fraction", "date", "month", "yes_no", "choice"
]
TYPES: Final[Mapping[str, tuple[type[r.Record], ...]]] = {
    "household_registry": (r.RegisteredPerson,),
    "tax": (r.IncomeEntry,),
    "social_insurance": (r.Contribution, r.Benefit),
    "property": (r.Ownership,),
    "business_registration": (r.BusinessInterest,),
    "housing_fund": (r.FundAccount,),
    "vehicle": (r.Vehicle, r.Vessel),
    "bank": (r.BankAccount,),
    "insurance": (r.Policy,),
    "securities": (r.Holding,),
    "relief_register": (r.ReliefEnrolment,),
}  # by source, what it may hold
_NOT_TYPED: Final = frozenset({"subjects", "raw", "problems", "type", "in_household", "changed_at"})
_MONTHS: Final = frozenset({"month", "last_month"})
_UNITS: Final[Mapping[str, str]] = {"area": "m2", "tonnage": "t", "quantity": "units"}
"""Numbers that are no money."""
_MARK: Final = "entered_by_hand"
MOST_RECORDS: Final = 60
_MOST_TEXT: Final = 200


@dataclass(frozen=True, slots=True)
class FormField:
    """One field: what is typed in it, in which unit, from which choices."""

    name: str
    kind: FieldKind
    unit: str | None
    choices: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class RecordForm:
    """One type of record."""

    type: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """A record as typed: its type, whom it names, and texts by field."""

    type: str
    name: str
    id_number: str
    texts: Mapping[str, str]
    others: tuple["Owner", ...] = ()


@dataclass(frozen=True, slots=True)
class Owner:
    """An owner in common 共有人 as typed: name, number and share; empty: not told."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    share: str = ""


@dataclass(frozen=True, slots=True)
class Unfit:
    """A field that cannot be read, and why; never its value."""

    field: str
    problem: str


@cache
def forms_of(source: str) -> tuple[RecordForm, ...]:
    """Of each type of record that the source may hold; raises KeyError for no source."""
    return tuple(_form(kind) for kind in TYPES[source])


def _form(kind: type[r.Record]) -> RecordForm:
    hints = get_type_hints(kind)
    found = tuple(
        _field(one.name, hints[one.name]) for one in fields(kind) if one.name not in _NOT_TYPED
    )
    return RecordForm(type=get_args(hints["type"])[0], fields=found)


def _field(name: str, hint: Any) -> FormField:
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    kind = next(one for one in options if one is not type(None))
    required = type(None) not in options
    if name == "shares":
        return FormField("shares", "fraction", None, (), required=False)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return FormField(name, "choice", None, tuple(one.value for one in kind), required)
    if kind is Decimal:
        if name == "share":
            return FormField(name, "share", None, (), required)
        unit = _UNITS.get(name)
        return FormField(name, "money" if unit is None else "number", unit or "yuan", (), required)
    if kind is date:
        return FormField(name, "month" if name in _MONTHS else "date", None, (), required)
    if kind is bool:
        return FormField(name, "yes_no", None, ("true", "false"), required)
    if kind is not str:
        raise TypeError(f"{name}: a form knows no field of {kind}")
    return FormField(name, "text", None, (), required)


def record_of(source: str, typed: Typed) -> "r.AnyRecord | tuple[Unfit, ...]":
    """The record, or all that cannot be read of it."""
    kinds = {
        form.type: (kind, form) for kind, form in zip(TYPES[source], forms_of(source), strict=True)
    }
    if typed.type not in kinds:
        return (Unfit("type", "no record of this source"),)
    kind, form = kinds[typed.type]
    known = {one.name for one in form.fields}
    wrong = [Unfit(name, "no field of this record") for name in typed.texts if name not in known]
    values: dict[str, Any] = {}
    for one in form.fields:
        text = typed.texts.get(one.name, "").strip()
        read = _read(one, text)
        if read.problem is not None:
            wrong.append(Unfit(one.name, read.problem))
        values[one.name] = _enum_of(kind, one.name)(text) if _is_chosen(one, read) else read.value
    shares, unfit = _shares_of(kind, typed.others)
    wrong += unfit
    if wrong:
        return tuple(wrong)
    if "shares" in values:
        values["shares"] = (values["shares"], *shares)
    subject = r.Subject(name=typed.name, id_number=typed.id_number or None)
    others = [r.Subject(name=one.name, id_number=one.id_number or None) for one in typed.others]
    raw = {one.name: typed.texts.get(one.name, "").strip() or None for one in form.fields}
    made: Any = kind(
        subjects=(subject, *others),
        raw={
            "name": typed.name,
            "id_number": typed.id_number or None,
            **raw,
            **({"others": "、".join(one.name for one in typed.others)} if others else {}),
            _MARK: True,
        },
        **_not_typed(kind),
        **values,
    )
    record: r.AnyRecord = made
    return record


def _shares_of(
    kind: type[r.Record], others: Sequence[Owner]
) -> tuple[list[Fraction | None], list[Unfit]]:
    """Of the owners in common; a home alone has such."""
    if others and kind is not r.Ownership:
        return [], [Unfit("others", "one owner alone")]
    shares: list[Fraction | None] = []
    wrong = []
    for index, one in enumerate(others):
        read = _read(FormField("share", "fraction", None, (), required=False), one.share.strip())
        if read.problem is not None:
            wrong.append(Unfit(f"others/{index}/share", read.problem))
        shares.append(read.value if isinstance(read.value, Fraction) else None)
        if not one.name.strip():
            wrong.append(Unfit(f"others/{index}/name", "needed"))
    return shares, wrong


def _is_chosen(one: FormField, read: Read) -> bool:
    return one.kind == "choice" and read.value is not None


def _enum_of(kind: type[r.Record], name: str) -> type[StrEnum]:
    """The closed list that the field's choices are."""
    options = (get_type_hints(kind)[name], *get_args(get_type_hints(kind)[name]))
    return next(one for one in options if isinstance(one, type) and issubclass(one, StrEnum))


def _not_typed(kind: type[r.Record]) -> dict[str, Any]:
    """Values of fields that have no default and are not typed."""
    return {"changed_at": None} if kind is r.FundAccount else {}


def _read(one: FormField, text: str) -> Read:
    if not text:
        return Read(None, "needed" if one.required else None)
    if len(text) > _MOST_TEXT:
        return Read(None, "too long")
    match one.kind:
        case "text":
            return read_text(text, Hints())
        case "money":
            return _cents(read_yuan(text, Hints()))
        case "number":
            return read_decimal(text, Hints())
        case "share":
            return read_share(text, Hints())
        case "fraction":
            return read_fraction_or_percent(text, Hints())
        case "date":
            return read_date(text, Hints())
        case "month":
            return read_month(text, Hints(("YYYY-MM", "YYYYMM")))
        case "yes_no":
            return Read(text == "true") if text in one.choices else Read(None, "not a choice")
        case "choice":
            return Read(text) if text in one.choices else Read(None, "not a choice")


def _cents(read: Read) -> Read:
    """Yuan to the fen: `12.5` is what another writes as `12.50`."""
    if not isinstance(read.value, Decimal):
        return read
    exact = read.value.quantize(Decimal("0.01"))
    return Read(exact) if exact == read.value else Read(None, "more than two places")


def comparable(records: Sequence["r.AnyRecord"]) -> list[dict[str, str]]:
    """Each as texts by field, in an order that does not depend on who typed which first."""
    return sorted((field_texts(one) for one in records), key=lambda one: sorted(one.items()))


def field_texts(record: "r.AnyRecord") -> dict[str, str]:
    """A record's fields and whom it names first, each as text; blank where it is not told."""
    values = {
        one.name: getattr(record, one.name)
        for one in fields(record)
        if one.name not in ("subjects", "raw", "problems", "changed_at", "in_household")
    }
    subject = record.subjects[0]
    values |= {"name": subject.name, "id_number": subject.id_number}
    if len(record.subjects) > 1:
        values |= _owners(record)
    return {name: _text(value) for name, value in values.items()}


def _owners(record: "r.AnyRecord") -> dict[str, object]:
    """Owners in common with their shares, in an order of their own."""
    shares = record.shares if isinstance(record, r.Ownership) else ()
    others = sorted(
        (one.name or "", one.id_number or "", _text(share))
        for one, share in zip(record.subjects[1:], shares[1:], strict=True)
    )
    return {"others": tuple("/".join(one) for one in others), "shares": shares[:1]}


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case Decimal() | Fraction():
            return str(Fraction(value))
        case date() | datetime():
            return value.isoformat()
        case tuple():
            return ",".join(_text(one) for one in value)
        case _:
            return str(value)


def differing(one: Sequence["r.AnyRecord"], other: Sequence["r.AnyRecord"]) -> tuple[str, ...]:
    """The fields in which two clerks' records differ, `number/field`; `records` by their count."""
    if len(one) != len(other):
        return ("records",)
    pairs = zip(comparable(one), comparable(other), strict=True)
    return tuple(
        f"{number}/{name}"
        for number, (left, right) in enumerate(pairs, 1)
        for name in sorted(left.keys() | right.keys())
        if left.get(name) != right.get(name)
    )
