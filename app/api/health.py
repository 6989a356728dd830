"""/healthz and /readyz: is the process alive, can it work."""

import sqlalchemy as sa
from fastapi import APIRouter

from app.api.deps import Service
from app.api.schemas import documented as doc

router = APIRouter(tags=["operation"])


@router.get("/healthz", summary="The process is alive")
async def healthz() -> dict[str, str]:
    """Says nothing of the database: a dead database does not make the process dead."""
    return {"status": "alive"}


@router.get("/readyz", summary="The service can work", responses=doc.READY)
async def readyz(service: Service) -> dict[str, str]:
    """503 while the database cannot be used."""
    await service.shelf.database.read(lambda tx: tx.execute(sa.text("SELECT 1")).scalar())
    return {"status": "ready", **service.health}
