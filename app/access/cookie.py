"""How the session's cookie is named, and whose pages may use it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from app.domain.errors import ConfigurationError
from connectors.transport.addresses import names_this_machine


@dataclass(frozen=True, slots=True)
class CookieRule:
    """`origin`: of our own pages, scheme, host and port of the public address.

    `secure` is off for a service on this machine without TLS alone.
    """

    origin: str
    secure: bool = True

    @classmethod
    def of(cls, public_url: str, *, plain: bool) -> "CookieRule":
        """`plain`: without TLS; raises ConfigurationError where others could listen."""
        parts = urlsplit(public_url)
        if plain and not (parts.scheme == "http" and names_this_machine(parts.hostname or "")):
            raise ConfigurationError(
                "HEDUI_PLAIN_COOKIE is for http:// on this machine alone: "
                "set HEDUI_PUBLIC_URL to a loopback address or leave it out"
            )
        return cls(f"{parts.scheme}://{parts.netloc}".lower(), not plain)

    def name(self, what: str = "hedui") -> str:
        """`__Host-`: the browser takes it only from us, by TLS, for the whole host."""
        return f"__Host-{what}" if self.secure else what
