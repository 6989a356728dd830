"""Subscriptions: made, refused, told of what happens, ended; each partner's in its region."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.dci.listener import ADDRESSES, a_subscriber, fresh, settled
from tests.service_parts import (
    CHILD,
    HEAD,
    SPOUSE,
    Running,
    a_body,
    all_ten,
    number,
    running,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
ON_BOTH = True
PERSON: dict[str, str] = {"type": "UIN", "value": HEAD}
EVERYBODY: dict[str, str] = {"type": "*", "value": "*"}
NEVER = number("22990119900101123")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(
    tmp_path_factory: pytest.TempPathFactory, a_database: str
) -> AsyncIterator[Running]:
    folder = tmp_path_factory.mktemp("told")
    async with running(folder, all_ten(), database_url=a_database) as found:
        yield found


def _case(place: int, **more: Any) -> dict[str, Any]:
    return a_body(case_reference=f"220102-2026-{place:06}", **more)


async def test_what_happens_to_a_household_is_told_once(service: Running) -> None:
    """First it is registered, then updated, then somebody joins; others' households are silent."""
    body = _case(1)
    members = body["household"]["members"]
    smaller = {**body["household"], "members": members[:2]}
    async with a_subscriber(service) as one, a_subscriber(service) as other:
        item = await one.subscribes(PERSON, reg_event_type="*")
        assert item["status"] == "succ", item
        code = item["subscriptions"][0]["code"]
        await other.subscribes({"type": "UIN", "value": NEVER}, reg_event_type="*")
        told = []
        for household in (smaller, smaller, body["household"]):
            reply = await service.post({**body, "household": household})
            assert reply.json()["status"] == "final", reply.text
            headers, heard = await one.hears()
            assert headers["path"] == ADDRESSES["notify"]
            told.append(heard)
            await settled(service)
            service.clock.forward(seconds=1)
        assert len(other.listener.came) == 1
        assert len(one.listener.came) == 4
    for heard in told:
        assert heard["header"]["action"] == "notify"
        assert heard["header"]["meta"]["subscription_code"] == code
    data = [heard["message"]["notify_event"][0]["data"] for heard in told]
    assert [one.get("reg_event_type") for one in data] == ["REGISTER", None, "NewHouseHoldMember"]
    assert [one["reg_records"]["group_size"] for one in data] == [2, 2, 3]


async def test_members_are_told_one_by_one_and_the_new_one_alone(service: Running) -> None:
    body = _case(2)
    members = body["household"]["members"]
    smaller = {**body["household"], "members": members[:2]}
    async with a_subscriber(service) as one:
        wanted = {"reg_event_type": "NewHouseHoldMember", "notify_record_type": "Member"}
        await one.subscribes({"group_size": {"$gt": 1}}, **wanted)
        await service.post({**body, "household": smaller})
        service.clock.forward(seconds=1)
        await service.post(body)
        _, heard = await one.hears()
        await settled(service)
    (event,) = heard["message"]["notify_event"]
    (identifier,) = event["data"]["reg_records"]["identifier"]
    assert identifier["identifier_value"] == CHILD
    assert event["data"]["reg_event_type"] == "NewHouseHoldMember"


async def test_nobody_hears_of_a_region_that_is_not_his(service: Running) -> None:
    """A city hears of its counties; the neighbour of nobody."""
    async with (
        a_subscriber(service, region="2201") as city,
        a_subscriber(service, region="220103") as neighbour,
    ):
        for one in (city, neighbour):
            await one.subscribes(EVERYBODY)
            await one.subscribes({"type": "UIN", "value": SPOUSE})
        await service.post(_case(3))
        await city.delivered(4)
        await settled(service)
        assert {body["header"]["action"] for _, body in city.listener.came[2:]} == {"notify"}
        assert len(neighbour.listener.came) == 2


REFUSED = [
    ({"reg_event_type": "DELETE"}, "rjct.notify_types.invalid"),
    ({"notify_record_type": "Farmer"}, "rjct.notify_types.invalid"),
    ({"filter": {"colour": "red"}}, "rjct.notify_details.invalid"),
    ({"filter": {"type": "SHOE", "value": "42"}}, "rjct.person_id.invalid"),
    ({"frequency": {"frequency": "every day"}}, "rjct.notify_details.invalid"),
    (
        {"frequency": {"start_time": "2026-12-02T00:00:00Z", "end_time": "2026-12-01T00:00:00Z"}},
        "rjct.notify_details.invalid",
    ),
]


@pytest.mark.parametrize(("changes", "code"), REFUSED)
async def test_what_cannot_be_told_is_refused_by_its_code(
    service: Running, changes: dict[str, Any], code: str
) -> None:
    async with a_subscriber(service) as one:
        body = one.subscription(**{"given": PERSON, **_named(changes)})
        heard = await one.answer("/registry/subscribe", body, valid=False)
        (item,) = heard["message"]["subscribe_response"]
        assert (item["status"], item["status_reason_code"]) == ("rjct", code)


