"""Candidate pairs (分块): who of two files is worth comparing, without a quadratic blow-up."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from matching.idnumber import MASK, NumberKind, to_15
from matching.names import WILDCARD, Name, simplified, sound
from matching.prepared import Prepared

MOST_PAIRS: Final = 4_000  # a key that gives more pairs is cut by what is rarer in it
MOST_REFINED: Final = 20_000  # and is left out if it still gives more than this


def _number_keys(person: Prepared) -> Iterator[str]:
    number = person.number
    if number.kind in (NumberKind.FULL, NumberKind.FIFTEEN):
        yield f"n{to_15(number.text)}"  # one key for 15 and 18
        yield f"t{number.text[10:17]}"  # birthday and order: a slip in area or year leaves them
    elif number.kind in (NumberKind.BAD_CHECK, NumberKind.OTHER):
        core = to_15(number.text) if len(number.text) == 18 else number.text
        yield f"n{core}"
        if len(number.text) == 18:
            yield f"t{number.text[10:17]}"
    elif number.kind is NumberKind.MASKED and MASK not in number.text[14:]:
        yield f"m{number.text[:6]}{number.text[14:]}"
    if number.kind in (NumberKind.FULL, NumberKind.FIFTEEN):
        yield f"m{number.text[:6]}{number.text[14:]}"


def _spoken(name: Name) -> str:
    """The whole sound without blanks, so that LIMING, LI MING and 李明 are one."""
    return sound(name).replace(" ", "")


def _given(name: Name) -> str:
    return " ".join(sound(name).split(" ")[name.surname_length :])


def _plain(name: Name) -> str:
    return "".join(map(simplified, name.units))


def keys(person: Prepared) -> list[str]:
    """The blocking keys of one person; two people are compared if they share one."""
    found = list(_number_keys(person))
    born = person.birth_date
    name = person.name if person.name and WILDCARD not in person.name.units else None
    place = person.address.place if person.address else None
    if person.name and born:  # a given name hidden, cut short, or of another sound
        found.append(f"w{sound(person.name).split(' ')[0]}|{born:%Y%m%d}")
    if name and born:
        found += [f"s{_spoken(name)}|{born:%Y%m}", f"g{_given(name)}|{born:%Y%m%d}"]
    if name and place:
        found.append(f"r{_spoken(name)}|{place}")
    if born and place:
        found.append(f"p{born:%Y%m%d}|{place}")
    if person.household_number and born:
        found.append(f"h{person.household_number}|{born.year}")
    if person.phone:
        found.append(f"c{person.phone}")
    found += [f"o{_plain(former)}|{born:%Y%m%d}" for former in person.former if born]
    if name and born:
        found.append(f"o{_plain(name)}|{born:%Y%m%d}")
    return found


def _refinement(person: Prepared) -> str:
    """What cuts a crowded key: the surname's sound and the year of birth."""
    surname = sound(person.name).split(" ")[0] if person.name else ""
    return f"{surname}|{person.birth_date.year if person.birth_date else ''}"


def _index(people: Sequence[Prepared]) -> dict[str, list[int]]:
    index: defaultdict[str, list[int]] = defaultdict(list)
    for place, person in enumerate(people):
        for key in keys(person):
            index[key].append(place)
    return index


def _refined(members: Sequence[int], people: Sequence[Prepared]) -> dict[str, list[int]]:
    parts: defaultdict[str, list[int]] = defaultdict(list)
    for place in members:
        parts[_refinement(people[place])].append(place)
    return parts


def _pairs_of_key(
    ones: list[int], others: list[int], left: Sequence[Prepared], right: Sequence[Prepared]
) -> Iterator[tuple[int, int]]:
    if len(ones) * len(others) <= MOST_PAIRS:
        yield from ((one, other) for one in ones for other in others)
        return
    parts = _refined(others, right)
    for cut, few in _refined(ones, left).items():
        many = parts.get(cut, [])
        if len(few) * len(many) <= MOST_REFINED:
            yield from ((one, other) for one in few for other in many)


def candidates(left: Sequence[Prepared], right: Sequence[Prepared]) -> Iterator[tuple[int, int]]:
    """Pairs of places in the two files that share a key, each pair once."""
    others = _index(right)
    seen: set[int] = set()
    width = len(right)
    for key, ones in _index(left).items():
        for one, other in _pairs_of_key(ones, others.get(key, []), left, right):
            code = one * width + other
            if code not in seen:
                seen.add(code)
                yield one, other
