"""Made-up days of members of staff: 200 who work, 20 who misuse what they may see.

Knows how the trail writes looks down, and nothing of the rules that judge them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from random import Random

from app.audit.chain import Entry
from tests.service_parts import number

CHINA = timezone(timedelta(hours=8))
MONDAY = datetime(2026, 11, 16, tzinfo=CHINA)
COMMON = {"王": 72, "李": 70, "张": 67, "刘": 51, "陈": 46, "杨": 33, "赵": 24, "黄": 22, "周": 20}
SELDOM = "逄亓矫鞠禚隋邰惠郇綦"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰"
WORKERS, ABUSERS, CASES = 200, 20, 500


@dataclass(frozen=True)
class Case:
    """A household: names and numbers, by ref, and where it lives."""

    id: str
    persons: tuple[tuple[str, str], ...]
    address: str
    famous: bool = False


@dataclass(frozen=True)
class Clerk:
    """A member of staff."""

    id: str
    name: str
    address: str | None = None


@dataclass
class World:
    """Cases and clerks, and what they did, each with its moment."""

    random: Random
    cases: list[Case] = field(default_factory=list)
    clerks: list[Clerk] = field(default_factory=list)
    abusers: dict[str, str] = field(default_factory=dict)
    done: list[tuple[datetime, Entry]] = field(default_factory=list)
    serial: int = 0

    def name(self, seldom: float = 0.03) -> str:
        if self.random.random() < seldom:
            surname = self.random.choice(SELDOM)
        else:
            (surname,) = self.random.choices(list(COMMON), list(COMMON.values()))
        return surname + "".join(self.random.sample(GIVEN, self.random.choice((1, 2))))

    def number(self) -> str:
        self.serial += 1
        born = self.random.randint(1940, 2020)
        day = f"0{self.random.randint(1, 9)}1{self.serial // 1000}"
        return number(f"229901{born}{day}{self.serial % 1000:03d}")

    def address(self) -> str:
        street, door = self.random.randint(1, 400), self.random.randint(1, 60)
        return f"长春市南关区平阳街{street}号{door}栋2单元{self.random.randint(1, 6)}01室"


def made(seed: int) -> World:
    world = World(Random(seed))
    for place in range(CASES):
        persons = tuple((world.name(), world.number()) for _ in range(world.random.randint(1, 5)))
        famous = place < 3
        world.cases.append(Case(f"vf_{place:04d}", persons, world.address(), famous))
    for place in range(WORKERS):
        clerk = Clerk(f"st_w{place:03d}", world.name(), world.address())
        world.clerks.append(clerk)
        day = MONDAY + timedelta(days=world.random.randrange(5))
        work(world, clerk, day)
    for place in range(ABUSERS):
        kinds = sorted(ABUSES)
        kind = kinds[place % len(kinds)]
        clerk = ABUSES[kind](world, f"st_a{place:03d}")
        world.clerks.append(clerk)
        world.abusers[clerk.id] = kind
    world.done.sort(key=lambda one: one[0])
    return world


def _ordinary(world: World) -> Case:
    """A case that no one in particular keeps an eye on."""
    return world.random.choice(world.cases[3:])


def look(world: World, clerk: Clerk, case: Case, at: datetime, **more: str) -> None:
    details = {
        "kind": "staff", "office": "220102", "from": "private", "case": f"case-{case.id}",
        "look": "case", "purpose": "application", "basis": "assignment:ca_1", "consent": "SQ-1",
        "persons": ",".join(f"m{place}" for place in range(1, len(case.persons) + 1)),
    }  # fmt: skip
    action = world.random.choice(("verification_read", "evidence_read", "report_read"))
    entry = Entry(clerk.id, action, case.id, "220102003", details | more)
    world.done.append((at.astimezone(UTC), entry))


def refused(world: World, clerk: Clerk, case: Case, at: datetime, why: str) -> None:
    details = {"kind": "staff", "office": "220102", "from": "private", "why": why,
               "case": f"case-{case.id}", "wanted": "verification_read"}  # fmt: skip
    entry = Entry(clerk.id, "look_refused", case.id, "220102003", details)
    world.done.append((at.astimezone(UTC), entry))


def listed(world: World, clerk: Clerk, cases: Sequence[Case], at: datetime) -> None:
    details = {"kind": "staff", "office": "220102", "from": "private", "look": "list",
               "purpose": "application", "count": str(len(cases)),
               "cases": ",".join(one.id for one in cases)}  # fmt: skip
    entry = Entry(clerk.id, "review_items_listed", "list:review_items", "220102", details)
    world.done.append((at.astimezone(UTC), entry))


def work(world: World, clerk: Clerk, day: datetime) -> None:
    """A day's work: some cases, each looked at from several sides, some again in the afternoon."""
    at = day + timedelta(hours=8, minutes=world.random.randint(0, 60))
    mine = [_ordinary(world) for _ in range(world.random.randint(4, 18))]
    listed(world, clerk, mine, at)
    for case in mine:
        at += timedelta(minutes=world.random.randint(8, 28))
        for _ in range(world.random.randint(1, 4)):
            look(world, clerk, case, at)
            at += timedelta(seconds=world.random.randint(20, 120))
    for case in world.random.sample(mine, min(3, len(mine))):
        at += timedelta(minutes=world.random.randint(5, 15))
        look(world, clerk, case, at)
    if world.random.random() < 0.004:  # a number mistyped
        refused(world, clerk, _ordinary(world), at, "not_assigned")


