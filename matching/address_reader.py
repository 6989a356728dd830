"""Reads an address part by part off its front, in whatever shape it was written."""

import re
import unicodedata
from dataclasses import replace
from typing import Final

from matching.address_parts import (
    NOT_A_HOME,
    Address,
    Districts,
    bare,
    numbered_room,
    present_county,
    present_road,
    without_region,
)

DIGITS: Final = (
    {sign: str(value) for value, sign in enumerate("零一二三四五六七八九")}
    | {
        "〇": "0",
        "○": "0",
        "两": "2",
    }
    | {sign: str(value) for value, sign in enumerate("壹贰叁肆伍陆柒捌玖", start=1)}
)
TENS: Final = {"十": 10, "拾": 10, "佰": 100, "廿": 20, "卅": 30, "百": 100}
NUMERAL: Final = "零〇○一二两三四五六七八九十百廿卅壹贰叁肆伍陆柒捌玖拾佰"
WIDTH: Final = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    ord(sign): "-" for sign in "‐‑–—－―~～"
}
# A Chinese numeral counts as one only before these words: 三道街 and 二道区 are names.
COUNTED: Final = re.compile(
    rf"([{NUMERAL}]+)(?=号|栋|幢|座|单元|室|村民|居民|组|社(?!区)|门(?!市)|层|楼|队|户|期|附|之|-|#|[甲乙丙丁]号)|"
    rf"(?<=[-附之])([{NUMERAL}]+)"
)
LEFT_NUMERAL: Final = re.compile(rf"(?<=[号栋幢座元层楼#门])([{NUMERAL}]+)$")  # 5层一, 3栋二〇一
NOISE: Final = re.compile(
    r"[\s,，.。;；:：、·]+|[(（][^)）]*[)）]|[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]+"
)
# 天池路100号 연길시 천지로 100호: a sign repeats the address in Korean, number and all.
REPEATED: Final = re.compile(r"(?<=[\d号室户])\s*[\uac00-\ud7a3][\uac00-\ud7a3\s\d-]*$")
PROVINCE: Final = re.compile(r"^(?:中国)?([^\d]{2,6}?(?:省|自治区))")
CITY: Final = re.compile(r"^([^\d路街村镇乡]{2,8}?(?:自治州|市|地区|盟)(?!场))")
COUNTY: Final = re.compile(
    r"^([^\d路街村镇乡]{1,8}?(?:(?<![小社园苑])区|自治县|县|自治旗|旗|市))(?![\d路])"
)
TOWN: Final = re.compile(r"^([^\d路]{1,10}?(?:街道办事处|街道|镇|乡|苏木))(?!\d)")
COMMUNITY: Final = re.compile(r"^([^\d路街]{1,10}?(?:社区|居委会|居民委员会))")
VILLAGE: Final = re.compile(
    r"^([^\d路街]{1,10}?(?:行政村|村民委员会|村委会|村|嘎查))(?!路|街|(?<=新村)\d+(?:栋|幢|号楼|-))"
)
OFFICE: Final = re.compile(r"(?<=.)(?:行政村|村民委员会|村委会)$")
HAMLET: Final = re.compile(r"^([^\d路街]{1,6}?(?:屯|沟|堡|岭|甸|营子))(?=\d|$)")
GROUP: Final = re.compile(r"^(?:第)?(\d+)(?:村民小组|居民组|小组|组|社(?!区)|队|屯)")
ROAD: Final = re.compile(
    r"^([^\d-]{1,12}?(?:(?:大街|大路|大道|胡同|路|街|巷)(?![街路道巷])"
    r"|[弄道里条](?=[甲乙丙丁副]?\d|$))|\d+[^\d-]{0,3}(?:路|街))"
    r"((?:北|南|东|西)?\d+(?:条|巷|胡同|弄)|)(?:北|南|东|西)?(?=[甲乙丙丁副]?[\d]|$|[^\d])"
)
NUMBER: Final = re.compile(
    r"^(?:第)?([甲乙丙丁副])?(\d+)(?:(?:之|-|附)(\d+))?([甲乙丙丁])?(?:号院|号(?!楼|栋|幢|车|地下))"
    r"(?:(?:附|之)(\d+)号?|-(\d{1,2})(?:号|$)|([甲乙丙丁])(?!栋|座|楼|单))?"
)
LAST_NUMBER: Final = re.compile(r"^(\d+)(?:-(\d{1,2}))?$")  # 平阳街12, 平阳街12-1
ROAD_DASHED: Final = re.compile(r"^(\d+)-(?:(\d+)-(?:([A-Z]?\d+)-)?)?([A-Z]?\d+)(?:号?室|号|户)?$")
SPECIAL: Final = re.compile(
    r"^(?:(\d+)号?)?(?:(?:负|B|地下)\d?层?)?"
    r"(地下室|车库|车位|库房|仓房|储藏室|门市房?|商铺|网点)[-A-Z]?(\d+)?(?:号|室)?$"
)
NAMED_BUILDING: Final = "[甲乙丙丁东西南北中主前后]"
AFTER_NUMBER: Final = re.compile(
    rf"[A-Z]?\d|[A-Z]|负|地下|车库|车位|库房|仓房|储藏室|门市|商铺|网点|{NAMED_BUILDING}(?:栋|幢|座|楼|单元)"
)
ESTATE: Final = re.compile(
    rf"^([^\d-]{{2,14}}?)((?:[A-Z]|\d+)(?:区|期))?(?=[A-Z]?\d|[A-Z](?:座|栋|幢)|{NAMED_BUILDING}(?:栋|幢|座|楼)|地下室|车库|车位|$)"
)
ENDS_AS_PLACE: Final = re.compile(r"(?:[路街巷弄道里条院区园苑府]|胡同|公寓|新村|家园)$")
BUILDING: Final = re.compile(
    rf"^(?:第)?(?:([A-Z]?\d+[A-Z]?|[A-Z])(?:号楼|号栋|号幢|栋楼|栋|幢|座|楼(?=\d+(?:单元|门))|#楼|#)"
    rf"|({NAMED_BUILDING})(?:号楼|栋|幢|座|楼))"
)
UNIT: Final = re.compile(
    rf"^(?:第)?(?:([A-Z]?\d+|[A-Z])(?:单元|门洞|门(?!市))|({NAMED_BUILDING})单元)"
)
FLOOR: Final = re.compile(r"^(?:第)?((?:负|地下|B|)\d+)(?:层|楼)")
ROOM: Final = re.compile(r"^([A-Z]?\d+(?:-\d)?[A-Z]?)(?:号房|号室|室|户|号|房间?|$)")
DASHED: Final = re.compile(r"^([A-Z]?\d+)[-#]([A-Z]?\d+)(?:[-#]([A-Z]?\d+))?(?:号?室|号|户)?$")


