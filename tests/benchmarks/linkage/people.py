"""Made-up homes and the people in them: families, twins, namesakes; columns, one entry a person."""

from dataclasses import dataclass
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.linkage import tables
from tests.benchmarks.linkage.numbers import Ints, numbers

HAN, KOREAN, TRANSCRIBED = 0, 1, 2
HEAD, SPOUSE, CHILD, TWIN, PARENT = 0, 1, 2, 3, 4
GROUP_SHARES: Final = (0.955, 0.02, 0.025)
CHILDREN: Final = (0.33, 0.4, 0.2, 0.07)
LAST_BIRTH: Final = np.datetime64("2016-12-31", "D")
TWINS: Final = 0.05
"""Of families with children: some five times the real share, for they are what is looked at."""
GENERATION_NAME: Final = 0.3
"""Siblings whose names share a character (字辈)."""
RARE: Final = 0.013


@dataclass(frozen=True, slots=True)
class People:
    """Who lives where, one entry a person in every column; `group` is HAN, KOREAN, TRANSCRIBED."""

    home: Ints
    role: Ints
    sex: Ints
    born: NDArray[np.datetime64]
    group: Ints
    names: list[str]
    numbers: list[str]

    @property
    def size(self) -> int:
        return len(self.names)


@dataclass(frozen=True, slots=True)
class _Frame:
    """People before they have names."""

    home: Ints
    role: Ints
    sex: Ints
    born: NDArray[np.datetime64]


def _days(rng: np.random.Generator, size: int, low: float, high: float) -> NDArray[np.timedelta64]:
    days = (rng.uniform(low, high, size) * 365.25).astype(np.int64)
    return days.astype("timedelta64[D]")


def _families(rng: np.random.Generator, homes: int) -> _Frame:
    ids = np.arange(homes)
    head = np.datetime64("1940-01-01", "D") + _days(rng, homes, 0, 55)
    head_sex = np.where(rng.random(homes) < 0.68, 1, 2)
    wed = np.flatnonzero(rng.random(homes) < 0.62)
    spouse = head[wed] + _days(rng, len(wed), -5, 6)
    counts = rng.choice(len(CHILDREN), size=homes, p=CHILDREN)
    of_child = np.repeat(ids, counts)
    child = head[of_child] + _days(rng, len(of_child), 20, 39)
    first = np.flatnonzero((counts > 0) & (rng.random(homes) < TWINS))
    starts = np.cumsum(counts) - counts
    twin = child[starts[first]]
    cared = np.flatnonzero(rng.random(homes) < 0.14)
    parent = head[cared] - _days(rng, len(cared), 20, 33)
    roles = ((HEAD, ids), (SPOUSE, wed), (CHILD, of_child), (TWIN, first), (PARENT, cared))
    home = np.concatenate([where for _, where in roles])
    role = np.concatenate([np.full(len(where), role) for role, where in roles])
    sex = np.where(rng.random(len(home)) < 0.51, 1, 2)
    sex[:homes] = head_sex
    sex[homes : homes + len(wed)] = 3 - head_sex[wed]
    frame = _Frame(home, role, sex, np.concatenate([head, spouse, child, twin, parent]))
    kept = frame.born <= LAST_BIRTH
    return _Frame(frame.home[kept], frame.role[kept], frame.sex[kept], frame.born[kept])


def _han_given(rng: np.random.Generator, frame: _Frame) -> NDArray[np.object_]:
    """Given names after sex and decade of birth."""
    years = frame.born.astype("datetime64[Y]").astype(np.int64) + 1970
    decades = np.select(
        [years < end for end in (1960, 1970, 1980, 1990, 2000)],
        [1930, 1960, 1970, 1980, 1990],
        default=2000,
    )
    given = np.empty(len(years), dtype=object)
    for decade in np.unique(decades).tolist():
        for code, sex in ((1, "m"), (2, "f")):
            rows = np.flatnonzero((decades == decade) & (frame.sex == code))
            given[rows] = _names_of(rng, tables.fashion(decade, sex), len(rows))
    return given


def _names_of(rng: np.random.Generator, fashion: tables.Fashion, size: int) -> list[str]:
    characters, names = fashion.characters, fashion.names
    first = rng.choice(len(characters.words), size, p=characters.shares).tolist()
    second = rng.choice(len(characters.words), size, p=characters.shares).tolist()
    listed = rng.choice(len(names.words), size, p=names.shares).tolist()
    kind = rng.random(size)
    # Short names are in the list of whole names too: what it gives is taken off.
    short = fashion.whole + max(fashion.short - fashion.whole * 0.6, 0.02)
    return [
        names.words[whole]
        if dice < fashion.whole
        else (characters.words[a] if dice < short else characters.words[a] + characters.words[b])
        for a, b, whole, dice in zip(first, second, listed, kind.tolist(), strict=True)
    ]


def _family_names(rng: np.random.Generator, frame: _Frame, homes: int) -> list[str]:
    """Surnames: a wife keeps hers, a child has its father's, a head's mother her own."""
    table = tables.surnames()
    head, other, elder = rng.choice(len(table.words), (3, homes), p=table.shares)
    head_sex = np.ones(homes, dtype=np.int64)
    heads = frame.role == HEAD
    head_sex[frame.home[heads]] = frame.sex[heads]
    fathers = np.where(head_sex == 1, head, other)
    at = frame.home
    chosen = np.select(
        [heads, frame.role == SPOUSE, frame.role == PARENT],
        [head[at], other[at], np.where(frame.sex == 1, head[at], elder[at])],
        default=fathers[at],
    )
    return [table.words[index] for index in chosen.tolist()]


