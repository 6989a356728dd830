"""create_app(settings): mounts the interface on the service, nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Final

from fastapi import FastAPI

from app.api import (
    access_reports,
    alerts,
    approvals,
    assignments,
    audit_entries,
    audits,
    batches,
    colleagues,
    consents,
    decisions,
    docs_page,
    eligibility,
    erasures,
    events,
    figures,
    health,
    look_permissions,
    metrics,
    notices,
    oauth,
    problems,
    recipients,
    relations,
    reports,
    review_items,
    session,
    source_callbacks,
    staff,
    statistics,
    subscriptions,
    unusual_access,
    verifications,
)
from app.api.guard import Guard
from app.api.rates import Rated
from app.api.schemas import documented
from app.api.watched import Watched
from app.settings import Settings
from app.web import routes
from app.wiring import Clock, Sources, service, system_clock

ROUTED: Final = (
    oauth,
    verifications,
    decisions,
    eligibility,
    review_items,
    audits,
    batches,
    recipients,
    alerts,
    subscriptions,
    erasures,
    reports,
    statistics,
    figures,
    consents,
    assignments,
    colleagues,
    look_permissions,
    relations,
    audit_entries,
    access_reports,
    unusual_access,
    session,
    staff,
    approvals,
    notices,
    events,
    source_callbacks,
    health,
    metrics,
)
"""What the interface is made of, in the order of its document."""


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
        docs_url=None,
        redoc_url=None,
    )
    app.state.headers = problems.headers_for(settings.public_url)
    problems.install(app)
    if not settings.production:
        docs_page.install(app)
    for module in ROUTED:
        app.include_router(module.router)
    documented.describe(app)
    routes.install(app)
    app.add_middleware(Rated)
    app.add_middleware(Guard, headers=app.state.headers)
    app.add_middleware(Watched)
    return app