def _numeral(text: str) -> str:
    """十二 → 12, 一百零三 → 103, 二〇三 → 203, 廿二 → 22."""
    if not set(text) & set(TENS):
        return "".join(DIGITS[sign] for sign in text)
    total, current = 0, 0
    for sign in text:
        if sign in "廿卅":
            total += TENS[sign]
        elif sign in TENS:
            total += (current or 1) * TENS[sign]
            current = 0
        else:
            current = int(DIGITS[sign])
    return str(total + current)


def normal_form(raw: str) -> str:
    """One width, no blanks and no Hangul, Chinese numerals that count as digits; idempotent."""
    text = unicodedata.normalize("NFC", raw).translate(WIDTH).upper()
    text = NOISE.sub("", REPEATED.sub("", text))
    text = COUNTED.sub(lambda found: _numeral(found[0]), text)
    return LEFT_NUMERAL.sub(lambda found: _numeral(found[0]), text)


class _Reader:
    """Takes one part after the other off the front of the text."""

    def __init__(self, text: str) -> None:
        self.rest = text

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What the pattern matches at the front, cut off with the dashes after it; or None."""
        found = pattern.match(self.rest)
        if found is None or not found[0]:
            return None
        self.rest = self.rest[found.end() :].lstrip("-")
        return found

    def estate(self) -> tuple[str, str | None] | None:
        """The name of an estate and its part: 万科城, 2期."""
        found = self.match(ESTATE)
        return None if found is None else (found[1], found[2])

    def take(self, pattern: re.Pattern[str]) -> str | None:
        """The first group that took part; or None if the pattern does not match."""
        found = self.match(pattern)
        return None if found is None else next(filter(None, found.groups()), None)


def _districts(reader: _Reader) -> Districts:
    province = None
    if "省" in reader.rest or "自治区" in reader.rest:
        province = reader.take(PROVINCE)
    city = present_county(reader.take(CITY))
    county = present_county(reader.take(COUNTY))
    town = reader.take(TOWN)
    if town and town.endswith("街道办事处"):
        town = town.removesuffix("办事处")
    community = None
    if "社区" in reader.rest or "委会" in reader.rest:
        community = reader.take(COMMUNITY)
    return Districts(province, city, county, town, community)


def _number(reader: _Reader) -> str | None:
    """A house number: 12, 12-1 (之1, 附1号), 12甲."""
    found = reader.match(NUMBER)
    if found is not None:
        before, digits, one, after, two, three, last = found.groups()
        beside = bare(one or two or three)
        lettered = before or after or last or ""
        return f"{bare(digits)}{lettered}" + (f"-{beside}" if beside else "")
    found = reader.match(LAST_NUMBER)
    if found is None:
        return None
    return f"{bare(found[1])}-{bare(found[2])}" if found[2] else bare(found[1])


_Home = tuple[str | None, str | None, str | None, str | None]
"""Building, unit, floor, room."""


def _home(reader: _Reader) -> _Home:
    """What is written after the number, in words or as 3-2-501."""
    dashed = DASHED.match(reader.rest)
    if dashed:
        first, second, third = dashed.groups()
        return (first, second, None, third) if third else (first, None, None, second)
    building = reader.take(BUILDING)
    dashed = DASHED.match(reader.rest)
    if dashed and not dashed[3]:
        return building, dashed[1], None, dashed[2]
    unit = reader.take(UNIT)
    if special := SPECIAL.match(reader.rest):
        return building, unit, None, f"{special[2]}{bare(special[1] or special[3]) or ''}"
    floor = reader.take(FLOOR)
    if floor is not None:
        floor = bare(re.sub("负|地下|B", "-", floor))
    return building, unit, floor, reader.take(ROOM)


def _address(districts: Districts, home: _Home) -> Address:
    building, unit, floor, room = home
    return Address(
        province=districts.province,
        city=districts.city,
        county=districts.county,
        town=districts.town,
        community=districts.community,
        building=bare(building),
        unit=bare(unit),
        floor=floor,
        room=numbered_room(floor, room),
        is_home=room is None or not room.startswith(NOT_A_HOME),
    )


def _village(reader: _Reader, districts: Districts, name: str) -> Address:
    """What follows the name of a village: 西屯3组61号."""
    hamlet = reader.take(HAMLET)
    group = bare(reader.take(GROUP))
    if hamlet is None and group is not None:
        hamlet = reader.take(HAMLET)
    number = _number(reader)
    return replace(
        _address(districts, _home(reader)),
        place=OFFICE.sub("村", name),
        is_village=True,
        hamlet=hamlet,
        group=group,
        number=number,
    )


def _dashed_road(reader: _Reader) -> tuple[str | None, _Home] | None:
    """平阳街12-3-2-501, 12-3-501, 12-501: the first is the number of the house."""
    found = ROAD_DASHED.match(reader.rest)
    if found is None or (found[2] is None and len(found[4]) < 3):
        return None
    number, building, unit, room = found.groups()
    return bare(number), (building, unit, None, room)


def _road(reader: _Reader, districts: Districts, name: str) -> Address:
    """What follows the name of a road: 12号阳光花园3栋2单元501室."""
    dashed = _dashed_road(reader)
    number = dashed[0] if dashed else _number(reader)
    estate: str | None = None
    zone: str | None = None
    if dashed is None and reader.rest and not AFTER_NUMBER.match(reader.rest):
        named = reader.estate()  # the estate repeats what the number says
        estate, zone = named or (None, None)
    home = dashed[1] if dashed else _home(reader)
    place = present_road(without_region(name, districts))
    return _in_zone(
        replace(_address(districts, home), place=place, number=number, estate=estate), zone
    )


def _in_zone(address: Address, zone: str | None) -> Address:
    """A building counts within its part of the estate: 2期3."""
    return address if zone is None else replace(address, building=zone + (address.building or ""))


def _estate(reader: _Reader, districts: Districts, named: tuple[str, str | None]) -> Address:
    """What follows the name of an estate: 3栋2单元501室, or 3组61号 where 村 was left out."""
    name, zone = named
    if GROUP.match(reader.rest):
        return _village(reader, districts, name + "村")
    number = None if DASHED.match(reader.rest) else _number(reader)
    return _in_zone(replace(_address(districts, _home(reader)), place=name, number=number), zone)


def read_address(raw: str) -> Address | None:
    """The parts of a written address; None where no place in it can be read."""
    reader = _Reader(normal_form(raw))
    districts = _districts(reader)
    village = reader.take(VILLAGE)
    if village is not None:
        return _village(reader, districts, village)
    road = reader.match(ROAD)
    if road is not None:
        return _road(reader, districts, road[1] + road[2])
    estate = reader.estate()
    if estate is not None and (reader.rest or ENDS_AS_PLACE.search(estate[0])):
        return _estate(reader, districts, estate)
    named = districts.county or districts.town or districts.city
    return _address(districts, (None, None, None, None)) if named else None