def _share_a_character(frame: _Frame, given: NDArray[np.object_], dice: Random) -> None:
    """Siblings of one generation, and twins far more often, share a character of the name."""
    first: dict[int, int] = {}
    rows = np.flatnonzero((frame.role == CHILD) | (frame.role == TWIN))
    for row, home in zip(rows.tolist(), frame.home[rows].tolist(), strict=True):
        elder = first.setdefault(home, row)
        chance = 0.75 if frame.role[row] == TWIN else GENERATION_NAME
        if elder != row and len(given[elder]) == 2 and dice.random() < chance:
            one, other = given[elder], given[row]
            if dice.random() < 0.75:
                given[row] = one[0] + other[-1]
            else:
                given[row] = other[0] + one[1]


def _korean(dice: Random, surname: str, sex: int) -> str:
    first, second = tables.read("names")["korean"]["m" if sex == 1 else "f"]
    return f"{surname}{dice.choice(first)}{dice.choice(second)}"


def _named(
    rng: np.random.Generator, frame: _Frame, group: Ints, dice: Random, *, homes: int
) -> list[str]:
    """Full names; one home is of one group."""
    family = _family_names(rng, frame, homes)
    given = _han_given(rng, frame)
    _share_a_character(frame, given, dice)
    rare = tuple(tables.read("names")["rare"])
    for row in np.flatnonzero((rng.random(len(group)) < RARE) & (group == HAN)).tolist():
        given[row] = given[row][:-1] + dice.choice(rare)
    names = [one + str(other) for one, other in zip(family, given, strict=True)]
    korean = tables.read("names")["korean"]["surnames"]
    heads = dice.choices(list(korean), list(korean.values()), k=homes)
    for row in np.flatnonzero(group == KOREAN).tolist():
        of_family = frame.role[row] != SPOUSE
        surname = heads[frame.home[row]] if of_family else dice.choice(heads)
        names[row] = _korean(dice, surname, int(frame.sex[row]))
    fathers = [dice.choice(tables.transcribed_parts("m"))[0] for _ in range(homes)]
    for row in np.flatnonzero(group == TRANSCRIBED).tolist():
        own = dice.choice(tables.transcribed_parts("m" if frame.sex[row] == 1 else "f"))[0]
        home = int(frame.home[row])
        names[row] = f"{own}·{fathers[home]}" if home % 5 < 3 else f"{own}{fathers[home]}"
    return names


def _orders(rng: np.random.Generator, frame: _Frame, areas: Ints, dates: Ints) -> Ints:
    """Order numbers, odd for men; a twin's follows the other's; no number is given twice."""
    size = len(areas)
    parity = frame.sex % 2
    orders = 2 * (rng.random(size) ** 1.7 * 498).astype(np.int64) + parity
    child = np.flatnonzero(frame.role == CHILD)
    elder = dict(zip(frame.home[child][::-1].tolist(), child[::-1].tolist(), strict=True))
    for row in np.flatnonzero(frame.role == TWIN).tolist():
        one = elder.get(int(frame.home[row]), row)
        areas[row] = areas[one]
        step = 2 if frame.sex[one] == frame.sex[row] else 1
        orders[row] = orders[one] + step
    while True:
        keys = (areas * 10**8 + dates) * 1000 + orders
        _, first = np.unique(keys, return_index=True)
        again = np.setdiff1d(np.arange(size), first, assume_unique=True)
        if len(again) == 0:
            return orders
        orders[again] = 2 * rng.integers(0, 499, len(again)) + parity[again]


def _numbered(rng: np.random.Generator, frame: _Frame, homes: int) -> list[str]:
    codes = np.array([int(code) for code in tables.read("places")["districts"]])
    of_home = codes[district_of(homes)]
    moved = rng.random(len(frame.home)) < np.where(frame.role == SPOUSE, 0.45, 0.12)
    areas = np.where(moved, codes[rng.integers(0, len(codes), len(moved))], of_home[frame.home])
    years = frame.born.astype("datetime64[Y]")
    months = frame.born.astype("datetime64[M]")
    dates = (years.astype(np.int64) + 1970) * 10000 + (months - years).astype(np.int64) * 100 + 101
    dates += (frame.born - months).astype(np.int64)
    return numbers(areas, dates, _orders(rng, frame, areas, dates))


def district_of(homes: int) -> Ints:
    """The district (its place in the table) of every home: a few hold most."""
    places = len(tables.read("places")["districts"])
    return np.minimum((np.arange(homes) * 7919 % 1000 / 1000) ** 1.6 * places, places - 1).astype(
        np.int64
    )


def make_people(rng: np.random.Generator, homes: int) -> People:
    """About 2.7 people a home."""
    dice = Random(int(rng.integers(2**62)))
    frame = _families(rng, homes)
    group = rng.choice(len(GROUP_SHARES), size=homes, p=GROUP_SHARES)[frame.home]
    names = _named(rng, frame, group, dice, homes=homes)
    numbered = _numbered(rng, frame, homes)
    return People(frame.home, frame.role, frame.sex, frame.born, group, names, numbered)
