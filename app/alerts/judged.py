"""The programmes of a conclusion as they were judged, to be judged again without a change."""

from app.alerts.effect import Judged
from app.domain.decision import Decision
from app.domain.interval import Truth
from app.programmes.conditions import HOLDS_ONE_OF
from app.programmes.standard import Standards
from app.verification.decide import IDENTITY_TEST
from app.verification.persist import Concluded


def judged_of(concluded: Concluded, standards: Standards) -> list[Judged]:
    """One a programme asked for, with the totals as its own rules count them."""
    request, conclusion = concluded.case.request, concluded.conclusion
    facts_tell = conclusion.totals[request.programmes[0]]
    return [
        Judged(
            standard=standards.in_force(one.programme, request.region, request.as_of),
            totals=conclusion.totals[one.programme],
            held=_passed(one, HOLDS_ONE_OF, Truth.OPEN),
            identity=_passed(one, IDENTITY_TEST, Truth.YES),
            other_rules=conclusion.totals[one.programme] != facts_tell,
        )
        for one in conclusion.decisions
    ]


def _passed(decision: Decision, name: str, where_not_tested: Truth) -> Truth:
    found = (one.passed for one in decision.tests if one.test == name)
    return next(found, where_not_tested)
