"""No look at a case without an entry: it is stored before the bytes leave."""

import sqlalchemy as sa

from app.access.limited import must_concern
from app.access.tokens import Caller
from app.store.verifications import StoredVerification
from app.wiring_types import Parts


async def looked_at(service: Parts, who: Caller, id_: str, action: str) -> StoredVerification:
    """The verification, audited; `NotFound` alike for another region's and for none."""

    def work(tx: sa.Connection) -> StoredVerification:
        verification = service.shelf.verifications.get(tx, id_, region=who.region)
        must_concern(who, verification.request)
        region = verification.request.region
        service.audit.append(tx, actor=who.actor, action=action, about=(id_, region), details={})
        return verification

    return await service.shelf.database.write(work)
