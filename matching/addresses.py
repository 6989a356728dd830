"""Addresses (地址) taken apart into what names a home: road to room, or village and group."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

DIGITS: Final = {sign: str(value) for value, sign in enumerate("零一二三四五六七八九")} | {
    "〇": "0"
}
WIDTH: Final = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    ord(sign): "-" for sign in "‐‑–—－―~～"
}
# A Chinese numeral counts as one only before these words: 三道街 and 二道区 are names.
COUNTED: Final = re.compile(
    r"([零〇一二三四五六七八九十百]+)(?=号|栋|幢|座|单元|室|村民|居民|组|社|门|层|楼|队|户|-|#)|"
    r"(?<=-)([零〇一二三四五六七八九十百]+)"
)
NOISE: Final = re.compile(r"[\s,，.。;；:：、]+|[(（][^)）]*[)）]")
PROVINCE: Final = re.compile(r"^(?:中国)?[^\d]{2,6}?(?:省|自治区)")
CITY: Final = re.compile(r"^[^\d路街村镇乡]{2,8}?(?:自治州|市|地区|盟)(?!场)")
COUNTY: Final = re.compile(
    r"^([^\d路街村镇乡]{1,8}?(?:(?<![小社园苑])区|自治县|县|自治旗|旗|市))(?![\d路])"
)
TOWN: Final = re.compile(r"^([^\d路]{1,10}?(?:街道办事处|街道|镇|乡|苏木))(?!\d)")
COMMUNITY: Final = re.compile(r"^[^\d路街]{1,10}?(?:社区|居委会|居民委员会)")
VILLAGE: Final = re.compile(r"^([^\d路街]{1,10}?(?:行政村|村民委员会|村委会|村|嘎查))(?!路|街)")
HAMLET: Final = re.compile(r"^([^\d路街]{1,6}?(?:屯|沟|堡|岭|甸|营子))(?=\d|$)")
GROUP: Final = re.compile(r"^(?:第)?(\d+)(?:村民小组|居民组|小组|组|社|队|屯)")
ROAD: Final = re.compile(
    r"^([^\d-]{1,12}?(?:大街|大路|大道|胡同|路|街|巷|弄|道|里|条)|\d+[^\d-]{0,3}(?:路|街))(?:北|南|东|西)?(?=[\d]|$|[^\d街路道巷])"
)
NUMBER: Final = re.compile(r"^(?:第)?(\d+(?:之\d+|-\d+(?=号))?)(?:号院|号(?!楼|栋|幢)|$)")
ESTATE: Final = re.compile(r"^([^\d-]{2,14}?)(?=\d|[A-Z]\d?(?:座|栋|幢|区)|$)")
ENDS_AS_PLACE: Final = re.compile(r"(?:[路街巷弄道里条院区园苑府]|胡同|公寓|新村|家园)$")
BUILDING: Final = re.compile(r"^(?:第)?([A-Z]?\d+|[A-Z])(?:号楼|号栋|号幢|栋楼|栋|幢|座|楼|#楼|#)")
UNIT: Final = re.compile(r"^(?:第)?([A-Z]?\d+|[A-Z])(?:单元|门洞|门)")
FLOOR: Final = re.compile(r"^\d+(?:层|楼)(?=\d|$)")
ROOM: Final = re.compile(r"^([A-Z]?\d+)(?:号房|室|户|号|房)?$")
DASHED: Final = re.compile(r"^-?([A-Z]?\d+)[-#]([A-Z]?\d+)(?:[-#]([A-Z]?\d+))?(?:室|号)?$")


@dataclass(frozen=True, slots=True)
class Address:
    """The parts that were written; None where a part was not.

    `place` is the road or housing estate, or the village; `group` the villagers' group (村民小组).
    """

    county: str | None = None
    town: str | None = None
    place: str | None = None
    is_village: bool = False
    group: str | None = None
    number: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None


def _numeral(text: str) -> str:
    """十二 → 12, 一百零三 → 103, 二〇三 → 203."""
    if not set(text) & set("十百"):
        return "".join(DIGITS[sign] for sign in text)
    total, current = 0, 0
    for sign in text:
        if sign in "十百":
            total += (current or 1) * (10 if sign == "十" else 100)
            current = 0
        else:
            current = int(DIGITS[sign])
    return str(total + current)


def normal_form(raw: str) -> str:
    """One width, no blanks, Chinese numerals before a counting word as digits; idempotent."""
    text = unicodedata.normalize("NFC", raw).translate(WIDTH).upper()
    text = NOISE.sub("", text)
    return COUNTED.sub(lambda found: _numeral(found[0]), text)


def _bare(number: str | None) -> str | None:
    return None if number is None else number.lstrip("0") or "0"


class _Reader:
    """Takes one part after the other off the front of the text."""

    def __init__(self, text: str) -> None:
        self.rest = text

    def take(self, pattern: re.Pattern[str]) -> str | None:
        """The first group of the pattern (or all it matched) at the front, cut off; or None."""
        found = pattern.match(self.rest)
        if found is None or not found[0]:
            return None
        self.rest = self.rest[found.end() :].lstrip("-")
        return found[1] if pattern.groups else found[0]


def _home(reader: _Reader) -> tuple[str | None, str | None, str | None]:
    """Building, unit and room, in words or as 3-2-501."""
    dashed = DASHED.match(reader.rest)
    if dashed:
        first, second, third = dashed.groups()
        return (first, second, third) if third else (first, None, second)
    building = reader.take(BUILDING)
    dashed = DASHED.match(reader.rest)
    if dashed and not dashed[3]:
        return building, dashed[1], dashed[2]
    unit = reader.take(UNIT)
    reader.take(FLOOR)
    return building, unit, reader.take(ROOM)


def _village(reader: _Reader, county: str | None, town: str | None) -> Address | None:
    village = reader.take(VILLAGE)
    if village is None:
        return None
    village = re.sub(r"(?:行政村|村民委员会|村委会)$", "村", village)
    group = reader.take(GROUP) or reader.take(HAMLET)
    if group and not group.isdigit():
        group = reader.take(GROUP) or group
    number = reader.take(NUMBER)
    building, unit, room = _home(reader) if reader.rest else (None, None, None)
    house = tuple(map(_bare, (group, number, building, unit, room)))
    return Address(county, town, village, True, *house)


@lru_cache(maxsize=1 << 16)
def parse_address(raw: str | None) -> Address | None:
    """The parts of a written address; None where no place in it can be read."""
    if raw is None:
        return None
    reader = _Reader(normal_form(raw))
    if "省" in reader.rest or "自治区" in reader.rest:
        reader.take(PROVINCE)
    reader.take(CITY)
    county = reader.take(COUNTY)
    town = reader.take(TOWN)
    if "社区" in reader.rest or "委会" in reader.rest:
        reader.take(COMMUNITY)
    village = _village(reader, county, town)
    if village is not None:
        return village
    place = reader.take(ROAD) or reader.take(ESTATE)
    if place is None or (not reader.rest and not ENDS_AS_PLACE.search(place)):
        return Address(county, town) if county or town else None
    number = reader.take(NUMBER)
    if number and reader.rest and not re.match(r"[A-Z]?\d|[A-Z]", reader.rest):
        reader.take(ESTATE)  # 平阳街12号阳光花园3栋: the estate repeats what the number says
    building, unit, room = _home(reader)
    house = tuple(map(_bare, (None, number, building, unit, room)))
    return Address(county, town, place, False, *house)


def address_key(text: str | None) -> str | None:
    """A canonical key of one home, `平阳街|12|3|2|501` or `柳条沟村|3|61`; None if none is named.

    Province to town are left out: old certificates (房产证) do not write them.
    """
    address = parse_address(text)
    if address is None or address.place is None:
        return None
    if address.is_village:
        if address.number is None and address.room is None:
            return None
        parts = [address.place, address.group or "", address.number or ""]
        rest = [part or "" for part in (address.building, address.unit, address.room)]
        return "|".join(parts + rest if any(rest) else parts)
    if address.number is None and address.room is None:
        return None
    slots = (address.number, address.building, address.unit, address.room)
    return "|".join([address.place, *(part or "" for part in slots)])


def _conflict(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def same_place(left: Address, right: Address) -> bool:
    """One road, estate or village: equal names, and no district written on both sides differs."""
    if left.place is None or left.place != right.place or left.is_village != right.is_village:
        return False
    return not _conflict(left.county, right.county) and not (
        left.is_village and _conflict(left.town, right.town)
    )


def same_home(a: str | None, b: str | None) -> bool:
    """Two written addresses name one home: the keys are equal and no district differs."""
    key = address_key(a)
    left, right = parse_address(a), parse_address(b)
    if key is None or key != address_key(b) or left is None or right is None:
        return False
    return same_place(left, right)
