"""What is told of entities that a roster was reconciled with; each look passes the gate."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from app.access.looking import Looker, Refused
from app.api.looks import seen
from app.domain.errors import NotFound
from app.reconciliation.answer import Asking
from app.reconciliation.entities import TOLD_OF_CASES, Handle
from app.reconciliation.extension import (
    Cell,
    ExtensionIn,
    WantedProperty,
    empty_row,
    row_of,
    row_of_reference,
)
from app.store.roster_passes import RosterPass
from app.wiring_types import Parts

Row = dict[str, list[Cell]]
_MISSING = "no such entity"


@dataclass(frozen=True, slots=True)
class Tool:
    """Who asks, the caller's own limits, and by which pass, if by one."""

    look: Looker
    rates: str
    roster_pass: RosterPass | None = None

    @property
    def told(self) -> dict[str, str]:
        """More for an entry: by which pass."""
        return {} if self.roster_pass is None else {"pass": self.roster_pass.id}


async def read_rows(service: Parts, tool: Tool, wanted: ExtensionIn) -> dict[str, Row]:
    """By the ids that were asked for."""

    def work(tx: sa.Connection) -> dict[str, Row]:
        return {id_: _row_or_none(tx, id_) or empty_row(wanted) for id_ in wanted.ids}

    reader = _Reader(service, tool, wanted, "reconciled_read")

    def _row_or_none(tx: sa.Connection, id_: str) -> Row | None:
        try:
            found = reader.row(tx, id_)
        except NotFound:
            return None
        return None if isinstance(found, Refused) else found

    return await service.shelf.database.write(work)


async def read_one(service: Parts, tool: Tool, id_: str) -> Row:
    """All that is told of an entity. Raises `NotFound`, and why the look is refused."""
    every = [WantedProperty(id=one.id) for one in TOLD_OF_CASES]
    reader = _Reader(
        service, tool, ExtensionIn(ids=[id_], properties=every), "reconciled_previewed"
    )
    found = await service.shelf.database.write(lambda tx: reader.row(tx, id_))
    if isinstance(found, Refused):
        raise found.error
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads rows in one transaction; `action` is what the trail calls it."""

    service: Parts
    tool: Tool
    wanted: ExtensionIn
    action: str

    def row(self, tx: sa.Connection, id_: str) -> Row | Refused:
        """Raises `NotFound`."""
        names = self.service.reconciliation.programmes()
        if id_ in names:
            return row_of_reference(self.wanted, names[id_].get("zh", id_))
        look = self.tool.look
        if id_.isascii() and id_.isdigit() and id_.startswith(look.region):
            return row_of_reference(self.wanted, id_)
        handle = Handle.read(id_)
        if handle is None:
            raise NotFound(_MISSING)
        return self._case(tx, Asking(look, None, look.region), handle)

    def _case(self, tx: sa.Connection, asking: Asking, handle: Handle) -> Row | Refused:
        reconciliation, look = self.service.reconciliation, self.tool.look
        case = reconciliation.opened(tx, asking, handle)
        person = None if handle.place is None else case.person(handle.place)
        about = {"missing": _MISSING, **self.tool.told}
        if person is not None:
            about["persons"] = person.ref
        told = self.action, about
        refused = seen(self.service, tx, look, (case.id, case.request), told)
        if refused is not None:
            return refused
        standing = reconciliation.standing(tx, asking, case)
        return row_of(self.wanted, case, person, standing, self._programmes())

    def _programmes(self) -> Mapping[str, str]:
        """Those that the caller may know of, with their names."""
        own = self.tool.look.programmes
        names = self.service.reconciliation.programmes()
        return {key: one.get("zh", key) for key, one in names.items() if not own or key in own}
