"""Where notices may go 回调地址: a list of what is allowed, judged by the address as written and
again by the IP address that is dialled (pure).

A client names the address, so it is not to be trusted: without these rules a case system could
have the service call whatever the service can reach.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

import httpx

from connectors.transport.addresses import (
    Ip,
    Network,
    effective,
    is_loopback,
    is_never,
    is_public,
    lies_in,
    names_this_machine,
)

PUBLIC: Final = "public"
LOOPBACK: Final = "loopback"
PORTS: Final = frozenset({80, 443})
"""Of an entry that names none."""
_PUBLIC_PORTS: Final = frozenset({443, 8443})
_DEFAULT: Final = {"http": 80, "https": 443}
_LABEL: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_MOST: Final = 2_000
_LOCALHOST: Final = "localhost"


class NotAnAddress(Exception):  # noqa: N818 - the answer to whoever gave it
    """The address is not allowed; `code` is stable, the text says the rule and no address."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address leads: scheme, host as it goes out (IDN as its A-label), port."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """One entry of the list: a host or networks, the port, and for a host where it must be."""

    host: str
    port: int | None
    networks: tuple[Network, ...] = ()

    def fits(self, host: str, port: int) -> bool:
        if port != self.port if self.port is not None else port not in PORTS:
            return False
        if self.host:
            return host == self.host
        literal = _literal(host)
        return literal is not None and lies_in(literal, self.networks)

    def holds(self, ip: Ip) -> bool:
        """A listed host may stand in a private network, but never on this very machine."""
        if self.networks:
            return lies_in(ip, self.networks)
        literal = _literal(self.host)
        if literal is not None:
            return effective(literal) == effective(ip)
        return not is_loopback(ip)


def pattern_of(text: str) -> Pattern:
    """`host`, `host:port`, `host=network`, a network, `network:port`, `[network6]:port`.

    Raises `ValueError`, which names what is wrong with it.
    """
    entry, _, pinned = text.strip().lower().partition("=")
    networks = tuple(ip_network(pinned) for pinned in [pinned] if pinned)
    name, port = _port_of(entry)
    if "/" in name:
        if pinned:
            raise ValueError("a network cannot be pinned to another one")
        return Pattern("", port, (ip_network(name),))
    return Pattern(_host_of(name), port, networks)


def _port_of(entry: str) -> tuple[str, int | None]:
    bracketed = re.fullmatch(r"\[([0-9a-f:./]+)\](?::([0-9]{1,5}))?", entry)
    plain = re.fullmatch(r"([^:\[\]]+)(?::([0-9]{1,5}))?", entry)
    found = bracketed or plain
    if found is None and "[" not in entry and entry.count(":") > 1:
        return entry, None  # an IPv6 address or network without a port
    if found is None:
        raise ValueError("expected host, host:port or a network")
    port = None if found[2] is None else int(found[2])
    if port is not None and not 0 < port < 65_536:
        raise ValueError("a port is from 1 to 65535")
    return found[1], port


def _host_of(name: str) -> str:
    if _literal(name) is not None:
        return name
    try:
        host = httpx.URL(f"https://{name}/").raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError):
        raise ValueError("not a host's name") from None
    if not _is_name(host):
        raise ValueError("not a host's name")
    return host


@dataclass(frozen=True, slots=True)
class AddressRules:
    """What is allowed: what is listed, and where it is said so, public hosts by https, or here."""

    patterns: tuple[Pattern, ...] = ()
    public: bool = False
    loopback: bool = False
    https_only: bool = False

    def place_of(self, url: str) -> Place:
        """Where an address leads, if it may. Raises `NotAnAddress`."""
        place = _parsed(url)
        if place.scheme == "http" and self.https_only:
            raise NotAnAddress("address.not_https", "notices are sent by https alone")
        literal = _literal(place.host)
        if literal is not None:
            self.check_ip(place.host, place.port, str(literal), scheme=place.scheme)
        elif not self._may_be_dialled(place):
            raise NotAnAddress("address.not_allowed", _REMEDY)
        return place

    def check_ip(self, host: str, port: int, ip: str, *, scheme: str = "") -> None:
        """Whether this address may be dialled for this host. Raises `NotAnAddress`."""
        address = ip_address(ip)
        if is_never(address):
            raise NotAnAddress("address.not_allowed", "nothing is ever sent to such an address")
        listed = any(one.fits(host, port) and one.holds(address) for one in self.patterns)
        here = self.loopback and is_loopback(address) and _names_here(host)
        anywhere = self._is_open(scheme, host, port) and is_public(address)
        if not (listed or here or anywhere):
            raise NotAnAddress("address.not_allowed", _REMEDY)

    def _may_be_dialled(self, place: Place) -> bool:
        """By its name; what the name stands for is judged when it is dialled."""
        listed = any(one.fits(place.host, place.port) for one in self.patterns)
        here = self.loopback and place.host == _LOCALHOST
        return listed or here or self._is_open(place.scheme, place.host, place.port)

    def _is_open(self, scheme: str, host: str, port: int) -> bool:
        by_name = _literal(host) is None and "." in host
        return self.public and by_name and scheme != "http" and port in _PUBLIC_PORTS


_REMEDY: Final = "the address is not among those that the operators allow"


def rules_of(
    text: str, *, production: bool, listens_on: str, more: Iterable[str] = ()
) -> AddressRules:
    """The setting's entries, parted by commas, and those that two persons agreed to.

    Without the setting: in production nothing else; elsewhere public hosts by https, and this
    machine where the service itself is seen from nowhere else. Raises `ValueError`.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words and not production:
        words = [PUBLIC, *([LOOPBACK] if names_this_machine(listens_on) else [])]
    patterns = [pattern_of(one) for one in (*words, *more) if one not in (PUBLIC, LOOPBACK)]
    return AddressRules(
        patterns=tuple(patterns),
        public=PUBLIC in words,
        loopback=LOOPBACK in words,
        https_only=production,
    )


def _parsed(url: str) -> Place:
    """As the client that sends will read it. Raises `NotAnAddress`."""
    if len(url) > _MOST or not url.isprintable() or "\\" in url or " " in url:
        raise NotAnAddress("address.malformed", "not an address that can be called")
    try:
        parsed = httpx.URL(url)
        host = parsed.raw_host.decode("ascii").lower()
    except (httpx.InvalidURL, UnicodeError):
        raise NotAnAddress("address.malformed", "not an address that can be called") from None
    if parsed.scheme not in _DEFAULT:
        raise NotAnAddress("address.scheme", "an address begins with https:// (or http://)")
    if parsed.userinfo or "@" in url.partition("://")[2].partition("/")[0]:
        raise NotAnAddress("address.userinfo", "an address holds no user or password")
    if parsed.fragment or "#" in url:
        raise NotAnAddress("address.fragment", "an address has no fragment")
    host = host.removesuffix(".")
    if _literal(host) is None and not _is_name(host):
        raise NotAnAddress("address.malformed", "not a host's name")
    port = _DEFAULT[parsed.scheme] if parsed.port is None else parsed.port
    return Place(parsed.scheme, host, port)


def _literal(host: str) -> Ip | None:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def _is_name(host: str) -> bool:
    """Letters, digits and hyphens by labels; one whose last is a number is an address."""
    labels: Sequence[str] = host.split(".")
    whole = len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    return whole and not re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1])


def _names_here(host: str) -> bool:
    literal = _literal(host)
    return host == _LOCALHOST or (literal is not None and is_loopback(literal))
