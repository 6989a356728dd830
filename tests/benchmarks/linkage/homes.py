"""Addresses, household numbers, phones and employers of homes, and other ways of writing them."""

from dataclasses import dataclass
from random import Random
from typing import Final

from tests.benchmarks.linkage import tables
from tests.benchmarks.linkage.people import district_of

NUMERALS: Final = "〇一二三四五六七八九"
URBAN_SHARE: Final = 0.58
NEXT_DOOR: Final = 0.12


@dataclass(frozen=True, slots=True)
class Flat:
    """A home in a town."""

    district: str
    town: str
    street: str
    number: int
    estate: str
    building: int
    unit: int
    room: int


@dataclass(frozen=True, slots=True)
class Farm:
    """A home in a village."""

    district: str
    town: str
    village: str
    group: int
    number: int


def chinese(number: int) -> str:
    """1…99 in Chinese numerals; above, digit by digit."""
    if number > 99:
        return "".join(NUMERALS[int(digit)] for digit in str(number))
    tens, ones = divmod(number, 10)
    ten = "" if tens == 0 else "十" if tens == 1 else f"{NUMERALS[tens]}十"
    return ten + (NUMERALS[ones] if ones else "")


def full_width(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "0" <= one <= "9" else one for one in text)


class Places:
    """Homes by number; the words come from the table of places, chance from the dice."""

    def __init__(self, homes: int, dice: Random) -> None:
        table = tables.read("places")
        self._dice = dice
        self._words = {
            key: table[key].split() for key in ("towns", "streets", "estates", "villages", "firms")
        }
        self._trades = table["trades"]
        self._prefix = table["province"] + table["city"]
        self._city = table["city"]
        districts = list(table["districts"].values())
        self.homes: list[Flat | Farm] = []
        for at in district_of(homes).tolist():
            beside = self.homes and dice.random() < NEXT_DOOR
            self.homes.append(
                self.neighbour(self.homes[-1]) if beside else self.home(districts[at])
            )

    def home(self, district: str) -> Flat | Farm:
        dice, words = self._dice, self._words
        if dice.random() < URBAN_SHARE:
            return Flat(
                district=district,
                town=dice.choice(words["towns"]),
                street=dice.choice(words["streets"]) + dice.choice(("路", "街", "大街", "大路")),
                number=dice.randint(1, 380),
                estate=dice.choice(words["estates"]),
                building=dice.randint(1, 32),
                unit=dice.randint(1, 5),
                room=dice.randint(1, 18) * 100 + dice.randint(1, 4),
            )
        village = dice.choice(words["villages"]) + dice.choice(("村", "村", "屯"))
        return Farm(
            district,
            dice.choice(words["towns"]),
            village,
            dice.randint(1, 12),
            dice.randint(1, 180),
        )

    def another(self) -> Flat | Farm:
        """Where someone has moved to."""
        return self.home(self._dice.choice(self.homes).district)

    def neighbour(self, home: Flat | Farm) -> Flat | Farm:
        """The home next door."""
        match home:
            case Flat(d, town, street, number, estate, building, unit, room):
                return Flat(d, town, street, number, estate, building, unit, room ^ 1)
            case Farm(d, town, village, group, number):
                return Farm(d, town, village, group, number + self._dice.choice((-1, 1)) or 2)

    def as_registered(self, home: Flat | Farm) -> str:
        """The full form of the household register."""
        match home:
            case Flat(d, town, street, number, estate, building, unit, room):
                return (
                    f"{self._prefix}{d}{town}街道{street}{number}号{estate}小区"
                    f"{building}栋{unit}单元{room}室"
                )
            case Farm(d, town, village, group, number):
                return f"{self._prefix}{d}{town}镇{village}{group}组{number}号"

    def otherwise(self, home: Flat | Farm) -> str:
        """As another office writes it: shorter, with dashes, other numerals, other words."""
        match home:
            case Flat():
                return self._flat_otherwise(home)
            case Farm():
                return self._farm_otherwise(home)

    def _flat_otherwise(self, home: Flat) -> str:
        d, town, street, number = home.district, home.town, home.street, home.number
        estate, building, unit, room = home.estate, home.building, home.unit, home.room
        match self._dice.randrange(8):
            case 0:
                return f"{d}{street}{number}号{estate}小区{building}号楼{unit}单元{room}室"
            case 1:
                return f"{self._city}{d}{street}{number}号{building}-{unit}-{room}"
            case 2:
                return f"{street}{number}号{estate}{building}幢{unit}门{room}"
            case 3:
                return (
                    f"{self._city}{d}{town}街道{street}{chinese(number)}号{estate}小区"
                    f"{chinese(building)}栋{chinese(unit)}单元{room}室"
                )
            case 4:
                return full_width(self.as_registered(home))
            case 5:
                return f"{d} {estate}小区 {building}栋 {room}"
            case 6:
                return f"{self._city}{d}{estate}小区{building}#{unit}-{room}"
            case _:
                return f"{d}{town}街道{street}{number}号"

    def _farm_otherwise(self, home: Farm) -> str:
        d, town, village = home.district, home.town, home.village
        match self._dice.randrange(7):
            case 0:
                return f"{d}{town}镇{village}{home.group}社"
            case 1:
                return f"{town}镇{village}{chinese(home.group)}组"
            case 2:
                return f"{self._city}{d}{town}镇{village}"
            case 3:
                return f"{d}{town}{village}{home.group}组{home.number}号"
            case 4:
                return (
                    f"{self._prefix}{d}{town}乡{village}"
                    f"第{chinese(home.group)}村民小组{home.number}号"
                )
            case 5:
                return full_width(self.as_registered(home))
            case _:
                return f"{village}{home.group}-{home.number}"

    def employer(self) -> str:
        dice = self._dice
        return f"{self._city}{dice.choice(self._words['firms'])}{dice.choice(self._trades)}有限公司"

    def employer_otherwise(self, employer: str) -> str:
        short = employer.removeprefix(self._city)
        return self._dice.choice(
            (short, short.replace("有限公司", "公司"), short.replace("有限公司", ""), employer)
        )


def household_number(dice: Random) -> str:
    return f"{dice.randrange(10**8, 10**9)}"


def mobile(dice: Random) -> str:
    return f"1{dice.choice('3456789')}{dice.randrange(10**9):09d}"


def masked_phone(phone: str) -> str:
    return f"{phone[:3]}****{phone[7:]}"
