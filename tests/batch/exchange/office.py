"""The exchange over a real database and given sources, with households to ask about."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa

from app.audit.chain import AuditTrail
from app.batch.exchange.desk import ExchangeDesk
from app.batch.exchange.exchange import Exchange
from app.domain.household import (
    Consent,
    Declared,
    Household,
    IdType,
    Member,
    Purpose,
    Relationship,
    VerificationRequest,
)
from app.programmes.needs import Needs
from app.store.askings import Askings
from app.store.audit_entries import AuditEntries
from app.store.crypto import FieldCipher
from app.store.evidence import Replies, StoredReply
from app.store.exchange_files import ExchangeFiles
from app.store.exchange_persons import ExchangePersons
from app.store.judgements import Judgements
from app.store.manual_tasks import ManualTasks
from app.store.session import Database
from app.store.settlements import StoredSettlements
from app.store.tables import asking, audit_entry, reply, verification
from app.store.tables_batch import exchange_file, exchange_person
from app.store.tasks import Tasks
from app.store.tickets import Tickets
from app.store.verifications import StoredVerification, Verifications
from app.store.withdrawals import Withdrawals
from app.verification.clockwork import Clockwork
from app.verification.elsewhere import Connected
from app.verification.errands import Desk, Patience
from app.verification.gate import ConsentGate
from app.verification.intake import Admission, Intake
from app.verification.intents import Intents
from app.verification.persist import Shelf
from app.verification.plan import plan
from app.verification.supplement import Supplements
from app.wiring import new_id
from connectors.bank.client import BankSource
from connectors.contract import AskedPerson, Source
from connectors.contract import IdType as AskedIdType
from connectors.transport.limits import Gate, Limits
from tests.connectors.bank.builders import account, nothing, reply_file
from tests.connectors.sftp_server import SftpServer, sftp_server
from tests.service_parts import Clock, number

COUNTY = "220102"
BATCH = "ba_1"
LIMITS = Limits(concurrency=1, timeout=10.0, tries=1, max_bytes=64 * 1024 * 1024)


@dataclass
class Asked:
    """Who was settled, begun and renewed."""

    settled: Counter[str] = field(default_factory=Counter)
    begun: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)

    def settle(self, tx: sa.Connection, verification_ids: Iterable[str]) -> None:
        self.settled.update(verification_ids)

    async def begin(self, verification_id: str) -> None:
        self.begun.append(verification_id)

    async def renew(self, verification_id: str) -> None:
        self.renewed.append(verification_id)


@dataclass
class Office:
    """The exchange with all that it stands on."""

    database: Database
    desk: Desk
    shelf: Shelf
    exchange: Exchange
    clock: Clock
    asked: Asked

    async def enlist(self, households: int, *, source: str = "bank", **how: Any) -> list[str]:
        """Verifications of households of two, all persons of which are to be asked about."""
        new = [a_verification(place, **how) for place in range(1, households + 1)]

        def work(tx: sa.Connection) -> None:
            for one in new:
                self.desk.verifications.add(tx, one)
                self.desk.tasks.add(
                    tx,
                    one.id,
                    one.request.region,
                    plan(one.request, self.desk.sources, self.desk.gate.needs),
                )
                refs = [person.ref for person in one.request.household.persons]
                self.exchange.enlist(tx, one, {(source, None): refs})

        await self.database.write(work)
        return [one.id for one in new]

    async def all(self, query: "sa.Select[Any]") -> list[Any]:
        return list(await self.database.read(lambda tx: tx.execute(query).all()))

    async def replies(self) -> dict[tuple[str, str, str], StoredReply]:
        """Stored replies by verification, person and institution."""
        ids = [row.id for row in await self.all(sa.select(verification.c.id))]
        found = await self.database.read(
            lambda tx: [one for id_ in ids for one in self.desk.replies.all_of(tx, id_)]
        )
        return {(one.verification_id, one.person, one.institution): one for one in found}

    async def states(self) -> Counter[str]:
        """How many replies there are in each state."""
        rows = await self.all(sa.select(reply.c.state))
        return Counter(row.state for row in rows)

    async def persons(self) -> Counter[str]:
        rows = await self.all(sa.select(exchange_person.c.state))
        return Counter(row.state for row in rows)

    async def files(self) -> list[Any]:
        return await self.all(sa.select(exchange_file).order_by(exchange_file.c.name))

    async def asked_about(self) -> Counter[tuple[str, str]]:
        """How often it is on record that a person was about to be asked about."""
        rows = await self.all(sa.select(asking.c.verification_id, asking.c.persons))
        return Counter((row.verification_id, ref) for row in rows for ref in row.persons.split(","))

    async def audited(self, action: str) -> int:
        query = sa.select(sa.func.count()).where(audit_entry.c.action == action)
        return int((await self.all(query))[0][0])

    async def set_status(self, id_: str, status: str) -> None:
        await self.database.write(
            lambda tx: tx.execute(
                verification.update().where(verification.c.id == id_).values(status=status)
            )
        )

    async def withdraw(self, reference: str) -> None:
        await self.database.write(
            lambda tx: self.desk.askings.withdraw(
                tx, region=COUNTY, reference=reference, client_id="cl_1", now=self.clock()
            )
        )

    async def write(self) -> int:
        """Past the gathering time."""
        self.clock.forward(seconds=61)
        return await self.exchange.write_due()

    async def read(self, **by: float) -> int:
        """After so much time (16 minutes are longer than any pause)."""
        self.clock.forward(**(by or {"minutes": 16}))
        return await self.exchange.read_due()


def an_office(
    database: Database,
    sources: Mapping[str, Any],
    *,
    tries: int = 2,
    days: int = 1,
    window: str | None = None,
) -> Office:
    """Over the database; times go by the office's own clock."""
    cipher, clock, asked = FieldCipher(bytes(range(32))), Clock(), Asked()
    clockwork = Clockwork(clock, new_id)
    verifications, tasks, replies = Verifications(cipher), Tasks(), Replies(cipher)
    tickets, askings = Tickets(cipher), Askings()
    audit = AuditTrail(b"k" * 32, AuditEntries(), clock)
    patience = Patience(deadline=timedelta(days=days), tries=tries, window=window)
    gate = ConsentGate(verifications, Withdrawals(cipher), Needs.load())
    admission = Admission(gate, audit, clockwork)
    manual = ManualTasks(cipher)
    desk = Desk(
        database=database,
        sources=Connected(cast("Mapping[str, Source]", sources)),
        patience=dict.fromkeys(sources, patience),
        verifications=verifications,
        askings=askings,
        tasks=tasks,
        replies=replies,
        tickets=tickets,
        gate=gate,
        intents=Intents(database, gate, tasks, audit, clockwork),
        intake=Intake(database, (replies, tickets, manual), admission),
        manual=manual,
        by_hand_deadline=timedelta(days=10),
        audit=audit,
        now=clock,
        new_id=new_id,
    )
    given: dict[str, Any] = dict.fromkeys(Shelf.__dataclass_fields__)
    given |= {"database": database, "verifications": verifications, "tasks": tasks}
    given |= {"replies": replies, "tickets": tickets, "judgements": Judgements(cipher)}
    given |= {"settlements": StoredSettlements(cipher)}
    shelf = Shelf(**given)
    exchange = Exchange(
        ExchangeDesk(
            desk=desk, persons=ExchangePersons(), files=ExchangeFiles(cipher), ready=asked
        ),
        Supplements(shelf, audit, clockwork),
        asked,
    )
    return Office(database, desk, shelf, exchange, clock, asked)


