"""The error rates of one kind of decision 差错率, as its audit was read: documents of estimates."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, assert_never

from app.domain.money import as_text
from app.review.audit_design import strata_of
from app.review.audit_findings import Finding, TrueOutcome
from app.review.sampling.agreement import answers, kappa
from app.review.sampling.amounts import MoneyRate, money_errors
from app.review.sampling.design import Part
from app.review.sampling.errors import InvalidReadings
from app.review.sampling.estimate import (
    Estimate,
    TooFew,
    measured,
    measured_by,
    verdict,
)
from app.review.sampling.frame import Decided, Unit
from app.review.sampling.readings import Audit, Fault, Reading, Reviewed
from app.review.sampling.second_reading import corrected
from app.review.sampling.strata import Stratification
from app.store.audit_samples import StoredItem, StoredSample

BANDS: Final = ("low", "middle", "high")
"""Of the predicted rate, as cut for the strata."""
OUTCOMES: Final = frozenset(Fault) - {Fault.AMOUNT}
_FEN: Final = 100
_PLACES: Final = 6
_CORRECTION: Final = ("upheld", "missed", "difference")
_GROUPS: Final = ("programmes", "regions", "bands")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A drawn decision, what is paid on it a month, and the newest words of its readers."""

    item: StoredItem
    paid_fen: int | None
    first: Finding | None
    second: Finding | None

    @property
    def unit(self) -> Unit:
        item = self.item
        return Unit(
            id=f"{item.verification_id}/{item.programme}",
            programme=item.programme,
            region=item.region,
            decided=Decided(item.kind),
            risk=item.predicted,
            monthly_fen=self.paid_fen,
        )


def truth_of(unit: Unit, finding: Finding | None) -> Reading | None:
    """A finding as the estimators take it; None where it tells nothing."""
    if finding is None:
        return None
    match finding.true_outcome:
        case TrueOutcome.CANNOT_TELL:
            return None
        case TrueOutcome.CONFIRMED:
            return Reading(programme=unit.programme, monthly_fen=_fen(finding.due_monthly))
        case TrueOutcome.NOT_CONFIRMED if finding.true_programme is None:
            return Reading(programme=None)
        case TrueOutcome.NOT_CONFIRMED:
            return Reading(programme=finding.true_programme, monthly_fen=_fen(finding.due_monthly))
        case _:
            assert_never(finding.true_outcome)


def audit_of(sample: StoredSample, kind: Decided, reads: Sequence[Read]) -> Audit:
    """The random part of one kind as it was read."""
    reviewed = tuple(
        Reviewed(
            unit=one.unit,
            stratum=one.item.stratum,
            twice=one.item.second_probability is not None,
            first=truth_of(one.unit, one.first),
            second=truth_of(one.unit, one.second),
        )
        for one in reads
        if one.item.kind == kind and one.item.part == Part.RANDOM
    )
    return Audit(kind, strata_of(sample.details, kind), reviewed)


def measure(audit: Audit, fault: Fault, limit: float | None, digits: int) -> dict[str, Any]:
    """One kind of error: in all, against its limit, by groups, and as second readers correct it.

    An amount can be wrong only where one is paid. None in all where no such decision was drawn.
    """
    if fault is Fault.AMOUNT:
        audit = replace(audit, units=tuple(one for one in audit.units if _is_paid(one.unit)))
    document: dict[str, Any] = {
        "measure": fault.value,
        "kind": audit.decided.value,
        "frame": sum(stratum.size for stratum in audit.strata),
        "drawn": len(audit.units),
        "tolerance": limit,
    }
    if not audit.units:
        nothing = dict.fromkeys(("overall", "verdict", "second_reading"))
        return {**document, **nothing, **{name: [] for name in _GROUPS}}
    overall = measured(audit, (fault,))
    return {
        **document,
        "overall": rate_document(overall),
        "verdict": None if limit is None else verdict(overall, limit).value,
        "second_reading": _second(audit, fault, limit),
        "programmes": _by(audit, fault, "programme", lambda unit: unit.programme),
        "regions": _by(audit, fault, "region", lambda unit: unit.region[:digits]),
        "bands": _by(audit, fault, "band", band_of),
    }


