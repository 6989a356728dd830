"""Which addresses may be connected to: judged as they are dialled, whatever a name stands for."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any, Final, TypeAlias

Ip: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""A host's addresses."""

_NEVER: Final[tuple[Network, ...]] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this host
        "169.254.0.0/16",  # link-local, with the metadata services of most clouds
        "100.100.100.200/32",  # Aliyun's metadata
        "192.0.0.0/24",  # protocol assignments, with Oracle's metadata
        "192.88.99.0/24",  # 6to4 relays
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, with the broadcast
        "::/128",
        "fd00:ec2::254/128",  # Amazon's metadata
        "fe80::/10",
        "fec0::/10",  # site-local, deprecated
        "ff00::/8",
        "100::/64",  # discard
    )
)
"""Nothing of ours is ever there: refused whatever is configured."""

_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE: Final = IPv6Network("::/96")


class AddressRefused(OSError):  # noqa: N818 - a refusal of ours, not a fault
    """The address is none that may be dialled; its text names no address."""


def effective(ip: Ip) -> Ip:
    """The address that a packet reaches: of one that carries an IPv4 address, that one."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    low = IPv4Address(int(ip) & 0xFFFF_FFFF)
    carries = any(ip in network for network in _NAT64)
    if carries or (ip in _COMPATIBLE and int(ip) > 1):
        return low
    return ip


def is_never(ip: Ip) -> bool:
    """Link-local, metadata, multicast, unspecified, reserved: refused whatever is configured."""
    reached = effective(ip)
    return any(reached.version == one.version and reached in one for one in _NEVER)


def is_public(ip: Ip) -> bool:
    """An address of the whole internet, also through a transition mechanism."""
    reached = effective(ip)
    return reached.is_global and not is_never(reached)


def is_loopback(ip: Ip) -> bool:
    return effective(ip).is_loopback


def names_this_machine(host: str) -> bool:
    """`localhost`, or a loopback address as written."""
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def lies_in(ip: Ip, networks: Sequence[Network]) -> bool:
    reached = effective(ip)
    return any(reached.version == one.version and reached in one for one in networks)


def networks_of(texts: Sequence[str]) -> tuple[Network, ...]:
    """Raises `ValueError` for what is no network."""
    try:
        return tuple(ip_network(text) for text in texts)
    except ValueError:
        raise ValueError("networks: expected networks such as 10.1.0.0/16") from None


def dialled(ip: str, networks: Sequence[Network]) -> None:
    """Raises `AddressRefused` where a source may not be at this address.

    `networks`: where it must be; none: anywhere but where nothing of ours ever is.
    """
    address = ip_address(ip)
    if is_never(address):
        raise AddressRefused("the name stands for an address that is never called")
    if networks and not lies_in(address, networks):
        raise AddressRefused("the name stands for an address outside of the source's networks")


async def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses that the system's resolver gives, each once."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


async def allowed(
    host: str, port: int, networks: Sequence[Network], resolve: Resolve = resolved
) -> Sequence[str]:
    """The host's addresses that may be dialled. Raises `AddressRefused` where none may."""
    refused: AddressRefused | None = None
    fit = []
    for address in await resolve(host, port):
        try:
            dialled(address, networks)
        except AddressRefused as error:
            refused = error
        else:
            fit.append(address)
    if not fit:
        raise refused or AddressRefused("the name stands for no address")
    return fit


def socket_of(networks: Sequence[Network]) -> Callable[[Any], socket.socket]:
    """Makes sockets for aiohttp: it asks for each address that it is about to dial."""

    def make(info: Any) -> socket.socket:
        family, kind, protocol, _, address = info
        dialled(str(address[0]), networks)
        return socket.socket(family=family, type=kind, proto=protocol)

    return make
