"""A source that speaks the DCI registry API: asked at once, or later with a call back.

Which records become which of ours is a mapping file over flat rows (`people`), so that a registry
is connected by configuration alone.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol

from connectors.binding import bind
from connectors.contract import (
    AskedPerson,
    Callback,
    CallbackRefused,
    Found,
    Outcome,
    Partial,
    Permit,
    Progress,
    SourceQuery,
    SourceReply,
    Ticket,
    Unknown,
)
from connectors.dci.asking import MOST_PAGES, Page, read_page
from connectors.dci.codes import Action
from connectors.dci.registry import Registry
from connectors.failure import Failure, FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.transport.asking import Asking, AtOnceSource

KIND: Final = "record"
"""The kind of record that a mapping file for DCI describes."""
Rows = Callable[[Mapping[str, Any]], Iterable[Mapping[str, object]]]


class Reads(Protocol):
    """What makes an outcome of a registry's records about a person."""

    def __call__(
        self, person: AskedPerson, records: Iterable[Mapping[str, Any]], gap: Failure | None
    ) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class ByMapping:
    """Records by a mapping file over rows: one record of ours a row."""

    mapping: FieldMap
    rows: Rows

    def __call__(
        self, person: AskedPerson, records: Iterable[Mapping[str, Any]], gap: Failure | None
    ) -> Outcome:
        found = [self.mapping.record(KIND, row) for each in records for row in self.rows(each)]
        return bind(person, found, gap)


@dataclass(frozen=True, slots=True)
class Certain:
    """An answer about somebody who was asked for by name and birth date is found where it is about
    one person alone; of several, whose they are is not known, and all of them stay to be judged."""

    reads: Reads

    def __call__(
        self, person: AskedPerson, records: Iterable[Mapping[str, Any]], gap: Failure | None
    ) -> Outcome:
        outcome = self.reads(person, records, gap)
        if person.has_number or not isinstance(outcome, Found):
            return outcome
        own = [one for one in outcome.records if not getattr(one, "in_household", False)]
        if len({subject.id_number for one in own for subject in one.subjects}) < 2:
            return outcome
        words = "several persons of this name and birth date"
        return Partial(outcome.records, Failure(FailureKind.MISMATCHED, words))


class DciSource(AtOnceSource):
    """A registry that answers at once (`/registry/sync/search`)."""

    def __init__(self, name: str, registry: Registry, reads: Reads) -> None:
        super().__init__(name, registry.wire, registry.gate.limits)
        self._registry = registry
        self._reads = Certain(reads)

    async def outcome(self, person: AskedPerson, query: SourceQuery, asking: Asking) -> Outcome:
        records: list[Mapping[str, Any]] = []
        reference = transaction_of(query, person)
        for number in range(1, MOST_PAGES + 1):
            try:
                page = await self._registry.page(asking, person, reference, number)
            except SourceError as error:
                if not records:
                    raise
                return self._reads(person, records, error.failure)
            records += page.records
            if not page.records or page.total is None or len(records) >= page.total:
                return self._reads(person, records, _missing(page, len(records)))
        gap = Failure(FailureKind.INCOMPLETE, f"more than {MOST_PAGES} pages")
        return self._reads(person, records, gap)


class DciLaterSource:
    """A registry that calls back (`/registry/search`, `on-search`), and can be asked how far it is.

    Ticket: nothing but the asking's reference, which is the search's transaction.
    """

    institutions: tuple[str, ...] = ("",)
    persons_a_query = 1
    answers_later = True

    def __init__(self, name: str, registry: Registry, reads: Reads) -> None:
        self.name = name
        self._registry = registry
        self._reads = Certain(reads)
        self._pause = timedelta(seconds=registry.party.poll_seconds)

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        """Hand the search in; its answer comes by a call, or is found when it is asked for."""
        person = query.persons[0]
        try:
            await self._registry.submit(person, transaction_of(query, person), permit)
        except SourceError as error:
            return _unknown(person, error.failure)
        return Progress(ticket=Ticket(query.reference, (person.ref,), self._pause))

    async def collect(self, ticket: Ticket, query: SourceQuery, permit: Permit) -> Progress:
        """Ask how far it is. A registry that does not know the address is only waited for."""
        person = query.persons[0]
        try:
            page, raw = await self._registry.status(transaction_of(query, person), permit)
        except SourceError as error:
            if error.failure.kind is FailureKind.MISMATCHED:
                return _unknown(person, error.failure)
            return Progress(ticket=ticket)
        if page is None:
            return Progress(ticket=ticket)
        return self._answered(person, page, raw)

    def reference_of(self, callback: Callback) -> str:
        """Which asking a call is about, once its signature held; by its content, not its type."""
        try:
            header, message = self._registry.read_callback(callback.body)
        except SourceError as error:
            raise CallbackRefused(f"the call is not believed: {error.failure.detail}") from None
        transaction = message.get("transaction_id") if isinstance(message, Mapping) else None
        if header.get("action") != Action.ON_SEARCH or not isinstance(transaction, str):
            raise CallbackRefused("the call is no answer to a search")
        return transaction

    def receive(self, callback: Callback, ticket: Ticket, query: SourceQuery) -> Progress:
        """The answer in a call."""
        person = query.persons[0]
        try:
            header, message = self._registry.read_callback(callback.body)
            page = read_page(header, message, transaction=query.reference, page=1)
        except SourceError as error:
            return _unknown(person, error.failure)
        if page is None:
            return Progress(ticket=ticket)
        return self._answered(person, page, callback.body)

    async def aclose(self) -> None:
        await self._registry.wire.aclose()

    def _answered(self, person: AskedPerson, page: Page, raw: bytes) -> Progress:
        try:
            outcome = self._reads(person, page.records, _missing(page, len(page.records)))
        except SourceError as error:
            outcome = Unknown(error.failure)
        return Progress((SourceReply(person=person.ref, outcome=outcome, raw=raw),))


def transaction_of(query: SourceQuery, person: AskedPerson) -> str:
    """The asking's own reference: a repeat is the same transaction."""
    return query.reference if len(query.persons) == 1 else f"{query.reference}-{person.ref}"


def _missing(page: Page, read: int) -> Failure | None:
    if page.total is not None and read < page.total:
        return Failure(FailureKind.INCOMPLETE, "the registry counts more records than it sent")
    return None


def _unknown(person: AskedPerson, failure: Failure) -> Progress:
    return Progress((SourceReply(person=person.ref, outcome=Unknown(failure)),))
