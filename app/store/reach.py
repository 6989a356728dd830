"""Which rows of a list a member of staff may see: cases in hand, none of relatives 回避."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from app.store.base import in_region, storable
from app.store.looks import Holder, is_in_hand
from app.store.relations import Keys
from app.store.tables import verification
from app.store.tables_facts import case_person
from app.store.tables_looks import case_address

_AT_A_TIME: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whose: `only_in_hand` where the role sees assigned cases alone."""

    holder: Holder
    away_from: Keys
    only_in_hand: bool = True


@dataclass(frozen=True, slots=True)
class CaseColumns:
    """Where a list's rows name the verification, the case and its region.

    Without a verification, whoever reads the rows has to leave out relatives' cases.
    """

    verification_id: "sa.ColumnElement[str] | None"
    case_reference: "sa.ColumnElement[str]"
    region: "sa.ColumnElement[str]"


def within_reach(reach: Reach | None, of: CaseColumns) -> list["sa.ColumnElement[bool]"]:
    """Conditions on a list's rows; none where whoever looks is no member of staff."""
    if reach is None:
        return []
    found: list[sa.ColumnElement[bool]] = []
    if of.verification_id is not None:
        found += _apart(reach.away_from, of.verification_id)
    if reach.only_in_hand:
        found.append(is_in_hand(reach.holder, of.case_reference, of.region))
    return found


def _apart(away: Keys, verification_id: "sa.ColumnElement[str]") -> list["sa.ColumnElement[bool]"]:
    """No such person or home in it; of what nobody knows the persons yet, nothing is shown."""
    if not away.persons and not away.homes:
        return []
    person, home = case_person.c, case_address.c
    here = person.verification_id == verification_id
    found: list[sa.ColumnElement[bool]] = [sa.exists().where(here)]
    if away.persons:
        found.append(~sa.exists().where(here, person.person_key.in_(sorted(away.persons))))
    if away.homes:
        in_home = home.address_key.in_(sorted(away.homes))
        found.append(~sa.exists().where(home.verification_id == verification_id, in_home))
    return found


def reachable(tx: sa.Connection, reach: Reach | None, ids: Iterable[str]) -> set[str]:
    """Those of the verifications that may be listed."""
    some = sorted(set(ids))
    if reach is None:
        return set(some)
    of = CaseColumns(verification.c.id, verification.c.case_reference, verification.c.region)
    found: set[str] = set()
    for start in range(0, len(some), _AT_A_TIME):
        here = verification.c.id.in_(some[start : start + _AT_A_TIME])
        query = sa.select(verification.c.id).where(here, *within_reach(reach, of))
        found.update(row.id for row in tx.execute(query))
    return found


def verifications_named(tx: sa.Connection, case_reference: str, region: str) -> list[str]:
    """Of the case of that number in the region's subtree."""
    its = verification.c
    if not storable(case_reference):
        return []
    where = (its.case_reference == case_reference, in_region(its.region, region))
    return list(tx.execute(sa.select(its.id).where(*where).order_by(its.id)).scalars())


def case_references(tx: sa.Connection, ids: Iterable[str]) -> Mapping[str, str]:
    """The case's number of each that is a verification, by its id."""
    its, some = verification.c, sorted(set(ids))
    found: dict[str, str] = {}
    for start in range(0, len(some), _AT_A_TIME):
        here = its.id.in_(some[start : start + _AT_A_TIME])
        query = sa.select(its.id, its.case_reference).where(here)
        found.update({row.id: row.case_reference for row in tx.execute(query)})
    return found
