"""The parts of the roster of recipients together, as the interface and commands are handed them."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.access.tokens import Caller
from app.batch.roster.households import Households, RosterHousehold, Terms
from app.batch.roster.programmes import programme_names
from app.domain.household import Purpose
from app.programmes.standard import Standards
from app.recipients.desk import RecipientDesk
from app.recipients.intake import Intake, Tally
from app.recipients.reading import read_roster
from app.recipients.reverify import Create, Reverification, ReverifyDue
from app.recipients.rules import Rules
from app.store.crypto import FieldCipher
from app.verification.errands import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """Who receives relief, and what is begun for them."""

    desk: RecipientDesk
    intake: Intake
    reverification: Reverification
    reverify_due: ReverifyDue
    standards: Standards
    folder: Path

    @classmethod
    def over(
        cls, desk: Desk, cipher: FieldCipher, create: Create, given: "Surroundings"
    ) -> "Relief":
        """`create` makes a batch (see app/batch/control.py)."""
        ours = RecipientDesk.over(desk, cipher, given.rules)
        reverification = Reverification(ours, create)
        return cls(
            desk=ours,
            intake=Intake(ours),
            reverification=reverification,
            reverify_due=ReverifyDue(ours, reverification),
            standards=given.standards,
            folder=given.folder,
        )

    async def take_in_file(
        self, roster: IO[bytes], who: Caller, programmes: tuple[str, ...] = ()
    ) -> Tally:
        """A roster file taken in as far as its rows can be used.

        Raises `Unusable` where it is no roster at all.
        """
        terms = Terms(
            region=who.region,
            purpose=Purpose.REVERIFICATION,
            as_of=self.desk.today,
            programmes=programmes,
            allowed=who.programmes,
        )
        names = programme_names(self.standards)
        households = Households(terms, names, self.standards.in_force)
        async with aclosing(read_roster(roster, households, self.folder)) as rows:
            return await self.intake.take_in(rows, who)

    async def take_in_one(self, one: RosterHousehold, who: Caller) -> Tally:
        """One household, checked already."""

        async def rows() -> AsyncIterator[RosterHousehold]:
            yield one

        return await self.intake.take_in(rows(), who)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What recipients need besides the stores: rules, standards, a folder for files in work."""

    rules: Rules
    standards: Standards
    folder: Path
