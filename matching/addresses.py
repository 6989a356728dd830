"""Addresses (地址) taken apart into what names a home, and which two name one."""

import re
from functools import lru_cache
from itertools import pairwise
from typing import Final

from matching.address_parts import (
    Address,
    Districts,
    estate_name,
    present_county,
    present_road,
    without_region,
)
from matching.address_reader import normal_form, read_address
from matching.places import moved_counties

__all__ = [
    "Address",
    "address_key",
    "normal_form",
    "parse_address",
    "place_names",
    "same_home",
    "same_house_in_village",
    "same_place",
]

TOWN_KIND: Final = re.compile(r"(?:街道办事处|街道|民族乡|乡|镇)$")
# Signs that end a part or count, and so never stand inside a name that the pattern below takes.
PART_SIGNS: Final = (
    "省市区县旗盟州镇乡街路道巷弄里条村屯胡社委组队号栋幢座单元室门层楼户期附之甲乙丙丁苏嘎"
    "零〇一二两三四五六七八九十百廿卅"
)


def _han_without(signs: str) -> str:
    """A class of the common Han characters but for some, as a regular expression."""
    ends = sorted({*map(ord, signs), 0x4DFF, 0x9FA6})
    spans = [
        f"{chr(low + 1)}-{chr(high - 1)}"
        for low, high in pairwise(ends)
        if high - low > 1 and low >= 0x4DFF
    ]
    return f"[{''.join(spans)}]"


IN_ROADS: Final = _han_without(PART_SIGNS)
HAN: Final = _han_without(PART_SIGNS.translate({ord(sign): None for sign in "道巷弄里条屯胡"}))
# 四合镇, 三道沟屯: a numeral inside a name counts nothing.
NAMED: Final = _han_without(
    PART_SIGNS.translate({ord(sign): None for sign in "道巷弄里条屯胡零〇一二两三四五六七八九十百"})
)
# How nearly all are written: 省市区街道 路12号3栋2单元501室, or 镇 村3组61号. What does not fit, or
# could be read in two ways, goes to the reader.
COMMON: Final = re.compile(
    rf"(?:(?!中国)({HAN}{{2,5}}省))?(?:({HAN}{{2,8}}(?:自治州|市)(?!场)))?"
    rf"(?:({HAN}{{1,6}}(?:(?<![小园苑地])区|县|市(?!场))))?(?:({NAMED}{{1,8}}(?:街道(?!办事处)|镇|乡)))?"
    rf"(?:({HAN}{{1,8}}社区))?"
    rf"(?:({NAMED}{{1,8}}(?<!行政)(?:村|屯))(?:0*([1-9]\d*)(?:组|社))?0*([1-9]\d*)号"
    rf"|({IN_ROADS}{{1,9}}[街路])0*([1-9]\d*)号({IN_ROADS}{{1,8}}(?:小区)?)?(?:0*([1-9]\d*)(?:栋|幢|号楼)"
    r"(?:0*([1-9]\d*)(?:单元|门))?0*([1-9]\d*)室?|0*([1-9]\d*)-0*([1-9]\d*)-0*([1-9]\d*)室?)?)"
)


def common_shape(raw: str) -> Address | None:
    """An address of a common shape, as `read_address` reads it; None for any other shape."""
    found = COMMON.fullmatch(raw)
    if found is None:
        return None
    province, city, county, town, community, village, group, house, *at_road = found.groups()
    city, county = present_county(city), present_county(county)
    if village:
        if village.endswith("屯"):
            if group is None:
                return None
            village += "村"  # as the reader has it: a 屯 with groups is a village
        return Address(province, city, county, town, community, village, True, None, group, house)
    road, number, estate, building, unit, room, one, two, three = at_road
    if estate and not building:
        return None
    if not (province or city or county or town):
        road = without_region(road, Districts())
    home = (one, two, None, three) if three else (building, unit, None, room)
    return Address(
        province,
        city,
        county,
        town,
        community,
        present_road(road),
        False,
        None,
        None,
        number,
        estate,
        *home,
    )


