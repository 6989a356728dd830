"""Messages that are answered later: taken in and stored, then answered by a call to the sender.

What is acknowledged stands in the database; its answer is made once and stored with the mark that
it is made, in one transaction, and sent until it is accepted. A process that dies between any two
lines leaves it to the next one.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa
import structlog

from app.dci.callbacks import Waiting, callback_of
from app.dci.endpoints import later
from app.dci.received import Answer, Received
from app.dci.refusals import MessageRefused
from app.dci.replies import Replies
from app.dci.standing import Standing, content_of
from app.domain.errors import StorageUnavailable
from app.store.dci_sending import DciSending
from app.store.dci_tasks import Task, Tasks
from app.store.outbox import OF_REGISTRY, Notice, Outbox
from app.store.session import Database
from connectors.dci.codes import AckStatus, Action, Status

log = structlog.get_logger()
LEASE: Final = timedelta(seconds=60)
MOST_ATTEMPTS: Final = 8
_AT_ONCE: Final = 20
Make = Callable[[sa.Connection], Answer]


@dataclass(frozen=True, slots=True)
class Handling:
    """How messages of one action are answered.

    `check` looks at a message before it is acknowledged and raises `MessageRefused`, giving the
    reference ids of its items; `make` answers it: before the transaction that settles it, and
    within. `keeps`: the answer is kept, for it says what was done.
    """

    check: Callable[[Received], Awaitable[Sequence[str]]]
    make: Callable[[Received], Awaitable[Make]]
    refused: Callable[[Received, MessageRefused], Answer]
    keeps: bool = False


@dataclass(frozen=True, kw_only=True)
class Calls:
    """Puts what partners are called with into the outbox, in the transaction of its making."""

    outbox: Outbox
    sending: DciSending
    replies: Replies
    now: Callable[[], datetime]

    def put(
        self, tx: sa.Connection, received: Received, answer: Answer, to: tuple[str, str, str]
    ) -> None:
        """`to`: the call's id, its type's last part, and the address."""
        event_id, kind, uri = to
        header, message = self.replies.parts(received, answer, event_id)
        if answer.meta:
            header["meta"] = dict(answer.meta)
        waiting = Waiting(header, message, received.dialect)
        self.outbox.add(
            tx,
            Notice(
                event_id=event_id,
                type=f"{OF_REGISTRY}{kind}",
                region=received.look.region,
                client_id=received.look.actor,
                url=uri,
                body=waiting.dumped(),
                created_at=self.now(),
            ),
        )
        self.sending.holds(tx, event_id, answer.about, received.look.region)


def call_id(of: str) -> str:
    """Of the one call that answers something: a second answer to it is the same event."""
    return f"dc_{sha256(of.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, kw_only=True)
class Later:
    """Takes in, and answers what is due."""

    database: Database
    tasks: Tasks
    standing: Standing
    calls: Calls
    handlings: Mapping[Action, Handling]
    now: Callable[[], datetime]

    async def take(self, received: Received) -> dict[str, Any]:
        """Stored, then acknowledged. Raises `MessageRefused`: nothing is stored."""
        endpoint = received.endpoint
        references = await self.handlings[endpoint.action].check(received)
        uri = callback_of(endpoint, received.header, received.sender)
        task = Task(
            id=received.correlation_id,
            client_id=received.look.actor,
            region=received.look.region,
            action=endpoint.action.value,
            transaction=str(received.message["transaction_id"]),
            references=tuple(references),
            content=content_of(received, uri),
            created_at=received.at,
        )
        await self.database.write(lambda tx: self.tasks.add(tx, task))
        return self.calls.replies.acknowledged(AckStatus.ACK, received.correlation_id)

    async def answer_due(self) -> int:
        """Answers what is due; gives how much there was. One that fails keeps no other waiting."""
        now = self.now()
        if not await self.database.read(lambda tx: self.tasks.is_any_due(tx, now)):
            return 0
        due = await self.database.write(
            lambda tx: self.tasks.take_due(tx, now=now, limit=_AT_ONCE, lease=LEASE)
        )
        for task in due:
            try:
                await self._answer(task)
            except StorageUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - it is tried again when its lease ends
                log.error("registry_answer_failed", task=task.id, error=type(error).__name__)
                await self._give_up(task)
        return len(due)

    async def received(self, task: Task) -> Received | None:
        """The message of a task as if it came now."""
        endpoint = later(task.action)
        return await self.standing.received(endpoint, task.client_id, task.content, task.id)

    async def _answer(self, task: Task) -> None:
        try:
            received = await self.received(task)
        except MessageRefused as refused:  # no key for an answer in secret: perhaps later
            log.warning("registry_answer_waits", task=task.id, code=refused.code.value)
            await self._give_up(task)
            return
        if received is None:
            now = self.now()
            await self.database.write(lambda tx: self.tasks.settle(tx, task.id, now, state="dead"))
            return
        handling = self.handlings[received.endpoint.action]
        try:
            make = await handling.make(received)
        except MessageRefused as refused:
            make = _constant(handling.refused(received, refused))
        await self.database.write(lambda tx: self._settle(tx, task, received, make))

    def _settle(self, tx: sa.Connection, task: Task, received: Received, make: Make) -> None:
        now = self.now()
        if not self.tasks.settle(tx, task.id, now):
            return  # another process was faster, and its answer is the answer
        answer = make(tx)
        if self.handlings[received.endpoint.action].keeps:
            self.tasks.keep(tx, task.id, answer.message)
        reply = (received.endpoint.reply or Action.ON_SEARCH).value
        self.calls.put(tx, received, answer, (call_id(task.id), reply, task.content["uri"]))

    async def _give_up(self, task: Task) -> None:
        if task.attempts < MOST_ATTEMPTS:
            return
        now = self.now()
        log.error("registry_answer_given_up", task=task.id)
        await self.database.write(lambda tx: self.tasks.settle(tx, task.id, now, state="dead"))


def _constant(answer: Answer) -> Make:
    return lambda _: answer


def refusal(received: Received, refused: MessageRefused, **message: Any) -> Answer:
    """A message that was acknowledged is refused when it is answered."""
    return Answer(
        message={
            "transaction_id": received.message["transaction_id"],
            "correlation_id": received.correlation_id,
            **message,
        },
        status=Status.REJECTED,
        reason=refused.told,
        total=0,
        completed=0,
    )
