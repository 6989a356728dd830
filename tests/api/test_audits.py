"""Audits over the real service: drawn, read blind, measured, closed, each in its region."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from app.store.audit_samples import AuditSamples
from app.store.tables import audit_entry
from app.store.tables_audits import audit_finding, known_outcome, source_observation
from tests.review.audited import Auditing, auditing, seed, some_decisions
from tests.service_parts import running

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEEDED = [
    *some_decisions(48, start=0),
    *some_decisions(24, start=100, outcome="not_confirmed", paid=None),
    *some_decisions(16, start=200, outcome="not_confirmed", paid=None, stopped=True),
    *some_decisions(4, start=300, outcome="undetermined", paid=None),
    *some_decisions(12, start=400, programme="dibao_edge", regions=("220102009",)),
    *some_decisions(8, start=500, programme="rural_dibao"),
]
ALL: dict[str, Any] = {"kinds": ["confirmed", "refused", "stopped"], "size": 12}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def audits(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Auditing]:
    async with running(tmp_path_factory.mktemp("service"), []) as service:
        await seed(service, SEEDED)
        yield await auditing(service)


async def rows(audits: Auditing, query: "sa.Select[Any]") -> list[Any]:
    return await audits.service.parts.shelf.database.read(lambda tx: list(tx.execute(query)))


async def test_a_sample_says_what_was_drawn_from_what(audits: Auditing) -> None:
    drawn = await audits.draw(**ALL, risk_supplement=5, tolerance={"inclusion": 0.1})
    assert (drawn["state"], drawn["seed"], drawn["region"]) == ("open", 11, "220102")
    assert drawn["frame"]["looked_at"] == "2026-11-24T03:59:00Z"  # a minute before it was drawn
    sizes = {kind: [0, 0] for kind in ALL["kinds"]}
    for one in drawn["strata"]:
        sizes[one["kind"]][0] += one["frame"]
        sizes[one["kind"]][1] += one["drawn"]
    # Undetermined ones are in no frame.
    assert sizes == {"confirmed": [48, 12], "refused": [24, 12], "stopped": [16, 12]}
    assert [(one["kind"], one["drawn"]) for one in drawn["risk"]] == [
        ("confirmed", 5),
        ("refused", 5),
        ("stopped", 4),  # as many as there are left
    ]
    confirmed = drawn["planned"][0]
    assert (confirmed["measure"], confirmed["tolerance"]) == ("inclusion", 0.1)
    assert 0.0 < confirmed["half_width"] < 0.5
    assert await audits.seen(f"/{drawn['id']}", audits.drawer) == drawn


async def test_inclusion_probabilities_are_those_of_the_design(audits: Auditing) -> None:
    drawn = await audits.draw(**ALL, risk_supplement=5, second_reading_share=0.25)
    strata = {(one["kind"], one["stratum"]): one for one in drawn["strata"]}
    items = await audits.service.parts.shelf.database.read(
        lambda tx: AuditSamples().items(tx, drawn["id"])
    )
    assert sorted(one.position for one in items) == list(range(1, len(items) + 1))
    assert len({(one.verification_id, one.programme) for one in items}) == len(items)
    for one in items:
        stratum = strata[one.kind, one.stratum]
        if one.part == "random":
            assert one.probability == stratum["drawn"] / stratum["frame"]
            if one.second_probability is not None:
                assert one.second_probability == stratum["second"] / stratum["drawn"]
        assert one.probability <= 1.0
        assert stratum["drawn"] / stratum["frame"] <= one.inclusion <= 1.0
    for kind, number in (("confirmed", 12), ("refused", 12)):
        random = [one for one in items if one.kind == kind and one.part == "random"]
        assert len(random) == number
        # Each drawn one stands for the inverse of its chance: together for the frame.
        frame = sum(one["frame"] for one in drawn["strata"] if one["kind"] == kind)
        assert sum(1.0 / one.probability for one in random) == pytest.approx(frame)


async def test_with_the_seed_anybody_draws_the_same(audits: Auditing) -> None:
    wanted = {**ALL, "risk_supplement": 4, "second_reading_share": 0.5}
    one, other = await audits.draw(**wanted), await audits.draw(**wanted)
    another = await audits.draw(**wanted, seed=12)
    assert one["frame"]["digest"] == other["frame"]["digest"] == another["frame"]["digest"]

    async def items(id_: str) -> Any:
        database = audits.service.parts.shelf.database
        return await database.read(lambda tx: AuditSamples().items(tx, id_))

    assert await items(one["id"]) == await items(other["id"])
    assert await items(one["id"]) != await items(another["id"])


async def test_without_a_seed_one_is_drawn_and_kept(audits: Auditing) -> None:
    seeds = {(await audits.draw(seed=None))["seed"] for _ in range(3)}
    assert len(seeds) == 3


async def test_a_precision_finds_its_own_size(audits: Auditing) -> None:
    drawn = await audits.draw(size=None, half_width=0.05, allocation="proportional")
    [planned] = drawn["planned"]
    assert planned["half_width"] <= 0.05
    assert 30 <= planned["drawn"] <= 48


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"programmes": ["gold"]}, "/programmes/0", "programme.unknown"),
        ({"size": None}, "/size", "size.one_of_two"),
        ({"half_width": 0.02}, "/size", "size.one_of_two"),
        ({"size": 1}, "/size", None),
        (
            {"size": 3, "programmes": ["urban_dibao", "dibao_edge"]},  # a stratum has two at least
            "/size",
            "sample.not_drawable",
        ),
        ({"kinds": []}, "/kinds", None),
        ({"kinds": ["undetermined"]}, "/kinds/0", None),
        ({"region": "2201021"}, "/region", None),
        ({"second_reading_share": 1.5}, "/second_reading_share", None),
        ({"tolerance": {"inclusion": 0}}, "/tolerance/inclusion", None),
        ({"seed": 2**60}, "/seed", None),
        ({"nickname": "x"}, "/nickname", "extra_forbidden"),
        (
            {"frame": {"final_from": "2026-11-01", "final_until": "2026-11-25"}},
            "/frame/final_until",
            "frame.in_future",
        ),
        (
            {"frame": {"final_from": "2026-11-02", "final_until": "2026-11-01"}},
            "/frame/final_until",
            "frame.ends_before_start",
        ),
        (
            {"frame": {"final_from": "2026-10-01", "final_until": "2026-10-31"}},
            "/frame",
            "frame.empty",
        ),
    ],
    ids=str,
)
async def test_what_cannot_be_drawn(
    audits: Auditing, changes: dict[str, Any], pointer: str, code: str | None
) -> None:
    problem = await audits.draw(422, **changes)
    [first, *_] = problem["errors"]
    assert first["pointer"] == pointer
    assert code in (None, first["code"])


async def test_audits_are_the_regions_own(audits: Auditing) -> None:
    id_ = (await audits.draw())["id"]
    service = audits.service
    above, beside = await auditing(service, "2201"), await auditing(service, "220103")
    assert (await above.seen(f"/{id_}", above.drawer))["id"] == id_
    assert id_ in [one["id"] for one in (await above.seen("", above.drawer))["audits"]]
    assert (await beside.seen("", beside.drawer)) == {"audits": [], "next": None}
    for path in (f"/{id_}", f"/{id_}/results", "/as_none", "/as_none/results"):
        problem = await beside.seen(path, beside.drawer, 404)
        assert problem["title"] == "no such audit"
    reader = await beside.reader("220103")
    assert (await beside.seen(f"/{id_}/worklist", reader, 404))["title"] == "no such audit"
    await beside.find(id_, reader, "vf_0000", 404)
    await beside.draw(403)
    reply = await service.http.post(f"/v1/audits/{id_}/close", headers=beside.drawer)
    assert reply.status_code == 404


async def test_the_list_comes_in_pages(audits: Auditing) -> None:
    made = [(await audits.draw())["id"] for _ in range(3)]
    first = await audits.seen("?limit=2", audits.drawer)
    second = await audits.seen(first["next"].removeprefix("/v1/audits"), audits.drawer)
    seen = [one["id"] for one in first["audits"] + second["audits"]]
    assert seen[:3] == made[::-1]
    assert "strata" not in first["audits"][0]
    await audits.seen("?limit=0", audits.drawer, 422)


@pytest.mark.parametrize(
    ("scope", "status"),
    [("audit", (200, 403, 200)), ("review", (403, 200, 403)), ("read", (403, 403, 403))],
)
async def test_who_draws_and_who_reads_have_scopes_of_their_own(
    audits: Auditing, scope: str, status: tuple[int, ...]
) -> None:
    id_ = (await audits.draw())["id"]
    who = await audits.service.client("220102", (scope,))
    for path, wanted in zip(
        (f"/{id_}", f"/{id_}/worklist", f"/{id_}/results"), status, strict=True
    ):
        await audits.seen(path, who, wanted)


async def test_whatever_is_done_is_on_the_trail(audits: Auditing) -> None:
    id_ = (await audits.draw())["id"]
    reader = await audits.reader()
    [first, *_] = await audits.worklist(id_, reader)
    await audits.find(id_, reader, first["verification_id"], note="the car is sold")
    await audits.results(id_)
    reply = await audits.service.http.post(f"/v1/audits/{id_}/close", headers=audits.drawer)
    assert reply.json()["state"] == "closed"
    entries = audit_entry.c
    told = await rows(
        audits, sa.select(entries.action, entries.details).where(entries.object == id_)
    )
    assert {one.action for one in told} == {
        "audit_drawn",
        "audit_worklist_read",
        "audit_results_read",
        "audit_closed",
    }
    of_case = entries.object == first["verification_id"]
    [found] = await rows(
        audits, sa.select(entries.details).where(of_case, entries.action == "audit_finding")
    )
    assert id_ in found.details
    assert "confirmed" not in found.details
    assert "car" not in found.details


async def test_a_closed_audit_takes_nothing_more(audits: Auditing) -> None:
    id_ = (await audits.draw())["id"]
    reader = await audits.reader()
    [first, *_] = await audits.worklist(id_, reader)
    path = f"/v1/audits/{id_}/close"
    for status in (200, 409):
        reply = await audits.service.http.post(path, headers=audits.drawer)
        assert reply.status_code == status
    await audits.find(id_, reader, first["verification_id"], 409)
    assert await audits.worklist(id_, reader) == []
    assert (await audits.results(id_))["state"] == "closed"


async def test_findings_are_sealed_and_teach(audits: Auditing) -> None:
    rural: dict[str, Any] = {"programme": "rural_dibao"}
    drawn = await audits.draw(programmes=["rural_dibao"], size=4, risk_supplement=3)
    reader = await audits.reader()
    [first, *_] = await audits.worklist(drawn["id"], reader)
    id_ = first["verification_id"]
    seen = {"source": "bank", "person": "m1", "kind": "amount", "told": "100.00", "true": "200.00"}
    finding: dict[str, Any] = {
        "true_outcome": "not_confirmed",
        "note": "a second account",
        "observations": [
            seen,
            {"person": "m1", "kind": "unseen_income", "hits": 0},
            {"person": "m1", "kind": "imputed", "told": "100.00", "true": "100.00"},
            {"person": "m1", "kind": "registered_member", "relation": "spouse"},
        ],
    }
    finding |= {"sources_checked": ["tax", "bank"], "error_causes": ["amount"], **rural}
    filed = await audits.find(drawn["id"], reader, id_, **finding)
    assert (filed["reading"], filed["version"]) == (1, 1)

    async def known() -> Any:
        of = known_outcome.c.verification_id == id_
        return await rows(audits, sa.select(known_outcome).where(of))

    async def observed() -> Any:
        of = source_observation.c.verification_id == id_
        found = await rows(audits, sa.select(source_observation).where(of))
        return {
            (one.source, one.kind, one.hits, one.trials, round(one.log_ratio or 0.0, 6))
            for one in found
        }

    [outcome] = await known()
    items = await audits.service.parts.shelf.database.read(
        lambda tx: AuditSamples().items(tx, drawn["id"])
    )
    [item] = [one for one in items if one.verification_id == id_]
    assert (outcome.true_outcome, outcome.origin) == ("not_confirmed", "audit")
    assert outcome.probability == item.inclusion
    checked = {
        (source, kind, 0, 1, 0.0) for source in ("tax", "bank") for kind in ("missed", "false")
    }
    household = {
        ("", "unseen_income", 0, 1, 0.0),
        ("", "imputed", 0, 1, 0.0),
        ("spouse", "registered_member", 1, 1, 0.0),
    }
    assert await observed() == {("bank", "amount", 0, 1, 0.693147), *checked, *household}
    # The reader looks again: nothing of before is left but the version itself.
    again = await audits.find(drawn["id"], reader, id_, true_outcome="cannot_tell", **rural)
    assert again["version"] == 2
    assert (await known(), await observed()) == ([], set())
    of = audit_finding.c.sample_id == drawn["id"]
    versions = await rows(audits, sa.select(audit_finding).where(of))
    assert [one.version for one in versions] == [1, 2]
    assert all(b"account" not in bytes(one.sealed_finding) for one in versions)


BANK = {"source": "bank", "person": "m1", "kind": "missed"}


@pytest.mark.parametrize(
    ("finding", "pointer", "code"),
    [
        ({"true_outcome": "maybe"}, "/true_outcome", None),
        ({"due_monthly": 12.5}, "/due_monthly", None),
        ({"reading": 3}, "/reading", None),
        ({"true_outcome": "cannot_tell", "due_monthly": "1.00"}, "/due_monthly", None),
        ({"true_outcome": "not_confirmed", "due_monthly": "1.00"}, "/due_monthly", None),
        ({"true_programme": "dibao_edge"}, "/true_programme", "true_programme.not_expected"),
        (
            {"true_outcome": "not_confirmed", "true_programme": "urban_dibao"},
            "/true_programme",
            "true_programme.same",
        ),
        (
            {"true_outcome": "not_confirmed", "true_programme": "gold"},
            "/true_programme",
            "programme.unknown",
        ),
        ({"sources_checked": ["vehicle"]}, "/sources_checked/0", "source.not_answered"),
        ({"sources_checked": ["gold"]}, "/sources_checked/0", "source.not_answered"),
        ({"observations": [{**BANK, "person": "m7"}]}, "/observations/0/person", "ref.unknown"),
        (
            {"observations": [BANK, {**BANK, "source": "vehicle"}]},
            "/observations/1/source",
            "source.not_answered",
        ),
        (
            {"observations": [{**BANK, "person": "m2", "kind": "false"}]},
            "/observations/0/kind",
            "source.no_record",
        ),
        ({"observations": [{**BANK, "hits": 2}]}, "/observations/0/hits", "hits.above_trials"),
        ({"observations": [{**BANK, "kind": "imputed"}]}, "/observations/0/source", None),
        ({"observations": [{"person": "m1", "kind": "missed"}]}, "/observations/0/source", None),
        ({"observations": [{**BANK, "relation": "child"}]}, "/observations/0/relation", None),
        ({"observations": [{**BANK, "kind": "changed"}]}, "/observations/0/months", None),
        ({"observations": [{**BANK, "months": 3}]}, "/observations/0/months", None),
        ({"observations": [{**BANK, "kind": "amount"}]}, "/observations/0/told", "amount.missing"),
        ({"observations": [{**BANK, "told": "1.00"}]}, "/observations/0/told", None),
        (
            {"observations": [{**BANK, "kind": "amount", "told": "0.00", "true": "1.00"}]},
            "/observations/0/told",
            "amount.missing",
        ),
    ],
    ids=str,
)
async def test_a_finding_that_contradicts_itself(
    audits: Auditing, finding: dict[str, Any], pointer: str, code: str | None
) -> None:
    id_ = (await audits.draw())["id"]
    reader = await audits.reader()
    [first, *_] = await audits.worklist(id_, reader)
    problem = await audits.find(id_, reader, first["verification_id"], 422, **finding)
    told = [(one["pointer"], one["code"]) for one in problem["errors"]]
    assert pointer in [where for where, _ in told]
    assert code is None or (pointer, code) in told


async def test_a_decision_that_was_not_drawn_is_not_found(audits: Auditing) -> None:
    drawn = await audits.draw()
    reader = await audits.reader()
    names = {one["verification_id"] for one in await audits.worklist(drawn["id"], reader)}
    other = next(one.id for one in SEEDED if one.id not in names)
    assert (await audits.find(drawn["id"], reader, other, 404))["title"] == (
        "no such decision in this audit"
    )
    some = next(iter(names))
    await audits.find(drawn["id"], reader, some, 404, programme="dibao_edge")
