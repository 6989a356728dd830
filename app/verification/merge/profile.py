"""Puts the profile together: the accepted records give it, those in review widen its totals."""

from collections.abc import Iterator
from dataclasses import replace

from app.domain.evidence import Link
from app.domain.profile import IncomeLine, Profile, Totals
from app.verification.merge.assets import assets_of
from app.verification.merge.composition import composition_of, persons_of
from app.verification.merge.findings import Merged, findings_of
from app.verification.merge.income import deductions, income_of
from app.verification.merge.records import Material
from app.verification.merge.totals import hull, totals_of


def merge(material: Material) -> Profile:
    """The verified profile 核对结果 as of the request's day.

    A record that a reviewer must judge is not in the lines; the totals say what they are with and
    without it, so that nothing doubtful can confirm or refuse.
    """
    income, assets = income_of(material), assets_of(material)
    totals = totals_of(material, income, assets)
    for other in _readings(material):
        totals = hull(totals, totals_of(other, income_of(other), assets_of(other)))
    merged = Merged(persons_of(material), composition_of(material), income, assets)
    return Profile(
        as_of=material.request.as_of,
        persons=merged.persons,
        composition=merged.composition,
        income=income,
        assets=assets,
        deductions=deductions(material),
        totals=totals,
        findings=findings_of(material, merged),
        open_sources=tuple((one.person, one.source) for one in material.statuses if one.is_open),
    )


def counted(material: Material) -> tuple[Totals, tuple[IncomeLine, ...]]:
    """The totals of what is accepted, whatever a person may still judge, and the income lines."""
    income = income_of(material)
    return totals_of(material, income, assets_of(material)), income


def _readings(material: Material) -> Iterator[Material]:
    """What the evidence may come to mean once a person has judged the records in review.

    All of them, each person's of a source alone, and all but these: a record may lessen what
    another one adds (a death, a correction, a wage where a base was taken).
    """
    groups: dict[tuple[str, str], set[str]] = {}
    for row in material.evidence:
        if row.link is Link.IN_REVIEW:
            groups.setdefault((row.person, row.source), set()).add(row.id)
    every = frozenset(id_ for group in groups.values() for id_ in group)
    if every:
        yield with_review(material, every)
    if len(groups) > 1:
        for group in groups.values():
            yield with_review(material, frozenset(group))
            yield with_review(material, every - group)


def with_review(material: Material, only: frozenset[str] | None = None) -> Material:
    """The same material as if the records in review (or only those) were the person's."""
    return replace(
        material,
        evidence=tuple(
            replace(row, link=Link.ACCEPTED)
            if row.link is Link.IN_REVIEW and (only is None or row.id in only)
            else row
            for row in material.evidence
        ),
    )


def without(material: Material, refused: frozenset[str]) -> Material:
    """The same material as if these records were somebody else's."""
    return replace(
        material,
        evidence=tuple(
            replace(row, link=Link.REFUSED) if row.id in refused else row
            for row in material.evidence
        ),
    )
