"""/healthz and /readyz: is the process alive, can it work."""

import orjson
from fastapi import APIRouter, Response

from app.api.deps import Service
from app.api.problems import ProblemResponse
from app.api.schemas import documented as doc
from app.jobs.checkup import Finding, State
from app.store.scope import Crossing, across

router = APIRouter(tags=["operation"])
_IN_THE_WAY = (State.FAILED, State.UNKNOWN)


@router.get("/healthz", summary="The process is alive")
async def healthz() -> dict[str, str]:
    """Says nothing of the database: a dead database does not make the process dead."""
    return {"status": "alive"}


@router.get("/readyz", summary="The service can work", responses=doc.READY)
async def readyz(service: Service) -> Response:
    """503 where a check fails; each is named with its state: `ok`, `warning`, `failed`, …

    Disk, database, migrations, clock against the database's, audit trail, workers (a warning at
    most: single verifications do without).
    """
    with across(Crossing.CHECKUP):
        found = await service.checkup.ready()
    checks = {_name(one): {"state": one.state.value, "detail": one.detail} for one in found}
    failed = [_name(one) for one in found if one.state in _IN_THE_WAY]
    if failed:
        body = {
            "type": "urn:hedui:problem:not-ready",
            "title": f"the service cannot work: {', '.join(failed)}",
            "status": 503,
            "checks": checks,
        }
        return ProblemResponse(orjson.dumps(body), 503, headers={"Retry-After": "5"})
    ready = {"status": "ready", "checks": checks, **service.health}
    return Response(orjson.dumps(ready), media_type="application/json")


def _name(one: Finding) -> str:
    return one.name.replace(" ", "_")
