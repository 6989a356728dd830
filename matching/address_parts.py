"""The parts of an address (地址要素), and the one form each is compared in."""

import re
from dataclasses import dataclass
from typing import Final

from matching.places import county_names, leading_region, road_names

ESTATE_KIND: Final = re.compile(r"(?<=..)(?:住宅)?小区$")
NOT_A_HOME: Final = ("车库", "车位", "库房", "仓房", "储藏室")


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """The parts that were written; None where a part was not.

    `place` is the road or housing estate, or the village; `estate` the housing estate written
    beside a road and number. `group` is the villagers' group (村民小组, 社), `hamlet` the part of a
    village (屯). Numbers are without leading zeros, `12-1` for 12号之1 and 12号附1号, `12甲` for
    甲12号; `room` holds the floor where only both name the home (5层1号 → 501). `is_home` is False
    for what nobody lives in: a garage, a parking space.
    """

    province: str | None = None
    city: str | None = None
    county: str | None = None
    town: str | None = None
    community: str | None = None
    place: str | None = None
    is_village: bool = False
    hamlet: str | None = None
    group: str | None = None
    number: str | None = None
    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    floor: str | None = None
    room: str | None = None
    is_home: bool = True


@dataclass(frozen=True, slots=True)
class Districts:
    """What stands before the road or village, each in its present name."""

    province: str | None = None
    city: str | None = None
    county: str | None = None
    town: str | None = None
    community: str | None = None


def bare(number: str | None) -> str | None:
    """A number without leading zeros."""
    return None if number is None else number.lstrip("0") or "0"


def present_county(name: str | None) -> str | None:
    """The present name of a county or city."""
    return None if name is None else county_names().get(name, name)


def present_road(name: str) -> str:
    """The present name of a road."""
    return road_names().get(name, name)


def without_region(road: str, districts: Districts) -> str:
    """长春平阳街 is 平阳街 where no district is written; 吉林大路 and 长春路 are names."""
    if districts.province or districts.city or districts.county or districts.town:
        return road
    found = leading_region().match(road)
    rest = road[found.end() :] if found else ""
    return rest if len(rest) > 2 and rest[0] not in "大东西南北中" else road


def estate_name(name: str | None) -> str | None:
    """An estate as it is compared: 阳光花园小区 is 阳光花园."""
    return None if name is None else ESTATE_KIND.sub("", name)


def numbered_room(floor: str | None, room: str | None) -> str | None:
    """5楼501 and 5层1号 are both room 501; without a floor the room as it is."""
    room = bare(room)
    if floor is None or room is None or not room.isdigit() or len(room) > 2:
        return room
    return f"{floor}{int(room):02d}"
