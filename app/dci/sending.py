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
from app.store.dci_sending import Bearer, DciSending
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
        it holds took its consent back. `refused`: a token that it did not take.

        Raises `StorageUnavailable`, `TokenUnavailable`.
        """
        bearer = await self.database.read(lambda tx: self._bearer(tx, notice))
        if bearer is None:
            return None
        asked_for = ""
        if not isinstance(bearer, str):
            bearer = asked_for = await self.tokens.token(bearer, refused=refused)
        waiting = Waiting.loaded(notice.body)
        signed = self.replies.signed(waiting.header, waiting.message, waiting.dialect)
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return Dressed(orjson.dumps(signed), headers, asked_for)

    def _bearer(self, tx: sa.Connection, notice: Notice) -> Bearer | None:
        client = self.clients.get(tx, notice.client_id)
        sender = self.senders.of_client(tx, notice.client_id)
        if client is None or client.revoked_at is not None or sender is None:
            return None
        if not sender.may_be_called_at(notice.url):
            return None
        held = self.sending.held(tx, notice.event_id)
        if self.households.any_withdrawn(tx, held, self.now()):
            return None
        return self.sending.bearer(tx, notice.client_id)
