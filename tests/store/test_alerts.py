"""Alerts, their steps and subscriptions on both databases: order, pages, versions, regions."""

from dataclasses import replace
from typing import Any

import pytest

from app.domain.errors import Conflict, NotFound
from app.store.alerts import AlertPlace, AlertQuery, Alerts, AlertStep, StoredAlert
from app.store.clients import Client, Clients
from app.store.crypto import FieldCipher
from app.store.session import Database
from app.store.subscriptions import Subscription, Subscriptions
from app.store.verifications import Verifications
from tests.alerts.stored import an_alert
from tests.service_parts import NOON
from tests.store.test_verifications import a_request as a_request_at
from tests.store.test_verifications import a_verification


@pytest.fixture
def alerts(cipher: FieldCipher) -> Alerts:
    return Alerts(cipher)


def numbered(number: int, **changes: Any) -> StoredAlert:
    of = {"id": f"al_{number}", "fact_index": bytes([number]), "rank": float(number)}
    return an_alert(**{**of, **changes})


async def add(store: Database, alerts: Alerts, *new: StoredAlert) -> None:
    await store.write(lambda tx: alerts.add(tx, new))


async def page(store: Database, alerts: Alerts, **wanted: Any) -> list[str]:
    after, limit = wanted.pop("after", None), wanted.pop("limit", 100)
    query = AlertQuery(**{"region": "2201", **wanted})
    found = await store.read(lambda tx: alerts.page(tx, query, after=after, limit=limit))
    return [one.id for one in found]


async def test_the_highest_rank_comes_first_page_by_page(
    migrated: Database, alerts: Alerts
) -> None:
    twice = replace(numbered(4), rank=2.0)
    await add(migrated, alerts, numbered(1), numbered(2), numbered(3), twice)
    assert await page(migrated, alerts, limit=2) == ["al_3", "al_4"]
    assert await page(migrated, alerts, after=AlertPlace(2.0, "al_4")) == ["al_2", "al_1"]


async def test_a_list_is_of_a_region_and_of_what_is_asked_for(
    migrated: Database, alerts: Alerts
) -> None:
    await add(
        migrated,
        alerts,
        numbered(1, kind="death", decisive=False),
        numbered(2, state="assigned", assigned_to="cl_a"),
        numbered(3, region="220202001"),
        numbered(4, positive=True, case_reference="other"),
    )
    assert await page(migrated, alerts) == ["al_4", "al_2", "al_1"]
    assert await page(migrated, alerts, region="22") == ["al_4", "al_3", "al_2", "al_1"]
    assert await page(migrated, alerts, kind="death") == ["al_1"]
    assert await page(migrated, alerts, state="assigned") == ["al_2"]
    assert await page(migrated, alerts, assigned_to="cl_a") == ["al_2"]
    assert await page(migrated, alerts, positive=True) == ["al_4"]
    assert await page(migrated, alerts, decisive=False) == ["al_1"]
    assert await page(migrated, alerts, case_reference="other") == ["al_4"]
    assert await page(migrated, alerts, case_reference="\x00") == []
    counts = await migrated.read(lambda tx: alerts.counts(tx, AlertQuery(region="2201")))
    told = [(one.kind, one.state, one.alerts, one.decisive) for one in counts]
    assert told == [
        ("death", "raised", 1, 0),
        ("vehicle_new", "assigned", 1, 1),
        ("vehicle_new", "raised", 1, 1),
    ]


async def test_an_alert_is_read_as_it_was_written_and_nowhere_else(
    migrated: Database, alerts: Alerts
) -> None:
    await add(migrated, alerts, numbered(1), numbered(1))
    assert await migrated.read(lambda tx: alerts.get(tx, "al_1", region="220102")) == numbered(1)
    for id_, region in (("al_1", "220103"), ("al_2", "22"), ("\x00", "22")):
        with pytest.raises(NotFound):
            await migrated.read(lambda tx, i=id_, r=region: alerts.get(tx, i, region=r))  # type: ignore[misc]


async def test_a_version_is_followed_by_the_next_one_alone(
    migrated: Database, alerts: Alerts
) -> None:
    await add(migrated, alerts, numbered(1))
    after = replace(numbered(1), state="assigned", assigned_to="cl_a", version=2)
    step = AlertStep(
        alert_id="al_1",
        number=2,
        region=after.region,
        action="assigned",
        actor="cl_a",
        at=NOON,
        words=b'{"to":"cl_a"}',
    )
    await migrated.write(lambda tx: alerts.move(tx, after, step))
    with pytest.raises(Conflict):
        await migrated.write(lambda tx: alerts.move(tx, after, step))
    assert await migrated.read(lambda tx: alerts.get(tx, "al_1", region="")) == after
    assert await migrated.read(lambda tx: alerts.steps(tx, "al_1")) == [step]


