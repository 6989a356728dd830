"""A filled database of every earlier revision comes up to date, and the service goes on with it."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from httpx import codes

from app.domain.errors import HeduiError
from app.store.backup import known_revisions
from app.store.migrate import upgrade
from tests.durability import frozen
from tests.durability.parts import bring_on, outside, the_trail, url_of
from tests.service_parts import (
    Clock,
    Running,
    ScriptedSource,
    a_body,
    an_account,
    found,
    registry,
    running,
)

AT_LEAST = {"min": "15320.55", "max": None}  # insurers and brokers were not connected


def sources() -> list[ScriptedSource]:
    """The same that the frozen service had asked; the bank answers by now."""
    bank = ScriptedSource(
        "bank",
        {"m1": found(an_account("m1", "15320.55"))},
        persons_a_query=10,
        answers_later=True,
    )
    return [registry(), ScriptedSource("tax"), bank]


def laid(url: str, revision: str) -> dict[str, Any]:
    """The database as that revision's release left it."""
    document = frozen.read(revision)
    upgrade(url, revision)
    with outside(url) as tx:
        if tx.dialect.name == "sqlite":
            tx.exec_driver_sql("BEGIN IMMEDIATE")
        frozen.fill(tx, document)
    return document


def counts(url: str, tables: dict[str, Any]) -> dict[str, int]:
    with outside(url) as tx:
        return {
            name: tx.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one()
            for name in tables
        }


@pytest.mark.promise(11)
@pytest.mark.parametrize("revision", frozen.REVISIONS)
def test_each_step_up_keeps_every_row(
    tmp_path: Path, empty_database_url: str, revision: str
) -> None:
    """From every revision at which a release wrote data.

    Planted: a step deleted the tasks that were not asked: the counts after it differed.
    """
    document = laid(empty_database_url, revision)
    frozen.write_key(tmp_path)
    before = {name: len(rows) for name, rows in document["tables"].items()}
    for following in sorted(known_revisions()):
        if following > revision:
            upgrade(empty_database_url, following)
            assert counts(empty_database_url, document["tables"]) == before, following
    verdict = the_trail(tmp_path, empty_database_url)
    assert (verdict.broken_at, verdict.entries) == (None, before["audit_entry"])


@pytest.mark.parametrize("revision", frozen.REVISIONS)
async def test_the_service_reads_it_and_finishes_what_was_open(
    tmp_path: Path, empty_database_url: str, revision: str
) -> None:
    document = laid(empty_database_url, revision)
    ids = document["ids"]
    frozen.write_key(tmp_path)
    asked = sources()
    clock = Clock()
    async with running(tmp_path, asked, clock=clock, database_url=empty_database_url) as service:
        done = await service.shown(ids["done"])
        assert done["status"] == "final"
        assert done["profile"]["totals"]["financial_assets"] == AT_LEAST
        assert done["report"]["number"] == "HD-220102-2026-0000001"
        await bring_on(service, empty_database_url)
        waiting = await service.status_becomes(ids["waiting"], "final")
        assert waiting["profile"]["totals"]["financial_assets"] == AT_LEAST
        assert waiting["report"]["number"] == "HD-220102-2026-0000002"
        again = await service.post(a_body(case_reference="220102-2026-000125"), wait=0)
        assert again.status_code == codes.ACCEPTED
        await _old_evidence_opens(service, ids["done"])
    for source in asked:
        assert len(set(source.asked)) == len(source.asked), "only the new household was asked about"
    assert the_trail(tmp_path, empty_database_url).broken_at is None


async def _old_evidence_opens(service: Running, id_: str) -> None:
    page = (await service.get(f"/v1/verifications/{id_}/evidence")).json()
    assert page["evidence"]
    report = (await service.shown(id_))["report"]
    public = await service.http.get(
        f"/v1/reports/{report['number']}", params={"code": report["verification_code"]}
    )
    assert public.status_code == codes.OK


@pytest.mark.parametrize("revision", frozen.REVISIONS)
async def test_an_old_result_is_computed_again_or_the_reason_is_given(
    tmp_path: Path, empty_database_url: str, revision: str
) -> None:
    ids = laid(empty_database_url, revision)["ids"]
    frozen.write_key(tmp_path)
    async with running(tmp_path, sources(), database_url=empty_database_url) as service:
        try:
            same, stored, again = await service.parts.verifier.replay(ids["done"])
        except HeduiError as reason:
            assert "version" in str(reason) or "model" in str(reason)  # noqa: PT017
            return
    assert same == (stored.digest == again.digest)


def test_every_revision_that_wrote_data_is_frozen() -> None:
    assert {path.stem for path in frozen.DATA.glob("*.json")} == set(frozen.REVISIONS)
    assert set(frozen.REVISIONS) <= known_revisions()


def test_nobody_real_is_frozen() -> None:
    """The rows are sealed with a key that everybody has: the people must be made up."""
    for path in frozen.DATA.glob("*.json"):
        assert b"22990119" not in path.read_bytes(), "sealed, so nothing to be seen"


def test_the_default_place_is_the_data_folder(tmp_path: Path) -> None:
    assert url_of(tmp_path) == f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
