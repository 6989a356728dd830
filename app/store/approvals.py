"""Changes that take two persons 双人复核: proposed by one, agreed to by another."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson
import sqlalchemy as sa

from app.domain.errors import NotFound
from app.store.base import in_region, storable
from app.store.crypto import Cell, FieldCipher
from app.store.tables_staff import approval

OPEN: Final = "open"
AGREED: Final = "agreed"
REFUSED: Final = "refused"
_OF = approval.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A change as proposed; `content` is what the kind makes of it, `subject` whom it concerns."""

    id: str
    kind: str
    region: str
    subject: str | None
    content: dict[str, Any] = field(repr=False)
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    state: str = OPEN
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = field(default=None, repr=False)


class StoredApprovals:
    """Queries over proposed changes."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def add(self, tx: sa.Connection, new: Approval) -> None:
        content = orjson.dumps(new.content)
        tx.execute(
            approval.insert().values(
                id=new.id,
                kind=new.kind,
                region=new.region,
                subject=new.subject,
                sealed_content=self._cipher.seal(_cell(new.id, "content"), content),
                proposed_by=new.proposed_by,
                proposed_at=new.proposed_at,
                expires_at=new.expires_at,
                state=new.state,
            )
        )

    def get(self, tx: sa.Connection, id_: str, *, region: str, kinds: Collection[str]) -> Approval:
        """Of these kinds; raises `NotFound` alike for another region's, another kind's, none."""
        found = self._some(tx, _OF.id == id_, region, kinds) if storable(id_) else []
        if not found:
            raise NotFound("no such change is proposed")
        return found[0]

    def page(
        self, tx: sa.Connection, region: str, *, kinds: Collection[str], state: str | None
    ) -> list[Approval]:
        """The newest first."""
        wanted = sa.true() if state is None else _OF.state == state
        return self._some(tx, wanted, region, kinds)

    def decide(self, tx: sa.Connection, id_: str, *, state: str, by: tuple[str, datetime]) -> bool:
        """Whether it was open until now; `by`: who decides, and when."""
        deciding = approval.update().where(_OF.id == id_, _OF.state == OPEN)
        values = {"state": state, "decided_by": by[0], "decided_at": by[1]}
        return bool(tx.execute(deciding.values(**values)).rowcount == 1)

    def say_why(self, tx: sa.Connection, id_: str, reason: str) -> None:
        sealed = self._cipher.seal(_cell(id_, "reason"), reason.encode())
        tx.execute(approval.update().where(_OF.id == id_).values(sealed_reason=sealed))

    def _some(
        self,
        tx: sa.Connection,
        which: "sa.ColumnElement[bool]",
        region: str,
        kinds: Collection[str],
    ) -> list[Approval]:
        wanted = (
            sa.select(approval)
            .where(which, in_region(_OF.region, region), _OF.kind.in_(list(kinds)))
            .order_by(_OF.id.desc())
            .limit(_MOST)
        )
        return [self._opened(row) for row in tx.execute(wanted)]

    def _opened(self, row: Any) -> Approval:
        values = dict(row._mapping)
        content, reason = values.pop("sealed_content"), values.pop("sealed_reason")
        opened = self._cipher.open(_cell(row.id, "content"), content)
        said = None if reason is None else self._cipher.open(_cell(row.id, "reason"), reason)
        words = None if said is None else said.decode()
        return Approval(content=orjson.loads(opened), reason=words, **values)


_MOST: Final = 500
"""So many at once; more than wait anywhere."""


def _cell(id_: str, column: str) -> Cell:
    return Cell("approval", f"sealed_{column}", id_)
