"""Life goes on in the county: what its registers hold by and by is not what they held before."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from app.demo.scene import Case, Scene
from connectors.sandbox.county import County
from connectors.sandbox.register import Entry

_RICHER: Final = Decimal("96000.00")


def person_of(case: Case, ref: str) -> str:
    """The identity number of one of the household."""
    members = case.body["household"]["members"]
    return str(next(one["id_number"] for one in members if one["ref"] == ref))


def money_came(scene: Scene, case: Case) -> None:
    """The head's first account holds much more."""
    number, done = person_of(case, "m1"), False

    def changed(entry: Entry) -> Iterable[Entry]:
        nonlocal done
        if entry.id_number == number and not done:
            done = True
            return [replace(entry, row={**entry.row, "balance": _RICHER})]
        return [entry]

    _live(scene, "bank", changed)


def work_ended(scene: Scene, case: Case) -> None:
    """Nothing more is paid in for the head since two months."""
    number, last = person_of(case, "m1"), scene.county.months[-3:]

    def changed(entry: Entry) -> Iterable[Entry]:
        gone = entry.id_number == number and entry.row.get("jfny") in last
        return [] if gone and entry.kind == "PAYMENT" else [entry]

    _live(scene, "social_insurance", changed)


def car_bought(scene: Scene, case: Case) -> None:
    """The head has a car that was registered yesterday."""
    number = person_of(case, "m1")
    name = case.body["household"]["members"][0]["name"]
    model = next(one for one in scene.county.registers["vehicle"].entries if one.kind == "vehicle")
    row = {
        **model.row,
        "hphm": "吉AD70193",
        "hpzl": "02",
        "cllx": "K33",
        "clsbdh": "LFV2A21K9D4700193",
        "syr": name,
        "sfzmhm": number,
        "ccdjrq": scene.county.as_of.replace(day=1),
        "pl": 1598,
        "hdzk": 5,
    }
    bought = Entry(name=name, id_number=number, row=row, kind="vehicle", person=None)
    register = scene.county.registers["vehicle"]
    register.become([*register.entries, bought])


def died(scene: Scene, case: Case) -> None:
    """The household's last member is registered as dead."""
    ref = case.body["household"]["members"][-1]["ref"]
    number, day = person_of(case, ref), scene.today.replace(day=1)

    def changed(entry: Entry) -> Iterable[Entry]:
        if entry.id_number != number:
            return [entry]
        return [replace(entry, row={**entry.row, "swbs": "1", "swrq": day})]

    _live(scene, "household_registry", changed)


def as_it_was(county: County, first: date) -> None:
    """Banks tell balances of the day on which the weeks begin, not of one that is still to come."""
    register = county.registers["bank"]
    register.become([_told_on(entry, first) for entry in register.entries])


def _told_on(entry: Entry, day: date) -> Entry:
    told = entry.row["balance_date"]
    if not isinstance(told, date) or told <= day:
        return entry
    return replace(entry, row={**entry.row, "balance_date": day})


CHANGES: Final = (money_came, car_bought, work_ended, died)


def _live(scene: Scene, source: str, changed: Callable[[Entry], Iterable[Entry]]) -> None:
    register = scene.county.registers[source]
    register.become([one for entry in register.entries for one in changed(entry)])
