"""Can a source be reached, and does it know us: looked at without asking about anybody.

Where the source's document has a log-in that asks nothing (a token, a file server, a database), it
is made; of the others it is only seen whether somebody listens there, and by TLS who.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import text

from connectors.business_registration.client import TOKEN_PATH
from connectors.dci.party import SETTING as DCI
from connectors.dci.party import read_party
from connectors.dci.registry import Registry
from connectors.failure import FailureKind, SourceError
from connectors.housing_fund.database import Bounds, database_at
from connectors.transport.addresses import AddressRefused, allowed
from connectors.transport.http import Wire
from connectors.transport.limits import Gate, Limits
from connectors.transport.sftp import ADDRESS_KEYS, Sftp, SftpAddress
from connectors.transport.tokens import TokenKeeper, by_basic

SECONDS: Final = 10.0
"""How long a source may take."""

_PORTS: Final = {"http": 80, "https": 443}
Reach = Callable[[str, Mapping[str, Any]], Awaitable[str]]


async def reach(name: str, config: Mapping[str, Any]) -> str:
    """What was found, in words; `config` with its values resolved.

    Raises `SourceError` where it cannot be reached or refuses us, `ValueError` naming a wrong key.
    """
    if DCI in config:
        return await _registry(name, config)
    return await _REACHES.get(name, _listening)(name, config)


async def _registry(name: str, config: Mapping[str, Any]) -> str:
    """A token where there are credentials; a search would ask about somebody."""
    section = config[DCI]
    party = read_party(name, section)
    if not party["client_id"]:
        return await _listening(name, section)
    registry = Registry(party, Wire(party["url"], _gate(name)), _gate(name))
    try:
        await registry.token()
    finally:
        await registry.wire.aclose()
    return "gave a token"


async def _listening(name: str, config: Mapping[str, Any]) -> str:
    url = urlsplit(str(config.get("url", "")))
    if url.scheme not in _PORTS or not url.hostname:
        raise ValueError("url must be http(s)://host[:port][/path]")
    tls = ssl.create_default_context() if url.scheme == "https" else None
    try:
        async with asyncio.timeout(SECONDS):
            port = url.port or _PORTS[url.scheme]
            ip, *_ = await allowed(url.hostname, port, ())
            shown = url.hostname if tls else None
            _, writer = await asyncio.open_connection(ip, port, ssl=tls, server_hostname=shown)
    except TimeoutError:
        raise SourceError.of(
            FailureKind.TIMED_OUT, f"{name} does not answer within {SECONDS:g} s"
        ) from None
    except ssl.SSLCertVerificationError as error:
        raise SourceError.of(
            FailureKind.REFUSED, f"its certificate is not trusted: {error.verify_message}"
        ) from None
    except AddressRefused as error:
        raise SourceError.of(FailureKind.UNREACHABLE, str(error)) from None
    except OSError as error:
        raise SourceError.of(FailureKind.UNREACHABLE, _words(error)) from None
    writer.transport.abort()
    return "listens; certificate trusted" if tls else "listens"


async def _token(name: str, config: Mapping[str, Any]) -> str:
    wire = Wire(str(config["url"]), _gate(name))
    try:
        credentials = (str(config["client_id"]), str(config["client_secret"]))
        await TokenKeeper(wire, by_basic(TOKEN_PATH, credentials), tries=1).token()
    finally:
        await wire.aclose()
    return "gave a token"


async def _statement(name: str, config: Mapping[str, Any]) -> str:
    database = database_at(str(config["url"]), Bounds(SECONDS, 1, 100))
    try:
        # Oracle knows no SELECT without a table.
        asked = "SELECT 1 FROM DUAL" if database.dialect == "oracle" else "SELECT 1"
        await database.read(text(asked), {})
    finally:
        await database.aclose()
    return "log-in accepted"


async def _files(name: str, config: Mapping[str, Any]) -> str:
    """Lists the folder where replies appear; file names hold no personal data."""
    address = {key: value for key, value in config.items() if key in ADDRESS_KEYS}
    sftp = Sftp(SftpAddress.read(address), _gate(name))
    banks = [str(one) for one in config.get("banks", ())]
    folders = [f"/{one}/out" for one in banks] if name == "bank" else [f"/{name}/out"]
    try:
        for folder in folders:
            await sftp.names(folder)
    finally:
        await sftp.aclose()
    return f"log-in accepted; {len(folders)} folders readable"


def _gate(name: str) -> Gate:
    return Gate(name, Limits(timeout=SECONDS, concurrency=1, tries=1))


def _words(error: OSError) -> str:
    """Never the address: it may hold more than a host's name."""
    return error.strerror if isinstance(error.strerror, str) else type(error).__name__


_REACHES: Final[Mapping[str, Reach]] = {
    "business_registration": _token,
    "housing_fund": _statement,
    "bank": _files,
    "securities": _files,
}
