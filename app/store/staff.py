"""Staff accounts 工作人员账户 and the roles they have had."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.domain.errors import Conflict, NotFound
from app.store.base import in_region, storable, upsert
from app.store.crypto import Cell, FieldCipher
from app.store.tables_staff import staff, staff_role

INVITED: Final = "invited"
ACTIVE: Final = "active"
DISABLED: Final = "disabled"
_OF = staff.c
_ROLE = staff_role.c
_TABLE: Final = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A member of staff; `region`: the subtree he or she works for, "" the whole country."""

    id: str
    login: str
    region: str
    name: str = field(repr=False)
    address: str | None = field(default=None, repr=False)
    state: str
    oidc_subject: str | None = field(default=None, repr=False)
    password_hash: str | None = field(default=None, repr=False)
    totp_secret: str | None = field(default=None, repr=False)
    totp_step: int | None = None
    enrolment_hash: bytes | None = field(default=None, repr=False)
    enrolment_until: datetime | None = None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleHeld:
    """A role of a member of staff from one moment until another, or without end."""

    staff_id: str
    role: str
    region: str
    from_at: datetime
    until_at: datetime | None
    granted_by: str
    agreed_by: str
    source: str | None = None
    """The source for which a clerk answers."""


class StaffAccounts:
    """Queries over accounts; what tells who somebody is, and the second factor, is sealed."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def add(self, tx: sa.Connection, new: Account) -> None:
        """Raises Conflict where the login is taken."""
        address = None if new.address is None else self._sealed(new.id, "address", new.address)
        adding = upsert(tx, staff).values(
            id=new.id,
            login=new.login,
            region=new.region,
            sealed_name=self._sealed(new.id, "name", new.name),
            sealed_address=address,
            state=new.state,
            enrolment_hash=new.enrolment_hash,
            enrolment_until=new.enrolment_until,
            created_at=new.created_at,
            changed_at=new.changed_at,
        )
        if tx.execute(adding.on_conflict_do_nothing(index_elements=["login"])).rowcount != 1:
            raise Conflict("the login is taken")

    def get(self, tx: sa.Connection, id_: str, *, region: str = "") -> Account:
        """Raises `NotFound` alike for another region's and for none."""
        row = None
        if storable(id_):
            wanted = sa.select(staff).where(_OF.id == id_, in_region(_OF.region, region))
            row = tx.execute(wanted).one_or_none()
        if row is None:
            raise NotFound("no such member of staff")
        return self._opened(row)

    def names(
        self, tx: sa.Connection, ids: Iterable[str], *, region: str = ""
    ) -> Mapping[str, str]:
        """Of those that are accounts of the region, by id."""
        some = sorted({one for one in ids if storable(one)})
        wanted = sa.select(staff).where(_OF.id.in_(some), in_region(_OF.region, region))
        return {row.id: self._opened(row).name for row in tx.execute(wanted)} if some else {}

    def by_login(self, tx: sa.Connection, login: str) -> Account | None:
        return self._one(tx, _OF.login == login) if storable(login) else None

    def by_subject(self, tx: sa.Connection, subject: str) -> Account | None:
        """By the identity provider's name of him or her (OIDC `sub`)."""
        return self._one(tx, _OF.oidc_subject == subject) if storable(subject) else None

    def page(self, tx: sa.Connection, region: str, *, after: str, limit: int) -> list[Account]:
        """In the order in which they were made."""
        wanted = sa.select(staff).where(in_region(_OF.region, region), _OF.id > after)
        rows = tx.execute(wanted.order_by(_OF.id).limit(limit)) if storable(after) else ()
        return [self._opened(row) for row in rows]

    def change(self, tx: sa.Connection, id_: str, *, now: datetime, **values: Any) -> None:
        """Plain columns (`state`, `password_hash`, `enrolment_…`, `oidc_subject`)."""
        changing = staff.update().where(_OF.id == id_).values(changed_at=now, **values)
        tx.execute(changing)

    def link(self, tx: sa.Connection, id_: str, subject: str, *, now: datetime) -> None:
        """Raises Conflict where the subject is another account's, of whatever region."""
        try:
            self.change(tx, id_, now=now, oidc_subject=subject)
        except IntegrityError:
            raise Conflict("the subject is another account's") from None

    def set_second_factor(
        self, tx: sa.Connection, id_: str, secret: str | None, *, now: datetime
    ) -> None:
        """A new secret of codes (TOTP, RFC 6238), or none; no code of it was taken yet."""
        sealed = None if secret is None else self._sealed(id_, "totp", secret)
        self.change(tx, id_, now=now, sealed_totp=sealed, totp_step=None)

    def take_step(self, tx: sa.Connection, id_: str, step: int) -> bool:
        """Whether no code of this time step or a later one was taken before; now it is."""
        fresh = sa.or_(_OF.totp_step.is_(None), _OF.totp_step < step)
        taking = staff.update().where(_OF.id == id_, fresh).values(totp_step=step)
        return bool(tx.execute(taking).rowcount == 1)

    def _one(self, tx: sa.Connection, wanted: "sa.ColumnElement[bool]") -> Account | None:
        row = tx.execute(sa.select(staff).where(wanted)).one_or_none()
        return None if row is None else self._opened(row)

    def _sealed(self, id_: str, column: str, text: str) -> bytes:
        return self._cipher.seal(Cell(_TABLE, f"sealed_{column}", id_), text.encode())

    def _plain(self, id_: str, column: str, sealed: bytes | None) -> str | None:
        if sealed is None:
            return None
        return self._cipher.open(Cell(_TABLE, f"sealed_{column}", id_), sealed).decode()

    def _opened(self, row: Any) -> Account:
        return Account(
            id=row.id,
            login=row.login,
            region=row.region,
            name=self._plain(row.id, "name", row.sealed_name) or "",
            address=self._plain(row.id, "address", row.sealed_address),
            state=row.state,
            oidc_subject=row.oidc_subject,
            password_hash=row.password_hash,
            totp_secret=self._plain(row.id, "totp", row.sealed_totp),
            totp_step=row.totp_step,
            enrolment_hash=row.enrolment_hash,
            enrolment_until=row.enrolment_until,
            created_at=row.created_at,
            changed_at=row.changed_at,
        )


