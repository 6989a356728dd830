"""What each source says of a value: months covered, records, whether it was used and why. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from app.domain.evidence import Evidence, Link, SourceState, SourceStatus
from app.domain.instants import rfc3339
from app.domain.money import ZERO, as_text
from app.dossier.lines import Line, day_text
from app.verification.answers import Reply
from app.verification.merge.records import Material
from app.verification.merge.wages import Job, Wage
from connectors.contract import Unknown
from connectors.records import AnyRecord

WAGE_ORDER: Final = ("tax", "housing_fund", "social_insurance")
"""For each month the first of them that tells of it gives the wage; see merge/wages.py."""
_PLACES: Final = 6


class Use(StrEnum):
    """What became of a source's word on a value 取舍."""

    USED = "used"
    CORROBORATES = "corroborates"
    NOT_USED = "not_used"
    NO_RECORD = "no_record"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One source of one value."""

    source: str
    use: Use
    why: str | None = None
    amount: Decimal | None = None
    months: Mapping[date, str] | None = None
    rows: Sequence[Evidence[AnyRecord]] = ()


@dataclass(frozen=True)
class Replied:
    """The household's statuses and replies, for looking up."""

    statuses: Sequence[SourceStatus]
    replies: Sequence[Reply] = field(repr=False)

    def of(self, persons: Iterable[str], source: str) -> list[SourceStatus]:
        some = set(persons)
        return [one for one in self.statuses if one.source == source and one.person in some]

    def institutions(self, persons: Iterable[str], source: str) -> dict[str, int] | None:
        """Of how many institutions answers are there; None of a source that is one body."""
        some = set(persons)
        asked: dict[str, bool] = {}
        for one in self.replies:
            if one.source == source and one.person in some and one.institution:
                answered = not isinstance(one.outcome, Unknown)
                asked[one.institution] = asked.get(one.institution, True) and answered
        return {"asked": len(asked), "answered": sum(asked.values())} if asked else None


def wage_sources(
    material: Material, person: str, lines: Sequence[Line], wages: Sequence[Wage]
) -> list[Told]:
    """The three that tell of wages, in the order of trust."""
    ids = {one for line in lines for one in line.evidence}
    months = material.window.months
    seen = {source: _by_month([one.job for one in wages], source, months) for source in WAGE_ORDER}
    told = []
    for source in WAGE_ORDER:
        rows = [row for row in material.accepted if row.id in ids and row.source == source]
        amounts = seen[source]
        if not amounts:
            told.append(_silent(material, person, source, rows))
            continue
        cells = _cells(material, person, source, amounts)
        use, why = wage_use(material, source, wages, seen)
        mean = _mean(amounts)
        told.append(Told(source=source, use=use, why=why, amount=mean, months=cells, rows=rows))
    return told


def _by_month(jobs: Iterable[Job], source: str, months: Iterable[date]) -> dict[date, Decimal]:
    found: dict[date, Decimal] = {}
    for job in jobs:
        for month in months:
            amount = _amount_of(job, source, month)
            if amount is not None:
                found[month] = found.get(month, ZERO) + amount
    return found


def _amount_of(job: Job, source: str, month: date) -> Decimal | None:
    if source == "tax":
        return job.wages[month] + job.bonus.get(month, ZERO) if job.is_taxed(month) else None
    if source == "housing_fund":
        fund = job.fund_in(month)
        return None if fund is None else fund.base
    return job.insured.get(month)


def _mean(amounts: Mapping[date, Decimal]) -> Decimal | None:
    """Of the months that the source tells of."""
    if not amounts:
        return None
    return sum(amounts.values(), ZERO) / Decimal(len(amounts))


def _cells(
    material: Material, person: str, source: str, amounts: Mapping[date, Decimal]
) -> dict[date, str]:
    """A source that answered in full and has nothing of a month knows that there is nothing."""
    missing = "unknown" if material.is_open(person, source) else "none"
    return {month: "record" if month in amounts else missing for month in material.window.months}


def wage_use(
    material: Material,
    source: str,
    wages: Sequence[Wage],
    seen: Mapping[str, Mapping[date, Decimal]],
) -> tuple[Use, str]:
    """What became of what the source tells of these jobs, and the true reason.

    `seen`: what each source tells by month. The order of trust holds month by month and job by
    job, and only where nobody chose another source or set the amount.
    """
    used = [one for one in WAGE_ORDER if seen[one] and any(_gave(wage, one) for wage in wages)]
    if source in used:
        if any(_chosen(wage) == source and _gave(wage, source) for wage in wages):
            return Use.USED, "chosen_by_person"
        if source == used[0]:
            return Use.USED, "first_in_order"
        alone = _is_alone(material, source, wages)
        return Use.USED, "fills_jobs" if alone else "fills_months"
    some = [wage for wage in wages if _by_month([wage.job], source, material.window.months)]
    if any(wage.settled is not None and wage.settled.amount is not None for wage in some):
        return Use.NOT_USED, "amount_set_by_person"
    if any(_chosen(wage) is not None for wage in some):
        return Use.NOT_USED, "another_source_chosen"
    amounts, counting = seen[source], material.counting
    if source == "social_insurance" and set(amounts.values()) == {counting.contribution_floor}:
        return Use.NOT_USED, "base_at_floor"
    own, other = _mean(amounts) or ZERO, (_mean(seen[used[0]]) if used else None) or ZERO
    if abs(own - other) <= counting.wage_difference_tolerance * max(own, other):
        return Use.CORROBORATES, "agrees_with_used"
    return Use.NOT_USED, "later_in_order"


