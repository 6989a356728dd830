"""Alerts 预警 and every step of their handling; what they tell is sealed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from app.domain.errors import Conflict, NotFound
from app.store.base import in_region, storable, upsert_in
from app.store.crypto import Cell, FieldCipher
from app.store.reach import CaseColumns, Reach, within_reach
from app.store.subject_keys import Ciphers, SubjectKeys
from app.store.tables_relief import alert, alert_step, recipient

_OF = alert.c
_COUNTY: Final = 6
_CLOSED: Final = "checked"
_OPEN_FACTS: Final = sa.select(_OF.fact_index).where(
    _OF.case_reference == sa.bindparam("case"),
    _OF.fact_index.in_(sa.bindparam("indexes", expanding=True)),
    _OF.state != _CLOSED,
)
_RECIPIENT: Final = sa.select(recipient.c.id).where(
    recipient.c.case_reference == sa.bindparam("case"),
    recipient.c.region >= sa.bindparam("county"),
    recipient.c.region < sa.bindparam("next"),  # ends in the character after the digits
)
_ORDER: Final = (_OF.rank.desc(), _OF.id.desc())


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAlert:
    """An alert as it stands; `told` is JSON of what changed and what it bears on.

    `fact_index` finds the same fact of the same household again, without telling what it is.
    `rank` puts alerts in order; `version` counts its steps; `repeats`: how often the fact was
    found again since.
    """

    id: str
    region: str
    verification_id: str
    case_reference: str
    recipient_id: str | None
    kind: str
    positive: bool
    decisive: bool
    rank: float
    fact_index: bytes = field(repr=False)
    state: str
    outcome: str | None
    person: str | None
    told: bytes = field(repr=False)
    raised_at: datetime
    explain_until: datetime | None
    due_at: datetime | None
    assigned_to: str | None
    changed_at: datetime
    version: int
    repeats: int = 0
    repeated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertStep:
    """One step of the handling, which stays; `words` is JSON of what was said."""

    alert_id: str
    number: int
    region: str
    action: str
    actor: str
    at: datetime
    words: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertQuery:
    """Which alerts; None: whatever it is."""

    region: str
    kind: str | None = None
    state: str | None = None
    positive: bool | None = None
    decisive: bool | None = None
    case_reference: str | None = None
    assigned_to: str | None = None
    reach: Reach | None = None


@dataclass(frozen=True, slots=True)
class AlertPlace:
    """A place in the order: that of the alert with this rank and id."""

    rank: float
    id: str


@dataclass(frozen=True, slots=True)
class AlertCount:
    """How many alerts there are of a kind in a state."""

    kind: str
    state: str
    alerts: int
    decisive: int


@cache
def _adding(dialect: str, table: sa.Table) -> Any:
    return upsert_in(dialect, table).on_conflict_do_nothing()


class Alerts:
    """Queries over alerts; every read that names one takes the caller's region."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher
        self._keys = SubjectKeys(cipher)

    def index_of(self, case: tuple[str, str], fact: str) -> bytes:
        """The same for the same fact of the same case (number and region, by its county)."""
        number, region = case
        words = "\n".join((number, region[:_COUNTY], fact))
        return self._cipher.blind("alert.fact_index", words)

    def add(self, tx: sa.Connection, new: Sequence[StoredAlert]) -> None:
        """What was raised already of a verification stays as it is."""
        if new:
            ciphers = self._keys.sealers(tx, {one.verification_id: one.region for one in new})
            rows = [_values(one, ciphers[one.verification_id]) for one in new]
            tx.execute(_adding(tx.dialect.name, alert), rows)

    def open_facts(
        self, tx: sa.Connection, case_reference: str, indexes: Collection[bytes]
    ) -> set[bytes]:
        """Of these facts of a case, those of which an alert is still being handled."""
        rows = tx.execute(_OPEN_FACTS, {"case": case_reference, "indexes": list(indexes)})
        return {bytes(row.fact_index) for row in rows}

    def repeated(
        self, tx: sa.Connection, case_reference: str, indexes: Collection[bytes], now: datetime
    ) -> None:
        """The facts were found again, unchanged: their open alerts count it."""
        if indexes:
            tx.execute(
                alert.update()
                .where(
                    _OF.case_reference == case_reference,
                    _OF.fact_index.in_(list(indexes)),
                    _OF.state != _CLOSED,
                )
                .values(repeats=_OF.repeats + 1, repeated_at=now)
            )

    def recipient_of(self, tx: sa.Connection, case_reference: str, region: str) -> str | None:
        """The household on the roster of recipients of its county, if it stands there."""
        county = region[:_COUNTY]
        given = {"case": case_reference, "county": county, "next": f"{county}:"}
        found = tx.execute(_RECIPIENT, given).first()
        return None if found is None else str(found.id)

    def get(self, tx: sa.Connection, id_: str, *, region: str) -> StoredAlert:
        """Raises `NotFound` alike for what is elsewhere and for what is nowhere."""
        row = None
        if storable(id_):
            row = tx.execute(sa.select(alert).where(_OF.id == id_)).one_or_none()
        if row is None or not row.region.startswith(region):
            raise NotFound("no such alert")
        return _opened(row, self._keys.openers(tx, (row.verification_id,)))

    def page(
        self, tx: sa.Connection, query: AlertQuery, *, after: AlertPlace | None, limit: int
    ) -> list[StoredAlert]:
        """The highest rank first."""
        where = _where(query)
        if after is not None:
            below = sa.tuple_(_OF.rank, _OF.id) < sa.tuple_(after.rank, after.id)
            where.append(below)
        rows = tx.execute(sa.select(alert).where(*where).order_by(*_ORDER).limit(limit)).all()
        ciphers = self._keys.openers(tx, {row.verification_id for row in rows})
        return [_opened(row, ciphers) for row in rows]

    def counts(self, tx: sa.Connection, query: AlertQuery) -> list[AlertCount]:
        """By kind and state."""
        decisive = sa.func.sum(sa.case((_OF.decisive, 1), else_=0))
        rows = tx.execute(
            sa.select(_OF.kind, _OF.state, sa.func.count(), decisive)
            .where(*_where(query))
            .group_by(_OF.kind, _OF.state)
            .order_by(_OF.kind, _OF.state)
        )
        return [AlertCount(kind, state, number, int(few or 0)) for kind, state, number, few in rows]

    def move(self, tx: sa.Connection, changed: StoredAlert, step: AlertStep) -> None:
        """The alert as it is from now on, one version after the last, with the step that led here.

        Raises `Conflict` where somebody else was quicker.
        """
        done = tx.execute(
            alert.update()
            .where(_OF.id == changed.id, _OF.version == changed.version - 1)
            .values(
                state=changed.state,
                outcome=changed.outcome,
                assigned_to=changed.assigned_to,
                changed_at=changed.changed_at,
                version=changed.version,
            )
        )
        if done.rowcount != 1:
            raise Conflict("the alert has moved on since: read it again")
        self.add_steps(tx, (step,))

    def add_steps(self, tx: sa.Connection, new: Sequence[AlertStep]) -> None:
        if not new:
            return
        subjects = _subjects(tx, {one.alert_id for one in new})
        ciphers = self._keys.sealers(tx, {subjects[one.alert_id]: one.region for one in new})
        rows = [
            {
                "alert_id": one.alert_id,
                "number": one.number,
                "region": one.region,
                "action": one.action,
                "actor": one.actor,
                "at": one.at,
                "sealed_words": ciphers[subjects[one.alert_id]].seal(
                    _step_cell(one.alert_id, one.number), one.words
                ),
            }
            for one in new
        ]
        tx.execute(_adding(tx.dialect.name, alert_step), rows)

    def steps(self, tx: sa.Connection, alert_id: str) -> list[AlertStep]:
        """All steps, the first one first."""
        query = sa.select(alert_step).where(alert_step.c.alert_id == alert_id)
        rows = tx.execute(query.order_by(alert_step.c.number)).all()
        if not rows:
            return []
        cipher = self._keys.opener(tx, _subjects(tx, {alert_id})[alert_id])
        return [
            AlertStep(
                alert_id=row.alert_id,
                number=row.number,
                region=row.region,
                action=row.action,
                actor=row.actor,
                at=row.at,
                words=cipher.open(_step_cell(row.alert_id, row.number), row.sealed_words),
            )
            for row in rows
        ]


