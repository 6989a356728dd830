"""Facts about what a household owns: money, vehicles, vessels, buildings, enterprises."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from app.alerts.reading import Reading
from app.alerts.snapshot import Fact, FactKind, Part
from app.domain.evidence import Evidence
from app.domain.household import AssetKind
from app.domain.interval import NOTHING, Interval
from app.domain.profile import FINANCIAL, AssetLine
from connectors.records import (
    AnyRecord,
    BankAccount,
    BusinessInterest,
    Holding,
    Ownership,
    Policy,
    Vehicle,
    Vessel,
)

_ONE: Final = Decimal(1)
_GONE: Final = frozenset(
    {"closed", "loan_is_no_asset", "not_in_register", "ownership_ended", "not_in_business"}
)
"""Rules for which a line is of something that is no more there."""
_ENDED: Final = ("vehicle_", "policy_", "not_the_policy_holder")
_STILL_DRIVEN: Final = frozenset({"vehicle_overdue_inspection"})
_MONEY_AT: Final[Mapping[AssetKind, str]] = {
    AssetKind.DEPOSIT: "bank",
    AssetKind.WEALTH_PRODUCT: "bank",
    AssetKind.SECURITY: "securities",
    AssetKind.FUND: "securities",
    AssetKind.INSURANCE: "insurance",
    AssetKind.HOUSING_FUND: "housing_fund",
}
_LIMIT_ONLY: Final = "limit_only"


def things(reading: Reading) -> Iterator[Fact]:
    """One by one, what is there; sums of money are told by `money`."""
    for line in reading.conclusion.profile.assets:
        rows = [reading.records[id_] for id_ in line.evidence if id_ in reading.records]
        makes = _MAKES.get(line.kind)
        if makes is not None and rows and not _is_gone(line):
            yield from makes(reading, line, rows)


def _is_gone(line: AssetLine) -> bool:
    why = line.why or ""
    return why in _GONE or (why.startswith(_ENDED) and why not in _STILL_DRIVEN)


def money(reading: Reading) -> Iterator[Fact]:
    """What counts of each person's money at one kind of source, in yuan."""
    sums: dict[tuple[str, str], Interval] = defaultdict(lambda: NOTHING)
    for line in reading.conclusion.profile.assets:
        told = line.details.get("discloses") != _LIMIT_ONLY
        if line.counted and told and line.value is not None and line.kind in _MONEY_AT:
            sums[line.person, _MONEY_AT[line.kind]] += line.value
    for (ref, source), value in sums.items():
        is_fund = source == "housing_fund"
        total = "housing_fund_balance" if is_fund else "financial_assets"
        yield Fact(
            kind=FactKind.FUND if is_fund else FactKind.MONEY,
            person=reading.index[ref],
            thing=source,
            parts={total: (value.low, value.high)},
            marks=reading.marks(ref, (source,)),
        )


Rows = list[Evidence[AnyRecord]]


def _savings(reading: Reading, line: AssetLine, rows: Rows) -> Iterator[Fact]:
    """An account, or what a bank says that tells no balance."""
    bank = line.details.get("bank", "")
    if line.details.get("discloses") == _LIMIT_ONLY and line.value is not None:
        over = line.value.high is None
        yield Fact(
            kind=FactKind.LIMIT,
            person=reading.index[line.person],
            thing=bank,
            values={"bank": bank, "over": "true" if over else "false"},
            parts=_counted(line, {"financial_assets": (line.value.low, line.value.high)}),
            marks=reading.marks(line.person, (_place(rows[0]),)),
        )
        return
    one = rows[0].record
    if isinstance(one, BankAccount) and one.account:
        words = f"account\n{one.bank}\n{one.account}\n{one.kind}"
        values = {"bank": bank, "kind": line.kind.value}
        yield _account(reading, line, rows[0], (words, values))
    elif isinstance(one, Holding) and one.account:
        values = {"kind": "securities_account"}
        yield _account(reading, line, rows[0], (f"holdings\n{one.account}", values))


def _account(
    reading: Reading,
    line: AssetLine,
    row: Evidence[AnyRecord],
    what: tuple[str, Mapping[str, str]],
) -> Fact:
    words, values = what
    return Fact(
        kind=FactKind.ACCOUNT,
        person=reading.index[line.person],
        thing=reading.digest(words),
        values=values,
        marks=reading.marks(line.person, (_place(row),)),
    )


def _place(row: Evidence[AnyRecord]) -> str:
    return f"{row.source}/{row.institution}" if row.institution else row.source


