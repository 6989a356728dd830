"""Partners of the DCI interface: who they are, what their signatures must be, where they listen."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from app.store.base import in_region, storable
from app.store.tables_dci import dci_enrolment, dci_message, dci_sender
from app.store.tables_dci_later import (
    dci_bearer,
    dci_news,
    dci_reference,
    dci_subscription,
    dci_subscription_key,
    dci_task,
)

_ASKED = (dci_bearer, dci_news, dci_reference, dci_subscription, dci_task)

ConsentRule = Literal["signed", "stated", "none"]
"""What a search must carry: a consent that an issuer signed; one that the sender states; none,
for the sender's duty by law stands in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A partner; `jwks` and `consent_jwks` are JWK sets as JSON (empty: none are pinned).

    `dialects`: how it may sign, `none` among them where stubs are taken. `sender_uris`: where its
    answers may go; one that ends with `/` or `*` is a beginning.
    """

    client_id: str
    region: str
    sender_id: str
    receiver_ids: tuple[str, ...]
    dialects: tuple[str, ...]
    consent: ConsentRule
    jwks: str = field(default="", repr=False)
    jwks_uri: str = ""
    consent_jwks: str = field(default="", repr=False)
    sender_uris: tuple[str, ...] = ()
    created_at: datetime
    changed_at: datetime

    def may_be_called_at(self, uri: str) -> bool:
        """Whether an answer may go there: as written, or below a beginning that was allowed."""
        for allowed in self.sender_uris:
            if allowed.endswith(("/", "*")):
                if uri.startswith(allowed.rstrip("*")) and ".." not in uri:
                    return True
            elif uri == allowed:
                return True
        return False


class Senders:
    """Queries over partners; no row holds a person's data."""

    def put(self, tx: sa.Connection, new: Sender) -> None:
        """Add it, or let it take the place of what stood for the client."""
        tx.execute(dci_sender.delete().where(dci_sender.c.client_id == new.client_id))
        tx.execute(
            dci_sender.insert().values(
                client_id=new.client_id,
                region=new.region,
                sender_id=new.sender_id,
                receiver_ids=" ".join(new.receiver_ids),
                dialects=" ".join(new.dialects),
                consent=new.consent,
                jwks=new.jwks,
                jwks_uri=new.jwks_uri,
                consent_jwks=new.consent_jwks,
                sender_uris="\n".join(new.sender_uris),
                created_at=new.created_at,
                changed_at=new.changed_at,
            )
        )

    def of_client(self, tx: sa.Connection, client_id: str) -> Sender | None:
        return self._one(tx, dci_sender.c.client_id, client_id)

    def named(self, tx: sa.Connection, sender_id: str) -> Sender | None:
        """By the name that it gives itself in messages."""
        return self._one(tx, dci_sender.c.sender_id, sender_id)

    def all(self, tx: sa.Connection, *, region: str = "") -> list[Sender]:
        """Those of the region's subtree, by name."""
        where = in_region(dci_sender.c.region, region)
        rows = tx.execute(sa.select(dci_sender).where(where).order_by(dci_sender.c.sender_id))
        return [_sender(row) for row in rows]

    def remove(self, tx: sa.Connection, client_id: str) -> None:
        """The partner, with what it told and what is known of its messages."""
        subscribed = sa.select(dci_subscription.c.id).where(
            dci_subscription.c.client_id == client_id
        )
        tx.execute(dci_subscription_key.delete().where(dci_subscription_key.c.id.in_(subscribed)))
        for table in (*_ASKED, dci_enrolment, dci_message, dci_sender):
            tx.execute(table.delete().where(table.c.client_id == client_id))

    def _one(self, tx: sa.Connection, column: "sa.Column[str]", value: str) -> Sender | None:
        if not storable(value):
            return None
        row = tx.execute(sa.select(dci_sender).where(column == value)).one_or_none()
        return None if row is None else _sender(row)


def _sender(row: Any) -> Sender:
    return Sender(
        client_id=row.client_id,
        region=row.region,
        sender_id=row.sender_id,
        receiver_ids=tuple(row.receiver_ids.split()),
        dialects=tuple(row.dialects.split()),
        consent=row.consent,
        jwks=row.jwks,
        jwks_uri=row.jwks_uri,
        consent_jwks=row.consent_jwks,
        sender_uris=tuple(row.sender_uris.split("\n")) if row.sender_uris else (),
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
