"""Puts the data faults into a register's copy, and keeps a list of what was put where."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from connectors.sandbox.county.data_faults import DataFault
from connectors.sandbox.county.identity_faults import IDENTITY_RULES, Keyed, Scene, has_rare_glyph
from connectors.sandbox.county.truth import Person
from connectors.sandbox.county.value_faults import VALUE_RULES
from connectors.sandbox.register import Entry

_NAME_AND_NUMBER: Final = {
    "household_registry": ("xm", "gmsfhm"),
    "tax": ("xm", "zjhm"),
    "social_insurance": ("xm", "sfzh"),
    "business_registration": ("personName", "idNo"),
    "housing_fund": ("XM", "ZJHM"),
    "vehicle": ("syr", "sfzmhm"),
    "insurance": ("xm", "zjhm"),
}
"""Fields of the row that repeat name and number; property joins all owners' in one field."""

_NEVER: Final = {
    "household_registry": {DataFault.MISSING_NUMBER, DataFault.MASKED_NUMBER},
    "tax": {DataFault.MISSING_NUMBER},
}
_GLYPHS: Final = tuple(fault for fault in DataFault if fault.value.startswith("glyph_"))
_SECOND_FAULT: Final = 0.1
"""One slip in ten comes with another in the same name or number, so that a record is missed."""


@dataclass(slots=True)
class Copy:
    """One register while it is being damaged."""

    source: str
    entries: list[Entry]
    marks: list[tuple[int, DataFault]] = field(default_factory=list)
    doubled: set[int] = field(default_factory=set)

    def finished(self) -> tuple[list[Entry], list[tuple[int, DataFault]]]:
        """The entries with the doubled ones put in, and the marks at their places there."""
        doubled = sorted(self.doubled)
        entries: list[Entry] = []
        start = 0
        for position in doubled:
            entries.extend(self.entries[start : position + 1])
            entries.append(self.entries[position])
            start = position + 1
        entries.extend(self.entries[start:])
        marks = [
            (position + bisect_left(doubled, position), fault) for position, fault in self.marks
        ]
        return entries, marks


@dataclass(frozen=True, slots=True)
class Damage:
    """How much goes wrong, and for whom nothing does."""

    scene: Scene
    people: Mapping[str, Person]
    rate: float
    spared: frozenset[str]


def damage(plan: Damage, source: str, entries: Sequence[Entry]) -> Copy:
    """A copy in which about `rate` of the records are wrong in one way, a few in two."""
    copy = Copy(source, list(entries))
    if plan.rate <= 0:
        return copy
    rng = plan.scene.rng
    for group in _groups(source, copy.entries):
        owner = copy.entries[group[0]].person
        if rng.random() < plan.rate and owner is not None and owner not in plan.spared:
            _spoil(plan, copy, group)
    return copy


def _groups(source: str, entries: Sequence[Entry]) -> Iterator[list[int]]:
    """Places that a clerk keyed as one: a person's months with an employer, a deed's owners."""
    group: list[int] = []
    before: object = None
    for position, entry in enumerate(entries):
        key = _group_key(source, entry)
        if group and (key is None or key != before):
            yield group
            group = []
        group.append(position)
        before = key
    if group:
        yield group


def _group_key(source: str, entry: Entry) -> object:
    match source:
        case "tax":
            return entry.person, entry.row["kjywrsbh"]
        case "social_insurance":
            return entry.person, entry.row.get("dwbh", entry.kind)
        case "property":
            return id(entry.row)
        case _:
            return None


def _spoil(plan: Damage, copy: Copy, group: list[int]) -> None:
    rng = plan.scene.rng
    faults = [fault for fault in DataFault if fault not in _NEVER.get(copy.source, ())]
    rng.shuffle(faults)
    if has_rare_glyph(copy.entries[group[0]].name):
        # What a system has no code for is seldom keyed right: these come first.
        faults.sort(key=lambda fault: fault not in _GLYPHS)
    for fault in faults:
        if _apply(plan, copy, group, fault):
            if fault in IDENTITY_RULES and rng.random() < _SECOND_FAULT:
                _apply(plan, copy, group, rng.choice(tuple(IDENTITY_RULES)))
            return


def _apply(plan: Damage, copy: Copy, group: list[int], fault: DataFault) -> bool:
    if fault in _NEVER.get(copy.source, ()):
        return False
    if fault in IDENTITY_RULES:
        return _rekey(plan, copy, group, fault)
    if fault in VALUE_RULES:
        return _change(plan, copy, group, fault)
    if fault is DataFault.DUPLICATE:
        position = plan.scene.rng.choice(group)
        copy.doubled.add(position)
        copy.marks.append((position, fault))
        return True
    return _disorder(plan, copy, group)


def _rekey(plan: Damage, copy: Copy, group: list[int], fault: DataFault) -> bool:
    """One owner's name or number, keyed wrongly in every entry of the group."""
    chosen = plan.scene.rng.choice(group) if copy.source == "property" else group[0]
    entry = copy.entries[chosen]
    if entry.person is None:
        return False
    keyed = Keyed(plan.people[entry.person], entry.name, entry.id_number)
    wrong = IDENTITY_RULES[fault](plan.scene, keyed)
    if wrong is None:
        return False
    if copy.source == "property":
        _rekey_owner(copy, group, chosen, wrong)
        copy.marks.append((chosen, fault))
        return True
    for position in group:
        old = copy.entries[position]
        row = dict(old.row)
        fields = _NAME_AND_NUMBER.get(copy.source)
        if fields is not None:
            row[fields[0]] = wrong.name
            row[fields[1]] = wrong.number or (None if fields[1] == "idNo" else "")
        copy.entries[position] = Entry(wrong.name, wrong.number, row, old.kind, old.person)
        copy.marks.append((position, fault))
    return True


def _rekey_owner(copy: Copy, group: list[int], chosen: int, wrong: Keyed) -> None:
    """The deed names its owners in one field: all entries of the deed share the new row."""
    place = group.index(chosen)
    row = dict(copy.entries[chosen].row)
    names, numbers = str(row["qlrmc"]).split("、"), str(row["qlrzjh"]).split(",")
    names[place], numbers[place] = wrong.name, wrong.number
    row["qlrmc"], row["qlrzjh"] = "、".join(names), ",".join(numbers)
    for position in group:
        old = copy.entries[position]
        name, number = (
            (wrong.name, wrong.number) if position == chosen else (old.name, old.id_number)
        )
        copy.entries[position] = Entry(name, number, row, old.kind, old.person)


def _change(plan: Damage, copy: Copy, group: list[int], fault: DataFault) -> bool:
    position = plan.scene.rng.choice(group)
    changes = VALUE_RULES[fault](plan.scene.rng, copy.entries[position])
    if changes is None:
        return False
    row = dict(copy.entries[position].row) | dict(changes)
    for place in group if copy.source == "property" else [position]:
        old = copy.entries[place]
        copy.entries[place] = Entry(old.name, old.id_number, row, old.kind, old.person)
        copy.marks.append((place, fault))
    return True


def _disorder(plan: Damage, copy: Copy, group: list[int]) -> bool:
    """Months out of order; never across a correction, which must follow what it corrects."""
    entries = [copy.entries[position] for position in group]
    if copy.source not in ("tax", "social_insurance") or len(group) < 3:
        return False
    if any(entry.row.get("gzbz") == "1" for entry in entries):
        return False
    plan.scene.rng.shuffle(entries)
    for position, entry in zip(group, entries, strict=True):
        copy.entries[position] = entry
        copy.marks.append((position, DataFault.OUT_OF_ORDER))
    return True
