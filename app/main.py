"""create_app(settings): mounts the interface on the service, nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from importlib.metadata import version
from typing import Final

from fastapi import FastAPI

from app.api import (
    access_reports,
    alert_rules,
    alerts,
    approvals,
    assignments,
    assistance,
    audit_entries,
    audits,
    batch_files,
    batches,
    case_list,
    colleagues,
    consents,
    dci_async,
    dci_callbacks,
    dci_public,
    dci_sync,
    decisions,
    docs_page,
    dossiers,
    eligibility,
    erasures,
    events,
    figures,
    health,
    look_permissions,
    manual_entry,
    manual_tasks,
    metrics,
    notices,
    oauth,
    objections,
    problems,
    proofs,
    recipients,
    reconciliation,
    reconciliation_by_pass,
    relations,
    report_papers,
    reports,
    reveals,
    review_desk,
    review_items,
    roster_passes,
    session,
    source_callbacks,
    sources,
    staff,
    statistics,
    subscriptions,
    unusual_access,
    verifications,
    workload,
)
from app.api.guard import Guard
from app.api.rates import Rated
from app.api.schemas import documented
from app.api.watched import Watched
from app.settings import Settings
from app.web import faults, routes
from app.wiring import Clock, Sources, service, system_clock

ROUTED: Final = (
    oauth,
    case_list,
    verifications,
    dossiers,
    reveals,
    decisions,
    proofs,
    eligibility,
    review_desk,
    review_items,
    objections,
    manual_entry,
    manual_tasks,
    audits,
    batches,
    batch_files,
    recipients,
    roster_passes,
    reconciliation,
    reconciliation_by_pass,
    alerts,
    alert_rules,
    subscriptions,
    erasures,
    reports,
    report_papers,
    statistics,
    sources,
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
    workload,
    staff,
    approvals,
    notices,
    events,
    assistance,
    source_callbacks,
    health,
    metrics,
)
"""What the interface is made of, in the order of its document."""
REGISTRY: Final = (dci_sync, dci_async, dci_callbacks, dci_public)
"""What DCI partners speak to, below a prefix of its own."""


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
    interface = _interface(settings.dci_prefix)
    app.router.routes += interface.router.routes
    app.dependency_overrides = interface.dependency_overrides  # where its routes look for them
    documented.describe(app)
    faults.install(app)
    app.add_middleware(Rated)
    app.add_middleware(Guard, headers=app.state.headers)
    app.add_middleware(Watched)
    return app


@lru_cache(maxsize=4)
def _interface(dci_prefix: str) -> FastAPI:
    """All routes and pages. What FastAPI works out about each is worked out once a process, not
    once an application: tests make thousands of them."""
    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for module in ROUTED:
        made.include_router(module.router)
    for part in REGISTRY:
        made.include_router(part.router, prefix=dci_prefix)
    if dci_prefix:
        made.include_router(dci_public.keys, prefix=dci_prefix)
    routes.install(made)
    return made
