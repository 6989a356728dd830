"""A desk over a database of the newest revision."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.audit.chain import AuditTrail
from app.batch.service import Batching
from app.batch.service import Surroundings as BatchSurroundings
from app.recipients.desk import RecipientDesk
from app.recipients.relief import Relief, Surroundings
from app.recipients.rules import Rules
from app.settings import Settings
from app.store.audit_entries import AuditEntries
from app.store.crypto import FieldCipher
from app.store.recipient_lists import RecipientLists
from app.store.recipient_persons import RecipientPersons
from app.store.recipients import Recipients
from app.store.session import connect
from app.wiring import Given, Stages, new_id, stages
from tests.service_parts import Clock, connected


@pytest.fixture
def cipher() -> FieldCipher:
    return FieldCipher(bytes(range(32)))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@asynccontextmanager
async def relief_over(
    folder: Path, database_url: str, clock: Clock, rules: Rules
) -> AsyncIterator[tuple[Relief, Stages]]:
    """All of it, with batches that are really made."""
    settings = Settings(data_dir=folder, database_url=database_url)
    async with stages(settings, Given(clock, connected([]))) as built:
        around = BatchSurroundings(standards=built.standards, folder=folder, terms=built.terms)
        batching = Batching.over(
            built.shelf, built.desk, built.verifier.end, built.cipher, given=around
        )
        given = Surroundings(rules, built.standards, folder)
        create = batching.control.create_from_households
        yield Relief.over(built.desk, built.cipher, create, given), built


@pytest.fixture
async def desk(
    database_url: str, cipher: FieldCipher, clock: Clock
) -> AsyncIterator[RecipientDesk]:
    database = connect(database_url)
    yield RecipientDesk(
        database=database,
        recipients=Recipients(cipher),
        persons=RecipientPersons(cipher),
        lists=RecipientLists(),
        rules=Rules.load(),
        audit=AuditTrail(bytes(32), AuditEntries(), clock),
        now=clock,
        new_id=new_id,
    )
    await database.aclose()
