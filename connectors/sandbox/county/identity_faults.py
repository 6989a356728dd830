"""Faults in a keyed name or number: a rule gives what was keyed instead, None if it cannot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

import opencc
from pypinyin import lazy_pinyin

from connectors.sandbox.county.data_faults import DataFault
from connectors.sandbox.county.lists import Lists
from connectors.sandbox.county.numbers import fifteen
from connectors.sandbox.county.truth import Person
from connectors.sandbox.register import check_character


@dataclass(frozen=True, slots=True)
class Scene:
    """What a clerk's slip can draw on."""

    rng: Random
    lists: Lists
    people: tuple[Person, ...]
    parents: Mapping[str, Person]
    """By person id: the head of the household of which the person is a child."""
    traditional: opencc.OpenCC


@dataclass(frozen=True, slots=True)
class Keyed:
    """A name and number as a register keys them, and whose they are."""

    person: Person
    name: str
    number: str

    def named(self, name: str) -> "Keyed | None":
        return Keyed(self.person, name, self.number) if name != self.name else None

    def numbered(self, number: str) -> "Keyed | None":
        return Keyed(self.person, self.name, number) if number != self.number else None

    @property
    def is_full(self) -> bool:
        """The number is a whole 18-character resident identity number."""
        return len(self.number) == 18 and self.number[:17].isascii() and self.number[:17].isdigit()


Rule = Callable[[Scene, Keyed], Keyed | None]


def fifteen_digits(scene: Scene, keyed: Keyed) -> Keyed | None:
    old = keyed.is_full and keyed.number[6:8] == "19"
    return keyed.numbered(fifteen(keyed.number)) if old else None


def wrong_check(scene: Scene, keyed: Keyed) -> Keyed | None:
    """The last character does not check."""
    if not keyed.is_full:
        return None
    wrong = scene.rng.choice([mark for mark in "0123456789X" if mark != keyed.number[17]])
    return keyed.numbered(keyed.number[:17] + wrong)


def lower_case_x(scene: Scene, keyed: Keyed) -> Keyed | None:
    return keyed.numbered(keyed.number.replace("X", "x")) if keyed.is_full else None


def full_width_number(scene: Scene, keyed: Keyed) -> Keyed | None:
    wide = "".join(chr(ord(mark) + 0xFEE0) for mark in keyed.number)
    return keyed.numbered(wide) if keyed.is_full else None


def parents_number(scene: Scene, keyed: Keyed) -> Keyed | None:
    parent = scene.parents.get(keyed.person.id)
    return None if parent is None else keyed.numbered(parent.id_number)


def shared_number(scene: Scene, keyed: Keyed) -> Keyed | None:
    """One number for two people (重号)."""
    other = scene.rng.choice(scene.people)
    if other.id == keyed.person.id or other.id_type != "resident_id":
        return None
    return keyed.numbered(other.id_number)


def second_number(scene: Scene, keyed: Keyed) -> Keyed | None:
    """The number the person had before it was corrected: same day, another sequence."""
    if not keyed.is_full:
        return None
    sequence = (int(keyed.number[14:17]) + 2 * scene.rng.randrange(1, 400)) % 1000
    body = f"{keyed.number[:14]}{sequence:03d}"
    return keyed.numbered(body + check_character(body))


def masked_number(scene: Scene, keyed: Keyed) -> Keyed | None:
    masked = f"{keyed.number[:6]}********{keyed.number[14:]}"
    return keyed.numbered(masked) if keyed.is_full else None


def missing_number(scene: Scene, keyed: Keyed) -> Keyed | None:
    return keyed.numbered("")


def blanks_in_name(scene: Scene, keyed: Keyed) -> Keyed | None:
    blank = scene.rng.choice((" ", "\u3000"))
    if len(keyed.name) > 3:
        return keyed.named(keyed.name + blank)
    return keyed.named(blank.join(keyed.name.replace("\u3000", "")))


def former_name(scene: Scene, keyed: Keyed) -> Keyed | None:
    return keyed.named(keyed.person.former_name) if keyed.person.former_name else None


def homophone(scene: Scene, keyed: Keyed) -> Keyed | None:
    return keyed.named(_one_replaced(scene.rng, keyed.name, scene.lists.homophones))