def id_number(place: int) -> str:
    """Of a made-up person."""
    day = date(1950, 1, 1) + timedelta(days=place % 15_000)
    return number(f"229901{day:%Y%m%d}{place // 15_000 * 2 + 1:03d}")


def a_name(place: int) -> str:
    """Of a made-up person; nobody has the same."""
    return f"李{chr(0x4E00 + place % 4000)}{chr(0x4E00 + place // 4000)}"


def a_verification(
    place: int,
    *,
    id_type: IdType = IdType.RESIDENT_ID,
    signatories: tuple[str, ...] = ("m1", "m2"),
    status: str = "querying",
    region: str = f"{COUNTY}003",
) -> StoredVerification:
    """Of household number `place`: persons number 2 × place - 1 and 2 × place."""
    members = tuple(
        Member(
            ref=ref,
            name=a_name(2 * place + of - 2),
            id_type=id_type,
            id_number="" if id_type is IdType.NONE else id_number(2 * place + of - 2),
            relationship=relationship,
        )
        for of, (ref, relationship) in enumerate(
            (("m1", Relationship.HEAD), ("m2", Relationship.SPOUSE))
        )
    )
    request = VerificationRequest(
        case_reference=f"{COUNTY}-2026-{place:06d}",
        region=region,
        purpose=Purpose.REVERIFICATION,
        as_of=date(2026, 11, 24),
        programmes=("urban_dibao",),
        consent=Consent(
            reference=f"SQ-{place:06d}",
            signed_on=None,
            valid_until=date(2027, 11, 19),
            document_sha256=None,
            signatories=signatories,
        ),
        household=Household(address=None, members=members),
        declared=Declared(),
    )
    now = Clock()()
    return StoredVerification(
        id=f"vf_{place:08d}",
        client_id="cl_1",
        status=status,
        request=request,
        requested_at=now,
        changed_at=now,
        final_at=None,
        recheck_of=None,
        batch_id=BATCH,
    )


