"""What registers keyed wrongly of some households, so that each kind of question arises.

Slips by chance are the made-up county's own; these are put where a demonstration needs them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from connectors.sandbox.county import County, CountyHousehold, HouseholdType
from connectors.sandbox.register import Entry
from connectors.sandbox.servers.bank import LIMIT_ONLY

_MORE_MONEY: Final = Decimal("161800.00")
_IN_FEN: Final = Decimal("6214300.00")
"""62,143 yuan, keyed in fen."""
_STRANGERS_MONEY: Final = Decimal("176500.00")
_WIDER: Final = Decimal("12.40")
_SQUARE_METRES_OF_A_MU: Final = Decimal("666.67")
_PAID_MORE: Final = 3
"""So many times the wage that is taxed is what the housing fund is paid from."""
_EARLIER: Final = timedelta(days=2200)
_CENT: Final = Decimal("0.01")
Rows = Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Slip:
    """One way of keying: of which register's rows, and what stands in which register instead."""

    source: str
    fits: Callable[[Entry], bool]
    keyed: Callable[[County, Rows], Iterator[Entry]]
    into: str = ""
    """The register that it is keyed into besides, where it is another one."""


def _account_twice(county: County, rows: Rows) -> Iterator[Entry]:
    """The bank tells two balances of one account and one day."""
    yield rows[0]
    balance = _amount(rows[0], "balance") + _MORE_MONEY
    yield _with(rows[0], balance=balance)
    yield from rows[1:]


def _balance_in_fen(county: County, rows: Rows) -> Iterator[Entry]:
    yield _with(rows[0], balance=_IN_FEN)
    yield from rows[1:]


def _strangers_name(county: County, rows: Rows) -> Iterator[Entry]:
    """The right number under somebody else's name: held for another, or a number given twice."""
    number = rows[0].id_number
    stranger = next(one for one in county.people.values() if one.id_number != number)
    yield replace(_with(rows[0], balance=_STRANGERS_MONEY), name=stranger.name)
    yield from rows[1:]


def _home_twice(county: County, rows: Rows) -> Iterator[Entry]:
    """A unit that was measured anew stands in force under both certificates."""
    yield from rows
    deed = rows[0].row
    registered = deed["djsj"]
    again = {
        **deed,
        "bdcqzh": f"{str(deed['bdcqzh'])[:-3]}91号",
        "mj": _amount(rows[0], "mj") + _WIDER,
        "djsj": registered - _EARLIER if isinstance(registered, datetime) else registered,
    }
    yield from (replace(one, row=again) for one in rows if one.row is deed)


def _area_in_mu(county: County, rows: Rows) -> Iterator[Entry]:
    deed = rows[0].row
    area = (_amount(rows[0], "mj") / _SQUARE_METRES_OF_A_MU).quantize(Decimal("0.0001"))
    small = {**deed, "mj": area}
    yield from (replace(one, row=small) if one.row is deed else one for one in rows)


def _fund_of_more(county: County, rows: Rows) -> Iterator[Entry]:
    """The housing fund is paid from more than the wage that is taxed."""
    last, month = rows[-1], county.months[-1]
    base = (_amount(last, "sre") * _PAID_MORE).quantize(_CENT)
    row = {
        "GRZH": f"2201{last.id_number[-8:-1]}7",
        "XM": last.name,
        "ZJHM": last.id_number,
        "CSRQ": None,
        "DWMC": last.row["kjywrmc"],
        "DWDM": last.row["kjywrsbh"],
        "JCJS": base,
        "YJCE": (base / 10).quantize(_CENT),
        "ZHYE": (base / 2).quantize(_CENT),
        "ZHZT": "01",
        "JZNY": month,
        "GXSJ": datetime.combine(date(int(month[:4]), int(month[4:]), 15), time(9, 30)),
    }
    yield Entry(last.name, last.id_number, row, "account", last.person)


def _with(entry: Entry, **changed: object) -> Entry:
    return replace(entry, row={**entry.row, **changed})


def _amount(entry: Entry, field: str) -> Decimal:
    return Decimal(str(entry.row[field]))


def _is_account(entry: Entry) -> bool:
    """In use, and of a kind whose balance counts."""
    row = entry.row
    is_money = row["account_kind"] in ("01", "02") and row["currency"] == "CNY"
    return row["state"] == "0" and is_money and isinstance(row["balance"], Decimal)


def _is_told(entry: Entry) -> bool:
    """At a bank that tells the balance itself."""
    return _is_account(entry) and entry.row["bank"] not in LIMIT_ONLY


def _is_home(entry: Entry) -> bool:
    row = entry.row
    is_in_force = row["qszt"] == "现势" and bool(row["bdcdyh"]) and bool(row["bdcqzh"])
    return is_in_force and row["ghyt"] == "住宅" and isinstance(row["mj"], Decimal)


def _is_pay(entry: Entry) -> bool:
    gross = entry.row["sre"]
    return entry.row["sdxmdm"] == "0101" and isinstance(gross, Decimal) and gross > 0


_TWICE: Final = Slip("bank", _is_told, _account_twice)
_FEN: Final = Slip("bank", _is_told, _balance_in_fen)
_NAME: Final = Slip("bank", _is_account, _strangers_name)
_HOME: Final = Slip("property", _is_home, _home_twice)
_MU: Final = Slip("property", _is_home, _area_in_mu)
_FUND: Final = Slip("tax", _is_pay, _fund_of_more, into="housing_fund")
SLIPS: Final = (
    *(_FUND, _HOME, _MU, _FUND),
    *(_TWICE, _FEN, _NAME, _TWICE, _FEN, _NAME, _TWICE, _FEN, _NAME),
)
"""Each of another household; what fits few comes first."""
LEFT_OUT: Final = frozenset(one for one in HouseholdType if one.value.startswith("hidden_"))
"""Households that left something out of what they declared."""
_OTHERWISE: Final = LEFT_OUT | {HouseholdType.SOLE_TRADER}
"""Refused, or not to be decided, for another reason than a slip."""


def keyed_wrongly(county: County, numbers: Iterable[int]) -> Sequence[int]:
    """Each slip put to another one of these households that it fits; gives their numbers."""
    left = [one for one in numbers if county.households[one].type not in _OTHERWISE]
    done = []
    for slip in SLIPS:
        for number in left:
            rows = _of_head(county, county.households[number], slip)
            if rows:
                _put(county, slip, rows)
                left.remove(number)
                done.append(number)
                break
    return done


def _put(county: County, slip: Slip, rows: Rows) -> None:
    """In the register's order: what is keyed stands where the rows stood."""
    into, new = county.registers[slip.into or slip.source], list(slip.keyed(county, rows))
    gone = set() if slip.into else {id(one) for one in rows}
    kept = [one for one in into.entries if id(one) not in gone]
    place = next((at for at, one in enumerate(into.entries) if id(one) in gone), len(kept))
    into.become([*kept[:place], *new, *kept[place:]])


def _of_head(county: County, household: CountyHousehold, slip: Slip) -> Rows:
    """The rows of the household's first member that the slip fits, under his or her own name."""
    person = county.people[household.refs["m1"]]
    found = county.registers[slip.source].find(person.name, person.id_number)
    own = [one for one in found if one.person == person.id and slip.fits(one)]
    return [one for one in own if (one.name, one.id_number) == (person.name, person.id_number)]
