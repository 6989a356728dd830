"""Snapshots and changes on both databases: the last one of a household, pages of a batch."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.errors import Undecipherable
from app.store.changes import BatchChanges, Changes, StoredChange
from app.store.crypto import FieldCipher
from app.store.session import Database
from app.store.snapshots import Snapshots, StoredSnapshot
from app.store.tables_relief import change, snapshot
from app.store.verifications import Verifications
from tests.service_parts import NOON
from tests.store.test_verifications import a_request as a_request_at
from tests.store.test_verifications import a_verification


def a_snapshot(name: str, hours: int = 0, **changes: Any) -> StoredSnapshot:
    values: dict[str, Any] = {
        "verification_id": f"vf_{name}",
        "region": "220102003",
        "case_reference": "case 1",
        "household_index": b"persons",
        "facts": f"facts of {name}".encode(),
        "accepted_at": NOON + timedelta(hours=hours),
    }
    return StoredSnapshot(**{**values, **changes})


@pytest.fixture
def snapshots(cipher: FieldCipher) -> Snapshots:
    return Snapshots(cipher)


async def accept(store: Database, snapshots: Snapshots, *new: StoredSnapshot) -> None:
    for one in new:
        await store.write(lambda tx, one=one: snapshots.accept(tx, one, replaces=None))  # type: ignore[misc]


async def last(store: Database, snapshots: Snapshots, of: StoredSnapshot) -> str | None:
    found = await store.read(lambda tx: snapshots.last(tx, of))
    return None if found is None else found.facts.decode()


async def test_the_last_one_is_that_of_the_case_or_of_the_persons(
    migrated: Database, snapshots: Snapshots
) -> None:
    new = a_snapshot("new", 9)
    assert await last(migrated, snapshots, new) is None
    await accept(
        migrated,
        snapshots,
        a_snapshot("case", 1, household_index=b"others"),
        a_snapshot("older", 0, household_index=b"others"),
        a_snapshot("elsewhere", 5, region="220103001"),
        a_snapshot("stranger", 5, case_reference="case 2", household_index=b"others"),
    )
    assert await last(migrated, snapshots, new) == "facts of case"
    await accept(migrated, snapshots, a_snapshot("persons", 2, case_reference="case 3"))
    assert await last(migrated, snapshots, new) == "facts of persons"
    # One township or the next: it is the county's.
    moved = replace(new, region="220102007")
    assert await last(migrated, snapshots, moved) == "facts of persons"
    assert await last(migrated, snapshots, replace(new, region="220202001")) is None


async def test_a_verification_is_not_compared_with_itself(
    migrated: Database, snapshots: Snapshots
) -> None:
    one = a_snapshot("one")
    await accept(migrated, snapshots, one, one)
    assert await last(migrated, snapshots, one) is None


async def test_of_a_household_one_is_kept(migrated: Database, snapshots: Snapshots) -> None:
    first, second = a_snapshot("first"), a_snapshot("second", 1)
    await accept(migrated, snapshots, first)
    await migrated.write(lambda tx: snapshots.accept(tx, second, replaces=first))
    count = sa.select(sa.func.count()).select_from(snapshot)
    assert await migrated.read(lambda tx: tx.execute(count).scalar_one()) == 1


async def test_what_is_moved_to_another_row_does_not_open(
    migrated: Database, snapshots: Snapshots
) -> None:
    await accept(migrated, snapshots, a_snapshot("one"))
    moving = snapshot.update().values(verification_id="vf_other")
    await migrated.write(lambda tx: tx.execute(moving))
    with pytest.raises(Undecipherable):
        await last(migrated, snapshots, a_snapshot("new"))


def a_change(id_: str, position: int, **changes: Any) -> StoredChange:
    values: dict[str, Any] = {
        "verification_id": id_,
        "position": position,
        "region": "220102003",
        "batch_id": "bt_1",
        "kind": "vehicle_new",
        "person": "m1",
        "decisive": True,
        "before": "",
        "after": f"plate=吉A{position}",
    }
    return StoredChange(**{**values, **changes})


async def test_changes_of_a_batch_come_page_by_page(
    migrated: Database, cipher: FieldCipher
) -> None:
    changes, verifications = Changes(cipher), Verifications(cipher)
    for id_ in ("vf_1", "vf_2"):
        new = a_verification(id_, request=a_request_at(f"case {id_}", "220102003"))
        await migrated.write(lambda tx, new=new: verifications.add(tx, new))  # type: ignore[misc]
    some = [a_change("vf_1", 0), a_change("vf_1", 1), a_change("vf_2", 0)]
    other = a_change("vf_2", 1, batch_id=None)
    await migrated.write(lambda tx: changes.add(tx, [*some, other]))
    await migrated.write(lambda tx: changes.add(tx, some))  # again: nothing twice
    seen, after = [], None
    while True:
        page = await migrated.read(
            lambda tx, after=after: changes.of_batch(tx, BatchChanges("bt_1"), after=after, limit=2)  # type: ignore[misc]
        )
        if not page:
            break
        seen += page
        after = page[-1].place
    assert [one.change for one in seen] == some
    assert [one.case_reference for one in seen] == ["case vf_1", "case vf_1", "case vf_2"]
    assert await migrated.read(lambda tx: changes.has_changes(tx, "vf_2"))
    assert not await migrated.read(lambda tx: changes.has_changes(tx, "vf_3"))
    assert await migrated.read(lambda tx: changes.of_verification(tx, "vf_2")) == [some[2], other]


async def test_nothing_of_a_change_can_be_read_in_the_file(
    migrated: Database, cipher: FieldCipher
) -> None:
    await migrated.write(lambda tx: Changes(cipher).add(tx, [a_change("vf_1", 0)]))
    rows = await migrated.read(lambda tx: tx.execute(sa.select(change)).all())
    assert "吉A0" not in str(rows)
    assert "吉A0".encode() not in bytes(rows[0].sealed_change)
