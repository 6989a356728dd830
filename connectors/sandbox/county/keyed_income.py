"""How the registry, tax, social insurance and the housing fund have keyed people."""

from collections.abc import Iterator
from datetime import datetime, time
from decimal import Decimal

from connectors.sandbox.county.jobs import EMPLOYER_RATES, OWN_RATES, contribution
from connectors.sandbox.county.money import cents
from connectors.sandbox.county.numbers import fifteen
from connectors.sandbox.county.truth import Job, OtherIncome, Person, PersonTruth
from connectors.sandbox.county.world import World, first_day, last_day
from connectors.sandbox.register import Entry


def kept_number(person: Person) -> str:
    """The number in registers that were never renumbered: 15 digits for some."""
    return fifteen(person.id_number) if person.old_number else person.id_number


def household_registry(person: Person) -> Iterator[Entry]:
    """One row a registered person; foreigners are in no household."""
    if person.id_type != "resident_id":
        return
    row: dict[str, object] = {
        "xm": person.name,
        "cym": person.former_name,
        "gmsfhm": person.id_number,
        "xb": person.sex,
        "mz": person.ethnic,
        "csrq": person.birth,
        "hh": person.household,
        "yhzgx": person.relation,
        "hkxz": "1" if person.rural else "2",
        "hyzk": person.marital,
        "hjdz": person.registered_address,
        "swbs": "1" if person.dead_on else "0",
        "swrq": person.dead_on,
        "qczxbs": "0",
    }
    if person.left_household is not None:
        parent = "51" if person.sex == "1" else "52"
        left = row | {"hh": person.left_household, "yhzgx": parent, "qczxbs": "1"}
        yield Entry(person.name, person.id_number, left, "person", person.id)
    yield Entry(person.name, person.id_number, row, "person", person.id)


def tax(world: World, person: Person, truth: PersonTruth) -> Iterator[Entry]:
    """Every entry of a withholding agent, and the month before the window where one was paid."""
    for job in truth.jobs:
        if not job.tax_lines:
            continue
        first = job.wages[0]
        if first.month == world.months[0]:
            agent, amount = (job.employer.name, job.employer.code), (first.gross, first.tax)
            yield _item(person, "0101", _before(first.month), amount, agent)
        for line in job.tax_lines:
            agent = (job.employer.name, job.employer.code)
            entry = _item(person, line.item, line.month, (line.gross, line.tax), agent)
            if line.correction:
                entry = _corrected(entry)
            yield entry
    for income in truth.other_income:
        if income.source == "tax":
            amount = (income.amount, Decimal("0.00"))
            agent = (income.payer, income.payer_code)
            yield _item(person, income.code, income.month, amount, agent)


def _item(
    person: Person,
    item: str,
    month: str,
    amount: tuple[Decimal, Decimal],
    agent: tuple[str, str],
) -> Entry:
    row: dict[str, object] = {
        "xm": person.name,
        "zjhm": person.id_number,
        "sdxmdm": item,
        "sre": cents(amount[0]),
        "yjse": cents(amount[1]),
        "skssqq": first_day(month),
        "skssqz": last_day(month),
        "kjywrmc": agent[0],
        "kjywrsbh": agent[1],
        "gzbz": "0",
    }
    return Entry(person.name, person.id_number, row, "item", person.id)


def _corrected(entry: Entry) -> Entry:
    row = dict(entry.row) | {"gzbz": "1"}
    return Entry(entry.name, entry.id_number, row, entry.kind, entry.person)


def _before(month: str) -> str:
    year, number = int(month[:4]), int(month[4:])
    return f"{year - 1}12" if number == 1 else f"{year}{number - 1:02d}"


def social_insurance(world: World, person: Person, truth: PersonTruth) -> Iterator[Entry]:
    """Three contributions a month and job, and every benefit paid."""
    number = kept_number(person)
    for job in truth.jobs:
        if job.insured_base is not None:
            yield from _payments(world, person, number, job)
    for income in truth.other_income:
        if income.source == "social_insurance":
            yield _benefit(person, number, income)


def _payments(world: World, person: Person, number: str, job: Job) -> Iterator[Entry]:
    base = job.insured_base
    if base is None:
        return
    months = sorted({wage.month for wage in job.wages if wage.item == "0101"})
    if months[0] == world.months[0]:
        months.insert(0, _before(months[0]))
    kinds = [
        (kind, _fen(contribution(base, rate)), _fen(contribution(base, EMPLOYER_RATES[kind])))
        for kind, rate in OWN_RATES.items()
    ]
    for month in months:
        for kind, own, employers in kinds:
            row: dict[str, object] = {
                "xm": person.name,
                "sfzh": number,
                "xz": kind,
                "jfny": month,
                "jfjs": int(base) * 100,
                "grjfje": own,
                "dwjfje": employers,
                "dwmc": job.employer.name,
                "dwbh": job.employer.code,
            }
            yield Entry(person.name, number, row, "PAYMENT", person.id)


def _benefit(person: Person, number: str, income: OtherIncome) -> Entry:
    row: dict[str, object] = {
        "xm": person.name,
        "sfzh": number,
        "dylx": income.code,
        "ffny": income.month,
        "ffje": _fen(income.amount),
    }
    return Entry(person.name, number, row, "BENEFIT", person.id)


def _fen(amount: Decimal) -> int:
    return int(amount * 100)


def housing_fund(world: World, person: Person, truth: PersonTruth) -> Iterator[Entry]:
    """Accounts; two-character names often padded, numbers with trailing blanks."""
    for fund in truth.funds:
        name = person.name
        if len(name) == 2 and world.chance(0.5):
            name = f"{name[0]}\u3000{name[1]}"
        number = kept_number(person) + ("  " if world.chance(0.3) else "")
        month = fund.last_month
        employer_known = fund.state == "01" or world.chance(0.7)
        row: dict[str, object] = {
            "GRZH": fund.number,
            "XM": name,
            "ZJHM": number,
            "CSRQ": person.birth if world.chance(0.6) else None,
            "DWMC": fund.employer.name if employer_known else None,
            "DWDM": fund.employer.code if employer_known else None,
            "JCJS": cents(fund.base),
            "YJCE": cents(fund.monthly),
            "ZHYE": cents(fund.balance),
            "ZHZT": fund.state,
            "JZNY": month,
            "GXSJ": datetime.combine(first_day(month).replace(day=15), time(9, 30)),
        }
        yield Entry(name, number, row, "account", person.id)