@lru_cache(maxsize=1 << 16)
def parse_address(raw: str | None) -> Address | None:
    """The parts of a written address; None where no place in it can be read."""
    if raw is None:
        return None
    found = common_shape(raw)
    if found is not None:
        return found
    text = normal_form(raw)
    return (common_shape(text) if text != raw else None) or read_address(text)


def _in_village(address: Address) -> str | None:
    """Where in a village: the group, or else the hamlet."""
    return address.group or address.hamlet


def address_key(text: str | None) -> str | None:
    """A canonical key of one home, `平阳街|12|3|2|501` or `柳条沟村|3|61`; None if none is named.

    Province to town are left out: old certificates (房产证) do not write them. A garage is no home.
    """
    address = parse_address(text)
    if address is None or address.place is None or not address.is_home:
        return None
    if address.number is None and address.room is None:
        return None
    if address.is_village:
        parts = [address.place, _in_village(address) or "", address.number or ""]
        rest = [part or "" for part in (address.building, address.unit, address.room)]
        return "|".join(parts + rest if any(rest) else parts)
    slots = (address.number, address.building, address.unit, address.room)
    return "|".join([address.place, *(part or "" for part in slots)])


def _conflict(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _bare_town(town: str | None) -> str | None:
    """A town without its kind: a township (乡) became a town (镇) or a street office (街道)."""
    return None if town is None else TOWN_KIND.sub("", town) or town


def _counties_conflict(left: Address, right: Address) -> bool:
    """The counties written on both sides differ, or else the cities."""
    one, other = left.county, right.county
    if one is not None and other is not None:
        if not one.endswith(other) and not other.endswith(one):
            return True
        return _conflict(left.city, right.city) and one not in moved_counties()
    # 延吉市 alone stands where a city stands, and under its prefecture where a county does.
    county_as_city = (left.city is not None and left.city == right.county) or (
        right.city is not None and right.city == left.county
    )
    return _conflict(left.city, right.city) and not county_as_city


def place_names(address: Address) -> frozenset[str]:
    """The names under which an address may be found: its road and its estate, or its village."""
    names = (estate_name(address.place), estate_name(address.estate))
    return frozenset(name for name in names if name)


def same_place(left: Address, right: Address) -> bool:
    """One road, estate or village: equal names, and no district written on both sides differs."""
    if left.is_village != right.is_village or place_names(left).isdisjoint(place_names(right)):
        return False
    if _conflict(left.province, right.province) or _counties_conflict(left, right):
        return False
    return not (left.is_village and _conflict(_bare_town(left.town), _bare_town(right.town)))


def same_house_in_village(left: Address, right: Address) -> bool:
    """One number in one group or hamlet (屯) of a village."""
    if _conflict(left.group, right.group) or _conflict(left.hamlet, right.hamlet):
        return False
    placed = {_in_village(left), _in_village(right)}
    shared = (left.group and left.group == right.group) or (
        left.hamlet and left.hamlet == right.hamlet
    )
    house = (left.number, left.building, left.unit, left.room)
    same = house == (right.number, right.building, right.unit, right.room)
    return same and left.number is not None and bool(shared or placed == {None})


def _same_flat(left: Address, right: Address) -> bool:
    """Building, unit and room are one, and no house number differs: an estate named otherwise."""
    flats = [(one.building, one.unit, one.room) for one in (left, right)]
    named = left.building is not None and left.room is not None
    return named and flats[0] == flats[1] and not _conflict(left.number, right.number)


def same_home(a: str | None, b: str | None) -> bool:
    """Two written addresses name one home: the keys are equal and no district differs.

    In an estate beside a road the flat counts; in a village one of group and hamlet.
    """
    keys = address_key(a), address_key(b)
    left, right = parse_address(a), parse_address(b)
    if None in keys or left is None or right is None or not same_place(left, right):
        return False
    if left.is_village:
        return keys[0] == keys[1] or same_house_in_village(left, right)
    return keys[0] == keys[1] or _same_flat(left, right)
