"""The test's own idea of what was authorised: written apart from the service, to judge it."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from app.domain.household import (
    Consent,
    Declared,
    Guardianship,
    Household,
    IdType,
    Member,
    PersonConsent,
    Purpose,
    Relationship,
    Scope,
    Supporter,
    VerificationRequest,
)
from tests.service_parts import NUMBERS, number

ADULTS = ("m1", "m2", "s1")
NEEDED = {
    "urban_dibao": {"tax", "bank", "vehicle", "securities"},
    "retrenched_workers": {"tax"},
}
"""Of the sources here, those on which each programme's tests rest, as its standard says them."""


@dataclass(frozen=True)
class Withdrawn:
    """A consent taken back at a moment; None: of all."""

    reference: str
    at: datetime
    number: str | None
    source: str | None


@dataclass
class Grant:
    """One signed authorisation and the verification that rests on it."""

    place: int
    reference: str
    signed: frozenset[str]
    guardian: str | None
    sources: frozenset[str] | None
    signed_on: date
    until: date
    programme: str
    own: tuple[str, str, date] | None  # a person with a consent of his own: ref, reference, until
    numbers: dict[str, str]
    id: str = ""
    cancelled: bool = False

    @property
    def region(self) -> str:
        """A village of its own: the sources see which verification asks."""
        return f"220102003{self.place:03d}"

    def ref_of(self, number_: str) -> str:
        return next(ref for ref, one in self.numbers.items() if one == number_)

    def why_not(self, ref: str, source: str, at: datetime, taken: list[Withdrawn]) -> str | None:
        """Why the source may not be asked about the person at that moment."""
        day = (at + timedelta(hours=8)).date()  # China keeps UTC+8
        reference, until = self.reference, self.until
        if self.own is not None and self.own[0] == ref:
            reference, until = self.own[1:]
        if self.cancelled:
            return "cancelled"
        if source not in NEEDED[self.programme]:
            return "not needed"
        if self.sources is not None and source not in self.sources:
            return "outside the consent"
        if day < self.signed_on or day > until:
            return "not in its days"
        if not self._signed_for(ref):
            return "not signed"
        for one in taken:
            same = one.reference == reference and one.at <= at
            if same and one.number in (None, self.numbers[ref]) and one.source in (None, source):
                return "taken back"
        return None

    def _signed_for(self, ref: str) -> bool:
        if ref in ADULTS:
            return ref in self.signed
        if self.guardian is not None:
            return self.guardian in self.signed
        return bool(self.signed & {"m1", "m2"})

    def request(self) -> VerificationRequest:
        """The same in the service's words."""
        members = [self._person(Member, ref) for ref in ("m1", "m2", "m3")]
        supporter = self._person(Supporter, "s1", supports=("m1",), household_size=1)
        scope = Scope(sources=None if self.sources is None else tuple(sorted(self.sources)))
        own: tuple[PersonConsent, ...] = ()
        if self.own is not None:
            ref, reference, until = self.own
            own = (PersonConsent(person=ref, reference=reference, valid_until=until, scope=scope),)
        guardians: tuple[Guardianship, ...] = ()
        if self.guardian is not None:
            guardians = (Guardianship(person="m3", guardian=self.guardian),)
        return VerificationRequest(
            case_reference=f"220102-2026-{self.place:06d}",
            region=self.region,
            purpose=Purpose.APPLICATION,
            as_of=date(2026, 11, 24),
            programmes=(self.programme,),
            consent=Consent(
                reference=self.reference,
                signed_on=self.signed_on,
                valid_until=self.until,
                document_sha256="0" * 64,
                signatories=tuple(sorted(self.signed)),
                of_persons=own,
                scope=scope,
                guardians=guardians,
            ),
            household=Household(address=None, members=tuple(members), supporters=(supporter,)),
            declared=Declared(),
        )

    def _person(self, kind: Any, ref: str, **more: Any) -> Any:
        relationships = {"m1": Relationship.HEAD, "m2": Relationship.SPOUSE}
        return kind(
            ref=ref,
            name=f"测试{ref}",
            id_type=IdType.RESIDENT_ID,
            id_number=self.numbers[ref],
            relationship=relationships.get(ref, Relationship.OTHER),
            **more,
        )


@dataclass
class Granted:
    """All grants and all that was taken back."""

    grants: list[Grant] = field(default_factory=list)
    taken: list[Withdrawn] = field(default_factory=list)

    def numbers_of(self, place: int, *, shared: bool) -> dict[str, str]:
        """Single verifications share persons; those of batches have their own, as files name."""
        if shared:
            return dict(NUMBERS)
        born = {"m1": 1970, "m2": 1972, "m3": 2014, "s1": 1945}
        return {ref: number(f"229902{year}0101{place:03d}") for ref, year in born.items()}

    def of_region(self, region: str) -> Grant:
        return next(one for one in self.grants if one.region == region)

    def of_number(self, number_: str) -> Grant:
        """Of a person in a file: those of batches alone are there."""
        return next(
            one for one in self.grants if number_ in one.numbers.values() and one.place >= 500
        )
