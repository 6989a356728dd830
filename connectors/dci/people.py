"""Records of DCI registries, however they are nested, as flat rows for a mapping file (pure).

Persons come as `CRVSPerson`, `SRPerson`, `Member` or `Beneficiary`; names as one object, as fields
of the person or as text; identifiers as one or as a list. The rows have one form for all.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

Row = dict[str, object]
ENTRIES: Final = ("programme_identifier", "enrolment", "enrolments")
"""Where a beneficiary's programmes stand."""
_NAMES: Final = ("name", "given_name", "second_name", "middle_name", "first_name")
_SAME: Final[Mapping[str, tuple[str, ...]]] = {
    "birth_date": ("birth_date", "birthdate", "date_of_birth"),
    "death_date": ("death_date", "deathdate"),
    "sex": ("sex", "gender"),
    "marital_status": ("marital_status",),
    "household": ("household_identifier", "household_id"),
    "relation": ("relationship_head", "relationship", "relationship_to_head"),
    "is_deceased": ("is_deceased",),
}
_MOST_DEPTH: Final = 6


def person_rows(record: Mapping[str, Any]) -> Iterator[Row]:
    """A row for each person of a record: one, or of a `Group` each member, with its household."""
    members = record.get("member_list")
    if not isinstance(members, list):
        yield person_row(record)
        return
    household = identifier_in(record.get("group_identifier"))
    for member in members:
        if isinstance(member, Mapping):
            row = person_row(member)
            row["household"] = row.get("household") or household
            yield row


def person_row(record: Mapping[str, Any]) -> Row:
    """The person of a record: who it is, and what the record says besides."""
    layers = list(_layers(record))
    row: Row = {}
    for ours, theirs in _SAME.items():
        row[ours] = next((_said(layer, theirs) for layer in layers if _said(layer, theirs)), "")
    for day in ("birth_date", "death_date"):
        row[day] = _day(str(row[day]))
    row["name"] = next((name_of(layer) for layer in layers if name_of(layer)), "")
    for layer in layers:
        for kind, value in identifiers(layer):
            row.setdefault(f"id:{kind}", value)
    row["address"] = next((text_of(layer.get("address")) for layer in layers), "")
    return row


def number_in(row: Row, kinds: Iterable[str]) -> object:
    """The number of a person's first document of these kinds; empty where there is none."""
    return next((row[f"id:{kind}"] for kind in kinds if row.get(f"id:{kind}")), "")


def flat_rows(record: Mapping[str, Any]) -> Iterator[Row]:
    """The person's row, and every other field by its path: `land.0.area`."""
    yield {**dict(_paths(record, "", 0)), **person_row(record)}


def _paths(value: object, path: str, depth: int) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping | list) and depth < _MOST_DEPTH:
        inner = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, one in inner:
            yield from _paths(one, f"{path}.{key}" if path else str(key), depth + 1)
    elif path:
        yield path, value


def enrolment_rows(record: Mapping[str, Any]) -> Iterator[Row]:
    """A row for each programme that a beneficiary is enrolled in; one without, where there is none.

    Member's and person's fields as `person_row` has them; of the programme `programme`,
    `programme_id`, `enrolled_on`, `status`, and of what is paid `amount`, `currency`, `frequency`.
    """
    person = person_row(record)
    layers = list(_layers(record))
    given = [layer[name] for layer in layers for name in ENTRIES if layer.get(name)]
    entries = [one for each in given for one in (each if isinstance(each, list) else [each])]
    for entry in entries or [{}]:
        yield {**person, **_enrolment(entry if isinstance(entry, Mapping) else {})}


def _enrolment(entry: Mapping[str, Any]) -> Row:
    programme = entry.get("programme")
    inner = programme if isinstance(programme, Mapping) else entry
    benefits = entry.get("benefits")
    paid = benefits[0] if isinstance(benefits, list) and benefits else benefits
    paid = paid if isinstance(paid, Mapping) else {}
    currency, amount = _money(paid.get("benefit_value"))
    return {
        "programme": _text(inner.get("programme_name")),
        "programme_id": _text(inner.get("programme_identifier")),
        "enrolled_on": _day(_text(entry.get("enrolment_date"))),
        "status": _text(entry.get("enrolment_status")),
        "amount": amount,
        "currency": currency,
        "frequency": _text(paid.get("benefit_frequency")),
    }


def _money(value: object) -> tuple[str, str]:
    """`USD 50` and the like, apart; a bare number has no currency."""
    text = _text(value)
    head, _, tail = text.partition(" ")
    return (head, tail.strip()) if head.isalpha() and tail else ("", text)


def _layers(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The record and what it wraps: `household_member`, `member`, `demographic_info`, `person`."""
    layer: Any = record
    for _ in range(_MOST_DEPTH):
        yield layer
        wrapped = (
            layer.get(name) for name in ("household_member", "member", "demographic_info", "person")
        )
        layer = next((one for one in wrapped if isinstance(one, Mapping)), None)
        if layer is None:
            return


def name_of(person: Mapping[str, Any]) -> str:
    """The whole name: in Chinese family name first and without a blank, else as it is spoken."""
    given = person.get("name")
    parts = given if isinstance(given, Mapping) else person
    if isinstance(given, str) and given.strip():
        return given.strip()
    family = _text(parts.get("surname") or parts.get("family_name"))
    own = [_text(parts.get(name)) for name in _NAMES if not isinstance(parts.get(name), Mapping)]
    first = [one for one in own if one]
    if _is_han(family) or (not family and first and _is_han(first[0])):
        return family + "".join(first)
    return " ".join([*first, *filter(None, (family,))])


def identifiers(person: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Kinds and numbers of a person's documents."""
    for name in ("identifier", "member_identifier"):
        given = person.get(name)
        for one in given if isinstance(given, list) else [given]:
            if isinstance(one, Mapping):
                kind = text_of(one.get("identifier_type") or one.get("type"))
                value = _text(one.get("identifier_value") or one.get("value"))
                if kind and value:
                    yield kind.rsplit(":", 1)[-1], value
    if isinstance(person.get("identifier_type"), str):
        value = _text(person.get("identifier_value"))
        if value:
            yield str(person["identifier_type"]), value


def identifier_in(given: object) -> str:
    """The first number of a list of identifiers, or a plain one."""
    if isinstance(given, list):
        given = next(iter(given), None)
    if isinstance(given, Mapping):
        given = given.get("identifier_value") or given.get("value")
    return _text(given)


def text_of(value: object) -> str:
    """An address or a code, whether it is text, an object, or the first of a list."""
    if isinstance(value, list):
        value = next(iter(value), None)
    if isinstance(value, Mapping):
        if "value" in value:
            return _text(value["value"])
        lines = ("region_code", "locality", "address_line1", "address_line2", "address_line")
        return "".join(_text(value.get(line)) for line in lines if line != "region_code")
    return _text(value)


def _said(layer: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((text_of(layer[name]) for name in names if text_of(layer.get(name))), "")


def _text(value: object) -> str:
    if value is None or isinstance(value, bool | Mapping | list):
        return ""
    return str(value).strip()


def _day(text: str) -> str:
    """The day of a moment, as it was there; `02.05.2024` the way round that mappings read."""
    day = text.partition("T")[0].strip()
    parts = day.split(".")
    if len(parts) == 3 and len(parts[2]) == 4:
        return "-".join((parts[2], parts[1].zfill(2), parts[0].zfill(2)))
    return day


def _is_han(text: str) -> bool:
    return bool(text) and unicodedata.name(text[0], "").startswith("CJK UNIFIED")
