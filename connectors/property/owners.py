"""Takes the joined owners of an immovable 不动产权利人 apart: names, numbers, shares (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.failure import FailureKind, SourceError
from connectors.readers import UNREADABLE, Hints, is_blank, read_fraction_or_percent
from connectors.records import Subject


class OwnerFields(BaseModel):
    """Where the source keeps the three lists."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    names: str
    numbers: str
    shares: str

    @classmethod
    def load(cls, path: Path) -> "OwnerFields":
        """From a mapping file. Raises `ValueError`."""
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        try:
            return cls.model_validate(content["owners"])
        except (ValidationError, KeyError, TypeError) as error:
            raise ValueError(f"mapping {path.name}: owners: {error}") from error


@dataclass(frozen=True, slots=True)
class Owners:
    """All owners, their shares in the same order, and what could not be read."""

    subjects: tuple[Subject, ...]
    shares: tuple[Fraction | None, ...]
    problems: tuple[str, ...]


def owners_of(row: Mapping[str, object], fields: OwnerFields, *, by_shares: bool) -> Owners:
    """The owners of a row; a list that is not as long as the names' says nothing of anyone.

    Raises `SourceError` (`MALFORMED`) for a row without owners.
    """
    names = _split(row.get(fields.names), "、")
    if not names or "" in names:
        raise SourceError.of(FailureKind.MALFORMED, f"ownership without a usable {fields.names}")
    numbers, problems = _aligned(row, fields.numbers, len(names))
    texts: list[str] = [""] * len(names)
    if by_shares:
        texts, trouble = _aligned(row, fields.shares, len(names))
        problems = (*problems, *trouble)
    shares, trouble = _shares(texts, fields.shares)
    subjects = tuple(
        Subject(name=name, id_number=number or None)
        for name, number in zip(names, numbers, strict=True)
    )
    return Owners(subjects, shares, (*problems, *trouble))


def _aligned(row: Mapping[str, object], name: str, count: int) -> tuple[list[str], tuple[str, ...]]:
    """The list's places, one an owner; nothing for anyone where nothing stands there."""
    if is_blank(row.get(name)):
        return [""] * count, ()
    places = _split(row.get(name), ",")
    if len(places) != count:
        return [""] * count, (f"{UNREADABLE} list in {name}",)
    return places, ()


def _shares(texts: list[str], name: str) -> tuple[tuple[Fraction | None, ...], tuple[str, ...]]:
    shares: list[Fraction | None] = []
    problems: list[str] = []
    for text in texts:
        value, problem = read_fraction_or_percent(text, Hints()) if text else (None, None)
        shares.append(value if isinstance(value, Fraction) else None)
        if problem is not None:
            problems.append(f"{problem} in {name}")
    return tuple(shares), tuple(problems)


def _split(value: object, separator: str) -> list[str]:
    if not isinstance(value, str) or not value.strip():
        return []
    return [place.strip() for place in value.replace("，", ",").split(separator)]