@dataclass
class Banks:
    """Banks' folders on a real server, and the source that asks them."""

    source: BankSource
    server: SftpServer
    root: Path

    def waiting(self, bank: str = "icbc") -> list[str]:
        """Request files that no bank has taken."""
        return sorted(path.name for path in (self.root / bank / "in").glob("*.txt"))

    def lines(self, name: str, bank: str = "icbc") -> list[list[str]]:
        """The persons of a request file."""
        text = (self.root / bank / "in" / name).read_bytes().decode("gb18030")
        return [line.split("|") for line in text.splitlines()[1:-1]]


@asynccontextmanager
async def banks(root: Path, *names: str, persons: int | None = None) -> AsyncIterator[Banks]:
    """Empty folders; `persons`: how many a file may hold, where it is fewer."""
    for name in names:
        for folder in ("in", "out"):
            (root / name / folder).mkdir(parents=True)
    async with sftp_server(root) as server:
        config = server.config(banks=list(names), poll_seconds=1)
        source = BankSource.from_config("bank", config, Gate("bank", LIMITS))
        if persons is not None:
            source.in_bulk = replaced(source.in_bulk, persons_a_request=persons)
        try:
            yield Banks(source, server, root)
        finally:
            await source.aclose()


def replaced(one: Any, **changes: Any) -> Any:
    """The same with other values (its class is a frozen dataclass)."""
    values = {name: getattr(one, name) for name in one.__dataclass_fields__}
    return type(one)(**{**values, **changes})


def reply_lines(lines: Sequence[Sequence[str]]) -> list[str]:
    """An account for every third person, nothing for the others."""
    told = []
    for sequence, name, _kind, id_no in lines:
        person = AskedPerson(sequence, name, AskedIdType.RESIDENT_ID, id_no)
        place = int(sequence)
        told.append(account(place, person) if place % 3 == 0 else nothing(place))
    return told


def parts_of(name: str, lines: Sequence[str], of: int) -> dict[int, tuple[str, bytes]]:
    """The reply in so many parts: file names and bytes by part."""
    tail = name.removesuffix(".txt").removeprefix("HDREQ_")
    parts = {}
    for part in range(1, of + 1):
        share = lines[(part - 1) * len(lines) // of : part * len(lines) // of]
        file = f"HDRSP_{tail}_{part}of{of}.txt"
        parts[part] = (file, reply_file(file, share))
    return parts


def answer(there: Banks, name: str, *, of: int = 1, but: Sequence[int] = ()) -> None:
    """The bank's whole reply to a request, but for some parts."""
    for part, (file, body) in parts_of(name, reply_lines(there.lines(name)), of).items():
        if part not in but:
            there.server.put(f"icbc/out/{file}", body)
