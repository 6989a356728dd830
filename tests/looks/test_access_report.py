"""A person sees who looked: the report is the log, row by row, and nothing of anybody else."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.access.relations import as_persons
from app.api.schemas.verification import VerificationIn
from app.audit.look_rules import LookCalendar, load_look_rules
from app.domain.household import IdType
from app.report.who_looked import AccessReports
from app.store.case_persons import AskedCase, CasePersons
from app.store.crypto import FieldCipher
from app.store.schema import metadata
from app.store.session import Database, connect
from app.store.tables import audit_entry
from app.store.verifications import StoredVerification, Verifications
from tests.looks.parts import a_case, assigned, somebody
from tests.service_parts import HEAD, NOON, NUMBERS, SPOUSE, Running, a_body, number

HISTORIES = 1_000 if os.environ.get("HEDUI_CASES") == "full" else 40
ENTRIES = 40
PEOPLE = tuple(number(f"229901{1950 + n}0308{n:03d}") for n in range(10, 22))
DELAYS = {"investigation": 180, "supervision": 90}
PURPOSES = ("application", "reverification", "audit", *DELAYS)
COUNTIES = ("220102003", "220103001")
VIEWS = ("verification_read", "evidence_read", "report_read", "review_item_read")


@dataclass
class History:
    """A made-up trail, kept as plain rows beside the real one."""

    random: Random
    cases: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def household(self, id_: str) -> None:
        chosen = self.random.sample(PEOPLE, self.random.randint(1, 4))
        supporter = self.random.random() < 0.3 and len(chosen) > 1
        persons = {f"m{place}": who for place, who in enumerate(chosen, 1)}
        if supporter:
            last = f"m{len(chosen)}"
            persons = {("s1" if ref == last else ref): who for ref, who in persons.items()}
        self.cases[id_] = {
            "persons": persons,
            "region": self.random.choice(COUNTIES),
            "purpose": self.random.choice(("application", "reverification")),
            "reference": f"case-{id_}",
            "batch": self.random.choice((None, "bt_1", "bt_2")),
        }

    def entry(self, at: datetime) -> None:
        make: Callable[[History, str, datetime], dict[str, Any]] = self.random.choice(
            (_view, _view, _old_view, _query, _reused, _requested, _listed, _export, _other)
        )
        id_ = self.random.choice(sorted(self.cases))
        row = make(self, id_, at)
        self.rows.append(row)


def _row(history: History, id_: str, at: datetime, action: str, **details: str) -> dict[str, Any]:
    actor = history.random.choice(("cl_1", "cl_2", "st_1", "st_2", "hedui recipients"))
    region = history.cases[id_]["region"]
    return {
        "at": at, "actor": actor, "action": action, "object": id_, "region": region,
        "details": details,
    }  # fmt: skip


def _view(history: History, id_: str, at: datetime) -> dict[str, Any]:
    refs = sorted(history.cases[id_]["persons"])
    shown = refs if history.random.random() < 0.7 else history.random.sample(refs, 1)
    details = {
        "look": "case",
        "persons": ",".join(shown),
        "purpose": history.random.choice(PURPOSES),
        "office": "220102",
        "consent": "SQ-1",
    }
    return _row(history, id_, at, history.random.choice(VIEWS), **details)


def _old_view(history: History, id_: str, at: datetime) -> dict[str, Any]:
    return _row(history, id_, at, history.random.choice(VIEWS))


def _query(history: History, id_: str, at: datetime) -> dict[str, Any]:
    refs = sorted(history.cases[id_]["persons"])
    asked = history.random.sample(refs, history.random.randint(1, len(refs)))
    purpose = history.cases[id_]["purpose"]
    details = {"source": "bank", "persons": ",".join(asked), "consent": "SQ-1", "purpose": purpose}
    return _row(history, id_, at, "source_asked", **details)


def _reused(history: History, id_: str, at: datetime) -> dict[str, Any]:
    refs = sorted(history.cases[id_]["persons"])
    some = {f"{source}/{history.random.choice(refs)}" for source in ("tax", "bank", "vehicle")}
    details = {"answers": ",".join(sorted(some)), "purpose": history.cases[id_]["purpose"]}
    return _row(history, id_, at, "answers_reused", **details)


def _requested(history: History, id_: str, at: datetime) -> dict[str, Any]:
    case = history.cases[id_]
    details = {"case": case["reference"], "purpose": case["purpose"]}
    return _row(history, id_, at, "verification_accepted", **details)


def _listed(history: History, id_: str, at: datetime) -> dict[str, Any]:
    county = history.cases[id_]["region"][:6]
    there = [one for one in sorted(history.cases) if history.cases[one]["region"][:6] == county]
    shown = history.random.sample(there, history.random.randint(1, len(there)))
    purpose = history.random.choice(("own", "audit", "supervision"))
    details = {"look": "list", "cases": ",".join(shown), "purpose": purpose, "office": county}
    row = _row(history, id_, at, "review_items_listed", **details)
    return {**row, "object": "list:review_items", "region": county}


def _export(history: History, id_: str, at: datetime) -> dict[str, Any]:
    county = history.cases[id_]["region"][:6]
    batch = history.random.choice(("bt_1", "bt_2"))
    details = {"look": "export", "count": "3", "purpose": "own", "office": county}
    row = _row(history, id_, at, "batch_results_read", **details)
    return {**row, "object": batch, "region": county}


def _other(history: History, id_: str, at: datetime) -> dict[str, Any]:
    action = history.random.choice(("verification_final", "look_refused", "review_decided"))
    return _row(history, id_, at, action, persons="m1", why="related")


def expected(history: History, person: str, region: str, now: datetime) -> list[tuple[Any, ...]]:
    """What the person is to be told: read off the plain rows, one after the other."""
    told = []
    for row in history.rows:
        if not row["region"].startswith(region):
            continue
        for line in _told_of(history, row, person, region):
            wait = DELAYS.get(line[3], 0)
            if row["at"] + timedelta(days=wait) <= now:
                told.append(line)
                break
            break
    return told


def _told_of(
    history: History, row: dict[str, Any], person: str, region: str
) -> list[tuple[Any, ...]]:
    details, object_ = row["details"], row["object"]
    mine = {
        id_: {ref for ref, who in case["persons"].items() if who == person}
        for id_, case in history.cases.items()
        if case["region"].startswith(region)
    }
    mine = {id_: refs for id_, refs in mine.items() if refs}

    def line(kind: str, id_: str, *sources: str) -> tuple[Any, ...]:
        case = history.cases[id_]
        is_member = any(ref.startswith("m") for ref in mine[id_])
        purpose = details.get("purpose", "own")
        purpose = case["purpose"] if purpose == "own" else purpose
        reference = case["reference"] if is_member and kind != "export" else None
        return (row["at"], row["actor"], kind, purpose, sources, reference)

    if object_.startswith("list:"):
        shown = [id_ for id_ in details["cases"].split(",") if id_ in mine]
        return [line("list", shown[0])] if shown else []
    if object_.startswith("bt_"):
        here = [id_ for id_ in sorted(mine) if history.cases[id_]["batch"] == object_]
        return [line("export", here[0])] if here else []
    if object_ not in mine:
        return []
    if row["action"] == "source_asked":
        asked = mine[object_] & set(details["persons"].split(","))
        return [line("query", object_, details["source"])] if asked else []
    if row["action"] == "answers_reused":
        pairs = [one.split("/") for one in details["answers"].split(",")]
        sources = sorted({source for source, ref in pairs if ref in mine[object_]})
        return [line("reuse", object_, *sources)] if sources else []
    if row["action"] == "verification_accepted":
        return [line("request", object_)]
    if row["action"] in VIEWS:
        seen = set(details["persons"].split(",")) if "persons" in details else mine[object_]
        return [line("view", object_)] if seen & mine[object_] else []
    return []


def _store(tx: Any, history: History, cipher: FieldCipher) -> None:
    """The history as the service would have stored it."""
    verifications, persons = Verifications(cipher), CasePersons(cipher)
    for id_, case in sorted(history.cases.items()):
        request = _request(case)
        verifications.add(
            tx,
            StoredVerification(
                id=id_,
                client_id="cl_1",
                status="final",
                request=request,
                requested_at=NOON,
                changed_at=NOON,
                final_at=NOON,
                recheck_of=None,
                batch_id=case["batch"],
            ),
        )
        asked = AskedCase(
            verification_id=id_, request=request, household_index=b"12345678", requested_at=NOON
        )
        persons.add(tx, asked)
    # As rows: made through the trail, 250 days' entries would wait to be anchored for too long.
    rows = [
        {
            **{name: row[name] for name in ("at", "actor", "action", "object", "region")},
            "position": position,
            "details": json.dumps(row["details"]),
            "previous": position.to_bytes(4, "big"),
            "mac": b"",
        }
        for position, row in enumerate(history.rows, 1)
    ]
    if rows:
        tx.execute(audit_entry.insert(), rows)


def _request(case: dict[str, Any]) -> Any:
    body = a_body(case_reference=case["reference"], region=case["region"], purpose=case["purpose"])
    members, supporters = [], []
    for ref, who in case["persons"].items():
        one = {"ref": ref, "name": f"李{ref}", "id_type": "resident_id", "id_number": who}
        if ref.startswith("m"):
            members.append({**one, "relationship": "head" if ref == "m1" else "other"})
        else:
            supporters.append(
                {**one, "relationship": "parent", "supports": ["m1"], "household_size": 2}
            )
    body["household"]["members"], body["household"]["supporters"] = members, supporters
    body["declared"] = {"income": [], "assets": [], "expenses": []}
    body["consent"]["signatories"] = sorted(case["persons"])
    return VerificationIn.model_validate(body).to_domain()


def _made(seed: int) -> History:
    history = History(Random(seed))
    for place in range(history.random.randint(1, 6)):
        history.household(f"vf_{place}")
    at = NOON - timedelta(days=250)
    for _ in range(history.random.randint(0, ENTRIES)):
        at += timedelta(hours=history.random.randint(1, 300))
        history.entry(at)
    return history


def _shown(lines: Any) -> list[tuple[Any, ...]]:
    found = []
    for one in lines:
        at = datetime.fromisoformat(one["at"])
        found.append(
            (at, one["kind"], one["purpose"], tuple(one["sources"]), one["case_reference"])
        )
    return found


def _emptied(tx: Any) -> None:
    for name in ("audit_entry", "verification", "case_person", "case_household", "case_address"):
        tx.execute(metadata.tables[name].delete())


def _calendar() -> LookCalendar:
    shipped = load_look_rules(None).model_dump(by_alias=True)
    (rules,) = shipped["looks"].values()
    return LookCalendar.model_validate({**shipped, "looks": {date(2020, 1, 1): rules}})


@pytest.mark.promise(17)
@pytest.mark.timeout(3600)
async def test_the_report_is_the_log(database_url: str, record_property: Any) -> None:
    """Row by row, of every person, at two moments, in a county and in the city; all of 1,000
    histories by `HEDUI_CASES=full pytest tests/looks/test_access_report.py`.

    Planted: `_of_query` told of a query without looking whether it was about this person: others'
    queries stood in the reports.
    """
    database: Database = connect(database_url)
    cipher, now = FieldCipher(b"m" * 32), [NOON]
    reports = AccessReports.over(cipher, _calendar(), lambda: now[0])
    histories = HISTORIES if database_url.startswith("sqlite") else HISTORIES // 4
    rows = 0
    for seed in range(histories):
        history = _made(seed)
        await database.write(lambda tx, one=history: _store(tx, one, cipher))  # type: ignore[misc]
        for moment in (NOON, NOON + timedelta(days=200)):
            now[0] = moment
            for person, region in zip(PEOPLE, ("220102", "2201", "22") * 4, strict=True):
                found = await database.read(
                    lambda tx, who=person, where=region: reports.of_person(  # type: ignore[misc]
                        tx, as_persons(IdType.RESIDENT_ID, who), where
                    )
                )
                wanted = expected(history, person, region, moment)
                rows += len(wanted)
                assert _shown(found.lines) == [(at, *rest) for at, _, *rest in wanted], seed
        await database.write(_emptied)
    await database.aclose()
    assert rows > histories
    record_property("cases", histories)


@pytest.mark.promise(17)
@pytest.mark.asyncio(loop_scope="module")
class TestOverHttp:
    """Through the interface: who may ask, and what is told."""

    async def test_a_look_of_the_office_and_of_the_system_are_told(self, shared: Running) -> None:
        """Planted: the clerk's id shown whatever the rules say."""
        who = number("229901197001019990"[:17])
        body = a_body()
        body["household"]["members"][1]["id_number"] = who
        id_, case = await a_case(shared, body)
        checker = await somebody(shared, "county_checker")
        await assigned(shared, case, checker)
        assert (await checker.get(f"/v1/verifications/{id_}")).status_code == 200
        admin = await somebody(shared, "audit_admin")
        asked = {"id_number": who, "identity_checked": "in_person"}
        reply = await admin.post("/v1/access-reports", asked, None)
        assert reply.status_code == 200, reply.text
        lines = reply.json()["accesses"]
        assert {one["kind"] for one in lines} >= {"request", "query", "view"}
        views = [one for one in lines if one["kind"] == "view" and one["body"]["kind"] == "office"]
        assert [one["body"] for one in views] == [
            {"kind": "office", "name": None, "region": "220102"}
        ]
        assert views[0]["purpose"] == "application"
        assert views[0]["case_reference"] == case
        assert checker.id not in reply.text
        again = (await admin.post("/v1/access-reports", asked, None)).json()["accesses"]
        assert [one["kind"] for one in again[len(lines) :]] == ["report"]
        for word in (HEAD, SPOUSE, who, "m1", "李明", "王芳", id_):
            assert word not in json.dumps(again, ensure_ascii=False)

    async def test_a_supporter_is_not_told_whose_case_it_is(self, shared: Running) -> None:
        """Planted: the case's number shown to supporters."""
        _, case = await a_case(shared)
        admin = await somebody(shared, "audit_admin")
        asked = {"id_number": NUMBERS["s1"], "identity_checked": "in_person"}
        reply = await admin.post("/v1/access-reports", asked, None)
        assert reply.json()["accesses"]
        assert case not in reply.text
        assert "SQ-2026" not in reply.text

    async def test_fifteen_digits_find_the_same_person(self, shared: Running) -> None:
        """Planted: the number searched as it was written: nothing found."""
        await a_case(shared)
        admin = await somebody(shared, "audit_admin")
        old = NUMBERS["s1"][:6] + NUMBERS["s1"][8:17]
        told = [
            (
                await admin.post(
                    "/v1/access-reports", {"id_number": one, "identity_checked": "in_person"}, None
                )
            ).json()["accesses"]
            for one in (NUMBERS["s1"], old)
        ]
        assert told[0]
        assert told[1][: len(told[0])] == told[0]

    @pytest.mark.parametrize("role", ["county_checker", "county_reviewer", "system_admin"])
    async def test_other_roles_may_not_ask(self, shared: Running, role: str) -> None:
        """Planted: the route took anybody who signed in: 200."""
        other = await somebody(shared, role)
        asked = {"id_number": HEAD, "identity_checked": "in_person"}
        assert (await other.post("/v1/access-reports", asked, None)).status_code == 403

    async def test_another_region_is_told_of_nothing(self, shared: Running) -> None:
        """Planted: the region left out of the queries: the database's wall held here; the test
        above, which has none, found it."""
        await a_case(shared)
        admin = await somebody(shared, "audit_admin", region="220103")
        asked = {"id_number": HEAD, "identity_checked": "in_person"}
        reply = await admin.post("/v1/access-reports", asked, None)
        assert (reply.status_code, reply.json()["accesses"]) == (200, [])


def test_the_shipped_rules_are_read(tmp_path: Path) -> None:
    assert load_look_rules(None).in_force(date(2026, 11, 24)).access_report.delayed_days == DELAYS
