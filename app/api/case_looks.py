"""Looks that begin at something else than a verification: recipients 在保家庭, new requests."""

from collections.abc import Sequence

import sqlalchemy as sa

from app.access.looking import Looker, Refused
from app.api.looks import seen
from app.domain.errors import NotAllowed
from app.domain.household import VerificationRequest
from app.store.recipients import StoredRecipient
from app.wiring_types import Parts


async def looked_at_recipient(service: Parts, who: Looker, recipient_id: str) -> None:
    """The recipient, audited; `NotFound` alike for another region's, a relative's, and none."""
    recipients = service.relief.desk.recipients

    def work(tx: sa.Connection) -> Refused | None:
        found = recipients.get(tx, recipient_id, region=who.region)
        (request,) = recipients.requests(tx, [found])
        told = "recipient_looked_at", {"missing": "no such recipient"}
        return seen(service, tx, who, (found.id, request), told)

    refused = await service.shelf.database.write(work)
    if refused is not None:
        raise refused.error


async def apart_from_relatives(
    service: Parts, who: Looker, page: Sequence[StoredRecipient]
) -> Sequence[StoredRecipient]:
    """Those of the page that are no relatives' of the member of staff who looks."""
    if not who.is_staff:
        return page

    def work(tx: sa.Connection) -> list[StoredRecipient]:
        requests = service.relief.desk.recipients.requests(tx, page)
        related = service.looks.related_to(tx, who.actor)
        return [one for one, asked in zip(page, requests, strict=True) if not related(asked)]

    return await service.shelf.database.read(work)


async def may_ask(service: Parts, who: Looker, wanted: VerificationRequest) -> None:
    """A member of staff asks about cases that are his or hers, and about no relative."""
    if not who.is_staff:
        return
    case = wanted.case_reference, wanted
    told = "verification_wanted", {"missing": "this case is not yours to ask about"}
    refused = await service.shelf.database.write(lambda tx: seen(service, tx, who, case, told))
    if refused is not None:
        told_so = isinstance(refused.error, NotAllowed)
        raise refused.error if told_so else NotAllowed(str(refused.error))