async def test_open_facts_are_those_not_checked_of_the_same_case(
    migrated: Database, alerts: Alerts
) -> None:
    case = numbered(1).case_reference
    await add(
        migrated,
        alerts,
        numbered(1),
        numbered(2, state="checked"),
        numbered(3, case_reference="other"),
    )
    indexes = [bytes([number]) for number in range(5)]
    found = await migrated.read(lambda tx: alerts.open_facts(tx, case, indexes))
    assert found == {b"\x01"}


def test_a_fact_has_one_index_in_a_county(alerts: Alerts) -> None:
    one = alerts.index_of(("case", "220102003"), "vehicle_new\np\nplate")
    assert one == alerts.index_of(("case", "220102007"), "vehicle_new\np\nplate")
    assert one != alerts.index_of(("case", "220103003"), "vehicle_new\np\nplate")
    assert one != alerts.index_of(("case", "220102003"), "vehicle_new\np\nother")


def a_subscription(client_id: str, **changes: Any) -> Subscription:
    values: dict[str, Any] = {
        "id": "",
        "region": "220102003",
        "client_id": client_id,
        "case_reference": "case 1",
        "events": ("alert.raised",),
        "url": "https://case.example/told",
        "created_at": NOON,
    }
    return Subscription(**{**values, **changes})


@pytest.fixture
async def clients(migrated: Database, cipher: FieldCipher) -> Database:
    """cl_county of 220102, cl_city of 2201, cl_other of 220103; one verified case each county."""
    for name, region in (("county", "220102"), ("city", "2201"), ("other", "220103")):
        new = Client(
            client_id=f"cl_{name}",
            name=name,
            region=region,
            scopes=("read",),
            secret_hash="",
            created_at=NOON,
        )
        await migrated.write(lambda tx, new=new: Clients().add(tx, new))  # type: ignore[misc]
    for id_, region in (("vf_1", "220102003"), ("vf_2", "220103001")):
        request = a_request_at(f"case {id_}", region)
        verification = a_verification(id_, request=request)
        await migrated.write(
            lambda tx, new=verification: Verifications(cipher).add(tx, new)  # type: ignore[misc]
        )
    return migrated


async def wanting(
    store: Database, subscriptions: Subscriptions, region: str = "220102003", **changes: Any
) -> list[str]:
    event = changes.get("event", "alert.raised")
    found = await store.read(
        lambda tx: subscriptions.wanting(tx, "case 1", region=region, event=event)
    )
    return sorted(one.client_id for one in found)


async def test_who_wants_to_hear_is_who_may_see_the_household(
    clients: Database, cipher: FieldCipher
) -> None:
    subscriptions = Subscriptions(cipher)
    for name in ("county", "city", "other"):
        new = a_subscription(f"cl_{name}")
        await clients.write(lambda tx, new=new: subscriptions.add(tx, new))  # type: ignore[misc]
    assert await wanting(clients, subscriptions) == ["cl_city", "cl_county"]
    assert await wanting(clients, subscriptions, "220102007") == ["cl_city", "cl_county"]
    assert await wanting(clients, subscriptions, "220104001") == []
    assert await wanting(clients, subscriptions, event="household.changed") == []


async def test_asked_twice_it_is_one_and_what_ended_can_begin_again(
    clients: Database, cipher: FieldCipher
) -> None:
    subscriptions = Subscriptions(cipher)
    new = a_subscription("cl_county")
    first = await clients.write(lambda tx: subscriptions.add(tx, new))
    again = await clients.write(lambda tx: subscriptions.add(tx, new))
    assert first == again
    assert await clients.read(lambda tx: subscriptions.of_client(tx, "cl_county")) == [first]
    await clients.write(lambda tx: subscriptions.end(tx, first.id, client_id="cl_county", now=NOON))
    assert await wanting(clients, subscriptions) == []
    for who in ("cl_county", "cl_city"):
        with pytest.raises(NotFound):
            await clients.write(
                lambda tx, who=who: subscriptions.end(tx, first.id, client_id=who, now=NOON)  # type: ignore[misc]
            )
    await clients.write(lambda tx: subscriptions.add(tx, new))
    assert await wanting(clients, subscriptions) == ["cl_county"]


@pytest.mark.parametrize(
    ("region", "case", "id_", "found"),
    [
        ("220102", "case vf_1", None, True),
        ("2201", None, "vf_2", True),
        ("220102", None, "vf_2", False),
        ("220102", "case vf_2", None, False),
        ("220102", "\x00", None, False),
    ],
)
async def test_only_a_household_that_was_verified_there_can_be_subscribed_to(
    clients: Database,
    cipher: FieldCipher,
    region: str,
    case: str | None,
    id_: str | None,
    found: bool,
) -> None:
    subscriptions = Subscriptions(cipher)
    if not found:
        with pytest.raises(NotFound):
            await clients.read(
                lambda tx: subscriptions.verified_case(
                    tx, region=region, case_reference=case, id_=id_
                )
            )
        return
    number, _ = await clients.read(
        lambda tx: subscriptions.verified_case(tx, region=region, case_reference=case, id_=id_)
    )
    assert number.startswith("case vf_")
