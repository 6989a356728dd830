"""On either database: a frame stays what it was, readers file, and the audit measures."""

from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from app.access.tokens import Caller
from app.store.tables_facts import decision_fact
from tests.review.audited import auditing, seed, some_decisions
from tests.service_parts import running


async def test_from_drawing_to_results(tmp_path: Path, database_url: str) -> None:
    async with running(tmp_path, [], database_url=database_url) as service:
        audits = await auditing(service)
        await seed(service, some_decisions(40))
        id_ = (await audits.draw(size=32, second_reading_share=0.25))["id"]
        one, two = await audits.reader(), await audits.reader()
        for line in await audits.worklist(id_, one):
            await audits.find(id_, one, line["verification_id"], due_monthly="300.00")
        for line in await audits.worklist(id_, two):
            await audits.find(id_, two, line["verification_id"], sources_checked=["bank"])
        results = await audits.results(id_)
        assert results["readings"]["outstanding"] == 0
        inclusion = results["measures"][0]
        assert (inclusion["overall"]["n"], inclusion["overall"]["found"]) == (32, 0)
        assert inclusion["second_reading"]["corrected"]["n"] == 8
        assert results["money"]["total"]["paid_monthly"] == "12000.00"
        reply = await service.http.post(f"/v1/audits/{id_}/close", headers=audits.drawer)
        assert reply.json()["state"] == "closed"


async def test_a_frame_is_drawn_from_again_whatever_was_decided_since(
    tmp_path: Path, database_url: str
) -> None:
    """Households are decided again, and late decisions of the period become final."""
    async with running(tmp_path, [], database_url=database_url) as service:
        fresh = await auditing(service)
        await seed(service, some_decisions(30))
        id_ = (await fresh.draw(risk_supplement=4, second_reading_share=0.3))["id"]
        who = Caller("cl_operator", "", ("audit",))
        assert await service.parts.auditing.audits.drawn_again(id_, who)
        service.clock.forward(hours=2)
        later = [
            *some_decisions(10, start=500, final_at=service.clock()),
            *(
                replace(one, id=f"vf_1{one.id[3:]}", household=one.id, final_at=service.clock())
                for one in some_decisions(12)
            ),
        ]
        await seed(service, later)
        current = sa.select(decision_fact.c.verification_id).where(decision_fact.c.current)
        rows = await service.parts.shelf.database.read(lambda tx: list(tx.execute(current)))
        assert len(rows) == 40
        assert await service.parts.auditing.audits.drawn_again(id_, who)
        out = decision_fact.c.verification_id == "vf_0003"
        await service.parts.shelf.database.write(
            lambda tx: tx.execute(decision_fact.delete().where(out))
        )
        assert not await service.parts.auditing.audits.drawn_again(id_, who)
