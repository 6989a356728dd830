"""Households as a registry finds them: the newest verification of each, with what it found."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import orjson
import sqlalchemy as sa

from app.store.base import in_region, storable
from app.store.crypto import Cell, FieldCipher
from app.store.packing import unpacked
from app.store.subject_keys import KEY_COLUMNS, SubjectKeys
from app.store.tables import evidence, report, result, verification
from app.store.tables_erasure import subject_key
from app.store.tables_facts import case_person, decision_fact

_OF: Final = verification.c
_REGISTRY: Final = "household_registry"
_CANCELLED: Final = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which households: of persons (keys of one person each, all of them), by their own number, or
    all that are final. `programmes`, `purposes`: those alone that a limited caller may know of.

    `regions`: below one of these as well. `outcomes`, `of_programmes`: some decision that stands
    has one of these; they narrow what is looked through, and judge nothing.
    """

    region: str
    persons: tuple[tuple[int, ...], ...] = field(default=(), repr=False)
    numbers: tuple[str, ...] = field(default=(), repr=False)
    programmes: Sequence[str] = ()
    purposes: Sequence[str] = ()
    regions: Sequence[str] = ()
    outcomes: Sequence[str] = ()
    of_programmes: Sequence[str] = ()

    @property
    def is_wide(self) -> bool:
        """Names nobody: whatever is known of households is looked through."""
        return not self.persons and not self.numbers


@dataclass(frozen=True, slots=True)
class FoundReport:
    """The report of a verification that is in force."""

    number: str
    version: int
    valid_until: date


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    household: bytes
    case: tuple[str, str]
    is_final: bool
    at: datetime


class DciHouseholds:
    """Reads for registry searches, within the transaction's region."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def ids(
        self, tx: sa.Connection, sought: Sought, *, most: int
    ) -> dict[str, tuple[str, ...]] | None:
        """The newest verification of each household, with the ids of its others that were found.

        None: there are more than `most`.
        """
        query = sa.select(
            _OF.id,
            _OF.household_index,
            _OF.region,
            _OF.case_reference,
            _OF.status,
            _OF.requested_at,
        ).outerjoin_from(verification, subject_key, subject_key.c.subject == _OF.id)
        where = list(_where(sought))
        rows = tx.execute(query.where(*where).order_by(_OF.id).limit(most + 1)).all()
        if len(rows) > most:
            return None
        return _newest(map(_row, rows))

    def results(self, tx: sa.Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The newest result of each that has one: profile, decisions."""
        its = result.c
        newest = (
            sa.select(its.verification_id, sa.func.max(its.version).label("version"))
            .where(its.verification_id.in_(ids))
            .group_by(its.verification_id)
            .subquery()
        )
        of_newest = sa.and_(
            its.verification_id == newest.c.verification_id, its.version == newest.c.version
        )
        query = (
            sa.select(its.verification_id, its.version, its.sealed_result, *KEY_COLUMNS)
            .join(newest, of_newest)
            .outerjoin(subject_key, subject_key.c.subject == its.verification_id)
        )
        found: dict[str, dict[str, Any]] = {}
        for row in tx.execute(query):
            cell = Cell("result", "sealed_result", f"{row.verification_id}/{row.version}")
            cipher = self._keys.joined(tx, row.verification_id, row)
            found[row.verification_id] = orjson.loads(cipher.open(cell, row.sealed_result))
        return found

    def registered(
        self, tx: sa.Connection, ids: Sequence[str]
    ) -> dict[str, dict[str, Mapping[str, Any]]]:
        """What the household registry holds of each person, by verification and ref."""
        its = evidence.c
        query = (
            sa.select(its.verification_id, its.id, its.person, its.sealed_evidence, *KEY_COLUMNS)
            .outerjoin(subject_key, subject_key.c.subject == its.verification_id)
            .where(its.verification_id.in_(ids), its.source == _REGISTRY, its.link == "accepted")
            .order_by(its.position)
        )
        found: dict[str, dict[str, Mapping[str, Any]]] = {}
        for row in tx.execute(query):
            cell = Cell("evidence", "sealed_evidence", f"{row.verification_id}/{row.id}")
            cipher = self._keys.joined(tx, row.verification_id, row)
            body = orjson.loads(unpacked(cipher.open(cell, row.sealed_evidence)))
            found.setdefault(row.verification_id, {}).setdefault(row.person, body["record"])
        return found

    def reports(self, tx: sa.Connection, ids: Sequence[str]) -> dict[str, FoundReport]:
        """Those that nothing superseded, by verification."""
        its = report.c
        query = (
            sa.select(its.verification_id, its.number, its.version, its.valid_until)
            .where(
                its.verification_id.in_(ids),
                its.superseded_at.is_(None),
                its.kind == "verification",
            )
            .order_by(its.version)
        )
        return {
            row.verification_id: FoundReport(row.number, row.version, row.valid_until)
            for row in tx.execute(query)
        }


