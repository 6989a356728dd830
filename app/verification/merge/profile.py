"""Puts the profile together: the accepted records give it, those in review widen its totals."""

from dataclasses import replace

from app.domain.evidence import Link
from app.domain.profile import Profile
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
    if any(row.link is Link.IN_REVIEW for row in material.evidence):
        wide = with_review(material)
        totals = hull(totals, totals_of(wide, income_of(wide), assets_of(wide)))
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
