"""The household's totals: sums of what counts, open where a source may hold more."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from app.domain.household import AssetKind
from app.domain.interval import NOTHING, Interval
from app.domain.money import ZERO
from app.domain.profile import FEEDS, FINANCIAL, AssetLine, IncomeLine, Totals
from app.verification.merge.homes import floor_area
from app.verification.merge.income import deductions
from app.verification.merge.records import Material


def totals_of(
    material: Material, income: Sequence[IncomeLine], assets: Sequence[AssetLine]
) -> Totals:
    """Unrounded totals over what counts."""
    counted = [line for line in assets if line.counted]
    totals = Totals(
        household_size=_size(material),
        monthly_income=_monthly(material, income),
        financial_assets=_values(line for line in counted if line.kind in FINANCIAL),
        homes=_number(counted, AssetKind.HOME),
        floor_area=floor_area(assets),
        vehicles=_number(counted, AssetKind.VEHICLE),
        vessels=_number(counted, AssetKind.VESSEL),
        businesses=_number(
            [line for line in counted if "same_enterprise" not in line.details],
            AssetKind.BUSINESS,
        ),
        business_capital=_capital(counted),
        housing_fund_balance=_values(
            line for line in counted if line.kind is AssetKind.HOUSING_FUND
        ),
    )
    return _opened(totals, material)


def _monthly(material: Material, income: Sequence[IncomeLine]) -> Interval:
    total = sum((line.total for line in income if line.counted), NOTHING)
    months = Interval.exactly(material.counting.window_months)
    return total.less(deductions(material)).per(months)


def _values(lines: Iterable[AssetLine]) -> Interval:
    return sum((line.value for line in lines if line.value is not None), NOTHING)


def _capital(counted: Sequence[AssetLine]) -> Interval:
    total = NOTHING
    for line in counted:
        if line.kind is AssetKind.BUSINESS and line.value is not None:
            doubtful = "doubtful" in line.details
            total += Interval(ZERO, line.value.high) if doubtful else line.value
    return total


def _number(lines: Sequence[AssetLine], kind: AssetKind) -> Interval:
    some = [line for line in lines if line.kind is kind]
    sure = sum("doubtful" not in line.details for line in some)
    return Interval(Decimal(sure), Decimal(len(some)))


def _size(material: Material) -> Interval:
    """Counted members; one whose registry did not answer may be dead."""
    most = Decimal(len(material.counted))
    unsure = sum(material.is_open(member.ref, "household_registry") for member in material.counted)
    return Interval(max(Decimal(min(1, len(material.counted))), most - unsure), most)


def _opened(totals: Totals, material: Material) -> Totals:
    """No upper bound where a source that feeds a total may hold more about a counted member."""
    open_totals = {
        name
        for member in material.counted
        for source, names in FEEDS.items()
        if material.is_open(member.ref, source)
        for name in names
        if name != "household_size"
    }
    changed = {name: Interval(getattr(totals, name).low, None) for name in sorted(open_totals)}
    return replace(totals, **changed)


def hull(first: Totals, second: Totals) -> Totals:
    """The totals that hold whichever of the two is true."""
    return Totals(
        **{name: _joined(getattr(first, name), getattr(second, name)) for name in Totals.__slots__}
    )


def _joined(left: Interval, right: Interval) -> Interval:
    high = None if left.high is None or right.high is None else max(left.high, right.high)
    return Interval(min(left.low, right.low), high)
