"""What the end of a batch leaves behind: an audit entry, and a notice to whoever asked for it."""

from datetime import datetime
from hashlib import sha256

import orjson
import sqlalchemy as sa

from app.domain.instants import rfc3339
from app.store.batches import Batches
from app.store.crypto import FieldCipher
from app.store.outbox import Notice, Outbox
from app.verification.errands import Desk

EVENT = "batch.finished"


class Finished:
    """Tells of a batch's end, in the transaction that ends it."""

    def __init__(self, desk: Desk, cipher: FieldCipher) -> None:
        self._audit = desk.audit
        self._batches = Batches(cipher)
        self._outbox = Outbox(cipher)

    def tell(self, tx: sa.Connection, batch_id: str, now: datetime) -> None:
        batch = self._batches.get(tx, batch_id, region="")
        url = self._batches.callback_url(tx, batch_id)
        if url is not None:
            event_id = f"ev_{sha256(f'{batch_id}/done'.encode()).hexdigest()[:32]}"
            body = {
                "event_id": event_id,
                "type": EVENT,
                "batch": batch_id,
                "status": "done",
                "at": rfc3339(now),
            }
            self._outbox.add(
                tx,
                Notice(
                    event_id=event_id,
                    type=EVENT,
                    batch_id=batch_id,
                    region=batch.region,
                    client_id=batch.client_id,
                    url=url,
                    body=orjson.dumps(body),
                    attempts=0,
                    created_at=now,
                ),
            )
        self._audit.append(
            tx,
            actor=batch.client_id,
            action="batch_done",
            about=(batch_id, batch.region),
            details={},
        )
