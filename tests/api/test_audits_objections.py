"""What a recheck comes to for its objection; what turned out another is known of the first."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.store.objections import StoredObjection
from app.store.tables_audits import known_outcome
from app.store.tables_objections import objection
from connectors.contract import Unknown
from connectors.failure import Failure, FailureKind
from tests.review.settled import stands
from tests.service_parts import REGION, Running, ScriptedSource, all_ten, an_account, found, running

OBJECTION = {"by": "m1", "about": "assets", "reason": "the account is another's"}
RICH = found(an_account("m1", "900000.00"))
POOR = found(an_account("m1", "1.00"))
GONE = Unknown(Failure(FailureKind.TIMED_OUT, "no answer in time"))


async def objected(service: Running, id_: str) -> str:
    path = f"/v1/verifications/{id_}/objections"
    reply = await service.http.post(path, json=OBJECTION, headers=service.headers)
    assert reply.status_code == 201, reply.text
    recheck: str = reply.json()["recheck"]
    await stands(service, recheck)
    return recheck


async def settled(service: Running) -> tuple[list[str | None], list[Any]]:
    """Proposals; known outcomes as (verification, programme, outcome, probability, origin)."""

    def read(tx: sa.Connection) -> tuple[list[str | None], list[Any]]:
        found = tx.execute(sa.select(objection.c.proposal).order_by(objection.c.id))
        columns = known_outcome.c
        known = tx.execute(
            sa.select(
                columns.verification_id,
                columns.programme,
                columns.true_outcome,
                columns.probability,
                columns.origin,
            )
        )
        return [row.proposal for row in found], [tuple(row) for row in known]

    return await service.parts.shelf.database.read(read)


@pytest.mark.parametrize(
    ("first", "then", "proposal"),
    [(RICH, POOR, "correct"), (RICH, RICH, "uphold"), (RICH, GONE, None)],
    ids=["correct", "uphold", "open"],
)
async def test_the_recheck_comes_to_a_proposal(
    tmp_path: Path, first: Any, then: Any, proposal: str | None
) -> None:
    answers = {"m1": first}
    async with running(tmp_path, all_ten(ScriptedSource("bank", answers))) as service:
        before = (await service.post()).json()
        assert before["decisions"][0]["outcome"] == "not_confirmed"
        answers["m1"] = then
        await objected(service, before["id"])
        known = [(before["id"], "urban_dibao", "confirmed", 1.0, "objection")]
        assert await settled(service) == (
            [proposal],
            known if proposal == "correct" else [],
        )


async def test_a_recheck_that_answers_no_objection_proposes_nothing(tmp_path: Path) -> None:
    answers = {"m1": RICH}
    async with running(tmp_path, all_ten(ScriptedSource("bank", answers))) as service:
        id_ = (await service.post()).json()["id"]
        await objected(service, id_)
        answers["m1"] = POOR
        headers = {**service.headers, "Prefer": "wait=20"}
        reply = await service.http.post(f"/v1/verifications/{id_}/recheck", headers=headers)
        assert reply.json()["decisions"][0]["outcome"] == "confirmed"
        assert await settled(service) == (["uphold"], [])


async def test_a_recheck_that_is_final_before_the_objection_is_stored(tmp_path: Path) -> None:
    answers = {"m1": RICH}
    async with running(tmp_path, all_ten(ScriptedSource("bank", answers))) as service:
        id_ = (await service.post()).json()["id"]
        answers["m1"] = POOR
        headers = {**service.headers, "Prefer": "wait=20"}
        reply = await service.http.post(f"/v1/verifications/{id_}/recheck", headers=headers)
        assert reply.status_code == 201
        late = StoredObjection(
            id="ob_late",
            verification_id=id_,
            region=REGION,
            client_id="cl_1",
            state="filed",
            text=b"{}",
            filed_at=service.clock(),
            recheck_id=reply.json()["id"],
        )
        parts = service.parts
        await parts.shelf.database.write(lambda tx: parts.objections.file(tx, late))
        assert await settled(service) == (
            ["correct"],
            [(id_, "urban_dibao", "confirmed", 1.0, "objection")],
        )
