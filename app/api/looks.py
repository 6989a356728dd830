"""No look at a person without a right, a purpose and an entry, stored before the bytes leave.

Every route that shows anything of a case takes one of the `Looks…` below and goes through
`looked_at`, `listing` with `shown_in_list`, or `exported`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import sqlalchemy as sa
from fastapi import Depends, Header, Request

from app.access.limited import must_concern
from app.access.looking import (
    Granted,
    Looker,
    LookPurpose,
    Refused,
    judged,
    listing_refused,
    origin_of,
)
from app.access.tokens import Caller
from app.api.deps import (
    ClientReads,
    MayAnswer,
    MayAskEligibility,
    MayBatch,
    MayProve,
    MayRead,
    MayReadReports,
    MayReveal,
    MayReview,
    MayVerify,
)
from app.api.pass_gate import by_pass
from app.audit.chain import Entry
from app.audit.telling import tell
from app.domain.errors import NotFound
from app.domain.household import VerificationRequest
from app.store.audit_reads import LIST
from app.store.reach import Reach
from app.store.verifications import StoredVerification
from app.wiring_types import Parts

REFUSED: Final = "look_refused"
_COUNTY: Final = 6
_OWN: Final = "own"
"""The purpose of a client's list: that of each verification in it."""
PurposeHeader = Annotated[
    LookPurpose | None,
    Header(
        alias="Hedui-Purpose",
        description="What the look is for: needed of staff; a client's default is the purpose of "
        "the verification.",
    ),
]


def _looker(request: Request, who: Caller, purpose: LookPurpose | None) -> Looker:
    host = None if request.client is None else request.client.host
    return Looker.of(who, purpose, origin_of(host))


async def _reads(request: Request, who: MayRead, purpose: PurposeHeader = None) -> Looker:
    return _looker(request, who, purpose)


async def _reads_reports(
    request: Request, who: MayReadReports, purpose: PurposeHeader = None
) -> Looker:
    return _looker(request, who, purpose)


async def _reviews(request: Request, who: MayReview, purpose: PurposeHeader = None) -> Looker:
    return _looker(request, who, purpose)


async def _verifies(request: Request, who: MayVerify, purpose: PurposeHeader = None) -> Looker:
    return _looker(request, who, purpose)


async def _batches(request: Request, who: MayBatch, purpose: PurposeHeader = None) -> Looker:
    return _looker(request, who, purpose)


async def _asks(request: Request, who: MayAskEligibility, purpose: PurposeHeader = None) -> Looker:
    return _looker(request, who, purpose)


async def _proves(request: Request, who: MayProve, purpose: PurposeHeader = None) -> Looker:
    return _looker(request, who, purpose)


async def _answers(request: Request, who: MayAnswer) -> Looker:
    """Of a source's clerk: a task says what it is for, and is what the look rests on."""
    return _looker(request, who, None)


async def _client(request: Request, who: ClientReads, purpose: PurposeHeader = None) -> Looker:
    return _looker(request, who, purpose)


async def _reveals(request: Request, who: MayReveal, purpose: PurposeHeader = None) -> Looker:
    return _looker(request, who, purpose)


LooksRead = Annotated[Looker, Depends(_reads)]
LooksReports = Annotated[Looker, Depends(_reads_reports)]
LooksReview = Annotated[Looker, Depends(_reviews)]
LooksVerify = Annotated[Looker, Depends(_verifies)]
LooksBatch = Annotated[Looker, Depends(_batches)]
LooksProofs = Annotated[Looker, Depends(_proves)]
LooksEligibility = Annotated[Looker, Depends(_asks)]
LooksAnswer = Annotated[Looker, Depends(_answers)]
ClientLooks = Annotated[Looker, Depends(_client)]
LooksReveal = Annotated[Looker, Depends(_reveals)]

GATES: Final = frozenset(
    {
        _reads,
        _reads_reports,
        _reviews,
        _verifies,
        _batches,
        _proves,
        _asks,
        _client,
        _reveals,
        _answers,
        by_pass,
    }
)
"""By what a route is known that shows something of a case."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A case as a list shows it."""

    verification_id: str
    region: str


