"""What became known, as rates learn from it: each decision once, with how it came to be known."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.store.crypto import FieldCipher
from app.store.facts import DecisionFacts
from app.store.known_outcomes import KnownOutcomes
from app.store.session import Database
from app.store.tables_audits import audit_item, known_outcome, source_observation
from tests.service_parts import NOON, REGION
from tests.store.test_audit_samples import an_item
from tests.store.test_facts import a_case, a_decision, amounts

DAY = timedelta(days=1)


@pytest.fixture
def known(cipher: FieldCipher) -> KnownOutcomes:
    return KnownOutcomes(DecisionFacts(cipher))


async def put(database: Database, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    await database.write(lambda tx: tx.execute(table.insert(), list(rows)))


async def decided(database: Database, cipher: FieldCipher, *ids: str, **changes: Any) -> None:
    for id_ in ids:
        case = a_case(id_, a_decision(**changes), household_index=id_.encode())
        await database.write(lambda tx, case=case: DecisionFacts(cipher).put_many(tx, [case]))  # type: ignore[misc]


def an_outcome(id_: str, **changes: Any) -> dict[str, Any]:
    return {
        "verification_id": id_,
        "programme": "urban_dibao",
        "origin": "audit",
        "region": REGION,
        "true_outcome": "not_confirmed",
        "probability": 0.25,
        "known_at": NOON,
        **changes,
    }


def an_observation(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"so_{number}",
        "region": REGION,
        "verification_id": "vf_1",
        "source": "tax",
        "kind": "missed",
        "hits": 0,
        "trials": 1,
        "months": None,
        "log_ratio": None,
        "origin": "audit",
        "observed_at": NOON,
        **changes,
    }


async def test_a_decision_with_what_it_should_have_been(
    migrated: Database, cipher: FieldCipher, known: KnownOutcomes
) -> None:
    await decided(migrated, cipher, "vf_1", "vf_2", amounts=amounts(ethnic_group=10))
    await put(migrated, known_outcome, [an_outcome("vf_1"), an_outcome("vf_3")])
    (found,) = await migrated.read(known.decisions)
    assert (found.verification_id, found.programme) == ("vf_1", "urban_dibao")
    assert (found.favours, found.true_outcome) == ("confirmed", "not_confirmed")
    assert (found.error_rate, found.interval, found.probability) == (0.03, (0.01, 0.06), 0.25)
    assert (found.household_size, found.ethnic_group, found.area) == (3, 10, "urban")
    assert found.known_at == NOON


async def test_what_was_known_last_counts_and_the_likeliest_way_to_it(
    migrated: Database, cipher: FieldCipher, known: KnownOutcomes
) -> None:
    """An objection came by itself: the decision stands for no other."""
    await decided(migrated, cipher, "vf_1")
    objection = an_outcome("vf_1", origin="objection", probability=1.0, known_at=NOON - DAY)
    audit = an_outcome("vf_1", true_outcome="confirmed")
    await put(migrated, known_outcome, [objection, audit])
    (found,) = await migrated.read(known.decisions)
    assert (found.true_outcome, found.probability) == ("confirmed", 1.0)


async def test_decisions_of_a_region(
    migrated: Database, cipher: FieldCipher, known: KnownOutcomes
) -> None:
    await decided(migrated, cipher, "vf_1")
    await put(migrated, known_outcome, [an_outcome("vf_1")])
    for region, count in (("", 1), ("2201", 1), (REGION, 1), ("2202", 0)):
        found = await migrated.read(lambda tx, of=region: known.decisions(tx, region=of))  # type: ignore[misc]
        assert len(found) == count, region


async def test_observations_with_how_likely_they_were(
    migrated: Database, known: KnownOutcomes
) -> None:
    """By the outcome known, else by the sample (who could not tell), else it came by itself."""
    rows = [
        an_observation(1),
        an_observation(2, verification_id="vf_2"),
        an_observation(3, verification_id="vf_3", origin="objection"),
    ]
    await put(migrated, source_observation, rows)
    await put(migrated, known_outcome, [an_outcome("vf_1", probability=0.3)])
    item = an_item("vf_2", inclusion=0.4)
    columns = {one.name: getattr(item, one.name) for one in audit_item.c if one.name != "sample_id"}
    await put(migrated, audit_item, [columns | {"sample_id": "as_1"}])
    found = await migrated.read(known.observations)
    assert [one.probability for one in found] == [0.3, 0.4, 1.0]


async def test_observations_of_a_time_and_a_region(
    migrated: Database, known: KnownOutcomes
) -> None:
    rows = [
        an_observation(1, kind="amount", log_ratio=0.25, trials=0, observed_at=NOON - DAY),
        an_observation(2, kind="changed", months=6.0),
        an_observation(3, region="220202003"),
    ]
    await put(migrated, source_observation, rows)
    found = await migrated.read(lambda tx: known.observations(tx, region="2201", since=NOON))
    assert [(one.kind, one.months) for one in found] == [("changed", 6.0)]
    found = await migrated.read(lambda tx: known.observations(tx, region="2201"))
    assert [one.log_ratio for one in found] == [0.25, None]


async def test_the_households_that_were_decided_last(
    migrated: Database, cipher: FieldCipher, known: KnownOutcomes
) -> None:
    """Each by its newest verification; one that is not final is not among them."""
    facts = DecisionFacts(cipher)
    cases = [
        a_case("vf_1", household_index=b"one", at=NOON - 2 * DAY),
        a_case("vf_2", household_index=b"two", at=NOON - DAY),
        a_case("vf_3", a_decision(), a_decision("orphan"), household_index=b"one", at=NOON),
        a_case("vf_4", household_index=b"four", at=NOON, status="in_review"),
        a_case("vf_5", household_index=b"five", at=NOON, region="220202003"),
    ]
    for case in cases:
        await migrated.write(lambda tx, case=case: facts.put_many(tx, [case]))  # type: ignore[misc]
    found = await migrated.read(lambda tx: known.newest(tx, region="2201", limit=10))
    assert found == ("vf_3", "vf_2")
    assert await migrated.read(lambda tx: known.newest(tx, limit=1)) == ("vf_3",)