class StaffRoles:
    """Queries over roles held; a row is ended, never deleted."""

    def of(self, tx: sa.Connection, staff_id: str) -> list[RoleHeld]:
        """All that were ever held, the newest first."""
        wanted = sa.select(staff_role).where(_ROLE.staff_id == staff_id)
        rows = tx.execute(wanted.order_by(_ROLE.from_at.desc(), _ROLE.role))
        return [RoleHeld(**row._mapping) for row in rows]

    def in_force(self, tx: sa.Connection, staff_id: str, now: datetime) -> frozenset[str]:
        return self.in_force_of(tx, (staff_id,), now).get(staff_id, frozenset())

    def in_force_of(
        self, tx: sa.Connection, staff_ids: Iterable[str], now: datetime
    ) -> dict[str, frozenset[str]]:
        """Roles by member of staff; who has none is not in it."""
        wanted = sa.select(_ROLE.staff_id, _ROLE.role).where(
            _ROLE.staff_id.in_(list(staff_ids)),
            _ROLE.from_at <= now,
            sa.or_(_ROLE.until_at.is_(None), _ROLE.until_at > now),
        )
        held: dict[str, frozenset[str]] = {}
        for row in tx.execute(wanted):
            held[row.staff_id] = held.get(row.staff_id, frozenset()) | {row.role}
        return held

    def source_of(self, tx: sa.Connection, staff_id: str, now: datetime) -> str | None:
        """The one for which he or she answers by hand, by a role in force."""
        wanted = sa.select(_ROLE.source).where(
            _ROLE.staff_id == staff_id,
            _ROLE.source.is_not(None),
            _ROLE.from_at <= now,
            sa.or_(_ROLE.until_at.is_(None), _ROLE.until_at > now),
        )
        found: str | None = tx.execute(wanted.order_by(_ROLE.from_at.desc())).scalars().first()
        return found

    def grant(self, tx: sa.Connection, new: RoleHeld) -> None:
        tx.execute(
            staff_role.insert().values(
                staff_id=new.staff_id,
                role=new.role,
                region=new.region,
                from_at=new.from_at,
                until_at=new.until_at,
                granted_by=new.granted_by,
                agreed_by=new.agreed_by,
                source=new.source,
            )
        )

    def end(self, tx: sa.Connection, staff_id: str, role: str, now: datetime) -> bool:
        """Whether it was in force; from now on it is not."""
        ending = staff_role.update().where(
            _ROLE.staff_id == staff_id,
            _ROLE.role == role,
            sa.or_(_ROLE.until_at.is_(None), _ROLE.until_at > now),
        )
        return bool(tx.execute(ending.values(until_at=now)).rowcount)
