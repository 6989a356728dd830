"""Whoever misuses what he or she may see is in the report of the day; whoever works is not."""

import os
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.access.relations import as_persons, homes_of
from app.api.schemas.verification import VerificationIn
from app.audit.chain import AuditTrail
from app.audit.look_rules import load_look_rules
from app.audit.unusual import Code, Day, Seen, unusual_of
from app.domain.errors import ConfigurationError
from app.domain.household import IdType
from app.domain.instants import CHINA
from app.jobs.unusual_looks import LookReader
from app.store.audit_entries import AuditEntries
from app.store.case_persons import AskedCase, CasePersons
from app.store.crypto import FieldCipher
from app.store.relations import CaseHomes, ProtectedPerson, ProtectedPersons
from app.store.session import connect
from app.store.staff import ACTIVE, Account, StaffAccounts
from app.store.verifications import StoredVerification, Verifications
from tests.looks.parts import a_case, assigned, somebody
from tests.looks.traces import World, days, made
from tests.new_databases import brought_up
from tests.service_parts import NOON, NUMBERS, Running, a_body

SEEDS = range(20) if os.environ.get("HEDUI_CASES") == "full" else range(3)
TUESDAY = date(2026, 11, 24)


def _request(case: Any) -> Any:
    body = a_body(case_reference=f"case-{case.id}")
    body["household"]["address"] = case.address
    body["household"]["members"] = [
        {
            "ref": f"m{place}",
            "name": name,
            "id_type": "resident_id",
            "id_number": number,
            "relationship": "head" if place == 1 else "other",
        }
        for place, (name, number) in enumerate(case.persons, 1)
    ]
    body["household"]["supporters"] = []
    body["declared"] = {"income": [], "assets": [], "expenses": []}
    body["consent"]["signatories"] = [one["ref"] for one in body["household"]["members"]]
    return VerificationIn.model_validate(body).to_domain()


def _store(tx: sa.Connection, world: World, cipher: FieldCipher) -> None:
    verifications, persons, homes = Verifications(cipher), CasePersons(cipher), CaseHomes(cipher)
    for case in world.cases:
        request = _request(case)
        new = StoredVerification(
            id=case.id,
            client_id="cl_1",
            status="final",
            request=request,
            requested_at=NOON,
            changed_at=NOON,
            final_at=NOON,
            recheck_of=None,
        )
        verifications.add(tx, new)
        asked = AskedCase(
            verification_id=case.id, request=request, household_index=b"12345678", requested_at=NOON
        )
        persons.add(tx, asked)
        homes.add(tx, (case.id, request.region), homes_of(request))
        if case.famous:
            told = ProtectedPerson(
                id=f"pp_{case.id}", region="220102", told=b"{}", added_by="st_1", added_at=NOON
            )
            of = as_persons(IdType.RESIDENT_ID, case.persons[0][1])
            ProtectedPersons(cipher).add(tx, told, of)
    for clerk in world.clerks:
        account = Account(
            id=clerk.id,
            login=clerk.id,
            region="220102",
            name=clerk.name,
            address=clerk.address,
            state=ACTIVE,
            created_at=NOON,
            changed_at=NOON,
        )
        StaffAccounts(cipher).add(tx, account)
    clock = iter(at for at, _ in world.done)
    trail = AuditTrail(b"k" * 32, AuditEntries(), lambda: next(clock))
    for _, entry in world.done:
        trail.append_many(tx, [entry])


@pytest.mark.promise(16)
@pytest.mark.parametrize("seed", SEEDS)
async def test_all_abusers_are_told_of_and_hardly_anybody_else(
    seed: int, tmp_path: Any, record_property: Any
) -> None:
    """Of 200 days of work and 20 of abuse, read from the trail; 20 seeds by `HEDUI_CASES=full`
    before `pytest tests/looks/test_unusual.py`.

    Planted: `_out_of_hours` compared the moment in UTC: those who looked at night were missed.
    """
    url = f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    brought_up(url)
    database, cipher = connect(url), FieldCipher(b"m" * 32)
    world = made(seed)
    await database.write(lambda tx: _store(tx, world, cipher))
    reader = LookReader.over(cipher, load_look_rules(None))
    told: dict[str, set[Code]] = {}
    for day in [one.date() for one in days()]:
        found = await database.read(
            lambda tx, of=day: reader.of_day(tx, of, "220102")  # type: ignore[misc]
        )
        for one in found:
            told.setdefault(one.actor, set()).add(one.code)
    await database.aclose()
    missed = {kind for id_, kind in world.abusers.items() if id_ not in told}
    wrongly = {id_: codes for id_, codes in told.items() if id_ not in world.abusers}
    assert missed == set()
    assert len(wrongly) <= 2, wrongly
    record_property("cases", len(world.clerks))


