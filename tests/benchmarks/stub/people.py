"""A population without a list: the household's number and the place in it stand in the ID number.

So the stub knows of any of its persons, by the number alone, who else lives in the household.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_FAMILIES: Final = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN: Final = "明芳伟丽军静强敏磊艳勇娟涛霞超秀英杰桂兰平刚红玉梅鹏辉玲建华文斌"
_AREAS: Final = 100
_DAYS: Final = 3650
_BORN_FROM: Final = (date(1960, 1, 1), date(1970, 1, 1), date(2012, 1, 1))
"""First birthday of the head, the spouse and the child; each has ten years of them."""
_RELATIONS: Final = ("head", "spouse", "child")
REGION: Final = "220102003"


@dataclass(frozen=True, slots=True)
class Person:
    """One of the three of a household; `place` is 0 for the head, then spouse and child."""

    household: int
    place: int
    name: str = field(repr=False)
    id_number: str = field(repr=False)

    @property
    def ref(self) -> str:
        return f"m{self.place + 1}"

    @property
    def born(self) -> str:
        return self.id_number[6:14]


def person(household: int, place: int) -> Person:
    """The person; a household's number is below 365 million."""
    rest, area = divmod(household, _AREAS)
    series, days = divmod(rest, _DAYS)
    born = _BORN_FROM[place] + timedelta(days=days)
    first = f"2299{area:02d}{born:%Y%m%d}{series:03d}"
    return Person(household, place, _name(household, place), first + _check(first))


def household(number: int) -> tuple[Person, ...]:
    """The three of them."""
    return tuple(person(number, place) for place in range(len(_BORN_FROM)))


def number_of(id_number: str) -> tuple[int, int] | None:
    """The household and the place that an ID number tells; None where it is none of these."""
    if len(id_number) != 18 or not id_number.startswith("2299") or not id_number[:17].isdecimal():
        return None
    area, series = int(id_number[4:6]), int(id_number[14:17])
    year = int(id_number[6:10])
    for place, since in enumerate(_BORN_FROM):
        if since.year <= year < since.year + 10:
            born = date(year, int(id_number[10:12]), int(id_number[12:14]))
            days = (born - since).days
            return ((series * _DAYS + days) * _AREAS + area, place) if days < _DAYS else None
    return None


def application(number: int, **changes: Any) -> dict[str, Any]:
    """The body of POST /v1/verifications for a household; everybody's consent is of last week."""
    today = datetime.now(UTC).date()
    members: list[dict[str, Any]] = [
        {
            "ref": one.ref,
            "name": one.name,
            "id_type": "resident_id",
            "id_number": one.id_number,
            "relationship": _RELATIONS[one.place],
        }
        for one in household(number)
    ]
    members[2]["in_school"] = True
    return {
        "case_reference": f"220102-S-{number:08d}",
        "region": REGION,
        "purpose": "application",
        "as_of": today.isoformat(),
        "programmes": ["urban_dibao"],
        "consent": {
            "reference": f"SQ-S-{number:08d}",
            "signed_on": (today - timedelta(days=7)).isoformat(),
            "valid_until": (today + timedelta(days=360)).isoformat(),
            "document_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "signatories": ["m1", "m2"],
        },
        "household": {"address": address(number), "members": members, "supporters": []},
        "declared": {
            "income": [{"person": "m1", "kind": "wage", "monthly": "1200.00"}],
            "assets": [{"person": "m1", "kind": "deposit", "value": "3000.00"}],
            "expenses": [],
        },
        **changes,
    }


def address(number: int) -> str:
    """Where the household lives, in the register and in the application."""
    street, house = divmod(number, 500)
    return f"长春市南关区民康街道平阳街{street % 900 + 1}号{house // 25 + 1}栋{house % 25 + 1}01室"


def _name(number: int, place: int) -> str:
    """Few names, as in life: namesakes are common."""
    family = number if place != 1 else number // 7 + 3
    mixed = (number * 2_654_435_761 + place * 40_503) >> 3
    first, second = mixed % len(_GIVEN), (mixed >> 8) % len(_GIVEN)
    return _FAMILIES[family % len(_FAMILIES)] + _GIVEN[first] + _GIVEN[second]


def _check(first: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True))
    return "10X98765432"[total % 11]
