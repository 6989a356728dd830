"""A partner's row, and the plainest message of one that may send stubs."""

import itertools
from typing import Any, Final

from app.store.dci_senders import Sender, Senders
from tests.service_parts import Running

US: Final = "hedui.example.org"
_numbers = itertools.count(1)


async def registered_sender(service: Running, client_id: str, region: str) -> None:
    """It may send stubs, and needs no consent."""
    now = service.clock()
    sender = Sender(
        client_id=client_id,
        region=region,
        sender_id=client_id,
        receiver_ids=(US,),
        dialects=("none",),
        consent="none",
        sender_uris=("http://127.0.0.1:1/verified",),
        created_at=now,
        changed_at=now,
    )
    await service.parts.shelf.database.write(lambda tx: Senders().put(tx, sender))


def plain_message(service: Running, sender_id: str, message: Any, **header: Any) -> dict[str, Any]:
    made = {
        "version": "1.0.0",
        "message_id": f"plain-{next(_numbers)}",
        "message_ts": service.clock().isoformat(),
        "action": "search",
        "sender_id": sender_id,
        "receiver_id": US,
        "total_count": 1,
        **header,
    }
    return {"signature": "unsigned-stub", "header": made, "message": message}


def plain_search(service: Running, sender_id: str, criteria: Any) -> dict[str, Any]:
    item = {
        "reference_id": "r-1",
        "timestamp": service.clock().isoformat(),
        "search_criteria": criteria,
    }
    message = {"transaction_id": "t-1", "search_request": [item]}
    return plain_message(service, sender_id, message)