UNFORMED: list[dict[str, Any]] = [
    {"reg_event_type": None},
    {"reg_event_type": 5},
    {"notify_record_type": None},
    {"filter": None},
    {"filter": "everybody"},
    {"reg_type": "ns:org:RegistryType:Civil"},
]


@pytest.mark.parametrize("changes", UNFORMED, ids=str)
async def test_what_is_no_subscription_is_not_acknowledged(
    service: Running, changes: dict[str, Any]
) -> None:
    """Nobody waits for the answer to a message that says nothing; one of several is told later."""
    async with a_subscriber(service) as one:
        body = one.subscription(**{"given": PERSON, **_named(changes)})
        told = await one.asks("/registry/subscribe", body, valid=False)
        assert (told["ack_status"], told["error"]["code"]) == ("ERR", "err.request.bad")
        (item,) = body["message"]["subscribe_request"]
        (right,) = one.subscription(PERSON)["message"]["subscribe_request"]
        items = [item, {**right, "reference_id": "r-2"}]
        message = {**body["message"], "subscribe_request": items}
        both = one.message("subscribe", message, total_count=2)
        heard = await one.answer("/registry/subscribe", both, valid=False)
    statuses = [one["status"] for one in heard["message"]["subscribe_response"]]
    assert statuses == ["rjct", "succ"]


async def test_a_locale_that_is_none_is_no_identifiers_fault(service: Running) -> None:
    async with a_subscriber(service) as one:
        body = one.subscription(PERSON)
        body["message"]["subscribe_request"][0]["locale"] = "en"
        signed = one.partner.signed(body["header"], body["message"])
        told = await one.asks("/registry/subscribe", signed, valid=False)
    assert told["error"]["message"].startswith("rjct.notify_details.invalid: locale")


def _named(changes: dict[str, Any]) -> dict[str, Any]:
    return {"given" if name == "filter" else name: value for name, value in changes.items()}


async def test_who_asks_for_everybody_needs_the_right(service: Running) -> None:
    async with a_subscriber(service, scopes=("dci",)) as one:
        for given in (EVERYBODY, {"group_size": {"$lt": 3}}):
            item = await one.subscribes(given)
            assert item["status_reason_code"] == "rjct.notify_details.invalid"
        assert (await one.subscribes(PERSON))["status"] == "succ"


async def test_the_same_is_subscribed_to_once_and_ended_by_its_own_partner_alone(
    service: Running,
) -> None:
    async with a_subscriber(service) as one, a_subscriber(service) as other:
        code = (await one.subscribes(PERSON))["subscriptions"][0]["code"]
        assert (await one.subscribes(PERSON))["status_reason_code"] == (
            "rjct.event.already_subscribed"
        )
        stranger = await other.answer("/registry/unsubscribe", other.ending(code))
        assert stranger["message"]["status_reason_code"] == "rjct.subscription_code.invalid"
        assert stranger["message"]["subscription_status"] == []
        ended = await one.answer("/registry/unsubscribe", one.ending(code))
        assert ended["message"]["status"] == "succ"
        assert ended["message"]["subscription_status"] == [{"code": code, "status": "unsubscribe"}]
        again = await one.answer("/registry/unsubscribe", one.ending(code))
        assert again["message"]["status_reason_code"] == "rjct.event.already_unsubscribed"
        await service.post(_case(4))
        await settled(service)
        assert [body["header"]["action"] for _, body in one.listener.came].count("notify") == 0
        assert (await one.subscribes(PERSON))["status"] == "succ"


async def test_openspp_ends_subscriptions_under_another_name(service: Running) -> None:
    async with a_subscriber(service) as one:
        code = (await one.subscribes(PERSON))["subscriptions"][0]["code"]
        body = one.ending(code)
        message = body["message"]
        message["subscription_code"] = message.pop("subscription_codes")
        told = one.message("unsubscribe", message)
        heard = await one.answer("/registry/unsubscribe", told, valid=False)
        assert heard["message"]["status"] == "succ"


async def test_a_subscription_has_a_time_and_says_what_it_does_not_keep_to(
    service: Running,
) -> None:
    now = service.clock()
    frequency = {
        "start_time": now.isoformat(),
        "end_time": now.replace(year=now.year + 1).isoformat(),
        "frequency": "0 0 0 5,15 * ? *",
    }
    async with a_subscriber(service) as one:
        item = await one.subscribes(PERSON, frequency=frequency, reg_event_type="*")
        assert item["status"] == "succ"
        assert "cron" in item["status_reason_message"]
        service.clock.forward(days=366)
        one.partner.headers = await fresh(one)
        await service.post(_case(5, as_of="2027-11-25", consent=_consent()))
        await settled(service)
        assert len(one.listener.came) == 1


def _consent() -> dict[str, Any]:
    given: dict[str, Any] = a_body()["consent"]
    return {**given, "signed_on": "2027-11-20", "valid_until": "2028-11-19"}
