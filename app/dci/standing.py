"""Who a partner is by now: what came from it is answered with the rights that it still has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.access.looking import Looker
from app.dci.endpoints import Endpoint
from app.dci.envelope import read_envelope
from app.dci.intake import Intake
from app.dci.received import Received
from app.store.clients import Clients
from app.store.session import Database
from connectors.dci.signatures import Dialect

_SCOPE: Final = "dci"


def content_of(received: Received, uri: str) -> dict[str, Any]:
    """All that an answer needs of a message, as JSON."""
    return {
        "header": dict(received.header.raw),
        "message": dict(received.message),
        "dialect": received.dialect.value,
        "encrypted": received.reply_key is not None,
        "scopes": list(received.look.scopes),
        "origin": received.look.origin,
        "uri": uri,
    }


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Reads of clients and partners, afresh each time."""

    database: Database
    clients: Clients
    intake: Intake
    now: Callable[[], datetime]

    async def received(
        self, endpoint: Endpoint, client_id: str, content: Mapping[str, Any], correlation_id: str
    ) -> Received | None:
        """The message as if it came now; None: its sender may not ask any more.

        Raises `MessageRefused` where no key can be had for an answer in secret.
        """
        client, sender = await self.database.read(
            lambda tx: (
                self.clients.get(tx, client_id),
                self.intake.senders.of_client(tx, client_id),
            )
        )
        if client is None or client.revoked_at is not None or sender is None:
            return None
        scopes = tuple(one for one in content["scopes"] if one in client.scopes)
        if _SCOPE not in scopes or not sender.may_be_called_at(content["uri"]):
            return None
        key = await self.intake.reply_key(sender) if content["encrypted"] else None
        header = {"header": content["header"], "message": {}}
        return Received(
            endpoint=endpoint,
            look=Looker(
                actor=client_id,
                region=client.region,
                scopes=scopes,
                programmes=client.programmes,
                purposes=client.purposes,
                origin=content["origin"],
            ),
            sender=sender,
            header=read_envelope(header, callback=False).header,
            message=content["message"],
            dialect=Dialect(content["dialect"]),
            reply_key=key,
            correlation_id=correlation_id,
            repeated=True,  # what serves once was used when the message was taken in
            at=self.now(),
        )
