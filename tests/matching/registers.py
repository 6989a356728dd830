"""Two made-up registers of overlapping people with the truth, and the slips that clerks make."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from matching.identity import Identity, Sex

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗金朴崔姜于曲丛宫鞠闫付肖代"
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰海国建文志红春雪"
    "梅德福祥云龙凤欣怡浩宇涵子轩梓晨佳倩晓东"
)
HOMOPHONES = (
    "伟玮",
    "芳方",
    "敏闽",
    "静婧",
    "丽莉",
    "强墙",
    "军君",
    "勇永",
    "艳燕",
    "明鸣",
    "霞侠",
    "英瑛",
)
LOOK_ALIKES = ("伟玮", "明眀", "兰三", "晨晟", "倩情", "佳住", "军车", "晓烧", "杨扬", "陈阵")
TRADITIONAL = (
    "刘劉",
    "陈陳",
    "张張",
    "马馬",
    "丽麗",
    "军軍",
    "华華",
    "国國",
    "红紅",
    "兰蘭",
    "东東",
)
ROADS = ("平阳街", "卫星路", "民康路", "解放大路", "工农大路", "东岭南街", "桃源街", "大经路")
VILLAGES = ("柳条沟村", "双庙子村", "太平山村", "幸福村")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def check(first_17: str) -> str:
    """The GB 11643 check character, worked out apart from the code under test."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(first_17, WEIGHTS, strict=True)) % 11]


def number(born: date, order: int, area: str = "229901") -> str:
    """A valid number in an area that no one lives in."""
    first = f"{area}{born:%Y%m%d}{order:03d}"
    return first + check(first)


@dataclass(frozen=True)
class Registers:
    left: list[tuple[str, Identity]]
    right: list[tuple[str, Identity]]
    truth: set[tuple[str, str]]


def _address(random: Random) -> str:
    if random.random() < 0.4:
        village = random.choice(VILLAGES)
        return f"长春市南关区新立镇{village}{random.randint(1, 9)}组{random.randint(1, 99)}号"
    road = random.choice(ROADS)
    room = f"{random.randint(1, 7)}0{random.randint(1, 4)}室"
    home = f"{random.randint(1, 20)}栋{random.randint(1, 6)}单元{room}"
    return f"长春市南关区民康街道{road}{random.randint(1, 120)}号{home}"


def a_person(random: Random) -> Identity:
    """One person with everything known."""
    born = date(1930, 1, 1) + timedelta(days=random.randrange(33000))
    order = random.randint(1, 995)
    given = "".join(random.choices(GIVEN, k=1 if random.random() < 0.15 else 2))
    return Identity(
        name=random.choice(SURNAMES) + given,
        id_number=number(born, order, f"2299{random.randint(1, 12):02d}"),
        birth_date=born,
        sex=Sex.MALE if order % 2 else Sex.FEMALE,
        address=_address(random),
        phone=f"19{random.randrange(10**9):09d}",
    )


def _with_pair(name: str, pairs: tuple[str, ...], random: Random) -> str:
    places = [(i, pair) for i, sign in enumerate(name) for pair in pairs if pair[0] == sign]
    if not places:
        return name
    place, pair = random.choice(places)
    return name[:place] + pair[1] + name[place + 1 :]


def written_name(name: str, random: Random) -> str:
    """The name as another clerk writes it."""
    kind = random.random()
    if kind < 0.80:
        return name
    if kind < 0.85:
        return _with_pair(name, HOMOPHONES, random)
    if kind < 0.88:
        return _with_pair(name, LOOK_ALIKES, random)
    if kind < 0.93:
        return _with_pair(name, TRADITIONAL, random)
    if kind < 0.96:
        return name[0] + "　" + name[1:] if len(name) == 2 else name
    if kind < 0.98:
        return name[0] + "*" + name[2:]
    return name[:-1] if len(name) == 3 else name


def written_number(full: str, random: Random) -> str | None:
    """The number as another register has it."""
    kind = random.random()
    if kind < 0.15 and full[6:8] == "19":
        return full[:6] + full[8:17]
    if kind < 0.40:
        return None
    if kind < 0.45:
        return full[:6] + "********" + full[14:]
    place = random.randrange(6, 16)
    if kind < 0.48:
        return (
            full[:place] + str((int(full[place]) + random.randint(1, 9)) % 10) + full[place + 1 :]
        )
    if kind < 0.50:
        return full[:place] + full[place + 1] + full[place] + full[place + 2 :]
    return full.lower() if kind < 0.55 else full


def written_again(person: Identity, random: Random) -> Identity:
    """The same person in another register."""
    born = person.birth_date
    assert born is not None
    assert person.name is not None
    assert person.id_number is not None
    address: str | None = person.address
    if random.random() < 0.15:
        address = _address(random)
    elif random.random() < 0.3:
        address = None
    elif address:
        address = (
            address.replace("长春市南关区民康街道", "").replace("栋", "-").replace("单元", "-")
        )
    return replace(
        person,
        name=written_name(person.name, random),
        id_number=written_number(person.id_number, random),
        birth_date=born if random.random() < 0.85 else None,
        address=address,
        phone=person.phone if random.random() < 0.4 else None,
        sex=person.sex if random.random() < 0.7 else None,
    )


def relative_of(person: Identity, random: Random) -> Identity:
    """Another person of the same home, surname and often phone: what a linker takes for one."""
    other = a_person(random)
    assert person.name is not None
    assert other.name is not None
    return replace(
        other,
        name=person.name[0] + other.name[1:],
        address=person.address,
        phone=person.phone if random.random() < 0.5 else other.phone,
    )


def registers(size: int, seed: int) -> Registers:
    """Two registers of `size` people each, two in three the same; relatives among the rest."""
    random = Random(seed)
    left = [(f"a{i}", a_person(random)) for i in range(size)]
    right = []
    truth = set()
    for i, (key, person) in enumerate(left):
        if random.random() < 0.66:
            right.append((f"b{i}", written_again(person, random)))
            truth.add((key, f"b{i}"))
        else:
            stranger = relative_of(person, random) if random.random() < 0.4 else a_person(random)
            right.append((f"b{i}", written_again(stranger, random)))
    random.shuffle(right)
    return Registers(left, right, truth)