def _someone(world: World, id_: str, **more: str) -> tuple[Clerk, datetime]:
    given = {"name": world.name(0.0), "address": world.address(), **more}
    clerk = Clerk(id_, given["name"], given["address"])
    day = MONDAY + timedelta(days=world.random.randrange(5))
    work(world, clerk, day)
    return clerk, day


def _neighbour(world: World, id_: str) -> Clerk:
    clerk, day = _someone(world, id_)
    refused(world, clerk, _ordinary(world), day + timedelta(hours=15), "not_assigned")
    return clerk


def _kin(world: World, id_: str) -> Clerk:
    clerk, day = _someone(world, id_)
    refused(world, clerk, _ordinary(world), day + timedelta(hours=15), "related")
    return clerk


def _namesake(world: World, id_: str) -> Clerk:
    seldom = [one for one in world.cases[3:] if any(who[0] in SELDOM for who, _ in one.persons)]
    case = world.random.choice(seldom)
    surname = next(who[0] for who, _ in case.persons if who[0] in SELDOM)
    clerk, day = _someone(world, id_, name=surname + "国强")
    look(world, clerk, case, day + timedelta(hours=14))
    return clerk


def _next_door(world: World, id_: str) -> Clerk:
    case = _ordinary(world)
    clerk, day = _someone(world, id_, address=case.address.replace("长春市", "吉林省长春市"))
    look(world, clerk, case, day + timedelta(hours=14))
    return clerk


def _bulk(world: World, id_: str) -> Clerk:
    clerk, day = _someone(world, id_)
    at = day + timedelta(hours=16)
    for case in world.random.sample(world.cases[3:], 40):
        look(world, clerk, case, at)
        at += timedelta(seconds=world.random.randint(15, 70))
    return clerk


def _at_night(world: World, id_: str) -> Clerk:
    clerk, day = _someone(world, id_)
    look(world, clerk, _ordinary(world), day + timedelta(hours=world.random.choice((2, 4, 22, 23))))
    return clerk


def _on_sunday(world: World, id_: str) -> Clerk:
    clerk, _ = _someone(world, id_)
    look(world, clerk, _ordinary(world), MONDAY + timedelta(days=6, hours=10))
    return clerk


def _famous(world: World, id_: str) -> Clerk:
    clerk, day = _someone(world, id_)
    look(world, clerk, world.random.choice(world.cases[:3]), day + timedelta(hours=11))
    return clerk


def _again_and_again(world: World, id_: str) -> Clerk:
    clerk, _ = _someone(world, id_)
    case = _ordinary(world)
    for day in range(5):
        for hour in (9, 15):
            look(world, clerk, case, MONDAY + timedelta(days=day, hours=hour, minutes=7))
    return clerk


def _carried_off(world: World, id_: str) -> Clerk:
    clerk, day = _someone(world, id_)
    details = {"kind": "staff", "office": "220102", "from": "private", "look": "export",
               "purpose": "application", "count": "4800"}  # fmt: skip
    entry = Entry(clerk.id, "batch_results_read", "bt_1", "220102", details)
    world.done.append(((day + timedelta(hours=10)).astimezone(UTC), entry))
    return clerk


ABUSES: dict[str, Callable[[World, str], Clerk]] = {
    "neighbour": _neighbour,
    "kin": _kin,
    "namesake": _namesake,
    "next door": _next_door,
    "bulk": _bulk,
    "at night": _at_night,
    "on a Sunday": _on_sunday,
    "famous": _famous,
    "again and again": _again_and_again,
    "carried off": _carried_off,
}


def days() -> Iterator[datetime]:
    return (MONDAY + timedelta(days=day) for day in range(7))
