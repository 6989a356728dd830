"""The one small contract between the service and a source.

A connector turns a `SourceQuery` into `SourceReply`s. Sources that answer at once give all replies
from `ask`; slower ones give a `Ticket`, with which `collect` (a poll) or `receive` (a callback)
gets the rest, minutes or days later and perhaps after a restart: a ticket holds all it needs.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Protocol, TypeAlias

from connectors.failure import Failure
from connectors.records import AnyRecord

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"


class IdType(StrEnum):
    """Kind of identity document 证件类型 (design of the interface: `id_type`)."""

    RESIDENT_ID = "resident_id"
    PASSPORT = "passport"
    HK_MACAU_PERMIT = "hk_macau_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class AskedPerson:
    """A person asked about; `ref` is opaque to the connector and unique within the query.

    `birth_date`: as the application has it; None: it does not say.
    """

    ref: str
    name: str = field(repr=False)
    id_type: IdType
    id_number: str = field(repr=False)
    birth_date: date | None = field(default=None, repr=False)

    @property
    def has_number(self) -> bool:
        """Of a document, by which a register finds nobody else."""
        return self.id_type is not IdType.NONE and bool(self.id_number)


@dataclass(frozen=True, slots=True)
class Months:
    """Whole calendar months, first and last included."""

    first: date  # first day of the first month
    last: date  # last day of the last month


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """On what a question to another centre 异地协查 rests; that centre judges it by its own rules.

    `case` groups the questions of one household and tells nothing of it; `region`: whose case it
    is; `guardian`: who signed where the person did not; `scope`: what the consent 授权 is limited
    to, by `sources`, `programmes`, `purposes` and `data_from`.
    """

    case: str
    region: str
    registered_region: str
    purpose: str
    programmes: tuple[str, ...]
    consent: str
    signed_on: date | None
    valid_until: date
    document_sha256: str | None
    guardian: str | None = field(repr=False)
    scope: Mapping[str, "Json"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceQuery:
    """What is asked of one source: who, over which months, as of which day.

    `reference` is unique and stable for this asking (a repeat of the same asking carries the same);
    `sequence` is unique per source, region and `sent_on` (file names have room for four digits);
    `institutions` limits the asking to some of the source's institutions (None: all); `mandate` is
    there where another centre is asked.
    """

    reference: str
    sequence: int
    region: str
    persons: tuple[AskedPerson, ...]
    window: Months
    as_of: date
    sent_on: date
    institutions: tuple[str, ...] | None = None
    mandate: Mandate | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The source holds these records (at least one) and searched all it has."""

    records: tuple[AnyRecord, ...]


@dataclass(frozen=True, slots=True)
class NoRecord:
    """The source answered: it holds nothing. The only state that may be read as nothing."""


@dataclass(frozen=True, slots=True)
class Partial:
    """The source answered for part of what it covers; the rest is unknown for `gap`'s reason."""

    records: tuple[AnyRecord, ...]
    gap: Failure


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer; nothing may be concluded from it."""

    gap: Failure


Outcome: TypeAlias = Found | NoRecord | Partial | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReply:
    """What one source (one institution of it) says about one person.

    `raw` is the person's part of the reply as it came, kept (encrypted) so that it can be parsed
    again; `as_of` is the date of the data where the source tells it; `by_hand`: clerks typed it.
    """

    person: str
    outcome: Outcome
    institution: str = ""
    as_of: date | None = None
    raw: bytes = field(default=b"", repr=False)
    by_hand: bool = False

    @property
    def raw_digest(self) -> str:
        return f"sha256:{sha256(self.raw).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What is needed to get outstanding replies: no person's data in plain, only opaque refs.

    Parts that came early may travel in `payload` sealed by the connector.
    """

    reference: str
    persons: tuple[str, ...]
    pause: timedelta
    payload: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskAgain:
    """A damaged or failed part: this person is to be asked about again by a new asking."""

    person: str
    institution: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class Progress:
    """What has come so far: replies, a ticket for what is outstanding, and what to ask again."""

    replies: tuple[SourceReply, ...] = ()
    ticket: Ticket | None = None
    again: tuple[AskAgain, ...] = ()


Permit: TypeAlias = Callable[[], Awaitable[None]]
"""Awaited before every sending, repeats included: checks consent for every person of the query and
stores the intent. Raises `NotPermitted`, and then nothing may leave."""


@dataclass(frozen=True, slots=True)
class Callback:
    """A call that a source makes to us: header names in lower case, the body as it came."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    received_at: float  # seconds since 1970, from the service's clock


class Source(Protocol):
    """A connected source. `name` is its key in the configuration (`tax`, `bank`, …)."""

    name: str
    institutions: tuple[str, ...]  # ("",) where the source is one body
    persons_a_query: int  # how many persons one query may hold
    answers_later: bool  # replies come by ticket

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        """Ask; failures come back as `Unknown` or `Partial` replies, never as exceptions.

        Raises only `NotPermitted` (from `permit`).
        """
        ...

    async def collect(self, ticket: Ticket, query: SourceQuery, permit: Permit) -> Progress:
        """Look for outstanding replies of an earlier asking."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


class ReceivesCallbacks(Protocol):
    """A source that calls us."""

    def reference_of(self, callback: Callback) -> str:
        """Check signature and time, give the asking's reference.

        Raises `CallbackRefused`; nothing of the body may be used before this returned.
        """
        ...

    def receive(self, callback: Callback, ticket: Ticket, query: SourceQuery) -> Progress:
        """Read the callback's replies for the asking that it names."""
        ...


class CallbackRefused(Exception):  # noqa: N818 - a refusal, not a fault of ours
    """A callback's signature is wrong or its timestamp too old (answered with 401)."""
