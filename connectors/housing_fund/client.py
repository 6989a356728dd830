"""Asks the housing fund 住房公积金: one statement a person."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from connectors.config import mapping_of, texts_of
from connectors.contract import (
    AskedPerson,
    Permit,
    Progress,
    SourceQuery,
    SourceReply,
    Ticket,
    Unknown,
)
from connectors.failure import FailureKind, SourceError
from connectors.housing_fund.database import Bounds, Row, database_at
from connectors.housing_fund.parse import kept, outcome_of
from connectors.housing_fund.statement import View, parameters_for, statement_for
from connectors.mapping import FieldMap
from connectors.transport.asking import ask_each
from connectors.transport.limits import Gate
from connectors.transport.retry import repeated

MAPPING: Final = Path(__file__).with_name("mapping.yaml")
OPTIONAL: Final = frozenset({"view", "name_column", "number_column"})
CUT_OFF: Final = 5.0
"""Seconds after which the source cuts a statement off."""
MAX_ROWS: Final = 1000
"""Rows that are read for one person: namesakes included, a county has far fewer."""
RETRIED: Final = frozenset({FailureKind.UNREACHABLE, FailureKind.UNAVAILABLE})
"""A statement only reads. One that was cut off would be cut off again."""


class HousingFundSource:
    """The housing fund's view; answers at once.

    Configuration: `url` (SQLAlchemy), and as wanted `view`, `name_column`, `number_column`.
    """

    institutions: tuple[str, ...] = ("",)
    persons_a_query: int = 1
    answers_later: bool = False

    def __init__(
        self,
        config: Mapping[str, Any],
        gate: Gate,
        mapping: FieldMap,
        *,
        name: str = "housing_fund",
    ) -> None:
        self.name = name
        self._gate = gate
        self._mapping = mapping
        limits = gate.limits
        bounds = Bounds(min(limits.timeout, CUT_OFF), limits.concurrency, limits.max_bytes)
        self._database = database_at(str(config["url"]), bounds)
        self._statement = statement_for(
            _view_of(config), rows=MAX_ROWS + 1, dialect=self._database.dialect
        )

    @classmethod
    def from_config(cls, name: str, config: Mapping[str, Any], gate: Gate) -> "HousingFundSource":
        """Raises `ValueError` naming a key that is missing or unknown."""
        needed = {key: value for key, value in config.items() if key not in OPTIONAL}
        texts_of(name, needed, ("url",))
        return cls(config, gate, mapping_of(config, MAPPING), name=name)

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        """One statement a person; failures come back as `Unknown`."""
        return await ask_each(query, partial(self._about, permit))

    async def collect(self, ticket: Ticket, query: SourceQuery, permit: Permit) -> Progress:
        """There is nothing to collect: all is answered at once."""
        return Progress()

    async def aclose(self) -> None:
        await self._database.aclose()

    async def _about(self, permit: Permit, person: AskedPerson) -> SourceReply:
        values = parameters_for(name=person.name, id_number=person.id_number)

        async def read() -> tuple[Row, ...]:
            if not any(values.values()):
                raise SourceError.of(FailureKind.REJECTED, "neither a name nor a number to ask by")
            async with self._gate.slot():
                await permit()
                return await self._database.read(self._statement, values)

        try:
            rows = await repeated(read, tries=self._gate.limits.tries, on=RETRIED)
        except SourceError as error:
            return SourceReply(person=person.ref, outcome=Unknown(error.failure))
        first, more = rows[:MAX_ROWS], len(rows) > MAX_ROWS
        outcome = outcome_of(first, person, self._mapping, more=more)
        return SourceReply(person=person.ref, outcome=outcome, raw=kept(first))


def _view_of(config: Mapping[str, Any]) -> View:
    documented = View()
    return View(
        name=str(config.get("view", documented.name)),
        person_name=str(config.get("name_column", documented.person_name)),
        id_number=str(config.get("number_column", documented.id_number)),
    )
