"""Tells case systems of a consent 授权 that was taken back while their verification was open."""

from datetime import datetime
from hashlib import sha256
from typing import Final

import orjson
import sqlalchemy as sa

from app.store.open_consents import open_under
from app.store.outbox import Notice
from app.verification.persist import Shelf

CONSENT_WITHDRAWN: Final = "consent.withdrawn"


def tell_withdrawn(
    tx: sa.Connection, shelf: Shelf, consent: tuple[str, str], *, now: datetime
) -> int:
    """A notice for each open verification with an address; `consent`: region and reference.

    Within the transaction that withdraws it. Gives how many; a second withdrawal adds none.
    """
    region, reference = consent
    notices = []
    for id_ in open_under(tx, region, reference):
        verification = shelf.verifications.get(tx, id_, region=region)
        request = verification.request
        if request.callback_url is None:
            continue
        event_id = (
            f"ev_{sha256(f'{id_}/{CONSENT_WITHDRAWN}/{reference}'.encode()).hexdigest()[:32]}"
        )
        body = {
            "event_id": event_id,
            "type": CONSENT_WITHDRAWN,
            "verification": id_,
            "case_reference": request.case_reference,
            "consent": reference,
            "at": now.isoformat().replace("+00:00", "Z"),
        }
        notices.append(
            Notice(
                event_id=event_id,
                type=CONSENT_WITHDRAWN,
                verification_id=id_,
                region=request.region,
                client_id=verification.client_id,
                url=request.callback_url,
                body=orjson.dumps(body),
                created_at=now,
            )
        )
    shelf.outbox.add_all(tx, notices)
    return len(notices)
