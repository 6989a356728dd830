"""What a register holds of a person: the applicant's own entry, or what a source has."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import Final, Generic, TypeVar

import numpy as np

from tests.benchmarks.linkage import name_slips, numbers
from tests.benchmarks.linkage.homes import Places, household_number, masked_phone, mobile
from tests.benchmarks.linkage.numbers import Ints
from tests.benchmarks.linkage.people import KOREAN, TRANSCRIBED, People

Row = tuple[str, ...]
Kind = TypeVar("Kind")


class Chances(Generic[Kind]):
    """At most one of several things happens; the rates are of all draws."""

    def __init__(self, rates: Mapping[Kind, float]) -> None:
        self._kinds = tuple(rates)
        self._ends = tuple(accumulate(rates.values()))

    def draw(self, dice: Random) -> Kind | None:
        at = bisect_right(self._ends, dice.random())
        return self._kinds[at] if at < len(self._kinds) else None


# Chances of a reply. What is left over is right.
NAME: Final = Chances(
    {
        "homophone": 0.045,
        "look_alike": 0.025,
        "traditional": 0.035,
        "variant": 0.015,
        "near_sound": 0.02,
        "pinyin": 0.02,
        "order": 0.008,
        "masked": 0.03,
        "dropped": 0.015,
        "formatted": 0.02,
    }
)
OTHER_TRANSCRIPTION, ROMANISED, RARE_GLYPH, FORMER_NAME = 0.5, 0.3, 0.6, 0.4
"""Of the names where it can happen."""
NO_NUMBER: Final = 0.27
NUMBER: Final = Chances[Callable[[str, Random], str]](
    {
        numbers.fifteen: 0.022,
        numbers.spaced: 0.028,
        numbers.mis_keyed: 0.028,
        numbers.transposed: 0.014,
        numbers.masked: 0.026,
    }
)
BIRTH: Final = Chances(
    {"missing": 0.23, "lunar": 0.015, "swapped": 0.01, "new_year": 0.02, "slipped": 0.01}
)
ADDRESS: Final = Chances({"missing": 0.24, "moved": 0.14, "otherwise": 0.42})
PHONE: Final = Chances({"missing": 0.38, "changed": 0.2, "masked": 0.06})
HOUSEHOLD_SHOWN, SEX_SHOWN, EMPLOYER_SHOWN = 0.25, 0.7, 0.45
RENAMED: Final = 0.02
HOME_PHONE: Final = 0.5  # of people, those who give the number of their home
WORKS_SINCE: Final = 2005  # year of birth of the youngest with an employer


def other_name(name: str, group: int, dice: Random) -> str:
    """The name as a source has it."""
    slip = name_slips.KINDS
    written: str | None = None
    if group == KOREAN and dice.random() < ROMANISED:
        written = name_slips.romanised(name, dice)
    elif group == TRANSCRIBED:
        written = name_slips.transcription(name, dice)
        written = written if dice.random() < OTHER_TRANSCRIPTION else None
    else:
        written = name_slips.rare_glyph(name, dice)
        written = written if dice.random() < RARE_GLYPH else None
    if written is not None:
        return written
    kind = NAME.draw(dice)
    return name if kind is None else slip[kind](name, dice) or name


def other_number(number: str, dice: Random) -> str:
    """The number as a source has it; empty where it has none."""
    if dice.random() < NO_NUMBER:
        return ""
    slip = NUMBER.draw(dice)
    return number if slip is None else slip(number, dice)


def other_birth(born: date, dice: Random) -> str:
    """The date of birth as a source has it (ISO); empty where it has none."""
    match BIRTH.draw(dice):
        case "missing":
            return ""
        case "lunar":  # the lunar date is written as if it were of the civil calendar
            return (born - timedelta(days=dice.randint(19, 48))).isoformat()
        case "swapped" if born.day <= 12:
            return f"{born.year:04d}-{born.day:02d}-{born.month:02d}"
        case "new_year":
            return f"{born.year:04d}-01-01"
        case "slipped":
            return (born + timedelta(days=dice.choice((-365, -10, -1, 1, 10, 366)))).isoformat()
        case _:
            return born.isoformat()


class Writer:
    """Writes people of both registers; what belongs to a person or home is drawn once, at first."""

    def __init__(self, people: People, homes: int, dice: Random) -> None:
        self._people, self._dice = people, dice
        self._places = Places(homes, dice)
        self._households = [household_number(dice) for _ in range(homes)]
        self._born: Sequence[date] = people.born.astype("datetime64[D]").tolist()
        of_home = [mobile(dice) for _ in range(homes)]
        home = people.home.tolist()
        self._phones = [of_home[at] if dice.random() < HOME_PHONE else mobile(dice) for at in home]
        self._employers = [
            self._places.employer() if born.year < WORKS_SINCE and dice.random() < 0.65 else ""
            for born in self._born
        ]
        self._former = [
            "" if dice.random() >= RENAMED else self._renamed(one) for one in people.names
        ]

    def _renamed(self, name: str) -> str:
        """What someone was called before: the same family, another given name."""
        other = self._dice.choice(self._people.names)
        return name[:1] + other[1:] if "·" not in name and "·" not in other else ""

    def _chance(self, share: float, text: str) -> str:
        return text if self._dice.random() < share else ""

    def applied(self, key: str, row: int) -> Row:
        """A row of the left register: what the applicants state."""
        people, dice = self._people, self._dice
        home = self._places.homes[people.home[row]]
        places = self._places
        stated = places.as_registered(home) if dice.random() < 0.72 else places.otherwise(home)
        return (
            key,
            people.names[row],
            self._chance(0.5, self._former[row]),
            "resident_id",
            self._chance(0.99, people.numbers[row]),
            self._chance(0.985, self._born[row].isoformat()),
            "男" if people.sex[row] == 1 else "女",
            self._chance(0.97, stated),
            self._chance(0.75, self._households[people.home[row]]),
            self._chance(0.88, self._phones[row]),
            self._chance(0.8, self._employers[row]),
        )

    def replied(self, key: str, row: int) -> Row:
        """A row of the right register: what a source has of the person."""
        people, dice = self._people, self._dice
        name, former = people.names[row], self._former[row]
        if former and dice.random() < FORMER_NAME:
            name, former = former, ""
        number = other_number(people.numbers[row], dice)
        household = self._households[people.home[row]]
        employer = self._employers[row]
        return (
            key,
            other_name(name, int(people.group[row]), dice),
            self._chance(0.3, former),
            "resident_id" if number else "",
            number,
            other_birth(self._born[row], dice),
            self._sex(row),
            self._address(row),
            self._chance(HOUSEHOLD_SHOWN, household),
            self._phone(self._phones[row]),
            self._chance(EMPLOYER_SHOWN, employer and self._places.employer_otherwise(employer)),
        )

    def replied_for_namesake(self, key: str, row: int, number: str) -> Row:
        """Someone else of the same name, sex and birthday, who lives elsewhere."""
        dice, places = self._dice, self._places
        shown = other_number(number, dice)
        return (
            key,
            other_name(self._people.names[row], int(self._people.group[row]), dice),
            "",
            "resident_id" if shown else "",
            shown,
            other_birth(self._born[row], dice),
            self._sex(row),
            self._chance(0.78, places.otherwise(places.another())),
            self._chance(HOUSEHOLD_SHOWN, household_number(dice)),
            self._chance(0.62, mobile(dice)),
            self._chance(EMPLOYER_SHOWN / 2, places.employer()),
        )

    def _sex(self, row: int) -> str:
        sex = int(self._people.sex[row])
        if self._dice.random() < 0.004:
            sex = 3 - sex
        return self._chance(SEX_SHOWN, "男" if sex == 1 else "女")

    def _address(self, row: int) -> str:
        places = self._places
        home = places.homes[self._people.home[row]]
        match ADDRESS.draw(self._dice):
            case "missing":
                return ""
            case "moved":
                return places.otherwise(places.another())
            case "otherwise":
                return places.otherwise(home)
            case _:
                return places.as_registered(home)

    def _phone(self, phone: str) -> str:
        match PHONE.draw(self._dice):
            case "missing":
                return ""
            case "changed":
                return mobile(self._dice)
            case "masked":
                return masked_phone(phone)
            case _:
                return phone


def namesake_numbers(people: People, rows: Ints, rng: np.random.Generator) -> list[str]:
    """Numbers of others of the same birthday and sex; nobody else has their order numbers."""
    digits = [int(people.numbers[row][6:14]) for row in rows.tolist()]
    areas = np.array([int(people.numbers[row][:6]) for row in rng.permutation(rows).tolist()])
    orders = 998 + people.sex[rows] % 2
    return numbers.numbers(areas, np.array(digits, dtype=np.int64), orders)
