"""The consent gate for a file: who may be in it now, each intent on record before it leaves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import groupby

import sqlalchemy as sa

from app.batch.exchange.desk import ExchangeDesk, chunks
from app.domain.household import VerificationRequest
from app.domain.instants import china_day
from app.store.exchange_files import ExchangeFile
from app.store.exchange_persons import Placed
from app.store.verifications import StoredVerification
from app.verification.errands import asked
from app.verification.gate import Intent, refusal_of
from connectors.contract import AskedPerson
from connectors.contract_bulk import AnswersInBulk
from connectors.failure import Failure, FailureKind, NotPermitted

_NAMELESS = Failure(FailureKind.REJECTED, "no document or name that the request can carry")


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who may be in the file, by place; `withdrawals`: how many there were before the check.

    `day`: on which consents were checked, in China.
    """

    persons: Mapping[int, AskedPerson]
    withdrawals: int
    day: date


class Gate:
    """Checks a file's persons, some hundred a transaction; those refused are not asked about."""

    def __init__(self, exchange: ExchangeDesk) -> None:
        self._exchange = exchange

    async def admit(self, file: ExchangeFile) -> Admitted:
        """Everybody who may be asked about at this moment.

        A place once given stays, whoever is refused later: the file may have left with it.
        """
        exchange, database = self._exchange, self._exchange.desk.database
        county, day = file.lane.county, china_day(exchange.desk.now())
        withdrawals = exchange.desk.gate.withdrawals
        before = await database.read(lambda tx: withdrawals.count(tx, county))
        waiting = await database.read(lambda tx: exchange.persons.of_file(tx, file.id))
        last = max((one.place for one in waiting if one.place), default=0)
        admitted: dict[int, AskedPerson] = {}
        for some in chunks(waiting):
            here = _Chunk(file, some, await self._households(some))
            placed = await database.write(partial(self._admit, here=here, last=last))
            admitted |= {one.place: here.person(one) for one in placed if one.place}
            last = max([last, *admitted])
        return Admitted(dict(sorted(admitted.items())), before, day)

    async def _households(self, some: Sequence[Placed]) -> Mapping[str, StoredVerification]:
        ids = {one.verification_id for one in some}
        verifications = self._exchange.desk.verifications
        return await self._exchange.desk.database.read(lambda tx: verifications.get_many(tx, ids))

    def _admit(self, tx: sa.Connection, here: "_Chunk", last: int) -> Sequence[Placed]:
        exchange, lane = self._exchange, here.file.lane
        in_bulk = exchange.sources[lane.source]
        nameless = [one for one in here.waiting if not here.can_be_named(in_bulk, one)]
        named = [one for one in here.waiting if here.can_be_named(in_bulk, one)]
        exchange.unknown(tx, lane, nameless, _NAMELESS)
        exchange.persons.mark(tx, lane, nameless, "answered")
        refusals = self._enter(tx, here, named)
        refused = [one for one in named if one.key in refusals]
        self._refuse(tx, here, refused, refusals)
        admitted = [one for one in named if one.key not in refusals]
        placed = list(_placed(admitted, last))
        new = [one for one, before in zip(placed, admitted, strict=True) if before.place is None]
        exchange.persons.place(tx, lane, new)
        last = max([last, *(one.place or 0 for one in placed)])
        exchange.files.change(tx, here.file.id, persons=last)
        exchange.renew(tx, here.file)
        exchange.settle(tx, [*nameless, *refused])
        return placed

    def _enter(
        self, tx: sa.Connection, here: "_Chunk", named: Sequence[Placed]
    ) -> Mapping[tuple[str, str], NotPermitted]:
        """Puts the intents on record; gives why a person may not be asked about.

        One person's missing signature does not keep the others of the household out.
        """
        write = self._exchange.desk.intents.write
        whole = [here.intent(some) for some in _by_household(named)]
        alone = [
            replace(intent, refs=(ref,))
            for intent, why in zip(whole, write(tx, whole), strict=True)
            if why is not None
            for ref in intent.refs
        ]
        refused: dict[tuple[str, str], NotPermitted] = {}
        if alone:
            for intent, why in zip(alone, write(tx, alone), strict=True):
                if why is not None:
                    met = why if isinstance(why, NotPermitted) else NotPermitted(type(why).__name__)
                    refused[intent.verification.id, intent.refs[0]] = met
        return refused

    def _refuse(
        self,
        tx: sa.Connection,
        here: "_Chunk",
        refused: Sequence[Placed],
        reasons: Mapping[tuple[str, str], NotPermitted],
    ) -> None:
        """Not asked about, for the reason; unknown where other institutions were asked already."""
        if not refused:
            return
        exchange, lane = self._exchange, here.file.lane
        begun = self._begun(tx, here.file, refused)
        for one in refused:
            met = reasons[one.key]
            if one.key in begun:
                exchange.unknown(tx, lane, [one], met.failure)
                exchange.persons.mark(tx, lane, [one], "answered")
            else:
                where = (one.verification_id, lane.source)
                exchange.desk.tasks.refuse(tx, where, {one.person}, refusal_of(met))
                exchange.persons.refuse(tx, lane.source, [one])

    def _begun(
        self, tx: sa.Connection, file: ExchangeFile, some: Sequence[Placed]
    ) -> frozenset[tuple[str, str]]:
        """Those about whom the source was asked before, here or elsewhere."""
        desk, lane = self._exchange.desk, file.lane
        heads = desk.replies.heads_of_many(tx, {one.verification_id for one in some})
        replied = {
            (id_, head.person)
            for id_, its in heads.items()
            for head in its
            if head.source == lane.source
        }
        again = {one.key for one in some if one.tries > 1}
        return self._exchange.persons.asked_elsewhere(tx, lane, some) | replied | again


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Some of a file's persons, with their households."""

    file: ExchangeFile
    waiting: Sequence[Placed]
    households: Mapping[str, StoredVerification]

    def person(self, one: Placed) -> AskedPerson:
        return asked_person(self.households[one.verification_id].request, one.person)

    def can_be_named(self, in_bulk: AnswersInBulk, one: Placed) -> bool:
        return in_bulk.can_be_named(self.person(one))

    def intent(self, some: Sequence[Placed]) -> Intent:
        return Intent(
            verification=self.households[some[0].verification_id],
            source=self.file.lane.source,
            refs=tuple(one.person for one in some),
            reference=self.file.name,
        )


def asked_person(request: VerificationRequest, ref: str) -> AskedPerson:
    """A person of the household in the connectors' words."""
    return asked(next(one for one in request.household.persons if one.ref == ref))


def _placed(named: Sequence[Placed], last: int) -> Iterable[Placed]:
    """Each with a place: those without one come after the last that was given."""
    for one in named:
        if one.place is None:
            last += 1
            yield replace(one, place=last)
        else:
            yield one


def _by_household(some_of_file: Sequence[Placed]) -> Iterable[Sequence[Placed]]:
    for _, some in groupby(some_of_file, key=lambda one: one.verification_id):
        yield tuple(some)
