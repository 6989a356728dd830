"""Builds what leaves for elsewhere than sources: the trail's anchors, the rules of notices."""

from contextlib import AsyncExitStack

import httpx

from app.access.addresses import AddressRules, rules_of
from app.audit.anchors import anchors_of
from app.audit.chain import AuditTrail
from app.domain.errors import ConfigurationError
from app.jobs.anchoring import Anchoring
from app.jobs.outgoing import tls
from app.keys import audit_anchor, audit_key, audit_signer
from app.settings import Settings
from app.store.audit_entries import AuditEntries
from app.store.session import Database
from app.wiring_sources import Clock


def trail_of(settings: Settings, master: bytes, now: Clock) -> AuditTrail:
    """The trail, by the settings' key and algorithm."""
    key = audit_key(settings, master)
    return AuditTrail(key, AuditEntries(), now, f"hmac-{settings.trail_hash}")


async def anchoring_of(
    settings: Settings, master: bytes, kept: tuple[Database, Clock], closing: AsyncExitStack
) -> Anchoring:
    """`kept`: the database and the clock; what it opens is closed with `closing`."""
    http = httpx.AsyncClient(verify=tls(), timeout=10, follow_redirects=False, trust_env=False)
    closing.push_async_callback(http.aclose)
    return Anchoring(
        kept[0],
        AuditEntries(),
        audit_key(settings, master),
        audit_signer(settings),
        anchors_of(audit_anchor(settings), http),
        now=kept[1],
        algorithm=settings.trail_hash,
    )


def callback_rules(settings: Settings) -> AddressRules:
    """Where notices may go by the settings. Raises `ConfigurationError`."""
    try:
        return rules_of(
            settings.callback_addresses,
            production=settings.production,
            listens_on=settings.host,
        )
    except ValueError as error:
        raise ConfigurationError(f"HEDUI_CALLBACK_ADDRESSES: {error}") from None
