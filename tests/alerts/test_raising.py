"""From final verifications to stored changes, alerts and notices, on both databases."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from app.alerts.raising import Raising
from app.alerts.rules import AlertRules, Rules
from app.audit.chain import AuditTrail
from app.domain.household import Purpose
from app.store.alerts import AlertQuery, StoredAlert
from app.store.audit_entries import AuditEntries
from app.store.changes import StoredChange
from app.store.clients import Client, Clients
from app.store.outbox import Notice, Outbox
from app.store.session import Database, connect
from app.store.subscriptions import Subscription, Subscriptions
from app.store.tables_relief import snapshot as snapshots
from app.store.verifications import StoredVerification, Verifications
from app.verification.conclude import conclude
from app.verification.persist import Concluded
from app.verification.rows import result_of
from connectors.records import VehicleKind
from tests.alerts.parts import CIPHER, a_family, family, rules
from tests.builders import NOON, REGION, shipped
from tests.concluding import Told, knowledge
from tests.records import a_vehicle, an_account

NOTHING = family()
A_CAR = family(a_vehicle())
A_MOTORCYCLE = family(a_vehicle(kind=VehicleKind.MOTORCYCLE))


@dataclass
class Household:
    """One household, verified again and again."""

    database: Database
    of: AlertRules
    at: datetime = NOON
    numbers: Any = None

    def __post_init__(self) -> None:
        self.numbers = count(1)

    @property
    def raising(self) -> Raising:
        return Raising.over(
            CIPHER,
            Outbox(CIPHER),
            Rules({"all": (self.of,)}),
            standards=shipped(),
            audit=AuditTrail(bytes(32), AuditEntries(), lambda: self.at),
            household_index=Verifications(CIPHER).household_index,
        )

    async def verified(self, told: Told, **changes: Any) -> str:
        """The household as told is final, a day later than the one before."""
        self.at += timedelta(days=1)
        case = told.case()
        request = replace(case.request, **changes)
        case = replace(case, id=f"vf_{next(self.numbers)}", request=request)
        conclusion = conclude(case, knowledge())
        verification = StoredVerification(
            id=case.id,
            client_id="cl_1",
            status="final",
            request=request,
            requested_at=self.at,
            changed_at=self.at,
            final_at=self.at,
            recheck_of=None,
        )
        result = result_of(conclusion, {}, self.at, 1)
        concluded = Concluded(case, conclusion, result, self.at)
        await self.database.write(lambda tx: self.raising.on_final(tx, verification, concluded))
        return case.id

    async def changes(self, id_: str) -> list[StoredChange]:
        return await self.database.read(lambda tx: self.raising.changes.of_verification(tx, id_))

    async def kinds(self, id_: str) -> list[str]:
        return [one.kind for one in await self.changes(id_)]

    async def alerts(self) -> list[StoredAlert]:
        query = AlertQuery(region="2201")
        return await self.database.read(
            lambda tx: self.raising.alerts.page(tx, query, after=None, limit=100)
        )

    async def raised(self, id_: str) -> list[str]:
        return [one.kind for one in await self.alerts() if one.verification_id == id_]


@pytest.fixture
async def household(database_url: str) -> AsyncIterator[Household]:
    database = connect(database_url)
    yield Household(database, rules())
    await database.aclose()


async def test_the_first_verification_changes_nothing(household: Household) -> None:
    first = await household.verified(A_CAR)
    assert await household.kinds(first) == []
    assert await household.alerts() == []


async def test_a_new_car_is_a_change_and_raises_an_alert_once(household: Household) -> None:
    await household.verified(NOTHING)
    second = await household.verified(A_CAR)
    assert await household.kinds(second) == ["outcome_worse", "vehicle_new"]
    car = next(one for one in await household.changes(second) if one.kind == "vehicle_new")
    assert (car.person, car.decisive, car.before) == ("m1", True, "")
    assert "吉A3K58C" in car.after
    assert sorted(await household.raised(second)) == ["outcome_worse", "vehicle_new"]
    [alert] = [one for one in await household.alerts() if one.kind == "vehicle_new"]
    assert (alert.state, alert.person, alert.decisive, alert.version) == ("raised", "m1", True, 1)
    told = orjson.loads(alert.told)
    assert "吉A3K58C" in told["after"]
    assert told["money_monthly"] == "2280.00"  # three persons without any income
    # Whole days in China: raised at noon of the 25th, ten days to explain.
    assert alert.explain_until == datetime.fromisoformat("2026-12-06T16:00:00Z")
    # Unchanged, it is no change and no alert any more.
    third = await household.verified(A_CAR)
    assert await household.kinds(third) == []
    assert await household.raised(third) == []


async def test_what_comes_again_while_it_is_handled_is_not_raised_twice(
    household: Household,
) -> None:
    for told in (NOTHING, A_CAR, NOTHING):
        await household.verified(told)
    last = await household.verified(A_CAR)
    assert "vehicle_new" in await household.kinds(last)
    assert await household.raised(last) == []


async def test_a_transaction_that_is_repeated_doubles_nothing(household: Household) -> None:
    await household.verified(NOTHING)
    second = await household.verified(A_CAR)
    before = await household.alerts()
    household.numbers = count(2)
    household.at -= timedelta(days=1)
    assert await household.verified(A_CAR) == second
    assert await household.alerts() == before
    rows = sa.select(sa.func.count()).select_from(snapshots)
    assert await household.database.read(lambda tx: tx.execute(rows).scalar_one()) == 1


@pytest.mark.parametrize(("compatibility", "raised"), [(True, []), (False, ["vehicle_new"])])
async def test_what_cannot_change_an_outcome_is_a_change_and_perhaps_no_alert(
    household: Household, *, compatibility: bool, raised: list[str]
) -> None:
    household.of = replace(rules(), compatibility=compatibility)
    await household.verified(NOTHING)
    second = await household.verified(A_MOTORCYCLE)
    assert await household.kinds(second) == ["vehicle_new"]
    assert await household.raised(second) == raised


async def test_a_kind_that_is_switched_off_is_not_raised(household: Household) -> None:
    kinds = dict.fromkeys(rules().switched, False)
    household.of = replace(rules(), switched=kinds)
    await household.verified(NOTHING)
    second = await household.verified(A_CAR)
    assert await household.kinds(second) == ["outcome_worse", "vehicle_new"]
    assert await household.raised(second) == []


@pytest.mark.parametrize(
    ("purpose", "is_raised"), [(Purpose.APPLICATION, False), (Purpose.REVERIFICATION, True)]
)
async def test_a_first_reverification_raises_what_speaks_of_how_things_are(
    household: Household, purpose: Purpose, *, is_raised: bool
) -> None:
    first = await household.verified(
        family(other_cases=("220103 220103-2026-000009",)), purpose=purpose
    )
    assert await household.kinds(first) == []
    assert ("duplicate_relief" in await household.raised(first)) is is_raised


async def test_an_earlier_day_never_replaces_a_later_one(household: Household) -> None:
    await household.verified(A_CAR)
    late = await household.verified(NOTHING, as_of=date(2026, 10, 1))
    assert await household.kinds(late) == []
    again = await household.verified(A_CAR)
    assert await household.kinds(again) == []


async def test_a_source_that_failed_raises_no_loss_and_hides_none(household: Household) -> None:
    poor, rich = family(), family(an_account("900000.00"))
    failed = family(failed=[("m1", "bank")])
    await household.verified(poor)
    gap = await household.verified(failed)
    assert await household.kinds(gap) == ["data_incomplete"]
    assert await household.raised(gap) == ["data_incomplete"]
    again = await household.verified(failed)
    assert await household.kinds(again) == []
    came = await household.verified(rich)
    assert {"balance_up", "outcome_worse"} <= set(await household.kinds(came))


async def test_who_subscribed_is_told_that_there_is_something_and_not_what(
    household: Household,
) -> None:
    database, outbox = household.database, Outbox(CIPHER)
    await household.verified(NOTHING)
    client = Client(
        client_id="cl_1",
        name="county",
        region="220102",
        scopes=("read",),
        secret_hash="",
        created_at=NOON,
    )
    wanted = Subscription(
        id="",
        region=REGION,
        client_id="cl_1",
        case_reference=a_family().case_reference,
        events=("alert.raised", "household.changed"),
        url="https://case.example/told",
        created_at=NOON,
    )

    def subscribe(tx: sa.Connection) -> None:
        Clients().add(tx, client)
        Subscriptions(CIPHER).add(tx, wanted)

    await database.write(subscribe)
    second = await household.verified(A_CAR)
    told: list[Notice] = []
    # Of one verification the earliest alone is taken, until it is accepted.
    while notices := await database.write(
        lambda tx: outbox.take_due(
            tx, now=household.at + timedelta(days=1), limit=50, lease=timedelta(days=30)
        )
    ):
        for notice in notices:
            told.append(notice)
            await database.write(
                lambda tx, id_=notice.event_id: outbox.delivered(tx, id_, household.at)  # type: ignore[misc]
            )
    assert sorted(one.type for one in told) == ["alert.raised"] * 2 + ["household.changed"]
    assert {one.alert_id for one in told} == {None, *(one.id for one in await household.alerts())}
    for one in told:
        body = orjson.loads(one.body)
        assert body["event_id"] == one.event_id
        assert body["verification"] == second
        for secret in ("吉A3K58C", "李明", "vehicle", "m1"):
            assert secret not in one.body.decode()


async def test_raising_is_audited_without_saying_what(household: Household) -> None:
    await household.verified(NOTHING)
    second = await household.verified(A_CAR)
    entries = await household.database.read(lambda tx: list(AuditEntries().all(tx)))
    assert [(one.action, one.object, one.actor) for one in entries] == [
        ("alerts_raised", second, "hedui")
    ]
    assert "vehicle" not in entries[0].details
