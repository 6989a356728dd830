"""Searches that are answered at once: three forms, what they find, what they are told."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa

from app.audit.look_rules import load_look_rules
from app.audit.unusual import Code, Day, Seen, unusual_of
from app.dci.envelope import document_of
from app.domain.instants import china_day
from app.jobs.unusual_looks import LookReader
from app.store.tables import audit_entry
from connectors.dci.signatures import Dialect
from tests.dci.parts import a_partner, by_expression, by_id
from tests.dci.standard_parts import FOLDER
from tests.service_parts import HEAD, NAMES, SPOUSE, UNLIMITED, Running, a_body, all_ten, running

NIGHT: Final = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # one in the morning in China
pytestmark = pytest.mark.asyncio(loop_scope="module")
ON_BOTH = True


@pytest.mark.parametrize("dialect", ["openspp", "jws_detached", "jws", "none"])
async def test_a_person_is_found_by_number_in_each_dialect(verified: Running, dialect: str) -> None:
    """Names are Chinese: OpenSPP signs them escaped, OpenG2P as UTF-8, OpenCRVS as written."""
    partner = await a_partner(verified, dialect=Dialect(dialect), dialects=(dialect,))
    query = by_id("UIN", HEAD, response_entity="Member", consent={"said by": NAMES["m1"]})
    (record,) = await partner.records(query)
    assert record["name"]["surname"] == "李"
    assert record["name"]["given_name"] == "明"
    assert record["sex"] == "male"
    assert record["is_head_of_household"]
    assert record["household_size"] == 3


async def test_a_household_is_found_by_any_member(verified: Running) -> None:
    partner = await a_partner(verified)
    (record,) = await partner.records(by_id("UIN", SPOUSE))
    assert record["@type"] == "Group"
    assert [one["demographic_info"]["name"]["full_name"] for one in record["member_list"]] == [
        NAMES["m1"],
        NAMES["m2"],
        NAMES["m3"],
    ]
    told = {one["name"]: one["value"] for one in record["additional_attributes"]}
    assert told["verification.status"] == "final"


async def test_a_search_that_names_nobody_is_answered_with_a_right_of_its_own(
    verified: Running,
) -> None:
    narrow = await a_partner(verified, scopes=("dci",))
    query = by_expression({"verification.status": "final"})
    (refused,) = await narrow.finds(query)
    assert refused["status_reason_code"] == "rjct.filter.invalid"
    wide = await a_partner(verified)
    assert len(await wide.records(query)) == 1


FITS: Final = [
    {"group_size": {"$lt": 5}},
    {"$and": [{"location": "2201"}, {"group_size": {"$gte": 3}}]},
    {"verification.outcome": {"$in": ["confirmed", "not_confirmed", "undetermined"]}},
    {"demographic_info.person.sex": "female", "birth_date": {"$lt": "1990-01-01"}},
    {"marital_status": "W"},
    {"age": {"$lt": 20}},
    {"$or": [{"age": {"$lt": 1}}, {"UIN": SPOUSE}]},
    {"HHID": "220102-2026-000123"},
    {"verification.as_of": "2026-11-24"},
    {"poverty_score": {"$lt": 1}},
]
FITS_NOT: Final = [
    {"group_size": {"$gt": 3}},
    {"location": "220103"},
    {"sex": "male", "marital_status": "W"},
    {"age": {"$gt": 90}},
    {"poverty_score": {"$gte": 1}},
    {"HHID": "220102-2026-000124"},
]


async def test_households_fit_or_do_not(verified: Running) -> None:
    partner = await a_partner(verified)
    items = await partner.finds(*map(by_expression, [*FITS, *FITS_NOT]))
    found = [len(one["data"]["reg_records"]) for one in items]
    assert found == [1] * len(FITS) + [0] * len(FITS_NOT)
    assert [one["reference_id"] for one in items] == [f"r-{n}" for n in range(1, len(found) + 1)]


async def test_persons_are_found_sorted_and_in_pages(verified: Running) -> None:
    partner = await a_partner(verified)
    more = {"response_entity": "Member", "sort": [{"attribute_name": "age", "sort_order": "asc"}]}
    query = by_expression({"location": "220102"}, **more)
    pages = [{**query, "pagination": {"page_size": 2, "page_number": n}} for n in (1, 2, 3)]
    items = await partner.finds(query, *pages)
    ages = [[one["birth_date"] for one in item["data"]["reg_records"]] for item in items]
    assert ages[0] == ["2010-06-08", "1982-04-15", "1980-03-07"]
    assert ages[1:] == [ages[0][:2], ages[0][2:], []]
    assert {one["pagination"]["total_count"] for one in items} == {3}


WRONG: Final[list[tuple[dict[str, Any], str]]] = [
    ({"pagination": {"page_size": 0, "page_number": 1}}, "rjct.pagination.invalid"),
    ({"pagination": {"page_size": 10, "page_number": 0}}, "rjct.pagination.invalid"),
    ({"sort": [{"attribute_name": "colour", "sort_order": "asc"}]}, "rjct.sort.invalid"),
    ({"sort": [{"attribute_name": "age", "sort_order": "up"}]}, "rjct.sort.invalid"),
    ({"reg_type": "ns:org:RegistryType:Civil"}, "rjct.search_criteria.invalid"),
    ({"response_entity": "Village"}, "rjct.search_criteria.invalid"),
]


async def test_an_item_is_refused_and_the_others_are_answered(verified: Running) -> None:
    partner = await a_partner(verified)
    right = by_id("UIN", HEAD)
    wrong = [{**right, **changes} for changes, _ in WRONG]
    body = partner.search(right, *wrong, right, right, right)
    items = body["message"]["search_request"]
    items[-1]["timestamp"] = "2026-11-24T04:00:00"
    items[-2]["locale"] = "en"
    items[-3]["reference_id"] = "r-1"
    reply = (
        await partner.sends(partner.signed(body["header"], body["message"]), valid=False)
    ).json()
    found = reply["message"]["search_response"]
    codes = [one.get("status_reason_code") for one in found]
    assert codes == [
        None,
        *(code for _, code in WRONG),
        "rjct.reference_id.duplicate",
        "rjct.search_criteria.invalid",
        "rjct.timestamp.invalid",
    ]
    assert HEAD not in str([one.get("status_reason_message") for one in found])
    assert reply["header"]["status"] == "succ"
    assert reply["header"]["completed_count"] == len(items)


async def test_texts_are_in_the_language_asked_for(verified: Running) -> None:
    partner = await a_partner(verified)
    told = {}
    for locale in ("eng", "zho", "fra"):
        body = partner.search(by_id("UIN", HEAD))
        body["message"]["search_request"][0]["locale"] = locale
        reply = await partner.sends(partner.signed(body["header"], body["message"]))
        (item,) = reply.json()["message"]["search_response"]
        (record,) = item["data"]["reg_records"]
        named = {one["name"]: one["value"] for one in record["additional_attributes"]}
        told[item["locale"]] = named["verification.status_text"]
        assert named["verification.status"] == "final"
    assert told == {"eng": "final", "zho": "已完成"}


async def test_another_county_finds_nothing(verified: Running) -> None:
    """Neither by number nor by what is known, nor by the ids of this one."""
    here, away = await a_partner(verified), await a_partner(verified, region="220103")
    (record,) = await here.records(by_id("UIN", HEAD))
    ids = {one["identifier_type"]: one["identifier_value"] for one in record["group_identifier"]}
    queries = [
        by_id("UIN", HEAD),
        by_id("HHID", ids["HHID"]),
        by_id("HHID", ids["VERIFICATION_ID"]),
        by_expression({"location": "220102"}),
    ]
    assert [len(one["data"]["reg_records"]) for one in await here.finds(*queries)] == [1] * 4
    assert [len(one["data"]["reg_records"]) for one in await away.finds(*queries)] == [0] * 4


async def test_a_client_of_other_programmes_finds_nothing(verified: Running) -> None:
    partner = await a_partner(verified, programmes=("medical_relief",))
    assert await partner.records(by_id("UIN", HEAD)) == []


async def test_every_record_is_a_look_in_the_trail(verified: Running) -> None:
    """Who looked, at whom, for what; of a wide search how many, and which."""
    partner = await a_partner(verified)
    await partner.records(by_id("UIN", HEAD))
    await partner.records(by_expression({"location": "220102"}))
    actor = partner.sender.client_id
    query = sa.select(audit_entry.c.action, audit_entry.c.object, audit_entry.c.details)
    rows = await verified.parts.shelf.database.read(
        lambda tx: tx.execute(query.where(audit_entry.c.actor == actor)).all()
    )
    (one, many) = rows
    first, second = json.loads(one.details), json.loads(many.details)
    assert (one.action, first["look"], first["purpose"]) == (
        "registry_searched",
        "case",
        "application",
    )
    assert first["persons"] == "m1,m2,m3"
    assert (many.object, second["look"], second["count"]) == ("list:registry", "list", "1")
    assert second["cases"] == one.object
    assert HEAD not in one.details + many.details


async def test_wide_searches_are_counted(tmp_path: Path) -> None:
    rates = f"{UNLIMITED},wide=2/60"
    async with running(tmp_path, all_ten(), rates=rates) as service:
        partner = await a_partner(service)
        query = by_expression({"location": "220102"})
        replies = [await partner.sends(partner.search(query)) for _ in range(3)]
        assert [one.status_code for one in replies] == [200, 200, 429]
        assert replies[-1].json()["errors"][0]["code"] == "err.request.too_many_requests"
        assert await partner.records(by_id("UIN", HEAD)) == []


EXAMPLES: Final = {
    "processflow1-1req": (1, None),
    "processflow1-2req": (1, None),
    "processflow1-3req": (1, None),
    "processflow2req": (0, None),
    "processflow3areq": (0, None),
    "processflow4req": (0, "rjct.filter.invalid"),
}
"""The published requests: how many records each finds here, or why it is refused. The last one asks
for a sex that is less than another."""


@pytest.mark.parametrize("name", EXAMPLES)
async def test_the_published_examples_are_answered(verified: Running, name: str) -> None:
    """As they are, but for the time, the ids of this run and the sender's own name and signature:
    theirs are placeholders."""
    text = (FOLDER / "examples" / f"{name}.json").read_bytes()
    body = document_of(text)
    partner = await a_partner(verified, dialect=Dialect.OPENSPP)
    header = {
        **body["header"],
        "message_id": name,
        "message_ts": verified.clock().isoformat(),
        "sender_id": partner.sender.sender_id,
    }
    reply = await partner.sends(partner.signed(header, body["message"]), valid=False)
    document = reply.json()
    partner.check(document)
    (item,) = document["message"]["search_response"]
    records, code = EXAMPLES[name]
    assert item.get("status_reason_code") == code
    assert len(item.get("data", {}).get("reg_records", [])) == records
    assert (document["header"]["sender_id"], document["header"]["message_id"]) == (
        body["header"]["receiver_id"],
        name,
    )


async def test_what_a_partner_lists_is_in_the_report_of_the_day(verified: Running) -> None:
    """Many households listed in a day, or a protected person; never its hours: it has none."""
    partner = await a_partner(verified)
    await partner.records(by_expression({"location": "220102"}))
    calendar = load_look_rules(None)
    reader = LookReader.over(verified.parts.cipher, calendar)
    day = china_day(verified.clock())
    found = await verified.parts.shelf.database.read(lambda tx: reader.of_day(tx, day, "220102"))
    assert [one.code for one in found if one.actor == partner.sender.client_id] == []
    listed = frozenset(f"vf_{place}" for place in range(501))
    seen = Seen(position=1, at=NIGHT, actor="cl_1", listed=listed, is_system=True)
    assert [one.code for one in unusual_of(Day(day, calendar), [seen])] == [Code.MANY_HOUSEHOLDS]


async def test_the_newest_verification_stands_for_the_household(tmp_path: Path) -> None:
    """One record a household, also where it was verified twice; by the earlier one's id, too."""
    async with running(tmp_path, all_ten()) as service:
        first = (await service.post()).json()["id"]
        service.clock.forward(seconds=30)
        again = a_body(purpose="reverification")
        second = (await service.post(again)).json()["id"]
        partner = await a_partner(service)
        queries = [by_id("UIN", HEAD), by_id("HHID", first), by_expression({"region": "22"})]
        for item in await partner.finds(*queries):
            (record,) = item["data"]["reg_records"]
            assert record["@id"].endswith(second)
