"""The consent 授权 in a request, what takes it back, and how it stands."""

from datetime import date, datetime
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from app.domain.household import Consent, Guardianship, Purpose, Scope

_T = TypeVar("_T")
MOST_PERSONS = 40


def _whole_dates_only(value: object) -> object:
    if not isinstance(value, str | date):
        raise ValueError("a date is a string, YYYY-MM-DD")
    return value


def _no_control(value: str) -> str:
    if any(ord(char) < ord(" ") or ord(char) == 0x7F for char in value):
        raise ValueError("control characters are not allowed")
    if any(0xD800 <= ord(char) <= 0xDFFF for char in value):
        raise ValueError("unpaired surrogates are not allowed")
    return value


def _not_blank(value: str) -> str:
    if value and not value.strip():
        raise ValueError("blanks alone are not allowed")
    return value


Text = Annotated[str, AfterValidator(_no_control)]
NeededText = Annotated[Text, AfterValidator(_not_blank), Field(min_length=1)]
Ref = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
Day = Annotated[date, BeforeValidator(_whole_dates_only)]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class GuardianIn(_In):
    """Who signs for a minor or a person without capacity 监护人; an adult among the signatories."""

    person: Ref
    guardian: Ref


class ConsentIn(_In):
    """The signed authorisation 授权; of what is left out, it covers all."""

    reference: Annotated[NeededText, Field(max_length=100)]
    signed_on: Day
    valid_until: Day
    document_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    signatories: Annotated[list[Ref], Field(min_length=1, max_length=MOST_PERSONS)]
    sources: Annotated[
        list[Word] | None,
        Field(min_length=1, max_length=50, description="The sources that may be asked."),
    ] = None
    programmes: Annotated[
        list[Word] | None,
        Field(min_length=1, max_length=50, description="The programmes that it was given for."),
    ] = None
    purposes: Annotated[list[Purpose] | None, Field(min_length=1, max_length=10)] = None
    data_from: Annotated[
        Day | None,
        Field(description="The first day about which sources may be asked that tell of months."),
    ] = None
    guardians: Annotated[
        list[GuardianIn],
        Field(
            max_length=MOST_PERSONS,
            description="For a minor who is not named here any adult member's signature stands.",
        ),
    ] = []

    def to_domain(self) -> Consent:
        return Consent(
            reference=self.reference,
            signed_on=self.signed_on,
            valid_until=self.valid_until,
            document_sha256=self.document_sha256,
            signatories=tuple(self.signatories),
            scope=Scope(
                sources=_once(self.sources),
                programmes=_once(self.programmes),
                purposes=_once(self.purposes),
                data_from=self.data_from,
            ),
            guardians=tuple(
                Guardianship(person=one.person, guardian=one.guardian) for one in self.guardians
            ),
        )


class WithdrawalIn(_In):
    """A consent taken back 撤回授权: from now on nothing is asked under it.

    With `id_number`, about the one person who has that document; with `sources`, of these sources;
    with both, of these sources about that person; with neither, of anybody anywhere.
    """

    region: Annotated[str, Field(pattern=r"^([0-9]{6}|[0-9]{9}|[0-9]{12})$")]
    reference: Annotated[NeededText, Field(max_length=100)]
    id_number: Annotated[NeededText, Field(max_length=40)] | None = None
    sources: Annotated[list[Word] | None, Field(min_length=1, max_length=50)] = None


class WithdrawalOut(BaseModel):
    """What was taken back. A consent that nobody knows is on record: nothing is asked under it."""

    reference: str
    state: Literal["withdrawn", "narrowed"]
    verifications: Annotated[int, Field(ge=0, description="Open ones that it concerns.")]


class PartOut(BaseModel):
    """A part that was taken back; null: of all persons, of all sources."""

    person: str | None
    source: str | None
    withdrawn_at: datetime


class ConsentOut(BaseModel):
    """The consent 授权 as it stands now."""

    reference: str
    state: Literal["not_yet_valid", "valid", "expired", "narrowed", "withdrawn"]
    signed_on: date | None
    valid_until: date
    withdrawn_at: datetime | None
    parts: list[PartOut]


def _once(items: list[_T] | None) -> tuple[_T, ...] | None:
    return None if items is None else tuple(dict.fromkeys(items))
