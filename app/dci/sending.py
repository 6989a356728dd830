"""Messages to partners as they leave: judged once more, signed now, with the partner's token."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import orjson
import sqlalchemy as sa

from app.dci.callbacks import Waiting
from app.dci.households import Households
from app.dci.replies import Replies
from app.dci.tokens import PartnerTokens
from app.store.clients import Clients
from app.store.dci_senders import Senders
from app.store.dci_sending import Bearer, DciSending, TokenPlace
from app.store.outbox import Dressed, Notice
from app.store.session import Database


@dataclass(frozen=True, kw_only=True)
class Dressing:
    """Looked at before each sending: a message may have waited for days."""

    database: Database
    clients: Clients
    senders: Senders
    households: Households
    sending: DciSending
    replies: Replies
    tokens: PartnerTokens
    now: Callable[[], datetime]

    async def dress(self, notice: Notice, refused: str = "") -> Dressed | None:
        """None: the partner is gone, may not be called there any more, or a household whose records
        it holds is erased, or took its consent back. `refused`: a token that it did not take.

        Raises `StorageUnavailable`, `TokenUnavailable`.
        """
        bearer = await self.database.read(lambda tx: self._bearer(tx, notice))
        asked_for = ""
        if isinstance(bearer, TokenPlace):
            bearer = asked_for = await self.tokens.token(bearer, refused=refused)
        # Last, for the token may have taken its time.
        if bearer is None or not await self.database.read(lambda tx: self._may_go(tx, notice)):
            return None
        waiting = Waiting.loaded(notice.body)
        signed = self.replies.signed(waiting.header, waiting.message, waiting.dialect)
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return Dressed(orjson.dumps(signed), headers, asked_for)

    def _bearer(self, tx: sa.Connection, notice: Notice) -> Bearer | None:
        """What the partner asks for; None: it is none any more, or not to be called there."""
        client = self.clients.get(tx, notice.client_id)
        sender = self.senders.of_client(tx, notice.client_id)
        if client is None or client.revoked_at is not None or sender is None:
            return None
        if not sender.may_be_called_at(notice.url):
            return None
        return self.sending.bearer(tx, notice.client_id)

    def _may_go(self, tx: sa.Connection, notice: Notice) -> bool:
        """What is erased takes its messages along, also one that is in our hands."""
        held = self.sending.held(tx, notice.event_id)
        return self.sending.is_there(tx, notice.event_id) and self.households.may_be_told(
            tx, held, self.now()
        )
