"""create_app(settings): mounts the interface on the service, nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from app.api import (
    alerts,
    audits,
    batches,
    consents,
    decisions,
    erasures,
    events,
    health,
    metrics,
    notices,
    oauth,
    problems,
    recipients,
    reports,
    review_items,
    source_callbacks,
    statistics,
    subscriptions,
    verifications,
)
from app.api.guard import Guard
from app.api.schemas import documented
from app.api.watched import Watched
from app.settings import Settings
from app.wiring import Clock, Sources, service, system_clock


def create_app(
    settings: Settings, clock: Clock = system_clock, sources: Sources | None = None
) -> FastAPI:
    """The ASGI application; it builds and closes the service with its own life.

    `sources` are those of the settings where they are not given.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with service(settings, clock, sources) as built:
            app.state.parts = built
            yield

    app = FastAPI(
        title="hedui 核对",
        summary="Verification of household income and assets for social relief",
        version=version("hedui"),
        lifespan=lifespan,
        docs_url="/docs" if not settings.production else None,
        redoc_url=None,
    )
    app.state.allowance = reports.Allowance(a_minute=10, at_once=20)
    problems.install(app)
    for module in (
        oauth,
        verifications,
        decisions,
        review_items,
        audits,
        batches,
        recipients,
        alerts,
        subscriptions,
        erasures,
        reports,
        statistics,
        consents,
        notices,
        events,
        source_callbacks,
        health,
        metrics,
    ):
        app.include_router(module.router)
    documented.describe(app)
    app.add_middleware(Guard)
    app.add_middleware(Watched)
    return app