def _by(
    audit: Audit, fault: Fault, key: str, group_of: Callable[[Unit], str]
) -> list[dict[str, Any]]:
    rates = measured_by(audit, (fault,), group_of)
    return [{key: group, **rate_document(rate)} for group, rate in rates.items()]


def _is_paid(unit: Unit) -> bool:
    return unit.monthly_fen is not None


def band_of(unit: Unit) -> str:
    """The band of the predicted rate; a cut belongs to the band below it."""
    return BANDS[bisect_left(Stratification().cuts, unit.risk)]


def rate_document(rate: Estimate | TooFew) -> dict[str, Any]:
    """The point where there is one, both intervals, what they rest on."""
    document: dict[str, Any] = {
        "rate": None,
        "interval": [rounded(end) for end in rate.interval],
        "worst_case": [rounded(end) for end in rate.worst_case],
        "n": rate.n,
        "found": rate.found,
        "unread": rate.unread,
    }
    match rate:
        case Estimate():
            return {**document, "rate": rounded(rate.rate)}
        case TooFew():
            why = {"n": rate.n, "needed": rate.needed, "why": rate.why.value}
            return {**document, "too_few": why}
        case _:
            assert_never(rate)


def _second(audit: Audit, fault: Fault, limit: float | None) -> dict[str, Any] | None:
    """What second readers change of the rate; None where nobody is to read again."""
    if fault not in OUTCOMES or not any(one.twice for one in audit.units):
        return None
    found = corrected(audit, (fault,))
    if isinstance(found, TooFew):
        return {"corrected": rate_document(found), "verdict": None, **dict.fromkeys(_CORRECTION)}
    return {
        "corrected": rate_document(found.rate),
        "verdict": None if limit is None else verdict(found.rate, limit).value,
        "upheld": None if found.upheld is None else rounded(found.upheld),
        "missed": None if found.missed is None else rounded(found.missed),
        "difference": {
            "rate": rounded(found.difference.mean),
            "standard_error": rounded(found.difference.standard_error),
        },
    }


def money(audits: Sequence[Audit], limit: float | None) -> dict[str, Any] | None:
    """Paid too much and too little by what is paid, of the confirmed; None where nothing is."""
    audit = next((one for one in audits if one.decided is Decided.CONFIRMED), None)
    if audit is None or not any(_is_paid(one.unit) for one in audit.units):
        return None
    try:
        errors = money_errors(audit, within=_is_paid)
    except InvalidReadings as error:
        return {"unknown": str(error)}
    return {
        "over": _money_rate(errors.over),
        "under": _money_rate(errors.under),
        "total": _money_rate(errors.total),
        "tolerance": limit,
        "verdict": None if limit is None else verdict(errors.total.rate, limit).value,
    }


def _money_rate(rate: MoneyRate) -> dict[str, Any]:
    return {
        **rate_document(rate.rate),
        "error_monthly": as_text(Decimal(rate.error_fen) / _FEN),
        "paid_monthly": as_text(Decimal(rate.paid_fen) / _FEN),
    }


def agreement(audit: Audit) -> dict[str, Any]:
    """How far two readers of one decision find the same right."""
    found = kappa(answers(audit))
    return {
        "kind": audit.decided.value,
        "n": found.n,
        "agreement": rounded(found.observed),
        "by_chance": rounded(found.expected),
        "kappa": None if found.kappa is None else rounded(found.kappa),
        "interval": None if found.interval is None else [rounded(end) for end in found.interval],
    }


def _fen(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * _FEN)


def rounded(number: float) -> float:
    return round(number, _PLACES)
