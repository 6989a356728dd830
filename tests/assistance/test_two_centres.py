"""Two services, each with its own database: a member registered elsewhere is asked about there."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from app.store.audit_entries import AuditEntries
from app.verification.errands import mandated, query_of
from connectors.centres import BY_PLACE
from connectors.contract import NoRecord
from connectors.records import Subject
from tests.assistance.parts import (
    a_household,
    entry_of,
    signer,
    state_of,
    two_centres,
    written,
)
from tests.client_parts import Known
from tests.records import a_home, a_tax_entry
from tests.service_parts import (
    NAMES,
    NUMBERS,
    Running,
    ScriptedSource,
    all_ten,
    at_once,
    found,
    number,
    registered,
    running,
)

STRANGER_NAME = "赵六"
STRANGER = Subject(name=STRANGER_NAME, id_number=number("22990119700101111"))
SPOUSE = Subject(name=NAMES["m2"], id_number=NUMBERS["m2"])


def b_sources() -> list[ScriptedSource]:
    """What B holds: the spouse's registration and half a home, and others beside them."""
    spouse = registered("m2", household_number="229901009001")
    listed = registered("m2", subjects=(STRANGER,), in_household=True)
    home = a_home(subjects=(SPOUSE, STRANGER), shares=(None, None), unit="229901001001GB00001F0001")
    others = a_home(subjects=(STRANGER,), unit="229901001001GB00001F0002")
    return [
        ScriptedSource("household_registry", {"p1": found(spouse, listed)}),
        ScriptedSource("property", {"p1": found(home, others)}),
        *at_once("tax", "social_insurance", "housing_fund"),
    ]


async def trail(service: Running, *actions: str) -> list[dict[str, Any]]:
    """Entries of these actions, and all of them hold."""
    rows = await service.parts.shelf.database.read(
        lambda tx: list(AuditEntries().after(tx, 0, limit=10_000))
    )
    assert all(service.parts.audit.holds(row) for row in rows)
    return [
        {"object": row.object, "actor": row.actor, "details": row.details}
        for row in rows
        if row.action in actions
    ]


async def test_what_is_registered_elsewhere_is_asked_about_there(
    tmp_path: Path, empty_postgresql_url: str
) -> None:
    there = b_sources()
    postgresql = empty_postgresql_url.replace("postgresql:", "postgresql+psycopg:", 1)
    async with two_centres(tmp_path, there, database_url=postgresql) as two:
        document = await two.verified()
        evidence = (await two.a.get(f"/v1/verifications/{document['id']}/evidence")).json()
        rows = {one["id"]: one for one in evidence["evidence"]}
        home = next(one for id_, one in rows.items() if id_.startswith("ev_property_m2"))

        # Only the spouse, only what is asked by place; here she stands in no register.
        assert {one.persons[0].name for source in there for one in source.queries} == {NAMES["m2"]}
        registry = two.a.parts.desk.sources["household_registry"]
        assert isinstance(registry, ScriptedSource)
        assert sorted(ref for refs in registry.asked for ref in refs) == ["m1", "m3"]
        assert state_of(document, "household_registry", "m2")["state"] == "answered"
        assert state_of(document, "tax", "m2")["state"] == "no_record"
        assert state_of(document, "bank", "m2")["state"] == "no_record"

        # Hers, told by whom, and of nobody else anything.
        assert home["institution"] == "centre:2299"
        assert home["record"]["unit"] == "229901001001GB00001F0001"
        assert STRANGER_NAME not in str(evidence)
        kept = await two.kept()
        assert all(STRANGER_NAME.encode() not in (one.answer or b"") for one in kept)
        # One of two owners, and records of others were left out: it is told that there were some.
        assert state_of(document, "property", "m2")["state"] == "failed"

        asked = await trail(two.a, "source_asked")
        assert sum('"centre": "centre:2299"' in one["details"] for one in asked) == 5
        taken = await trail(two.b, "assistance_accepted", "source_asked", "assistance_answered")
        assert len(taken) == 15
        assert all(two.known.id == one["actor"] for one in taken if "consent" in one["details"])
        for words in (*NUMBERS.values(), *NAMES.values()):
            assert words not in str(taken) + str(asked)


async def test_it_counts_with_what_she_has_here(tmp_path: Path) -> None:
    """Both places are asked, and both count."""
    here = a_tax_entry("900.00", subjects=(SPOUSE,))
    elsewhere = a_tax_entry("700.00", subjects=(SPOUSE,))
    a_tax = ScriptedSource("tax", {"m2": found(here)})
    b_tax = ScriptedSource("tax", {"p1": found(elsewhere)})
    async with two_centres(tmp_path, [b_tax], [a_tax]) as two:
        document = await two.verified()
        assert state_of(document, "tax", "m2")["records"] == 2
        # Where B is not connected to a source, that is unknown and not nothing.
        registry = state_of(document, "household_registry", "m2")
        assert registry["state"] == "failed"
        assert "does not ask the source" in registry["detail"]


async def test_a_centre_that_is_away_leaves_it_unknown(tmp_path: Path) -> None:
    """Nobody listens there; nothing of hers is taken for nothing."""
    entry = entry_of("http://127.0.0.1:1", Known("cl_none", "none"), signer().jwks())
    path = written(tmp_path / "a.yaml", {"centres": [entry]})
    async with running(tmp_path / "a", all_ten(), sources=path) as a:
        document = (await a.post(a_household())).json()
        for source in BY_PLACE:
            told = state_of(document, source, "m2")
            assert told["state"] == "failed"
            assert "unreachable" in told["detail"]
        total = document["profile"]["totals"]["monthly_income_per_person"]
        assert total["max"] is None


async def test_what_comes_later_is_looked_for(tmp_path: Path) -> None:
    late = ScriptedSource(
        "tax", {"p1": found(a_tax_entry("700.00", subjects=(SPOUSE,)))}, answers_later=True
    )
    late.ready = False
    async with two_centres(tmp_path, [late]) as two:
        document = (await two.a.post(a_household(), wait=0)).json()
        document = await two.a.status_becomes(document["id"], "partial")
        assert state_of(document, "tax", "m2")["state"] == "pending"
        late.ready = True
        two.a.clock.now += timedelta(minutes=1)
        await two.a.parts.verifier.collect_due()
        document = await two.a.shown(document["id"])
        assert state_of(document, "tax", "m2")["records"] == 1


async def test_an_asking_that_is_sent_again_is_the_same_there(tmp_path: Path) -> None:
    """Killed between asking and storing: A asks again, and B's source is not asked again."""
    tax = ScriptedSource("tax", {"p1": NoRecord()})
    async with two_centres(tmp_path, [tax]) as two:
        document = await two.verified()
        verification = await two.a.parts.verifier.load(document["id"])
        asked = query_of(
            verification.request,
            (("m2",), ("centre:2299",)),
            reference="aq_again",
            sequence=1,
            sent_on=verification.request.as_of,
        )
        source = two.a.parts.desk.sources.at("tax", ("centre:2299",))
        progress = await source.ask(mandated(verification, asked), _permitted)
        assert [one.outcome for one in progress.replies] == [NoRecord()]
        assert len(tax.asked) == 1


async def _permitted() -> None:
    """Nothing is in the way."""
