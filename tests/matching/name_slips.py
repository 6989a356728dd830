"""Pairs of names that are one person's with one slip, and pairs that are two people's.

Nothing here is drawn from the tables under test but the shares of names: homophones come from
pypinyin, traditional forms from OpenCC, look-alikes from a list for schools, the rest by hand.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from random import Random

import pypinyin
from opencc import OpenCC

from matching.frequency import frequencies

CASES = Path(__file__).parent / "cases"
RARE = "䶮㛃𬱖頔喆堃垚赟犇燚淼骉昇翀旻玥祎曌烜暐颋赪镠"
VARIANTS = [
    "峰峯",
    "群羣",
    "杰傑",
    "静靜",
    "青靑",
    "真眞",
    "清淸",
    "惠恵",
    "德徳",
    "泽沢",
    "广広",
    "荣栄",
    "恒恆",
    "卫衞",
    "宝寳",
    "寿夀",
    "实実",
    "国囯",
    "俊儁",
    "晋晉",
    "强彊",
    "昆崑",
    "岩巖",
    "秋秌",
    "珍珎",
    "明朙",
    "升陞",
    "修脩",
    "游遊",
    "炼煉",
    "泉洤",
    "花蘤",
    "艳豔",
    "辉煇",
    "志誌",
    "和龢",
    "咏詠",
]
INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"))
FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))
Pair = tuple[str, str]
Slip = Callable[[str, Random], str | None]


@lru_cache(maxsize=1)
def people() -> tuple[list[str], list[float], list[str], list[float]]:
    table = frequencies()
    surnames = {name: share for name, share in table.surnames.items() if len(name) == 1}
    return [*surnames], [*surnames.values()], [*table.given], [*table.given.values()]


def a_name(random: Random) -> str:
    surnames, shares, given, weights = people()
    length = 1 if random.random() < 0.2 else 2
    return random.choices(surnames, shares)[0] + "".join(random.choices(given, weights, k=length))


def spoken(sign: str) -> str:
    return pypinyin.lazy_pinyin(sign, style=pypinyin.Style.TONE3, neutral_tone_with_five=True)[0]


@lru_cache(maxsize=1)
def by_sound() -> dict[str, list[str]]:
    """Toned syllable → the commoner characters of GB 2312 that sound so."""
    found = defaultdict(list)
    for row in range(0xB0, 0xD8):
        for column in range(0xA1, 0xFF):
            sign = bytes([row, column]).decode("gb2312", "ignore")
            if sign:
                found[spoken(sign)].append(sign)
    return dict(found)


def one_place(name: str, random: Random, options: Callable[[str], list[str]]) -> str | None:
    places = [i for i in range(len(name)) if i or random.random() < 0.2]
    random.shuffle(places)
    for place in places:
        others = [one for one in options(name[place]) if one != name[place]]
        if others:
            return name[:place] + random.choice(others) + name[place + 1 :]
    return None


def homophone(name: str, random: Random) -> str | None:
    return one_place(name, random, lambda sign: by_sound().get(spoken(sign), []))


@lru_cache(maxsize=1)
def families() -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    lines = (CASES / "look_alike_families.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        signs = [] if line.startswith("#") else line.split(",")
        for sign in signs:
            found[sign] += [other for other in signs if other != sign]
    return dict(found)


def look_alike(name: str, random: Random) -> str | None:
    return one_place(name, random, lambda sign: families().get(sign, []))


@lru_cache(maxsize=1)
def traditional_form() -> OpenCC:
    return OpenCC("s2t")


def traditional(name: str, random: Random) -> str | None:
    form: str = traditional_form().convert(name)
    return form if form != name else None


def variant(name: str, random: Random) -> str | None:
    return one_place(name, random, lambda sign: [p[1] for p in VARIANTS if p[0] == sign])


def near_sound(name: str, random: Random) -> str | None:
    def near(sign: str) -> list[str]:
        syllable, tone = spoken(sign)[:-1], spoken(sign)[-1]
        heard = []
        for pairs, swap in ((INITIALS, str.removeprefix), (FINALS, str.removesuffix)):
            for one, other in (*pairs, *((b, a) for a, b in pairs)):
                rest = swap(syllable, one)
                if rest != syllable:
                    heard.append(other + rest if pairs is INITIALS else rest + other)
        return [one for sound in heard for one in by_sound().get(sound + tone, [])]

    return one_place(name, random, near)


def in_pinyin(name: str, random: Random) -> str | None:
    first, *rest = (spoken(sign)[:-1] for sign in name)
    given = "".join(rest)
    forms = (f"{first} {given}", first + given, f"{first} {' '.join(rest)}", f"{given} {first}")
    form = random.choice(forms)
    return form.upper() if random.random() < 0.5 else form.title()


def reordered(name: str, random: Random) -> str | None:
    turned = (
        name[0] + name[:0:-1] if len(name) == 3 and random.random() < 0.3 else name[1:] + name[0]
    )
    return turned if turned != name else None


def rare_glyph(name: str, random: Random) -> str | None:
    hidden = random.choice(("?", "□", "〇", "*", "??", "pinyin", "Pinyin"))
    return name[:-1] + (spoken(name[-1])[:-1] if hidden.lower() == "pinyin" else hidden)


def masked(name: str, random: Random) -> str | None:
    forms = [f"{name[0]}*", f"{name[0]}**", f"*{name[1:]}", f"{name[0]}某", f"{name[0]}某某"]
    if len(name) == 3:
        forms += [f"{name[0]}*{name[2]}", f"{name[0]}＊{name[2]}", f"**{name[2]}", name[:2] + "*"]
    return random.choice(forms)


def dropped(name: str, random: Random) -> str | None:
    return name[:1] + name[2:] if random.random() < 0.5 else name[:2]


SLIPS: dict[str, Slip] = {
    "homophone": homophone,
    "look_alike": look_alike,
    "traditional": traditional,
    "variant": variant,
    "near_sound": near_sound,
    "pinyin": in_pinyin,
    "order": reordered,
    "rare_glyph": rare_glyph,
    "masked": masked,
    "dropped": dropped,
}


@lru_cache(maxsize=1)
def listed_pairs() -> list[Pair]:
    """The names written twice that are listed by hand."""
    lines = (CASES / "name_pairs.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("/") for line in lines if not line.startswith("#"))
    return [(one, other) for one, other in pairs]


def korean_pairs() -> list[Pair]:
    return [pair for pair in listed_pairs() if pair[1].isascii()]


def ethnic_pairs() -> list[Pair]:
    return [pair for pair in listed_pairs() if not pair[1].isascii()]


def slipped(kind: str, random: Random) -> Pair:
    """One person's name, and the same with one slip of the kind."""
    if kind == "ethnic":
        return random.choice(ethnic_pairs())
    if kind == "korean":
        return random.choice(korean_pairs())
    while True:
        name = a_name(random)
        if kind == "rare_glyph":
            name = name[:-1] + random.choice(RARE)
        if kind == "dropped" and len(name) != 3:
            continue
        other = SLIPS[kind](name, random)
        if other is not None:
            return name, other


def strangers(random: Random) -> Pair:
    """Two people's names: unrelated, or with the surname and one given character in common."""
    while True:
        one, other = a_name(random), a_name(random)
        if random.random() < 0.5:
            if len(one) < 3:
                continue
            kept = random.choice((1, 2))
            sign = random.choices(people()[2], people()[3])[0]
            other = one[:kept] + sign + one[kept + 1 :]
        sounds = ["".join(spoken(sign)[:-1] for sign in name) for name in (one, other)]
        if sounds[0] != sounds[1] and sorted(one) != sorted(other):
            return one, other


def foreign_strangers(random: Random) -> Pair:
    """Long or romanised names of two people; half of the long ones share a part."""
    if random.random() < 0.5:
        (one, _), (other, spelled) = random.sample(korean_pairs(), 2)
        return one, random.choice((other, spelled))
    (one, _), (_, other) = random.sample(ethnic_pairs(), 2)
    if "·" in one and "·" in other and random.random() < 0.5:
        other = f"{one.split('·')[0]}·{other.split('·')[1]}"
    return one, other


KINDS = (*SLIPS, "ethnic", "korean")
