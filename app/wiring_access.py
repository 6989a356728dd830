"""Builds who may do what: sessions, signing in, administration of accounts, identity provider."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import sqlalchemy as sa
from argon2 import PasswordHasher

from app.access.approvals import Approvals
from app.access.cookie import CookieRule
from app.access.lock_out import LockOut
from app.access.oidc import Provider, ProviderSettings
from app.access.passwords import Passwords
from app.access.sessions import Sessions
from app.access.sign_in import SignIn
from app.access.staff import Staffing
from app.domain.errors import ConfigurationError
from app.settings import Settings
from app.store.approvals import StoredApprovals
from app.store.crypto import derive
from app.store.session import Database
from app.store.sign_in_failures import SignInFailures
from app.store.staff import StaffAccounts, StaffRoles
from app.store.staff_sessions import StaffSessions
from app.wiring_sources import new_id
from app.wiring_stages import Stages

RETURN: Final = "/v1/session/oidc/return"
"""Where the identity provider sends browsers back to."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """The parts that deal with people who sign in."""

    database: Database
    sessions: Sessions
    cookie: CookieRule
    lock_out: LockOut
    sign_in: SignIn
    staffing: Staffing
    approvals: Approvals
    provider: Provider | None

    async def sweep(self) -> None:
        """Forgets sessions that are over, and wrong sign-ins that count no more."""

        def work(tx: sa.Connection) -> None:
            self.sessions.sweep(tx)
            self.lock_out.sweep(tx)

        await self.database.write(work)


def access_of(built: Stages, settings: Settings, http: httpx.AsyncClient | None) -> Access:
    """On the service's stages; `http` is None where nobody signs in, as on the command line."""
    database, now, trail = built.shelf.database, built.clock, built.desk.audit
    accounts, roles = StaffAccounts(built.cipher), StaffRoles()
    sessions = Sessions(database, StaffSessions(), roles, now)
    lock_out = LockOut(
        SignInFailures(),
        derive(built.master, "wrong sign-ins"),
        now,
        free_per_address=settings.sign_in_free_per_address,
    )
    approvals = Approvals(database, StoredApprovals(built.cipher), trail, (now, new_id))
    staffing = Staffing(
        database=database,
        accounts=accounts,
        roles=roles,
        sessions=sessions,
        approvals=approvals,
        lock_out=lock_out,
        trail=trail,
        now=now,
        new_id=new_id,
    )
    staffing.register()
    sign_in = SignIn(
        database=database,
        accounts=accounts,
        sessions=sessions,
        lock_out=lock_out,
        passwords=Passwords(PasswordHasher(memory_cost=settings.password_memory)),
        trail=trail,
        now=now,
    )
    return Access(
        database=database,
        sessions=sessions,
        cookie=CookieRule.of(settings.public_url, plain=settings.plain_cookie),
        lock_out=lock_out,
        sign_in=sign_in,
        staffing=staffing,
        approvals=approvals,
        provider=None if http is None else _provider(built, settings, http),
    )


def _provider(built: Stages, settings: Settings, http: httpx.AsyncClient) -> Provider | None:
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id or not settings.oidc_client_secret:
        raise ConfigurationError("HEDUI_OIDC_ISSUER: set HEDUI_OIDC_CLIENT_ID and _SECRET as well")
    given = ProviderSettings(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=_secret(settings.oidc_client_secret),
        redirect_uri=settings.public_url.rstrip("/") + RETURN,
        second_factor=frozenset(settings.oidc_second_factor.replace(",", " ").split()),
    )
    return Provider(given, http, built.clock)


def _secret(text: str) -> str:
    """What `env:NAME` or `file:PATH` stands for."""
    kind, _, place = text.partition(":")
    try:
        found = os.environ[place] if kind == "env" else Path(place).read_text("utf-8").strip()
    except (KeyError, OSError):
        found = ""
    if kind not in ("env", "file") or not found:
        raise ConfigurationError("HEDUI_OIDC_CLIENT_SECRET: env:NAME or file:PATH, and not empty")
    return found
