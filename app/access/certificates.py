"""Who is at the other end: through proxies that are trusted, and through no one else.

TLS ends at the proxy, which hands on the client's certificate and address in header fields. From
anybody but the proxy such a field is a forgery: a certificate is refused, an address not heeded.
"""

import binascii
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import unquote_to_bytes

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.domain.errors import ConfigurationError, UntrustedProxy

_FORWARDED: Final = b"x-forwarded-for"
_MOST_CHARACTERS: Final = 16_384
_OF_A_HOUSEHOLD: Final = 64
"""Bits of an IPv6 address that one subscriber has."""
Headers = Sequence[tuple[bytes, bytes]]
"""As ASGI hands them over: names in lower case."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A client certificate, known by its thumbprint (RFC 8705 §3.1: `x5t#S256`)."""

    thumbprint: str
    parsed: x509.Certificate


def thumbprint_of(parsed: x509.Certificate) -> str:
    """SHA-256 of the DER encoding, base64url without padding."""
    digest = sha256(parsed.public_bytes(Encoding.DER)).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def read_pem(pem: bytes) -> Certificate:
    """Raises `ValueError` where it is no certificate."""
    parsed = x509.load_pem_x509_certificate(pem)
    return Certificate(thumbprint_of(parsed), parsed)


@lru_cache(maxsize=1_024)
def read_field(value: bytes) -> Certificate:
    """A header field's certificate: `:DER in base64:` (RFC 9440), or PEM with %-escapes (nginx).

    Raises `ValueError` where it is neither.
    """
    if len(value) > _MOST_CHARACTERS:
        raise ValueError("too long for a certificate")
    if value.startswith(b":") and value.endswith(b":") and len(value) > 1:
        try:
            parsed = x509.load_der_x509_certificate(b64decode(value[1:-1], validate=True))
        except binascii.Error:
            raise ValueError("not base64") from None
        return Certificate(thumbprint_of(parsed), parsed)
    return read_pem(unquote_to_bytes(value))


class Peers:
    """Reads who calls; `trusted` are networks of proxies, `field` the header of certificates."""

    def __init__(self, trusted: Sequence[str], field: str) -> None:
        try:
            self._trusted = [ip_network(one) for one in trusted]
        except ValueError as error:
            raise ConfigurationError(f"HEDUI_TRUSTED_PROXIES: {error}") from None
        self._field = field.lower().encode("ascii")

    def certificate(self, client: Sequence[object] | None, headers: Headers) -> Certificate | None:
        """The one that the proxy hands on; None where it hands on none.

        Raises `UntrustedProxy` where the field comes from anybody else, twice, or unreadable.
        """
        values = [value for name, value in headers if name == self._field]
        if not values:
            return None
        if not self.is_trusted(_address(client)):
            raise UntrustedProxy("a client certificate is taken from a trusted proxy only")
        if len(values) > 1:
            raise UntrustedProxy("the proxy must replace the field of the client certificate")
        if not values[0].strip():
            return None
        try:
            return read_field(values[0].strip())
        except ValueError:
            raise UntrustedProxy("the field of the client certificate cannot be read") from None

    def address(self, client: Sequence[object] | None, headers: Headers) -> str:
        """Whose request it is: the last address that no trusted proxy has; empty if unknown."""
        nearest = _address(client)
        if nearest is None or not self.is_trusted(nearest):
            return _shown(nearest)
        written = b",".join(value for name, value in headers if name == _FORWARDED)
        for part in reversed(written.decode("latin-1").split(",")):
            try:
                nearest = _plain(ip_address(part.strip()))
            except ValueError:
                break  # nothing before it can be relied on
            if not self.is_trusted(nearest):
                break
        return _shown(nearest)

    def is_trusted(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in self._trusted)


def _address(client: Sequence[object] | None) -> IPv4Address | IPv6Address | None:
    """None where the server cannot tell (a Unix socket)."""
    try:
        return None if client is None else _plain(ip_address(str(client[0])))
    except ValueError:
        return None


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped


def _shown(address: IPv4Address | IPv6Address | None) -> str:
    """One text for all addresses of one subscriber."""
    if address is None:
        return ""
    plain = _plain(address)
    if isinstance(plain, IPv6Address):
        return str(IPv6Network((plain, _OF_A_HOUSEHOLD), strict=False).network_address)
    return str(plain)
