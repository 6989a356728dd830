"""What stands between clients and the service, built once: proof, standing, rates, proxies."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.access.assertions import Assertions
from app.access.certificates import Peers
from app.access.clients import Authentication, Standing
from app.access.rates import Rates, Sweep, policies
from app.access.slots import Slots
from app.store.clients import Clients
from app.store.crypto import FieldCipher
from app.store.session import Database

TOKEN_PATH = "/oauth/token"  # noqa: S105 - where tokens are asked for
DCI_TOKEN_PATH = "/oauth2/client/token"  # noqa: S105 - the same, as DCI has it


def asks_for_token(path: str) -> bool:
    """Whether a call there is answered in the words of OAuth; DCI's may have a prefix."""
    return path == TOKEN_PATH or path.endswith(DCI_TOKEN_PATH)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """As they are written in the environment: lists are separated by commas."""

    public_url: str
    trusted_proxies: str = ""
    client_certificate_header: str = "Client-Cert"
    rates: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientGate:
    """Clients told apart, their standing, their rates, and the proxies that are trusted."""

    authentication: Authentication
    standing: Standing
    rates: Rates
    slots: Slots
    peers: Peers
    sweep: Sweep

    @classmethod
    def over(
        cls,
        database: Database,
        cipher: FieldCipher,
        now: Callable[[], datetime],
        settings: GateSettings,
    ) -> "ClientGate":
        """Raises `ConfigurationError`."""
        clients = Clients()
        issuer = settings.public_url
        networks = [one.strip() for one in settings.trusted_proxies.split(",") if one.strip()]
        return cls(
            authentication=Authentication(
                database=database,
                clients=clients,
                cipher=cipher,
                assertions=Assertions((issuer, issuer.rstrip("/") + TOKEN_PATH)),
                now=now,
            ),
            standing=Standing(database, clients, now),
            rates=Rates(database, cipher, policies(settings.rates), now),
            slots=Slots(),
            peers=Peers(networks, settings.client_certificate_header),
            sweep=Sweep(database, clients.forget_assertions, now),
        )
