"""Builds the DCI registry interface on the service's stages."""

from importlib.resources import files
from typing import Any, Final

import httpx

from app.access.gate import ClientGate
from app.dci.desk import RegistryDesk
from app.dci.enrolment import Enrolling
from app.dci.households import Households
from app.dci.intake import Intake
from app.dci.keys import Fetch, KeysUnavailable, OwnKeys, PartnerKeys
from app.dci.replies import Replies
from app.dci.search import Searching
from app.dci.tokens import PartnerTokens
from app.domain import yaml_text
from app.jobs.asking_partners import Guarded
from app.jobs.outgoing import Allowed
from app.keys import dci_rsa_key
from app.settings import Settings
from app.store.clients import Clients
from app.store.dci_enrolments import Enrolments
from app.store.dci_households import DciHouseholds
from app.store.dci_messages import Messages
from app.store.dci_senders import Senders
from app.wiring_dci_later import answered_later
from app.wiring_sources import new_id
from app.wiring_stages import Stages
from connectors.failure import SourceError
from connectors.registry import resolve_value
from connectors.transport.http import HttpCall

_WIDE: Final = "wide"


def registry_of(
    settings: Settings,
    built: Stages,
    outgoing: tuple[httpx.AsyncClient, Allowed],
    gate: ClientGate,
) -> RegistryDesk:
    """`outgoing`: the client that calls allowed addresses alone, and which these are."""
    database, now, cipher = built.shelf.database, built.clock, built.cipher
    way, allowed = Guarded(outgoing[0]), outgoing[1]
    own = OwnKeys.derived(built.master, dci_rsa_key(settings))
    partners, tokens = PartnerKeys(_fetching(way), now), PartnerTokens(way, resolve_value)
    clients, trail, enrolments = Clients(), built.desk.audit, Enrolments(cipher)

    async def admit(client_id: str) -> bool:
        one = await database.read(lambda tx: clients.get(tx, client_id))
        own_limits = "" if one is None else one.rates
        return (await gate.rates.of_client(client_id, _WIDE, own_limits)).is_allowed

    intake = Intake(
        database=database,
        senders=Senders(),
        messages=Messages(cipher),
        own=own,
        partners=partners,
        rules=allowed.rules,
        now=now,
        new_id=new_id,
    )
    replies = Replies(own=own, now=now, new_id=new_id)
    searching = Searching(
        database=database,
        households=_households(built, enrolments),
        clients=clients,
        trail=trail,
        admit_wide=admit,
        now=now,
        base=settings.public_url.rstrip("/") + settings.dci_prefix,
    )
    enrolling = Enrolling(
        database=database, enrolments=enrolments, clients=clients, trail=trail, now=now
    )
    return RegistryDesk(
        own=own,
        intake=intake,
        replies=replies,
        searching=searching,
        enrolling=enrolling,
        **answered_later(built, intake, (replies, searching), tokens),
        locations=_locations(),
    )


def _households(built: Stages, enrolments: Enrolments) -> Households:
    return Households(
        stored=DciHouseholds(built.cipher),
        enrolments=enrolments,
        verifications=built.shelf.verifications,
        withdrawals=built.desk.gate.withdrawals,
        needs=built.desk.gate.needs,
        cipher=built.cipher,
    )


def _fetching(way: Guarded) -> Fetch:
    """Gets a partner's keys."""

    async def fetch(uri: str) -> bytes:
        call = HttpCall("GET", uri, headers={"Accept": "application/json"})
        try:
            reply = await way.send(call, None)
        except SourceError as error:
            raise KeysUnavailable(f"the partner's keys: {error.failure.detail}") from None
        if reply.status != httpx.codes.OK:
            raise KeysUnavailable("the partner's keys cannot be had just now")
        return reply.body

    return fetch


def _locations() -> list[dict[str, Any]]:
    text = files("app.dci").joinpath("data/locations.yaml").read_text("utf-8")
    found: list[dict[str, Any]] = yaml_text.load(text)["locations"]
    return [{**one, "type": "province", "partOf": "CHN"} for one in found]
