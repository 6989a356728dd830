"""One group's sums as a topic tells them 统计指标: counts, shares, means."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias

from app.domain.money import as_text
from app.store.statistics import Groups

Values: TypeAlias = dict[str, Any]
_PLACES: Final = 6
_MILLION: Final = 1_000_000
_BANDS: Final = ("low", "middle", "high")
_SOURCE_STATES: Final = ("answered", "no_record", "failed")


@dataclass(frozen=True, slots=True)
class Row:
    """One group: how many it is about (persons, decisions, records), and what is told of them."""

    size: int
    values: Values | None  # None: left out


def share(part: float, whole: int) -> float | None:
    """None where there is nothing of which it could be a share."""
    return round(part / whole, _PLACES) if whole else None


def verification_values(sums: Counter[str], past: Counter[str] | None) -> Values:
    requested = sums["requested"]
    earlier = 0 if past is None else past["requested"]
    return {
        "requested": requested,
        "person_times": sums["persons"],
        "cancelled": sums["cancelled"],
        "cancelled_share": share(sums["cancelled"], requested),
        "suspended": sums["suspended"],
        "suspended_share": share(sums["suspended"], sums["final"]),
        "reports": sums["final"],
        "growth": share(requested - earlier, earlier),
    }


def source_row(sums: Counter[str]) -> Row:
    asked = sum(sums[state] for state in _SOURCE_STATES)
    values = {
        "asked": asked,
        "answered": sums["answered"],
        "no_record": sums["no_record"],
        "failed": sums["failed"],
        "not_asked": sums["not_asked"],
        "records": sums["records"],
        "answer_rate": share(sums["answered"] + sums["no_record"], asked),
        "detection_rate": share(sums["answered"], asked),
        "mean_seconds": share(sums["milliseconds"] / 1000, sums["timed"]),
    }
    return Row(asked + sums["not_asked"], values)


def outcome_row(sums: Counter[str]) -> Row:
    decisions = sums["confirmed"] + sums["not_confirmed"] + sums["undetermined"]
    values = {
        "decisions": decisions,
        "confirmed": sums["confirmed"],
        "not_confirmed": sums["not_confirmed"],
        "undetermined": sums["undetermined"],
        "not_confirmed_rate": share(sums["not_confirmed"], decisions),
        "stopped": sums["stopped"],
    }
    return Row(decisions, values)


def finding_row(sums: Counter[str], codes: Groups) -> Row:
    final = sums["final"]
    values = {
        "final": final,
        "codes": {
            code: {
                "households": counted["households"],
                "rate": share(counted["households"], final),
                "decisive": counted["decisive"],
            }
            for code, counted in sorted(codes.items())
        },
        "under_declared": sums["under_declared"],
        "under_declared_rate": share(sums["under_declared"], final),
        "not_declared": sums["not_declared"],
        "not_declared_rate": share(sums["not_declared"], final),
        "misdeclared": sums["misdeclared"],
        "misdeclared_rate": share(sums["misdeclared"], final),
    }
    return Row(final, values)


def review_row(sums: Counter[str], words: Counter[str] | None) -> Row:
    values = {
        "records": sums["records"],
        "judged": sums["judged"],
        "match_review_rate": share(sums["judged"], sums["records"]),
        "decided": None if words is None else words["decided"],
        "reversed": None if words is None else words["reversed"],
    }
    return Row(sums["records"] + (0 if words is None else words.total()), values)


def objection_row(states: Counter[str], cases: Counter[str]) -> Row:
    filed = states.total()
    upheld, corrected = (states[one] + states[f"{one}+"] for one in ("upheld", "corrected"))
    values = {
        "reports": cases["final"],
        "filed": filed,
        "waiting": states["filed"],
        "in_progress": states["in_progress"],
        "withdrawn": states["withdrawn"],
        "upheld": upheld,
        "corrected": corrected,
        "decided": upheld + corrected,
        "within_term": states["upheld+"] + states["corrected+"],
        "within_term_share": share(states["upheld+"] + states["corrected+"], upheld + corrected),
        "corrected_share": share(corrected, upheld + corrected),
        "objection_rate": share(filed, cases["final"]),
    }
    return Row(filed, values)


def term_row(days: Mapping[int, int], term: int, waiting: int | None) -> Row:
    final = sum(days.values())
    late = sum(count for taken, count in days.items() if taken > term)
    values = {
        "final": final,
        "mean_days": share(sum(taken * count for taken, count in days.items()), final),
        "over_term": late,
        "over_term_share": share(late, final),
        "open_over_term": waiting,
    }
    return Row(final, values)


def error_row(sums: Counter[str], money: Counter[str] | None) -> Row:
    decisions = sum(sums[band] for band in _BANDS)
    wrong = sum(sums[f"{band}_ppm"] for band in _BANDS)
    values = {
        "decisions": decisions,
        "mean_error_rate": share(wrong / _MILLION, decisions),
        "expected_wrong": round(wrong / _MILLION, _PLACES),
        "wrongly_confirmed": round(sums["confirmed_ppm"] / _MILLION, _PLACES),
        "wrongly_refused": round(sums["refused_ppm"] / _MILLION, _PLACES),
        "bands": {
            band: {
                "decisions": sums[band],
                "expected_wrong": round(sums[f"{band}_ppm"] / _MILLION, _PLACES),
            }
            for band in _BANDS
        },
        "money": None if money is None else _money(money),
    }
    return Row(decisions, values)


def _money(sums: Counter[str]) -> Values:
    """Yuan a month, of the decisions whose programme pays an amount."""
    return {
        "decisions": sums["decisions"],
        "over": as_text(Decimal(sums["over_fen"]) / 100),
        "under": as_text(Decimal(sums["under_fen"]) / 100),
    }
