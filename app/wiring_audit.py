"""Builds what anchors the audit trail outside the database."""

from contextlib import AsyncExitStack

import httpx

from app.audit.anchors import anchors_of
from app.jobs.anchoring import Anchoring
from app.keys import audit_anchor, audit_key, audit_signer
from app.settings import Settings
from app.store.audit_entries import AuditEntries
from app.store.session import Database
from app.wiring_sources import Clock


async def anchoring_of(
    settings: Settings, master: bytes, kept: tuple[Database, Clock], closing: AsyncExitStack
) -> Anchoring:
    """`kept`: the database and the clock; what it opens is closed with `closing`."""
    http = httpx.AsyncClient(timeout=10, follow_redirects=False, trust_env=False)
    closing.push_async_callback(http.aclose)
    return Anchoring(
        kept[0],
        AuditEntries(),
        audit_key(settings, master),
        audit_signer(settings),
        anchors_of(audit_anchor(settings), http),
        now=kept[1],
        algorithm=settings.audit_hash,
    )
