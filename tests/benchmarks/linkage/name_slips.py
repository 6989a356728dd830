"""Ways in which a name is written wrongly or otherwise; each gives None where it cannot happen."""

from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from typing import Final

import opencc

from tests.benchmarks.linkage import tables

Slip = Callable[[str, Random], str | None]
_TO_TRADITIONAL: Final = opencc.OpenCC("s2t")


@cache
def _surname_lengths() -> frozenset[str]:
    return frozenset(word for word in tables.surnames().words if len(word) == 2)


def surname_length(name: str) -> int:
    return 2 if name[:2] in _surname_lengths() else 1


def _replaced(name: str, stand_ins: Mapping[str, str], dice: Random) -> str | None:
    """One character by one that may stand for it; three in four slips are in the given name."""
    places = [at for at, one in enumerate(name) if stand_ins.get(one)]
    given = [at for at in places if at >= surname_length(name)]
    if not places:
        return None
    at = dice.choice(given) if given and dice.random() < 0.75 else dice.choice(places)
    return name[:at] + dice.choice(stand_ins[name[at]]) + name[at + 1 :]


def homophone(name: str, dice: Random) -> str | None:
    return _replaced(name, tables.slips().homophones, dice)


def near_sound(name: str, dice: Random) -> str | None:
    return _replaced(name, tables.slips().near_sounds, dice)


def look_alike(name: str, dice: Random) -> str | None:
    return _replaced(name, tables.slips().look_alikes, dice)


def variant(name: str, dice: Random) -> str | None:
    return _replaced(name, tables.slips().variants, dice)


def traditional(name: str, dice: Random) -> str | None:
    """All characters, or only the surname, in traditional form."""
    whole = _TO_TRADITIONAL.convert(name)
    length = surname_length(name)
    written = whole if dice.random() < 0.8 else whole[:length] + name[length:]
    return written if written != name else (whole if whole != name else None)


def _syllables(text: str) -> list[str]:
    return [tables.sound(one) for one in text]


def pinyin(name: str, dice: Random) -> str | None:
    """Latin letters as on a foreign form or a bank card, by one of six habits."""
    if "·" in name:
        return None
    length = surname_length(name)
    family, given = "".join(_syllables(name[:length])), _syllables(name[length:])
    joined = "".join(given)
    forms = (
        f"{family} {joined}".title(),
        f"{family}{joined}".upper(),
        f"{family} {joined}",
        f"{joined} {family}".title(),
        f"{family.upper()}, {'-'.join(given).title()}",
        f"{family} {' '.join(given)}".upper(),
    )
    return dice.choice(forms)


def order(name: str, dice: Random) -> str | None:
    """The given name first, or the two given characters the wrong way round."""
    length = surname_length(name)
    given = name[length:]
    if "·" in name:
        own, _, father = name.partition("·")
        return f"{father}·{own}" if own != father else None
    if len(given) == 2 and given[0] != given[1] and dice.random() < 0.5:
        return name[:length] + given[::-1]
    return given + name[:length] if given != name[:length] else None


def transcription(name: str, dice: Random) -> str | None:
    """A transcribed name by another clerk's ear, with another dot or none."""
    ways = tables.transcriptions()
    parts = name.split("·") if "·" in name else _cut(name)
    changed = [
        dice.choice(ways[one]) if ways.get(one) and dice.random() < 0.7 else one for one in parts
    ]
    if "·" not in name:
        written = "".join(changed)
    else:
        written = dice.choice(("·", "·", ".", "•", "・", " ", "")).join(changed)
    return written if written != name else None


def _cut(name: str) -> list[str]:
    """The two parts of a transcribed name that is written without a dot."""
    ways = tables.transcriptions()
    for at in range(1, len(name)):
        if name[:at] in ways and name[at:] in ways:
            return [name[:at], name[at:]]
    return [name]


def rare_glyph(name: str, dice: Random) -> str | None:
    """A rare character as a sign for it, as its parts, as its sound, or left out."""
    parts = tables.read("names")["rare"]
    at = next((at for at, one in enumerate(name) if one in parts), None)
    if at is None:
        return None
    rare = name[at]
    match dice.randrange(6):
        case 0:
            written = f"({parts[rare]})"
        case 1:
            written = tables.sound(rare).upper()
        case 2:
            written = ""
        case _:
            written = dice.choice(tables.slips().unwritable)
    return name[:at] + written + name[at + 1 :]


def romanised(name: str, dice: Random) -> str | None:
    """A Korean-Chinese name as in a Korean visa: by the ear, in one of several spellings."""
    ways = tables.romanised()
    if any(one not in ways for one in name):
        return None
    family, *given = (dice.choice(ways[one]) for one in name)
    joined = dice.choice(("", "", "-", " ")).join(given)
    return dice.choice(
        (f"{family} {joined}".title(), f"{family} {joined}".upper(), f"{joined} {family}")
    )


def masked(name: str, dice: Random) -> str | None:
    """All but the surname hidden, all but the last character, or only the middle one."""
    mark = dice.choice(tables.slips().mask_marks)
    if len(name) < 2 or "·" in name:
        return None
    if len(name) > 2 and dice.random() < 0.25:
        return name[0] + mark + name[2:]
    if dice.random() < 0.35:
        return mark * (len(name) - 1) + name[-1]
    return name[0] + mark * (len(name) - 1)


def dropped(name: str, dice: Random) -> str | None:
    """A character of the given name is left out."""
    length = surname_length(name)
    if len(name) - length < 2 or "·" in name:
        return None
    at = dice.randrange(length, len(name))
    return name[:at] + name[at + 1 :]


def formatted(name: str, dice: Random) -> str | None:
    """The right name with what a form added to it."""
    forms = (
        " ".join(name),
        f"{name[:1]}\u3000{name[1:]}",
        f"{name} ",
        f"{name}({dice.choice('男女')})",
        f"{name}{dice.choice(('先生', '女士', '本人'))}",
        f"户主:{name}",
    )
    return dice.choice(forms)


KINDS: Final[Mapping[str, Slip]] = {
    "homophone": homophone,
    "look_alike": look_alike,
    "traditional": traditional,
    "variant": variant,
    "near_sound": near_sound,
    "pinyin": pinyin,
    "order": order,
    "transcription": transcription,
    "rare_glyph": rare_glyph,
    "romanised": romanised,
    "masked": masked,
    "dropped": dropped,
    "formatted": formatted,
}
