"""What became of messages that were taken in: a sender asks about its own, by ids that it knows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from app.dci.envelope import MOST_ID, id_of
from app.dci.later import Handling, Later, Make, refusal
from app.dci.received import Answer, Received
from app.dci.refusals import MessageRefused
from app.dci.searching_later import SearchingLater
from app.dci.subscribing import Subscribing
from app.store.dci_tasks import Named, Task, Tasks
from app.store.session import Database
from connectors.dci.codes import Action, ErrorCode, Status

_BY: Final[Mapping[str, Named]] = {
    "transaction_id": "transaction",
    "reference_id_list": "reference",
    "reference_id": "reference",
    "correlation_id": "correlation",
}
"""`reference_id` is how OpenSPP writes it."""
_TYPES: Final[Mapping[str, Action]] = {
    "search": Action.SEARCH,
    "subscribe": Action.SUBSCRIBE,
    "unsubscribe": Action.UNSUBSCRIBE,
    "on-search": Action.SEARCH,
    "on-subscribe": Action.SUBSCRIBE,
    "on-unsubscribe": Action.UNSUBSCRIBE,
}
"""Of the social registry and of the registry core."""
_RECEIPT: Final = "receipt"
_MOST_WORDS: Final = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """`kind`: empty where the sender left it out, as OpenSPP does."""

    kind: str
    by: Named
    words: tuple[str, ...]


def asked_of(message: Mapping[str, Any]) -> Asked:
    """Raises `MessageRefused`."""
    id_of(message, "transaction_id")
    given = message.get("txnstatus_request")
    if not isinstance(given, Mapping):
        raise _bad("message.txnstatus_request is missing")
    kind = given.get("txn_type") or ""
    if not isinstance(kind, str) or (kind and kind not in _TYPES and kind != _RECEIPT):
        raise _bad("txn_type is search, subscribe, unsubscribe or receipt")
    by, value = given.get("attribute_type"), given.get("attribute_value")
    if not isinstance(by, str) or by not in _BY:
        raise _bad("attribute_type is transaction_id, reference_id_list or correlation_id")
    several = value if isinstance(value, list) else [value]
    words = [one for one in several if isinstance(one, str) and 0 < len(one) <= MOST_ID]
    if len(words) != len(several) or not 1 <= len(words) <= _MOST_WORDS:
        raise _bad(f"attribute_value is an id, or a list of 1 to {_MOST_WORDS} of them")
    return Asked(kind, _BY[by], tuple(words))


def _bad(words: str) -> MessageRefused:
    return MessageRefused(ErrorCode.BAD, words)


@dataclass(frozen=True, kw_only=True)
class Statuses:
    """Answers `txn-status`. A search that was answered is made anew, with the rights of now: what
    was told is not kept. What was subscribed to is told as it was."""

    database: Database
    tasks: Tasks
    searching: SearchingLater
    subscribing: Subscribing
    later: Callable[[], Later]

    def handling(self) -> Handling:
        return Handling(check=self.check, make=self.make, refused=self.refused)

    async def check(self, received: Received) -> Sequence[str]:
        asked_of(received.message)
        return ()

    async def make(self, received: Received) -> Make:
        answer = await self.answer(received)

        def make(_: sa.Connection) -> Answer:
            return answer

        return make

    def refused(self, received: Received, why: MessageRefused) -> Answer:
        found = {"txn_type": Action.SEARCH.value, "txn_status": _nothing(received)}
        return refusal(received, why, txnstatus_response=found)

    async def answer(self, received: Received) -> Answer:
        """Raises `MessageRefused`, `StorageUnavailable`."""
        asked = asked_of(received.message)
        client_id = received.look.actor
        found = await self.database.read(
            lambda tx: self.tasks.find(tx, client_id, asked.by, asked.words)
        )
        wanted = _TYPES.get(asked.kind)
        fitting = [one for one in found if _fits(one, wanted) and asked.kind != _RECEIPT]
        if not fitting:
            return self._unknown(received, asked)
        task = fitting[-1]
        told, about = await self._status(task, asked, received)
        kind = asked.kind or task.action
        response = {"txn_type": kind, "txn_status": {"search_response": [], **told}}
        return Answer(message=_message(received, response), about=about)

    def _unknown(self, received: Received, asked: Asked) -> Answer:
        """Another's is answered like one that never was; receipts are not kept here."""
        status = _nothing(received)
        if asked.kind == _RECEIPT:
            transaction = received.message["transaction_id"]
            status = {"transaction_id": transaction, "receipt_information": {"beneficiaries": []}}
        response = {"txn_type": asked.kind or Action.SEARCH.value, "txn_status": status}
        return Answer(
            message=_message(received, response),
            status=Status.REJECTED,
            reason="no such transaction of this sender",
        )

    async def _status(
        self, task: Task, asked: Asked, received: Received
    ) -> tuple[Mapping[str, Any], frozenset[str]]:
        """The answer's message, or as much of it as there is; and whose records it has."""
        if task.answer is not None:
            return task.answer, frozenset()
        again = await self.later().received(task)
        if again is None:
            return _head(task), frozenset()
        match Action(task.action):
            case Action.SEARCH if task.state == "answered":
                answer = await self.searching.searching.answer(again)
                message = dict(answer.message)
                items = message["search_response"]
                if asked.by == "reference":
                    items = [one for one in items if one["reference_id"] in asked.words]
                return {**message, "search_response": items}, answer.about
            case Action.SEARCH:
                status = Status.PENDING if task.state == "waiting" else Status.REJECTED
                items = self.searching.items(again, status)
                return {**_head(task), "search_response": items}, frozenset()
            case Action.SUBSCRIBE:
                items = self.subscribing.pending(again)
                return {**_head(task), "subscribe_response": items}, frozenset()
            case _:
                pending = {"timestamp": task.created_at.isoformat(), "status": "pdng"}
                return {**_head(task), **pending}, frozenset()


def _fits(task: Task, wanted: Action | None) -> bool:
    if wanted is None:
        return task.action != Action.TXN_STATUS
    return task.action == wanted.value


def _head(task: Task) -> dict[str, Any]:
    transaction = task.content["message"]["transaction_id"]
    return {"transaction_id": transaction, "correlation_id": task.id}


def _nothing(received: Received) -> dict[str, Any]:
    return {
        "transaction_id": received.message["transaction_id"],
        "correlation_id": received.correlation_id,
        "search_response": [],
    }


def _message(received: Received, response: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "transaction_id": received.message["transaction_id"],
        "correlation_id": received.correlation_id,
        "txnstatus_response": response,
    }
