"""How property, business, vehicle, bank, insurance and securities registers have keyed people."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from decimal import Decimal

from connectors.sandbox.county.keyed_income import kept_number
from connectors.sandbox.county.money import cents
from connectors.sandbox.county.numbers import fifteen
from connectors.sandbox.county.truth import Business, Person, PersonTruth, Unit
from connectors.sandbox.county.world import World
from connectors.sandbox.register import Entry


def property_entries(world: World, unit: Unit) -> Iterator[Entry]:
    """A record under each certificate of the unit, listed under each owner."""
    if unit.certificate is not None:
        numbers = [owner.id_number for owner in unit.owners]
        yield from _ownership(unit, _unit_row(unit, numbers), numbers)
    if unit.old_certificate is not None:
        numbers = [_old_number(world, world.people[owner.person]) for owner in unit.owners]
        yield from _ownership(unit, _old_row(world, unit, numbers), numbers)


def _ownership(unit: Unit, row: Mapping[str, object], numbers: list[str]) -> Iterator[Entry]:
    for owner, number in zip(unit.owners, numbers, strict=True):
        yield Entry(owner.name, number, row, "ownership", owner.person)


def _unit_row(unit: Unit, numbers: list[str]) -> dict[str, object]:
    return {
        "bdcdyh": unit.code,
        "bdcqzh": unit.certificate,
        "zl": unit.address,
        "mj": unit.area,
        "ghyt": unit.use,
        "gyfs": unit.mode,
        "qlrmc": "、".join(owner.name for owner in unit.owners),
        "qlrzjh": ",".join(numbers),
        "qlbl": ",".join(owner.share for owner in unit.owners) if unit.mode == "按份共有" else "",
        "djsj": datetime.combine(unit.registered, time(10, 22, 31)),
        "qszt": "现势" if unit.in_force else "历史",
        "dyzt": "有抵押" if unit.mortgaged else "无抵押",
        "cfzt": "无查封",
        "dj": None,
    }


def _old_row(world: World, unit: Unit, numbers: list[str]) -> dict[str, object]:
    area = unit.area
    if unit.certificate is not None and world.chance(0.3):
        area += Decimal(world.rng.choice((-2, -1, 1, 2))).scaleb(-2)
    return _unit_row(unit, numbers) | {
        "bdcdyh": None,
        "bdcqzh": unit.old_certificate,
        "zl": unit.old_address,
        "mj": area,
        "djsj": datetime.combine(unit.old_registered, time(10, 22, 31)),
    }


def _old_number(world: World, person: Person) -> str:
    """Certificates from before 2015: 15 digits, or only the name."""
    if world.chance(0.2):
        return ""
    resident = person.id_type == "resident_id"
    return fifteen(person.id_number) if resident and person.birth.year < 2000 else person.id_number


def business_registration(world: World, person: Person, truth: PersonTruth) -> Iterator[Entry]:
    """One record a part in an enterprise; the oldest hold no number."""
    for business in truth.businesses:
        old = business.founded.year < 2011 and world.chance(0.4)
        number = "" if old else kept_number(person)
        row: dict[str, object] = {
            "entName": business.name,
            "uniscid": business.code,
            "entType": business.kind,
            "entStatus": business.state,
            "personName": person.name,
            "idNo": number or None,
        }
        yield Entry(person.name, number, row | _part(business), business.role, person.id)


def _part(business: Business) -> dict[str, object]:
    if business.role == "shareholder":
        return {
            "subConAm": business.capital * business.share,
            "acConAm": business.paid_in * business.share,
            "conProp": business.share,
            "conDate": business.founded,
        }
    return {"estDate": business.founded, "regCap": business.capital}


def vehicle(person: Person, truth: PersonTruth) -> Iterator[Entry]:
    """Vehicles and vessels."""
    number = kept_number(person)
    for item in truth.vehicles:
        row: dict[str, object] = {
            "hphm": item.plate,
            "hpzl": item.plate_kind,
            "cllx": item.kind,
            "clpp1": "某某牌",
            "clsbdh": item.vin,
            "syr": person.name,
            "sfzmhm": number,
            "syxz": item.use,
            "ccdjrq": item.registered,
            "zt": item.state,
            "pl": item.engine,
            "hdzk": item.seats,
        }
        yield Entry(person.name, number, row, "vehicle", person.id)
    for boat in truth.vessels:
        boat_row: dict[str, object] = {
            "cm": boat.name,
            "cbdjh": boat.number,
            "cblx": boat.kind,
            "zdw": boat.tonnage,
            "syr": person.name,
            "sfzmhm": number,
            "djrq": boat.registered,
            "zt": boat.state,
        }
        yield Entry(person.name, number, boat_row, "vessel", person.id)


def bank(person: Person, truth: PersonTruth) -> Iterator[Entry]:
    """Accounts of all banks; which bank is in the row."""
    number = kept_number(person)
    for item in truth.accounts:
        row: dict[str, object] = {
            "bank": item.bank,
            "account": item.number,
            "account_kind": item.kind,
            "currency": item.currency,
            "balance": item.balance,
            "balance_date": item.balance_date,
            "branch": item.branch,
            "state": item.state,
            "money_in": item.money_in,
            "money_out": item.money_out,
        }
        yield Entry(person.name, number, row, "account", person.id)


def insurance(person: Person, truth: PersonTruth) -> Iterator[Entry]:
    """Policies, one record a role."""
    number = kept_number(person)
    for item in truth.policies:
        row: dict[str, object] = {
            "bdh": item.number,
            "gsmc": item.insurer,
            "cpmc": item.product,
            "xzfl": item.kind,
            "role": item.role,
            "xm": person.name,
            "zjhm": number,
            "bdzt": item.state,
            "sxrq": item.since,
            "jffs": item.paid_how,
            "ncbf": cents(item.premium),
            "ljbf": cents(item.premiums),
            "xjjz": item.cash_value,
            "nlqje": item.annuity,
        }
        yield Entry(person.name, number, row, "policy", person.id)


def securities(person: Person, truth: PersonTruth) -> Iterator[Entry]:
    """Lines of securities; the cash of a 一码通账号 on each of its lines."""
    for item in truth.holdings:
        row: dict[str, object] = {
            "一码通账号": item.account,
            "市场": item.market,
            "证券代码": item.code,
            "证券简称": item.title,
            "证券类别": item.kind,
            "持有数量": item.quantity,
            "市值": item.value,
            "资金余额": item.cash,
            "日期": item.on,
        }
        yield Entry(person.name, person.id_number, row, "holding", person.id)
