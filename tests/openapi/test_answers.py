"""What the service answers is what its document says, field by field."""

import httpx
import pytest

from app.api.schemas.answers import VerificationOut
from app.api.schemas.evidence import EvidencePageOut
from app.api.schemas.problem import Problem
from app.api.schemas.reports import GenuineOut, PapersOut, SheetOut
from tests.openapi.documents import assert_documented
from tests.service_parts import Running

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_final_verification(shared: Running) -> None:
    reply = await shared.post()
    assert reply.json()["status"] == "final"
    assert reply.json()["report"] is not None
    assert_documented(VerificationOut, reply.json())


async def test_a_verification_just_accepted(shared: Running) -> None:
    reply = await shared.post(wait=0)
    assert_documented(VerificationOut, reply.json())
    await shared.status_becomes(reply.json()["id"], "final")


async def test_evidence_in_pages(shared: Running) -> None:
    id_ = (await shared.post()).json()["id"]
    reply = await shared.get(f"/v1/verifications/{id_}/evidence?limit=2")
    assert reply.json()["next"] is not None
    assert_documented(EvidencePageOut, reply.json())


async def test_the_public_check_of_a_report(shared: Running) -> None:
    report = (await shared.post()).json()["report"]
    path = f"/v1/reports/{report['number']}"
    reply = await shared.http.get(path, params={"code": report["verification_code"]})
    assert_documented(GenuineOut, reply.json())


async def test_what_lies_beside_a_report(shared: Running) -> None:
    path = f"/v1/verifications/{(await shared.post()).json()['id']}/report"
    assert_documented(SheetOut, (await shared.get(f"{path}/view")).json())
    await shared.get(path, Accept="application/pdf")
    assert_documented(PapersOut, (await shared.get(f"{path}/papers")).json())


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/verifications/vf_none", True, 404),
        ("/v1/verifications/vf_none", False, 401),
        ("/v1/reports/HD-0?code=0", False, 404),
        ("/v1/reports/HD-0", False, 422),
        ("/nowhere", False, 404),
    ],
)
async def test_problems(shared: Running, path: str, headers: bool, status: int) -> None:
    reply = await shared.http.get(path, headers=shared.headers if headers else {})
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert_documented(Problem, reply.json())


async def test_a_request_that_is_not_valid(shared: Running) -> None:
    reply = await shared.post({"region": "x"}, wait=0)
    assert reply.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert_documented(Problem, reply.json())