def _subjects(tx: sa.Connection, alerts: Collection[str]) -> dict[str, str]:
    """By alert, the verification that its words are sealed with."""
    rows = tx.execute(sa.select(_OF.id, _OF.verification_id).where(_OF.id.in_(list(alerts))))
    return {row.id: row.verification_id for row in rows}


def _values(one: StoredAlert, cipher: FieldCipher) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in _PLAIN}
    return values | {"sealed_alert": cipher.seal(_cell(one.id), one.told)}


def _opened(row: Any, ciphers: Ciphers) -> StoredAlert:
    told = ciphers[row.verification_id].open(_cell(row.id), row.sealed_alert)
    return StoredAlert(told=told, **{name: getattr(row, name) for name in _PLAIN})


_PLAIN: Final = tuple(name for name in StoredAlert.__slots__ if name != "told")


def _where(query: AlertQuery) -> list["sa.ColumnElement[bool]"]:
    where = [in_region(_OF.region, query.region)]
    for name in ("kind", "state", "positive", "decisive", "case_reference", "assigned_to"):
        wanted = getattr(query, name)
        if isinstance(wanted, str) and not storable(wanted):
            where.append(sa.false())
        elif wanted is not None:
            where.append(_OF[name] == wanted)
    of = CaseColumns(_OF.verification_id, _OF.case_reference, _OF.region)
    return [*where, *within_reach(query.reach, of)]


def _cell(id_: str) -> Cell:
    return Cell("alert", "sealed_alert", id_)


def _step_cell(alert_id: str, number: int) -> Cell:
    return Cell("alert_step", "sealed_words", f"{alert_id}/{number}")
