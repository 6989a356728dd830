"""Households of a made-up roster."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from app.access.tokens import Caller
from app.batch.roster.households import RosterHousehold
from app.batch.roster.persons import RowError
from app.domain.household import Member, Purpose, VerificationRequest
from tests.builders import REGION, a_consent, a_household, a_member, a_request
from tests.service_parts import number

CLERK = Caller("cl_roster", "2201", ("batch",))
TODAY = date(2026, 11, 24)


def a_person(ref: str, nth: int, **changes: Any) -> Member:
    """The nth made-up person, grown up."""
    born = date(1950, 1, 1) + timedelta(days=nth % 15_000)
    id_number = number(f"229901{born:%Y%m%d}{nth // 15_000 + 1:03d}")
    return replace(
        a_member(), **{"name": f"人{nth}", "id_number": id_number, **changes, "ref": ref}
    )


def an_asking(case: str = "c-1", *members: Member, **changes: Any) -> VerificationRequest:
    """What a roster says of a household; the members are m1's own where none are given."""
    persons = members or (a_member(),)
    values: dict[str, Any] = {
        "case_reference": case,
        "region": REGION,
        "as_of": TODAY,
        "purpose": Purpose.REVERIFICATION,
        "household": a_household(*persons),
        "consent": a_consent(
            signed_on=None,
            document_sha256=None,
            signatories=tuple(one.ref for one in persons),
        ),
    }
    return a_request(**{**values, **changes})


def a_row(
    case: str = "c-1", *members: Member, class_: str = "A", **changes: Any
) -> RosterHousehold:
    request = an_asking(case, *members, **changes)
    return RosterHousehold(rows=(1,), request=request, class_=class_)


async def a_roster(
    rows: Iterable[RosterHousehold | RowError],
) -> AsyncIterator[RosterHousehold | RowError]:
    for row in rows:
        yield row