def _is_alone(material: Material, source: str, wages: Sequence[Wage]) -> bool:
    """Of the jobs whose gross it gives, no source before it tells anything."""
    before = WAGE_ORDER[: WAGE_ORDER.index(source)]
    jobs = [wage.job for wage in wages if _gave(wage, source)]
    return not any(_by_month(jobs, one, material.window.months) for one in before)


def _gave(wage: Wage, source: str) -> bool:
    """The source's word is the gross of some month."""
    return source in wage.sums.sources.values()


def _chosen(wage: Wage) -> str | None:
    """The source that a person chose for the job."""
    return None if wage.settled is None else wage.settled.option


def _silent(
    material: Material, person: str, source: str, rows: Sequence[Evidence[AnyRecord]]
) -> Told:
    """It tells of no month: it has no record, or it did not answer in full."""
    is_open = material.is_open(person, source)
    state = "unknown" if is_open else "none"
    cells = dict.fromkeys(material.window.months, state)
    use, why = (Use.OPEN, "not_answered") if is_open else (Use.NO_RECORD, "no_record")
    return Told(source=source, use=use, why=why, months=cells, rows=rows)


def plain_sources(
    material: Material, persons: Sequence[str], names: Sequence[str], lines: Sequence[Line]
) -> list[Told]:
    """Of anything but wages: what the lines rest on, what does not count, who has nothing."""
    told = []
    for source in names:
        counted = {one for line in lines if line.counted for one in line.evidence}
        listed = {one for line in lines for one in line.evidence}
        rows = [row for row in material.accepted if row.source == source and row.id in listed]
        is_open = any(material.is_open(person, source) for person in persons)
        if any(row.id in counted for row in rows):
            use, why = Use.USED, "partly_answered" if is_open else "only_register"
        elif rows:
            use, why = Use.NOT_USED, next((line.why for line in lines if line.why), "not_counted")
        elif is_open:
            use, why = Use.OPEN, "not_answered"
        else:
            use, why = Use.NO_RECORD, "no_record"
        told.append(Told(source=source, use=use, why=why, rows=rows))
    return told


def told_document(told: Told, persons: Sequence[str], replied: Replied) -> dict[str, Any]:
    """As the interface shows it."""
    statuses = replied.of(persons, told.source)
    chances = [row.probability for row in told.rows if row.link is Link.ACCEPTED]
    answered = [one.answered_at for one in statuses if one.answered_at is not None]
    data = [one.data_as_of for one in statuses if one.data_as_of is not None]
    failed = [one for one in statuses if one.state is SourceState.FAILED]
    odd = failed or [one for one in statuses if one.is_open]
    return {
        "source": told.source,
        "state": _state(statuses),
        "use": told.use.value,
        "why": told.why,
        "monthly": None if told.amount is None else as_text(told.amount),
        "months": None
        if told.months is None
        else [{"month": month.isoformat(), "state": one} for month, one in told.months.items()],
        "records": len(told.rows),
        "institutions": replied.institutions(persons, told.source),
        "probability": round(min(chances), _PLACES) if chances else None,
        "answered_at": rfc3339(_last(answered)),
        "data_as_of": day_text(max(data, default=None)),
        "attempts": sum(one.attempts for one in odd),
        "reason": next((one.reason.value for one in odd if one.reason is not None), None),
        "detail": next((one.detail for one in odd if one.detail), None),
        "evidence": list(dict.fromkeys(row.id for row in told.rows)),
    }


def _last(answered: Sequence[datetime]) -> datetime | None:
    return max(answered, default=None)


_WORST: Final = (
    SourceState.FAILED,
    SourceState.PENDING,
    SourceState.NOT_ASKED,
    SourceState.ANSWERED,
    SourceState.NO_RECORD,
)


def _state(statuses: Sequence[SourceStatus]) -> str:
    """The one that matters most; a source that nobody was to be asked at was not asked."""
    states = {one.state for one in statuses}
    return next((one.value for one in _WORST if one in states), SourceState.NOT_ASKED.value)