def _at(hour: int, minute: int = 0, day: date = TUESDAY) -> datetime:
    return datetime.combine(day, time(hour, minute), CHINA).astimezone(UTC)


def _codes(*seen: Seen, day: date = TUESDAY) -> set[Code]:
    return {one.code for one in unusual_of(Day(day, load_look_rules(None)), seen)}


@pytest.mark.promise(16)
@pytest.mark.parametrize(
    ("day", "hour", "minute", "unusual"),
    [
        (TUESDAY, 6, 59, True),
        (TUESDAY, 7, 0, False),
        (TUESDAY, 19, 59, False),
        (TUESDAY, 20, 0, True),
        (date(2026, 11, 28), 10, 0, True),  # a Saturday
        (date(2026, 10, 1), 10, 0, True),  # the National Day
        (date(2026, 10, 10), 10, 0, False),  # a Saturday that is worked
    ],
)
def test_hours_and_days_are_chinas(day: date, hour: int, minute: int, unusual: bool) -> None:
    """Planted: worked Saturdays left out of `is_working_day`."""
    seen = Seen(position=1, at=_at(hour, minute, day), actor="st_1", case="vf_1", persons=3)
    assert (Code.OUT_OF_HOURS in _codes(seen, day=day)) == unusual


@pytest.mark.promise(16)
@pytest.mark.parametrize(
    ("minutes", "unusual"), [(59, True), (61, False)], ids=("within an hour", "over two hours")
)
def test_persons_are_counted_by_the_hour(minutes: int, unusual: bool) -> None:
    """Planted: persons summed over looks instead of cases: one case looked at often was many."""
    seen = [
        Seen(position=n, at=_at(9) + timedelta(minutes=n * minutes / 20), actor="st_1",
             case=f"vf_{n}", persons=3)
        for n in range(21)
    ]  # fmt: skip
    assert (Code.MANY_PERSONS in _codes(*seen)) == unusual
    again = [
        Seen(position=n, at=_at(9, n), actor="st_1", case="vf_1", persons=5) for n in range(40)
    ]
    assert _codes(*again) == set()


def test_a_day_before_all_rules_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="HEDUI_LOOKS: no rules on 2025-12-31"):
        load_look_rules(None).in_force(date(2025, 12, 31))


@pytest.mark.promise(16)
@pytest.mark.asyncio(loop_scope="module")
class TestOverHttp:
    """What really happened at the interface is in the report of its day."""

    async def test_attempts_and_protected_persons_are_told_of(self, shared: Running) -> None:
        """Planted: a refusal written in the transaction that the refusal rolled back."""
        id_, case = await a_case(shared)
        admin, checker = (
            await somebody(shared, "audit_admin"),
            await somebody(shared, "county_checker"),
        )
        protect = {"id_number": NUMBERS["m1"], "reason": "well known"}
        path = "/v1/unusual-access/protected-persons"
        assert (await admin.post(path, protect, None)).status_code == 201
        assert (await checker.get(f"/v1/verifications/{id_}")).status_code == 403
        await assigned(shared, case, checker)
        assert (await checker.get(f"/v1/verifications/{id_}")).status_code == 200
        relation = {"kind": "spouse", "id_number": NUMBERS["m2"]}
        await checker.post("/v1/relations", relation, None)
        assert (await checker.get(f"/v1/verifications/{id_}")).status_code == 404
        reply = await admin.get("/v1/unusual-access?day=2026-11-24", None)
        assert reply.status_code == 200, reply.text
        mine = {one["code"] for one in reply.json()["unusual"] if one["actor"] == checker.id}
        assert mine >= {"no_case", "related_case", "protected_person"}

    async def test_the_day_is_told_of_once(self, shared: Running) -> None:
        """Planted: the earlier entry not looked for: two of them."""
        unusual = shared.parts.trail.unusual
        await unusual.run()
        await unusual.run()
        entries = await shared.parts.shelf.database.read(
            lambda tx: [
                one for one in AuditEntries().all(tx) if one.action == "unusual_access_told"
            ]
        )
        assert [one.object for one in entries] == ["day:2026-11-23"]

    @pytest.mark.parametrize("day", ["2026-11-25", "2025-01-01", "x"])
    async def test_days_that_cannot_be_told_of(self, shared: Running, day: str) -> None:
        """Planted: the day not checked: 200."""
        admin = await somebody(shared, "audit_admin")
        assert (await admin.get(f"/v1/unusual-access?day={day}", None)).status_code == 422