def look_alike(scene: Scene, keyed: Keyed) -> Keyed | None:
    return keyed.named(_one_replaced(scene.rng, keyed.name, scene.lists.look_alikes))


def traditional(scene: Scene, keyed: Keyed) -> Keyed | None:
    return keyed.named(scene.traditional.convert(keyed.name))


def middle_dot(scene: Scene, keyed: Keyed) -> Keyed | None:
    return keyed.named(keyed.name.replace("·", scene.rng.choice((".", "•", "・", "", " "))))


def question_mark(scene: Scene, keyed: Keyed) -> Keyed | None:
    return keyed.named(_rare_replaced(keyed.name, lambda _: "?"))


def box(scene: Scene, keyed: Keyed) -> Keyed | None:
    return keyed.named(_rare_replaced(keyed.name, lambda _: "□"))


def blank(scene: Scene, keyed: Keyed) -> Keyed | None:
    return keyed.named(_rare_replaced(keyed.name, lambda _: " "))


def private_use(scene: Scene, keyed: Keyed) -> Keyed | None:
    """The code point a vendor gave the character before the standard did."""
    return keyed.named(_rare_replaced(keyed.name, lambda rare: chr(0xE000 + ord(rare) % 0x700)))


def pinyin(scene: Scene, keyed: Keyed) -> Keyed | None:
    def spelt(rare: str) -> str:
        sound = lazy_pinyin(rare)[0]
        return sound.upper() if sound.isascii() else "YAN"

    return keyed.named(_rare_replaced(keyed.name, spelt))


def masked_name(scene: Scene, keyed: Keyed) -> Keyed | None:
    name = keyed.name.replace("\u3000", "").strip()
    if len(name) < 2:
        return None
    return keyed.named(f"{name[0]}*{name[2:]}")


def name_with_unit(scene: Scene, keyed: Keyed) -> Keyed | None:
    """The employer or street written behind the name."""
    unit = scene.rng.choice((*scene.lists.streets, *scene.lists.villages))
    return keyed.named(f"{keyed.name}（{unit}）")


IDENTITY_RULES: Final[Mapping[DataFault, Rule]] = {
    DataFault.FIFTEEN_DIGITS: fifteen_digits,
    DataFault.WRONG_CHECK: wrong_check,
    DataFault.LOWER_CASE_X: lower_case_x,
    DataFault.FULL_WIDTH_NUMBER: full_width_number,
    DataFault.PARENTS_NUMBER: parents_number,
    DataFault.SHARED_NUMBER: shared_number,
    DataFault.SECOND_NUMBER: second_number,
    DataFault.MASKED_NUMBER: masked_number,
    DataFault.MISSING_NUMBER: missing_number,
    DataFault.BLANKS_IN_NAME: blanks_in_name,
    DataFault.FORMER_NAME: former_name,
    DataFault.HOMOPHONE: homophone,
    DataFault.LOOK_ALIKE: look_alike,
    DataFault.TRADITIONAL: traditional,
    DataFault.MIDDLE_DOT: middle_dot,
    DataFault.GLYPH_QUESTION_MARK: question_mark,
    DataFault.GLYPH_BOX: box,
    DataFault.GLYPH_BLANK: blank,
    DataFault.GLYPH_PRIVATE_USE: private_use,
    DataFault.GLYPH_PINYIN: pinyin,
    DataFault.MASKED_NAME: masked_name,
    DataFault.NAME_WITH_UNIT: name_with_unit,
}


def has_rare_glyph(name: str) -> bool:
    """Some character that systems made for GB 2312 have no code for."""
    return any(_is_rare(character) for character in name)


def _is_rare(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return character not in "·\u3000"
    return False


def _rare_replaced(name: str, instead: Callable[[str], str]) -> str:
    return "".join(instead(mark) if _is_rare(mark) else mark for mark in name)


def _one_replaced(rng: Random, name: str, taken_for: Mapping[str, str]) -> str:
    """The name with one character keyed as another, the surname's last of all."""
    places = [place for place, mark in enumerate(name) if taken_for.get(mark)]
    if not places:
        return name
    place = rng.choice([where for where in places if where > 0] or places)
    return name[:place] + rng.choice(taken_for[name[place]]) + name[place + 1 :]
