"""No record leaves before the look at it is on record: who, at whom, for what, on which consent."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import sqlalchemy as sa

from app.access.looking import Granted, Looker, LookPurpose, Standing, judged
from app.audit.chain import AuditTrail, Entry
from app.audit.telling import tell
from app.dci.consents import Grant
from app.dci.household import Household
from app.store.audit_reads import LIST

_COUNTY = 6
_SEARCH = "registry"
_WORDS = "no such household"
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,63}")
"""What may stand in the trail of a purpose that the sender wrote: a code, no sentence."""
Seen: TypeAlias = tuple[Household, Sequence[str]]
"""A household, and the refs of those of its members of whom something is told."""


def may_see(look: Looker, household: Household) -> LookPurpose | None:
    """The purpose for which the sender sees it; None: its purposes are others."""
    own = household.verification.request.purpose
    verdict = judged(look, Standing(own_purpose=own), missing=_WORDS)
    return verdict.purpose if isinstance(verdict, Granted) else None


def record(
    trail: AuditTrail,
    tx: sa.Connection,
    look: Looker,
    seen: Sequence[Seen],
    told: tuple[Grant, bool],
) -> None:
    """`told`: on which grant, and whether the search named nobody (then it is a list).

    A search that found nobody is a list of none: who tries out numbers stands in the trail.

    Raises `StorageUnavailable` where the trail cannot be written: then nothing is told.
    """
    grant, is_wide = told
    as_list = is_wide or not seen
    entries = _list(look, seen, grant) if as_list else _cases(look, seen, grant)
    tell(trail, tx, *entries)


def refused(trail: AuditTrail, tx: sa.Connection, look: Looker, why: str) -> None:
    """A search that was refused for want of a right or a consent."""
    details = {"kind": look.kind, "office": look.region, "from": look.origin, "why": why}
    entry = Entry(look.actor, "look_refused", f"{LIST}{_SEARCH}", look.region, details)
    tell(trail, tx, entry)


def _of_look(look: Looker, grant: Grant) -> dict[str, str]:
    return {
        "kind": look.kind,
        "office": look.region,
        "from": look.origin,
        "stated_purpose": grant.purpose if _CODE.fullmatch(grant.purpose) else "",
        "granted": grant.reference,
    }


def _cases(look: Looker, seen: Iterable[Seen], grant: Grant) -> Iterator[Entry]:
    for one, refs in seen:
        request = one.verification.request
        purpose = may_see(look, one)
        yield Entry(
            look.actor,
            "registry_searched",
            one.id,
            request.region,
            {
                **_of_look(look, grant),
                "case": request.case_reference,
                "look": "case",
                "purpose": "" if purpose is None else purpose.value,
                "basis": "client",
                "consent": ",".join(request.consent.references),
                "persons": ",".join(refs),
            },
        )


def _list(look: Looker, seen: Sequence[Seen], grant: Grant) -> Iterator[Entry]:
    """One for each county whose households are told of; one where none is."""
    counties: dict[str, list[str]] = defaultdict(list)
    for one, _ in seen:
        counties[one.region[:_COUNTY]].append(one.id)
    for county, ids in (counties or {look.region: []}).items():
        yield Entry(
            look.actor,
            f"{_SEARCH}_listed",
            f"{LIST}{_SEARCH}",
            county,
            {
                **_of_look(look, grant),
                "look": "list",
                "purpose": "own" if look.purpose is None else look.purpose.value,
                "count": str(len(ids)),
                "cases": ",".join(dict.fromkeys(ids)),
            },
        )
