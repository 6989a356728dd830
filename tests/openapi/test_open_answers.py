"""What the service answers while much is unknown is documented too (one service a process)."""

from pathlib import Path

from app.api.schemas.answers import VerificationOut
from tests.openapi.documents import assert_documented
from tests.service_parts import a_body, registry, running


async def test_a_verification_that_nothing_settles(tmp_path: Path) -> None:
    """Only the registry is connected: totals have no bound, tests are open."""
    body = a_body(programmes=["urban_dibao", "medical_relief"])
    async with running(tmp_path, [registry()]) as service:
        answer = (await service.post(body)).json()
    assert {one["outcome"] for one in answer["decisions"]} == {"undetermined"}
    assert all("favours" in one for one in answer["decisions"])
    assert answer["profile"]["totals"]["monthly_income"]["max"] is None
    assert_documented(VerificationOut, answer)
