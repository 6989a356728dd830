"""Many conclusions in one transaction leave what they leave one after another."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.audit.chain import AuditTrail
from app.audit.verify import verify
from app.domain.evidence import SourceState, SourceStatus
from app.report.build import Issuer, Seal
from app.report.signing import ReportKeys
from app.store.audit_entries import AuditEntries
from app.store.batch_households import BatchHouseholds
from app.store.batch_units import BatchUnits
from app.store.crypto import FieldCipher
from app.store.evidence import Replies
from app.store.judgements import Judgements
from app.store.manual_tasks import ManualTasks
from app.store.outbox import Outbox
from app.store.reports import Reports
from app.store.results import Results
from app.store.review_items import ReviewItems
from app.store.schema import metadata
from app.store.session import Database, connect
from app.store.settlements import StoredSettlements
from app.store.tasks import Tasks
from app.store.tickets import Tickets
from app.store.verifications import StoredVerification, Verifications
from app.store.withdrawals import Withdrawals
from app.verification.conclude import Case, conclude
from app.verification.facts import FactWriter
from app.verification.persist import Keeper, Keeping, Shelf, basis_of
from tests.builders import a_member, a_request
from tests.concluding import knowledge, told
from tests.new_databases import brought_up
from tests.records import a_registered_person, a_tax_entry, an_account, subject
from tests.service_parts import NOON, Clock

KEY = bytes(range(32))
LEFT = (
    "verification",
    "source_task",
    "result",
    "decision",
    "decision_fact",
    "evidence",
    "review_item",
    "outbox",
    "report",
    "case_count",
    "source_count",
    "finding_count",
    "term_count",
    "money_count",
)
RANDOM = ("code_hash", "created_at", "next_at")


class Kept:
    """A store with verifications that are asked about, and what keeps their conclusions."""

    def __init__(self, database: Database) -> None:
        cipher = FieldCipher(KEY)
        verifications = Verifications(cipher)
        self.shelf = Shelf(
            database=database,
            verifications=verifications,
            tasks=Tasks(),
            replies=Replies(cipher),
            tickets=Tickets(cipher),
            manual=ManualTasks(cipher),
            judgements=Judgements(cipher),
            review_items=ReviewItems(),
            results=Results(cipher),
            facts=FactWriter.over(cipher, verifications.household_index),
            outbox=Outbox(cipher),
            settlements=StoredSettlements(cipher),
            batch_units=BatchUnits(),
            batch_households=BatchHouseholds(cipher),
        )
        clock = Clock()
        seal = Seal(ReportKeys.of(KEY))
        issuer = Issuer(Reports(cipher), Withdrawals(cipher), now=clock, seal=seal)
        self.keeper = Keeper(
            self.shelf,
            AuditTrail(KEY, AuditEntries(), clock),
            on_final=issuer.issue,
            now=clock,
            model=knowledge().model,
        )

    async def begun(self, cases: Sequence[Case]) -> list[Keeping]:
        def work(tx: sa.Connection) -> list[Keeping]:
            return [self._begun(tx, case) for case in cases]

        return await self.shelf.database.write(work)

    def _begun(self, tx: sa.Connection, case: Case) -> Keeping:
        verification = StoredVerification(
            id=case.id,
            client_id="cl_1",
            status="querying",
            request=case.request,
            requested_at=NOON,
            changed_at=NOON,
            final_at=None,
            recheck_of=None,
        )
        self.shelf.verifications.add(tx, verification)
        asked = [_pending(one) for one in case.statuses]
        self.shelf.tasks.add(tx, case.id, case.request.region, asked)
        basis = basis_of(self.shelf, tx, case.id)
        return Keeping(verification, case, basis, conclude(case, knowledge()))

    async def keep(self, *items: Keeping) -> frozenset[str]:
        return await self.shelf.database.write(lambda tx: self.keeper.keep_many(tx, items))

    async def left(self) -> dict[str, list[dict[str, Any]]]:
        """All rows, without what is sealed or made up by chance."""

        def work(tx: sa.Connection) -> dict[str, list[dict[str, Any]]]:
            return {name: _rows(tx, metadata.tables[name]) for name in LEFT}

        return await self.shelf.database.read(work)


def _pending(status: SourceStatus) -> SourceStatus:
    if status.state is SourceState.NOT_ASKED:
        return status
    return SourceStatus(
        source=status.source, person=status.person, state=SourceState.PENDING, complete=False
    )


def _rows(tx: sa.Connection, table: sa.Table) -> list[dict[str, Any]]:
    shown = [
        column
        for column in table.c
        if not column.name.startswith("sealed_") and column.name not in RANDOM
    ]
    rows = tx.execute(sa.select(*shown).order_by(*table.primary_key.columns)).mappings()
    return [dict(row) for row in rows]


def cases() -> list[Case]:
    """One household three times, confirmed, refused, and in doubt; once more, still open."""
    rich = told(an_account("900000.00"), request=a_request(callback_url="https://case.test/n"))
    doubtful = told(
        replace(a_tax_entry("1000.00"), subjects=(subject("m1", id_number=None),)),
        request=a_request(a_member("m1", name="李眀")),
        registered={"m1": (a_registered_person("m1"),)},
    )
    waiting = told(an_account("5.00")).case()
    first, *others = waiting.statuses
    pending = replace(first, state=SourceState.PENDING, complete=False)
    made = [
        told(an_account("500.00")).case(),
        rich.case(),
        doubtful.case(),
        replace(waiting, statuses=(pending, *others)),
    ]
    return [replace(case, id=f"vf_{number}") for number, case in enumerate(made)]


@pytest.fixture
async def kept(database_url: str) -> AsyncIterator[Kept]:
    database = connect(database_url)
    yield Kept(database)
    await database.aclose()


@pytest.fixture
async def one_by_one(tmp_path: Path) -> AsyncIterator[Kept]:
    url = f"sqlite:///{tmp_path / 'singly.sqlite3'}"
    brought_up(url)
    database = connect(url)
    yield Kept(database)
    await database.aclose()


async def test_at_once_as_one_after_another(kept: Kept, one_by_one: Kept) -> None:
    assert await kept.keep(*await kept.begun(cases())) == frozenset()
    for item in await one_by_one.begun(cases()):
        assert await one_by_one.keep(item) == frozenset()
    left = await kept.left()
    assert left == await one_by_one.left()
    statuses = {row["id"]: row["status"] for row in left["verification"]}
    assert statuses["vf_0"] == statuses["vf_1"] == "final"
    assert statuses["vf_3"] == "partial"
    current = {row["verification_id"] for row in left["decision_fact"] if row["current"]}
    assert current == {"vf_2"}  # of one household each but the last was of before


async def test_kept_again_nothing_changes(kept: Kept) -> None:
    items = await kept.begun(cases())
    await kept.keep(*items)
    before = await kept.left()
    open_ones = [one for one in items if one.case.id == "vf_3"]
    now = await kept.shelf.database.read(lambda tx: basis_of(kept.shelf, tx, "vf_3"))
    assert await kept.keep(*(replace(one, basis=now) for one in open_ones)) == frozenset()
    assert await kept.left() == before


async def test_stale_and_closed_ones_are_left_alone(kept: Kept) -> None:
    items = await kept.begun(cases())
    stale = replace(items[1], basis=replace(items[1].basis, waiting=frozenset({"rf_1"})))
    await kept.shelf.database.write(
        lambda tx: kept.keeper.enter(tx, items[0].verification, "cancelled")
    )
    assert await kept.keep(items[0], stale, *items[2:]) == {"vf_1"}
    left = await kept.left()
    assert {row["verification_id"] for row in left["result"]} == {"vf_2", "vf_3"}
    statuses = {row["id"]: row["status"] for row in left["verification"]}
    assert (statuses["vf_0"], statuses["vf_1"]) == ("cancelled", "querying")


async def test_all_are_in_the_audit_trail(kept: Kept) -> None:
    await kept.keep(*await kept.begun(cases()))
    rows = await kept.shelf.database.read(lambda tx: list(AuditEntries().all(tx)))
    assert verify(rows, KEY).broken_at is None
    assert [row.object for row in rows] == ["vf_0", "vf_1", "vf_2", "vf_3"]
