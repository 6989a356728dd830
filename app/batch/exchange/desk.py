"""What the exchange of files works with, and how it settles persons within a transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final, Protocol

import sqlalchemy as sa

from app.store.exchange_files import ExchangeFile, ExchangeFiles
from app.store.exchange_persons import ExchangePersons, Lane, Placed
from app.verification.answers import to_stored
from app.verification.errands import Desk
from connectors.contract import Source, SourceReply, Unknown
from connectors.contract_bulk import AnswersInBulk
from connectors.failure import Failure, FailureKind

CHUNK: Final = 500
"""Persons of one transaction: more would hold up a single verification's writes."""
LEASE: Final = timedelta(seconds=120)
"""Renewed with every chunk; after it another process goes on."""
LONGEST_PAUSE: Final = timedelta(minutes=15)
"""Between two looks at a file, or two tries to hand it over."""
TIMED_OUT: Final = Failure(FailureKind.TIMED_OUT, "no answer within the source's deadline")
NOT_CONNECTED: Final = Failure(FailureKind.REJECTED, "the source is not connected any more")


class Ready(Protocol):
    """Households that wait for their last answer."""

    def settle(self, tx: sa.Connection, verification_ids: Iterable[str]) -> None:
        """Those of whom nothing is outstanding any more can be concluded."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeDesk:
    """All that the exchange needs, built once.

    `gathering`: how long persons wait for others before a file is written that is not full;
    `readable`: how long after its deadline a late reply is still taken in.
    """

    desk: Desk
    persons: ExchangePersons
    files: ExchangeFiles
    ready: Ready
    gathering: timedelta = timedelta(seconds=60)
    readable: timedelta = timedelta(days=7)
    sources: Mapping[str, AnswersInBulk] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", bulk_sources(self.desk.sources))

    def unknown(
        self, tx: sa.Connection, lane: Lane, some: Sequence[Placed], failure: Failure
    ) -> None:
        """An unknown reply about each; what stands there already as an answer stays."""
        gap = Unknown(failure)
        now = self.desk.now()
        self.desk.replies.put(
            tx,
            [
                to_stored(
                    SourceReply(person=one.person, institution=lane.institution, outcome=gap),
                    where=(one.verification_id, one.region),
                    source=lane.source,
                    now=now,
                )
                for one in some
            ],
        )

    def settle(self, tx: sa.Connection, some: Iterable[Placed]) -> None:
        """These persons' answers are in, for better or worse."""
        self.ready.settle(tx, {one.verification_id for one in some})

    async def fail(self, file: ExchangeFile, failure: Failure, *, state: str = "answered") -> None:
        """All who still wait for the file's answer have an unknown one."""
        waiting = await self.desk.database.read(lambda tx: self.persons.of_file(tx, file.id))
        for some in chunks(waiting):
            work = partial(self._fail, file=file, some=some, how=(failure, state))
            await self.desk.database.write(work)

    def _fail(
        self,
        tx: sa.Connection,
        file: ExchangeFile,
        some: Sequence[Placed],
        how: tuple[Failure, str],
    ) -> None:
        self.unknown(tx, file.lane, some, how[0])
        self.persons.mark(tx, file.lane, some, how[1])
        self.settle(tx, some)
        self.renew(tx, file)

    async def close(self, file: ExchangeFile) -> None:
        """Nothing more of it is looked for."""
        await self.desk.database.write(lambda tx: self.files.close(tx, file.id, self.desk.now()))

    def renew(self, tx: sa.Connection, file: ExchangeFile) -> None:
        """The lease goes on: the work does."""
        self.files.change(tx, file.id, leased_until=self.desk.now() + LEASE)


def bulk_sources(sources: Mapping[str, Source]) -> Mapping[str, AnswersInBulk]:
    """Those that can be asked about many persons by one request."""
    found = {name: getattr(source, "in_bulk", None) for name, source in sources.items()}
    return {name: in_bulk for name, in_bulk in found.items() if in_bulk is not None}


def chunks(some: Sequence[Placed]) -> Iterable[Sequence[Placed]]:
    """In their order, `CHUNK` at a time."""
    return (some[start : start + CHUNK] for start in range(0, len(some), CHUNK))