def _where(sought: Sought) -> Iterator["sa.ColumnElement[bool]"]:
    yield in_region(_OF.region, sought.region)
    yield subject_key.c.destroyed_at.is_(None)
    if sought.purposes:
        yield _OF.purpose.in_(sought.purposes)
    if sought.regions:
        yield sa.or_(*(in_region(_OF.region, one) for one in sought.regions))
    if sought.is_wide:
        yield _OF.status == "final"
        yield _is_newest()
        yield _OF.id.in_(sa.select(decision_fact.c.verification_id).where(*_decided(sought)))
        return
    yield _OF.status != _CANCELLED
    person = case_person.c
    for keys in sought.persons:
        of_person = sa.select(person.verification_id).where(
            person.person_key.in_(keys), person.is_member.is_(True)
        )
        yield _OF.id.in_(of_person)
    if sought.numbers:
        yield _numbered([one for one in sought.numbers if storable(one)])


def _numbered(numbers: Sequence[str]) -> "sa.ColumnElement[bool]":
    """By the case's number, or an id of one of its verifications: whichever household that was."""
    other = verification.alias().c
    named = sa.or_(_OF.case_reference.in_(numbers), _OF.id.in_(numbers))
    same = sa.select(other.household_index).where(other.id.in_(numbers))
    return sa.or_(named, _OF.household_index.in_(same))


def _decided(sought: Sought) -> Iterator["sa.ColumnElement[bool]"]:
    of = decision_fact.c
    yield in_region(of.region, sought.region)
    yield of.current.is_(True)
    if sought.programmes:
        yield of.programme.in_(sought.programmes)
    if sought.of_programmes:
        yield of.programme.in_(sought.of_programmes)
    if sought.outcomes:
        yield of.outcome.in_(sought.outcomes)


def _is_newest() -> "sa.ColumnElement[bool]":
    """No later verification of the case is final, whoever is in the household by now."""
    later = verification.alias().c
    return ~sa.exists().where(
        later.case_reference == _OF.case_reference,
        later.region == _OF.region,
        later.status == "final",
        later.requested_at > _OF.requested_at,
    )


def _row(row: Any) -> _Row:
    case = (row.region[:6], row.case_reference)
    return _Row(row.id, bytes(row.household_index), case, row.status == "final", row.requested_at)


def _newest(rows: Iterable[_Row]) -> dict[str, tuple[str, ...]]:
    """One of each household and of each case, the newest that is final, else the newest; with the
    ids of the others, by which somebody may know it."""
    ordered = sorted(rows, key=lambda row: (row.is_final, row.at, row.id), reverse=True)
    groups: list[list[str]] = []
    place_of: dict[object, int] = {}
    for row in ordered:
        keys: tuple[object, object] = (row.household, row.case)
        known = [place_of[key] for key in keys if key in place_of]
        place = known[0] if known else len(groups)
        if not known:
            groups.append([])
        groups[place].append(row.id)
        for key in keys:
            place_of.setdefault(key, place)
    return {first: tuple(rest) for first, *rest in groups}
