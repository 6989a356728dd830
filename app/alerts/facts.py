"""From a concluded case to its snapshot: the same in, the same out."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from app.alerts.facts_of_persons import expenses, incomes, persons, relatives
from app.alerts.facts_of_things import money, things
from app.alerts.facts_of_work import benefits, jobs
from app.alerts.reading import Reading
from app.alerts.rules import AlertRules, holds
from app.alerts.snapshot import Fact, FactKind, Key, Snapshot
from app.domain.decision import Outcome
from app.verification.conclude import Case, Conclusion

_COUNTY: Final = 6
_READERS: Final = (persons, relatives, incomes, expenses, jobs, benefits, things, money)


def snapshot_of(
    case: Case,
    conclusion: Conclusion,
    rules: AlertRules,
    digest: Callable[[str], str],
) -> Snapshot:
    """All facts of a case; `digest` is a keyed index of words, alike in every verification."""
    reading = Reading(case, conclusion, digest)
    facts: dict[Key, Fact] = {}
    for fact in chain.from_iterable(read(reading) for read in _READERS):
        facts.setdefault(fact.key, fact)
    for fact in _of_household(reading, rules):
        facts[fact.key] = fact
    return Snapshot(
        as_of=case.request.as_of,
        persons={index: ref for ref, index in reading.index.items()},
        known=reading.known,
        missing=_missing(reading),
        unconsented=_unconsented(reading),
        outcomes={
            one.programme: one.outcome.value
            for one in conclusion.decisions
            if one.outcome is not Outcome.UNDETERMINED
        },
        facts=facts,
    )


def _of_household(reading: Reading, rules: AlertRules) -> Iterator[Fact]:
    home = reading.case.request.region[:_COUNTY]
    for other in reading.case.other_cases:
        county, _, number = other.partition(" ")
        # Of another county's case, its number is not everybody's to see.
        values = {"county": county, **({"case_reference": number} if county == home else {})}
        thing = reading.digest(f"case\n{other}")
        yield Fact(kind=FactKind.OTHER_CASE, thing=thing, values=values)
    totals = reading.conclusion.profile.totals
    for rule in rules.custom_rules:
        if holds(rule, totals):
            yield Fact(kind=FactKind.RULE, thing=rule.key, values={"rule": rule.key})
    for programme in reading.conclusion.also_confirmed_for:
        if programme in rules.missed_relief_programmes:
            values = {"programme": programme}
            yield Fact(kind=FactKind.CONFIRMED_FOR, thing=programme, values=values)


def _missing(reading: Reading) -> dict[str, tuple[str, ...]]:
    """By source, of whom it did not answer all; what was not to be asked is not missing."""
    found: dict[str, list[str]] = {}
    for one in reading.case.statuses:
        wanted = one.reason is None
        if one.is_open and wanted and one.person in reading.index:
            found.setdefault(one.source, []).append(one.person)
    return {source: tuple(refs) for source, refs in sorted(found.items())}


def _unconsented(reading: Reading) -> tuple[str, ...]:
    """Whose consent was there and did not hold; a supporter may leave it out at all."""
    refs = {
        one.person: None
        for one in reading.case.statuses
        if one.reason is not None and one.reason.is_lost_consent
    }
    return tuple(reading.index[ref] for ref in refs if ref in reading.index)
