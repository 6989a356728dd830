"""The request collection, sent from its first request to its last to a service on a port."""

from pathlib import Path

import httpx
import pytest

from tests.clients.bruno import Run, requests
from tests.clients.parts import At

pytestmark = pytest.mark.asyncio(loop_scope="module")
COLLECTION = Path(__file__).parents[2] / "openapi" / "requests"
ALL = list(requests(COLLECTION))


async def test_every_request_is_answered_as_it_says(at: At) -> None:
    known = await at.known()
    run = Run(COLLECTION, {"HEDUI_CLIENT_ID": known.id, "HEDUI_CLIENT_SECRET": known.secret})
    run.start("demo", url=at.url)
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        for one in ALL:
            await run.send(http, one)
            while await at.service.parts.batching.reading.read_due():
                pass  # the worker of batches, which runs beside a service


async def test_no_secret_and_no_other_address_stands_in_the_files() -> None:
    for path in COLLECTION.rglob("*.bru"):
        text = path.read_text("utf-8")
        assert "://" not in text or path.parent.name == "environments", path
    environment = (COLLECTION / "environments" / "demo.bru").read_text("utf-8")
    for name in ("client_id", "client_secret"):
        assert f"  {name}: {{{{process.env.HEDUI_{name.upper()}}}}}\n" in environment
