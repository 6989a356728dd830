"""Notes with a verification that becomes final which partners are to hear of it."""

from dataclasses import dataclass

import sqlalchemy as sa

from app.dci.notifying import news_id
from app.dci.wanting import EVERY, MEMBER, REGISTER, UPDATE
from app.store.crypto import FieldCipher
from app.store.dci_history import DciHistory
from app.store.dci_subscriptions import News, RegistrySubscriptions
from app.store.indexes import person_keys
from app.store.scope import Crossing, across_in
from app.store.verifications import StoredVerification
from app.verification.persist import Concluded


@dataclass(frozen=True)
class Heralding:
    """A step in the transaction that ends a verification; nobody's records are read."""

    stored: RegistrySubscriptions
    history: DciHistory
    cipher: FieldCipher

    def on_final(
        self, tx: sa.Connection, verification: StoredVerification, concluded: Concluded
    ) -> None:
        """Partners of regions above hear of it, too."""
        with across_in(tx, Crossing.CONCLUSION):
            if self.stored.is_there_any(tx):
                self._note(tx, verification.id, concluded)

    def _note(self, tx: sa.Connection, id_: str, concluded: Concluded) -> None:
        request, version = concluded.case.request, concluded.result.version
        members = request.household.members
        keys = [key for member in members for key in person_keys(self.cipher, member)]
        numbers = (request.case_reference, id_)
        wanting = self.stored.wanting(tx, request.region, keys, numbers)
        if not wanting:
            return
        earlier = self.history.earlier(tx, id_, request.region, request.case_reference)
        joined = () if earlier is None else self.history.joined(tx, id_, earlier)
        # A household's first final verification registers it; each later one is an update.
        is_first = earlier is None and version == 1
        happened = {REGISTER} if is_first else {UPDATE, *([MEMBER] if joined else [])}
        new = []
        for subscription, client_id, events in wanting:
            event = next((one for one in EVERY if one in happened and one in events), None)
            if event is None:
                continue
            new.append(
                News(
                    id=news_id(subscription, id_, version),
                    region=request.region,
                    subscription=subscription,
                    client_id=client_id,
                    verification_id=id_,
                    event=event,
                    refs=tuple(joined) if event == MEMBER else (),
                    created_at=concluded.at,
                )
            )
        self.stored.add_news(tx, new)
