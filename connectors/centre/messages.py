"""What centres say to each other 异地协查: one question, one answer, each with a version (pure)."""

from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Final, Literal, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.contract import Mandate, SourceQuery
from connectors.failure import FailureKind, SourceError
from connectors.records import AnyRecord
from connectors.transport.documents import read_json

VERSION: Final = 1
PATH: Final = "/v1/assistance"
KEYS_PATH: Final = "/v1/assistance/keys"
TAG: Final = "hedui-assistance"
ASKING: Final = ("@method", "@path", "content-digest")
"""What the signature of a question or a look for its answer covers. Not the host: a centre may be
reached under another name than it knows; the question names the region that is asked."""
ANSWERING: Final = ("@status", "content-digest")

Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Digits = Annotated[str, Field(pattern=r"^[0-9]{2,12}$")]
Place = Annotated[str, Field(pattern=r"^[0-9]{4,12}$")]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Reason(StrEnum):
    """Why a centre gives no whole answer, where no source's failure says it."""

    NOT_RESPONSIBLE = "not_responsible"  # another centre, or none, answers for that region
    NOT_CONNECTED = "not_connected"  # that source is not asked there, or by hand alone
    NO_CONSENT = "no_consent"  # by its own rules: expired, withdrawn, not signed, not covered
    NOT_NEEDED = "not_needed"  # no programme of the question rests on the source there


class State(StrEnum):
    """What a centre says of one person and one source."""

    FOUND = "found"
    NO_RECORD = "no_record"
    PARTIAL = "partial"
    UNKNOWN = "unknown"
    PENDING = "pending"


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


M = TypeVar("M", bound=_Message)


class PersonAsked(_Message):
    """Whom the question is about; `registered_region`: 户籍地, at least of a city."""

    name: Text = Field(repr=False)
    id_type: Literal["resident_id", "passport", "hk_macau_permit", "taiwan_permit", "none"]
    id_number: Annotated[str, Field(max_length=40, pattern=r"^[\x20-\x7e]*$")] = Field(repr=False)
    registered_region: Place


class ScopeTold(_Message):
    """What the consent is limited to; None: no limit."""

    sources: tuple[Word, ...] | None = None
    programmes: tuple[Word, ...] | None = None
    purposes: tuple[Word, ...] | None = None
    data_from: date | None = None


class ConsentTold(_Message):
    """The consent 授权 that the question rests on; `guardian`: who signed for the person."""

    reference: Text
    signed_on: date | None
    valid_until: date
    document_sha256: Hex | None
    guardian: Text | None = Field(repr=False)
    scope: ScopeTold = ScopeTold()


class Question(_Message):
    """One person, one source. The same asking gives the same bytes, however often it is sent."""

    version: Literal[1] = VERSION
    request_id: Hex
    case: Hex
    to: Digits
    asked_from: Place
    hops: Literal[1] = 1
    source: Word
    person: PersonAsked
    purpose: Word
    programmes: Annotated[tuple[Word, ...], Field(min_length=1, max_length=30)]
    first_day: date
    last_day: date
    as_of: date
    consent: ConsentTold

    def to_bytes(self) -> bytes:
        return orjson.dumps(self.model_dump(mode="json"))


class Answer(_Message):
    """What is said of a question. `nonce` and `question` bind it to the very message it answers.

    `source_digest` is that of the source's own reply, which stays there.
    """

    version: Literal[1] = VERSION
    id: Annotated[str, Field(max_length=40, pattern=r"^as_[0-9A-Z]{26}$")]
    request_id: Hex
    nonce: Annotated[str, Field(min_length=16, max_length=100)]
    question: str = Field(max_length=100)
    source: Word
    state: State
    records: tuple[AnyRecord, ...] = Field(default=(), repr=False)
    failure: FailureKind | None = None
    reason: Reason | None = None
    as_of: date | None = None
    source_digest: str | None = Field(default=None, max_length=80)
    answered_at: datetime | None = None

    def to_bytes(self) -> bytes:
        return self.model_dump_json().encode()


def question_of(source: str, to: str, query: SourceQuery) -> Question:
    """Of a query about one person that has a mandate; raises ValueError where it cannot be put."""
    (person,), mandate = query.persons, query.mandate
    if mandate is None:
        raise ValueError("a question to another centre has a mandate")
    return Question(
        request_id=_opaque(mandate.case, person.ref, source, to),
        case=mandate.case,
        to=to,
        asked_from=mandate.region[:6],
        source=source,
        person=PersonAsked(
            name=person.name,
            id_type=person.id_type.value,
            id_number=person.id_number,
            registered_region=mandate.registered_region,
        ),
        purpose=mandate.purpose,
        programmes=mandate.programmes,
        first_day=query.window.first,
        last_day=query.window.last,
        as_of=query.as_of,
        consent=_consent(mandate),
    )


def _consent(mandate: Mandate) -> ConsentTold:
    return ConsentTold(
        reference=mandate.consent,
        signed_on=mandate.signed_on,
        valid_until=mandate.valid_until,
        document_sha256=mandate.document_sha256,
        guardian=mandate.guardian,
        scope=ScopeTold.model_validate(dict(mandate.scope)),
    )


def _opaque(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()


def read_question(body: bytes) -> Question:
    """Raises `SourceError` (`MALFORMED`) that names what is wrong and no value."""
    return _read(body, Question)


def read_answer(body: bytes) -> Answer:
    """Raises `SourceError` (`MALFORMED`)."""
    return _read(body, Answer)


def _read(body: bytes, kind: type[M]) -> M:
    document = read_json(body)
    if not isinstance(document, dict):
        raise SourceError.of(FailureKind.MALFORMED, "the message is no object")
    if document.get("version") != VERSION:
        raise SourceError.of(FailureKind.MALFORMED, "the message is of an unknown version")
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        places = [".".join(map(str, one["loc"])) for one in error.errors(include_input=False)]
    # Raised outside: the validator's error carries what it read.
    raise SourceError.of(FailureKind.MALFORMED, f"not as it must be: {min(places)}"[:200])
