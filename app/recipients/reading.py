"""A roster file to households, as batches read theirs: in a child process, a page at a time."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import IO, Final

from app.batch.roster.households import Households, RosterHousehold
from app.batch.roster.persons import RowError
from app.batch.roster.process import End, Page, reading
from app.batch.roster.words import WORDS

_CROWD: Final = "household.too_large"


async def read_roster(
    roster: IO[bytes], households: Households, folder: Path
) -> AsyncGenerator[RosterHousehold | RowError, None]:
    """Every household and every row that was rejected.

    Raises `Unusable` where the file is no roster, `RosterNotRead` where we could not read it.
    """
    async with reading(roster, folder) as child:
        said = await child.next()
        while not isinstance(said, End):
            for one in await asyncio.to_thread(_taken, households, said):
                yield one
            said = await child.next()


def _taken(households: Households, page: Page) -> list[RosterHousehold | RowError]:
    found: list[RosterHousehold | RowError] = []
    for rows in page.households:
        taken = households.read(rows)
        found += taken.errors
        if taken.household is not None:
            found.append(taken.household)
    for numbers in page.crowds:
        found += [RowError(row, "case_reference", _CROWD, WORDS[_CROWD]) for row in numbers]
    return found