def _policy(reading: Reading, line: AssetLine, rows: Rows) -> Iterator[Fact]:
    one = rows[0].record
    if isinstance(one, Policy) and one.number:
        yield Fact(
            kind=FactKind.POLICY,
            person=reading.index[line.person],
            thing=reading.digest(f"policy\n{one.number}"),
            values=_told(product=one.product, insurer=one.insurer),
            marks=reading.marks(line.person, ("insurance",)),
        )


def _vehicle(reading: Reading, line: AssetLine, rows: Rows) -> Iterator[Fact]:
    one = rows[0].record
    if isinstance(one, Vehicle) and (one.plate or one.vin):
        kind = None if one.kind is None else one.kind.value
        yield Fact(
            kind=FactKind.VEHICLE,
            person=reading.index[line.person],
            thing=f"{one.plate} {one.plate_kind}" if one.plate else f"{one.vin}",
            values=_told(plate=one.plate, kind=kind, brand=one.brand),
            parts=_counted(line, {"vehicles": _sure(line, _ONE)}),
            may_add={"vehicles": _ONE},
            marks=reading.marks(line.person, ("vehicle",)),
        )


def _vessel(reading: Reading, line: AssetLine, rows: Rows) -> Iterator[Fact]:
    one = rows[0].record
    if isinstance(one, Vessel) and (one.number or one.vessel_name):
        yield Fact(
            kind=FactKind.VESSEL,
            person=reading.index[line.person],
            thing=f"{one.number or one.vessel_name}",
            values=_told(name=one.vessel_name, kind=one.kind),
            parts=_counted(line, {"vessels": _sure(line, _ONE)}),
            may_add={"vessels": _ONE},
            marks=reading.marks(line.person, ("vehicle",)),
        )


def _building(reading: Reading, line: AssetLine, rows: Rows) -> Iterator[Fact]:
    """A unit of the household, whoever of them owns it, under all names that it has."""
    records = [row.record for row in rows if isinstance(row.record, Ownership)]
    names = dict.fromkeys(
        name for one in records for name in (one.unit, one.certificate) if name is not None
    )
    if not names:
        return
    area = line.details.get("area", "")
    home = line.kind is AssetKind.HOME
    adds = {"homes": _sure(line, _ONE)}
    if area:
        adds["floor_area"] = _sure(line, Decimal(area))
    use = line.details.get("use", "")
    owners = dict.fromkeys(row.person for row in rows)
    yield Fact(
        kind=FactKind.BUILDING,
        thing=min(names),
        values={
            **_told(address=records[0].address, area=area, use=use),
            "home": "true" if home else "false",
            "owner": reading.index[line.person],
        },
        parts=_counted(line, adds) if home else {},
        marks=tuple(mark for ref in owners for mark in reading.marks(ref, ("property",))),
        aliases=tuple(names),
    )


def _role(reading: Reading, line: AssetLine, rows: Rows) -> Iterator[Fact]:
    one = rows[0].record
    if not isinstance(one, BusinessInterest):
        return
    name = one.enterprise_code or one.enterprise
    if not name:
        return
    first = "same_enterprise" not in line.details
    adds = {"businesses": _sure(line, _ONE)} if first else {}
    if line.value is not None and line.value != NOTHING:
        sure = "doubtful" not in line.details
        adds["business_capital"] = (line.value.low if sure else Decimal(0), line.value.high)
    yield Fact(
        kind=FactKind.ROLE,
        person=reading.index[line.person],
        thing=name,
        values=_told(
            enterprise=one.enterprise,
            kind=line.details.get("kind"),
            roles=line.details.get("roles"),
        ),
        parts=_counted(line, adds),
        may_add={"businesses": _ONE},
        marks=reading.marks(line.person, ("business_registration",)),
    )


def _counted(line: AssetLine, parts: Mapping[str, Part]) -> Mapping[str, Part]:
    return parts if line.counted else {}


def _sure(line: AssetLine, value: Decimal) -> Part:
    return (Decimal(0) if "doubtful" in line.details else value), value


def _told(**values: str | None) -> dict[str, str]:
    """What there is to tell."""
    return {name: value for name, value in values.items() if value}


_MAKES: Final[Mapping[AssetKind, Callable[[Reading, AssetLine, Rows], Iterator[Fact]]]] = {
    **dict.fromkeys(sorted(FINANCIAL - {AssetKind.INSURANCE}), _savings),
    AssetKind.INSURANCE: _policy,
    AssetKind.VEHICLE: _vehicle,
    AssetKind.VESSEL: _vessel,
    AssetKind.HOME: _building,
    AssetKind.OTHER_BUILDING: _building,
    AssetKind.BUSINESS: _role,
}
