"""Writes client rows one after the other, and says of each when it was acknowledged.

`python -m tests.durability.writer URL COUNT`: run under strace, which makes system calls fail.
"""

import asyncio
import sys
from datetime import UTC, datetime
from functools import partial

import sqlalchemy as sa

from app.domain.errors import StorageUnavailable
from app.store.clients import Client, Clients
from app.store.session import connect


def _add(clients: Clients, new: Client, tx: sa.Connection) -> None:
    clients.add(tx, new)


async def write(url: str, count: int) -> None:
    database = connect(url)
    clients = Clients()
    for number in range(count):
        new = Client(
            client_id=f"cl_{number}",
            name="writer",
            region="220102",
            scopes=("read",),
            secret_hash="x" * 100,
            created_at=datetime(2026, 11, 24, tzinfo=UTC),
        )
        try:
            await database.write(partial(_add, clients, new))
        except StorageUnavailable:
            said = f"refused {number}"
        else:
            said = f"acknowledged {number}"
        sys.stdout.write(said + "\n")
        sys.stdout.flush()
    await database.aclose()


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], int(sys.argv[2])))