async def looked_at(
    service: Parts, look: Looker, id_: str, action: str, **about: str
) -> StoredVerification:
    """The verification, audited; `NotFound` alike for another region's, a relative's, and none.

    `about`: more for the entry, no personal data.
    """

    def work(tx: sa.Connection) -> StoredVerification | Refused:
        verification = service.shelf.verifications.get(tx, id_, region=look.region)
        refused = seen(service, tx, look, (id_, verification.request), (action, about))
        return refused or verification

    found = await service.shelf.database.write(work)
    if isinstance(found, Refused):
        raise found.error
    return found


def seen(
    service: Parts,
    tx: sa.Connection,
    look: Looker,
    case: tuple[str, VerificationRequest],
    told: tuple[str, Mapping[str, str]],
) -> Refused | None:
    """The entry of a look at a case (the object's id and the request), or of its refusal.

    `told`: the action, and more for the entry. What is refused is to be raised by the caller once
    the transaction is committed.
    """
    object_, request = case
    action, about = told
    missing = about.get("missing", "no such verification")
    _concerned(look, request, missing)
    verdict = judged(look, service.looks.standing(tx, look, request), missing=missing)
    details = {
        **_of_look(look),
        "case": request.case_reference,
        **{name: text for name, text in about.items() if name != "missing"},
    }
    match verdict:
        case Refused(why=why):
            details |= {"why": why.value, "wanted": action, "purpose": look.purpose or ""}
            note(service, tx, Entry(look.actor, REFUSED, object_, request.region, details))
            return verdict
        case Granted(purpose=purpose, basis=basis):
            details |= {
                "look": "case",
                "purpose": purpose.value,
                "basis": basis,
                "consent": ",".join(request.consent.references),
                "persons": about.get(
                    "persons", ",".join(one.ref for one in request.household.persons)
                ),
            }
            note(service, tx, Entry(look.actor, action, object_, request.region, details))
            return None


def _concerned(look: Looker, request: VerificationRequest, missing: str) -> None:
    """Raises `NotFound` in the words of what is nowhere: a case of other programmes is alike."""
    try:
        must_concern(look, request)
    except NotFound:
        raise NotFound(missing) from None


def _of_look(look: Looker) -> dict[str, str]:
    return {"kind": look.kind, "office": look.region, "from": look.origin}


def note(service: Parts, tx: sa.Connection, *entries: Entry) -> None:
    """Raises `StorageUnavailable` where the trail cannot be written: then nothing is shown."""
    tell(service.audit, tx, *entries)


async def listing(service: Parts, look: Looker, name: str) -> Reach | None:
    """What of the list the caller may see. Raises where he or she may not see it at all."""
    refused = listing_refused(look)
    if refused is None:
        return await service.shelf.database.read(lambda tx: service.looks.reach(tx, look))
    details = {**_of_look(look), "why": refused.why.value, "wanted": name}
    entry = Entry(look.actor, REFUSED, f"{LIST}{name}", look.region, details)
    await service.shelf.database.write(lambda tx: note(service, tx, entry))
    raise refused.error


async def shown_in_list(service: Parts, look: Looker, name: str, some: Iterable[Shown]) -> None:
    """The list is on record, with all cases that it shows, before it leaves."""
    entries = list_entries(look, name, some)
    await service.shelf.database.write(lambda tx: note(service, tx, *entries))


def list_entries(look: Looker, name: str, some: Iterable[Shown]) -> Sequence[Entry]:
    """One for each county whose cases are shown; one where none is."""
    counties: dict[str, list[str]] = defaultdict(list)
    for one in some:
        counties[one.region[:_COUNTY]].append(one.verification_id)
    return [
        Entry(
            look.actor,
            f"{name}_listed",
            f"{LIST}{name}",
            county,
            {
                **_of_look(look),
                "look": "list",
                "purpose": look.purpose.value if look.purpose is not None else _OWN,
                "count": str(len(ids)),
                "cases": ",".join(dict.fromkeys(ids)),
            },
        )
        for county, ids in (counties or {look.region: []}).items()
    ]


def export_entries(
    look: Looker, action: str, batch: tuple[str, str], counties: Mapping[str, int]
) -> Sequence[Entry]:
    """Of a file with the households of a batch (id and region): one for each county, with how
    many they are."""
    object_, region = batch
    return [
        Entry(
            look.actor,
            action,
            object_,
            county,
            {
                **_of_look(look),
                "look": "export",
                "purpose": look.purpose.value if look.purpose is not None else _OWN,
                "count": str(households),
            },
        )
        for county, households in (counties or {region: 0}).items()
    ]
