"""Builders of askings, and permits that say yes, no, or count."""

from dataclasses import dataclass
from datetime import date

from connectors.contract import AskedPerson, IdType, Months, SourceQuery
from connectors.failure import NotPermitted

LI_MING = "229901198003071236"
LI_MING_SHORT = "229901800307123"
NAMESAKE = "229902197505052346"
STRANGER = "229903198812121217"


def a_person(
    name: str = "李明",
    number: str = LI_MING,
    *,
    ref: str = "p1",
    id_type: IdType = IdType.RESIDENT_ID,
    birth_date: date | None = None,
) -> AskedPerson:
    return AskedPerson(ref, name, id_type, number, birth_date)


def a_query(*persons: AskedPerson) -> SourceQuery:
    return SourceQuery(
        reference="SQ-1",
        sequence=1,
        region="220102",
        persons=persons or (a_person(),),
        window=Months(date(2025, 11, 1), date(2026, 10, 31)),
        as_of=date(2026, 11, 24),
        sent_on=date(2026, 11, 24),
    )


@dataclass
class CountingPermit:
    """Says yes, up to a number of times, and counts."""

    most: int = 1000
    given: int = 0

    async def __call__(self) -> None:
        if self.given == self.most:
            raise NotPermitted("no consent")
        self.given += 1
