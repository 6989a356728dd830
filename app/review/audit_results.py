"""What an audit's readings measure so far 抽查结果: rates of the random part, all else apart."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from app.review.audit_draw import region_digits
from app.review.audit_findings import Finding, Procedure
from app.review.audit_plan import Measure
from app.review.audit_rates import (
    OUTCOMES,
    Read,
    agreement,
    audit_of,
    measure,
    money,
    rate_document,
    rounded,
    truth_of,
)
from app.review.sampling.agreement import answers
from app.review.sampling.design import Part
from app.review.sampling.estimate import estimate
from app.review.sampling.frame import Decided
from app.review.sampling.readings import FAULTS, is_wrong
from app.review.sampling.tally import Tally
from app.store.audit_samples import StoredSample


def results_document(sample: StoredSample, reads: Sequence[Read]) -> dict[str, Any]:
    """All that the interface shows; the risk part enters no measured rate."""
    audits = [audit_of(sample, Decided(kind), reads) for kind in sample.details["kinds"]]
    drawn = [one for one in audits if one.units]
    digits = region_digits(sample.region)
    limits = sample.details["tolerance"]
    return {
        "audit": sample.id,
        "state": sample.state,
        "readings": _progress(reads),
        "measures": [
            measure(audit, fault, limits.get(fault), digits)
            for audit in drawn
            for fault in FAULTS[audit.decided]
        ],
        "money": money(drawn, limits.get(Measure.MONEY)),
        "agreement": [agreement(audit) for audit in drawn if answers(audit)],
        "procedure": [
            {"procedure": one.value, **_found_in(sample, reads, _has(one))} for one in Procedure
        ],
        "staff_relation": _found_in(sample, reads, lambda finding: finding.staff_relation),
        "causes": _causes(reads),
        "risk_supplement": _by_risk(reads),
    }


def _progress(reads: Sequence[Read]) -> dict[str, Any]:
    random = [one for one in reads if one.item.part == Part.RANDOM]
    told = sum(one.first is not None and one.first.tells for one in random)
    first = _done([one.first for one in reads])
    second = _done([one.second for one in reads if one.item.second_probability is not None])
    return {
        "first": first,
        "second": second,
        "outstanding": first["due"] - first["done"] + second["due"] - second["done"],
        "response_rate": rounded(told / len(random)),
    }


def _done(findings: Sequence[Finding | None]) -> dict[str, int]:
    there = [one for one in findings if one is not None]
    return {
        "due": len(findings),
        "done": len(there),
        "cannot_tell": sum(not one.tells for one in there),
    }


def _has(procedure: Procedure) -> Callable[[Finding], bool]:
    return lambda finding: procedure in finding.procedure


def _found_in(
    sample: StoredSample, reads: Sequence[Read], has: Callable[[Finding], bool]
) -> dict[str, Any]:
    """Of all kinds' decisions, by the first readers, who may not be able to tell the outcome."""
    findings: dict[tuple[str, str], list[Finding]] = {}
    for one in reads:
        if one.item.part == Part.RANDOM and one.first is not None:
            findings.setdefault((one.item.kind, one.item.stratum), []).append(one.first)
    counts = []
    for stratum in sample.details["strata"]:
        read = findings.get((stratum["kind"], stratum["stratum"]), [])
        counts.append(
            Tally(
                size=stratum["frame"],
                drawn=stratum["drawn"],
                inside=stratum["drawn"],
                read=len(read),
                found=sum(map(has, read)),
            )
        )
    return rate_document(estimate(counts))


def _causes(reads: Sequence[Read]) -> dict[str, int]:
    """How often the first readers named each cause of error, in the random part."""
    named = Counter(
        cause.value
        for one in reads
        if one.first is not None and one.item.part == Part.RANDOM
        for cause in one.first.error_causes
    )
    return dict(sorted(named.items()))


def _by_risk(reads: Sequence[Read]) -> list[dict[str, Any]]:
    """What the risk part found, beside what was predicted of the same decisions."""
    kinds = []
    for kind in Decided:
        some = [one for one in reads if one.item.kind == kind and one.item.part == Part.RISK]
        told = [one for one in some if one.first is not None and one.first.tells]
        wrong = [is_wrong(one.unit, truth_of(one.unit, one.first), OUTCOMES) for one in told]
        if some:
            kinds.append(
                {
                    "kind": kind.value,
                    "drawn": len(some),
                    "told": len(told),
                    "wrong": sum(one is True for one in wrong),
                    "predicted_wrong": rounded(sum(one.item.predicted for one in told)),
                }
            )
    return kinds
