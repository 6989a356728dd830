"""Starts the ten made-up sources and says how to reach them."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import time
from typing import Final, TypedDict, Unpack

import asyncssh

from connectors.sandbox.control import Control
from connectors.sandbox.faults import FaultBoard
from connectors.sandbox.register import SOURCES, Register
from connectors.sandbox.servers.bank import BANKS, LIMIT_ONLY, Bank
from connectors.sandbox.servers.business_registration import BusinessRegistration
from connectors.sandbox.servers.calls import CallLog
from connectors.sandbox.servers.credentials import Credentials
from connectors.sandbox.servers.desk import Desk, Pace
from connectors.sandbox.servers.household_registry import HouseholdRegistry
from connectors.sandbox.servers.housing_fund import HousingFund
from connectors.sandbox.servers.http_server import HttpServer
from connectors.sandbox.servers.insurance import Insurance
from connectors.sandbox.servers.mailbox import Mailroom
from connectors.sandbox.servers.property import Property
from connectors.sandbox.servers.securities import Securities
from connectors.sandbox.servers.sftp_server import SftpServer
from connectors.sandbox.servers.social_insurance import SocialInsurance
from connectors.sandbox.servers.tax import Tax
from connectors.sandbox.servers.vehicle import Vehicle

CONTROL: Final = "control"


class PaceOptions(TypedDict, total=False):
    """The fields of `Pace` by name; one left out has its default."""

    poll_after: int
    running_polls: int
    file_delay: float
    callback_delay: float
    callback_pause: float
    bank_parts: int
    insurance_parts: int
    token_seconds: int
    household_registry_rate: int
    business_registration_rate: int
    late_seconds: float
    drip_seconds: float


@dataclass(slots=True, kw_only=True)
class Sandbox:
    """The running sources: where they are, what they get wrong, what they were asked."""

    host: str
    folder: Path
    faults: FaultBoard
    log: CallLog
    credentials: Credentials
    host_key: str
    """The SFTP server's public key, as `ssh-ed25519 AAAA…`."""
    ports: dict[str, int] = field(default_factory=dict)
    """Port of each source that has one, and of the control interface."""
    _on_reset: list[Callable[[], None]] = field(default_factory=list)

    @property
    def control_url(self) -> str:
        return self._url(CONTROL)

    @property
    def housing_fund_file(self) -> Path:
        return self.folder / "housing_fund.sqlite3"

    @property
    def mail_folder(self) -> Path:
        """The root of what the SFTP ports show."""
        return self.folder / "sftp"

    def reset(self) -> None:
        """Heals every source and forgets what was asked."""
        self.faults.reset()
        self.log.clear()
        for forget in self._on_reset:
            forget()

    def sources_configuration(
        self, callback_url: str | None = None, poll_seconds: float = 0.1
    ) -> dict[str, dict[str, object]]:
        """The `sources:` mapping of the service's configuration for these addresses.

        `callback_url` is the service's own address for the insurers' callbacks; without it the
        service has to fetch their answers.
        """
        insurance = self._insurance()
        if callback_url is not None:
            insurance["callback_url"] = callback_url
        bank = self._sftp("bank", poll_seconds)
        bank["banks"] = list(BANKS)
        bank["limit_only"] = {name: str(limit) for name, limit in LIMIT_ONLY.items()}
        settings = self._http_sources() | {
            "housing_fund": {"url": f"sqlite+aiosqlite:///{self.housing_fund_file}"},
            "bank": bank,
            "insurance": insurance,
            "securities": self._sftp("securities", poll_seconds),
        }
        return {source: settings[source] for source in SOURCES}

    def _http_sources(self) -> dict[str, dict[str, object]]:
        secret = self.credentials
        keys: dict[str, dict[str, object]] = {
            "household_registry": {"token": secret.household_registry_token},
            "tax": {"username": secret.tax_username, "password": secret.tax_password},
            "social_insurance": {"key": secret.social_insurance_key},
            "property": {"key": secret.property_key},
            "business_registration": {
                "client_id": secret.business_client_id,
                "client_secret": secret.business_client_secret,
            },
            "vehicle": {"licence": secret.vehicle_licence},
        }
        return {source: {"url": self._url(source)} | given for source, given in keys.items()}

    def _insurance(self) -> dict[str, object]:
        return {
            "url": self._url("insurance"),
            "app_id": self.credentials.insurance_app_id,
            "key": self.credentials.insurance_key,
        }

    def _url(self, name: str) -> str:
        return f"http://{self.host}:{self.ports[name]}"

    def _sftp(self, source: str, poll_seconds: float) -> dict[str, object]:
        user = self.credentials.sftp_username
        return {
            "url": f"sftp://{user}@{self.host}:{self.ports[source]}",
            "password": self.credentials.sftp_password,
            "host_key": self.host_key,
            "poll_seconds": poll_seconds,
        }


@asynccontextmanager
async def run_sandbox(
    registers: Mapping[str, Register],
    *,
    folder: Path,
    host: str = "127.0.0.1",
    ports: Mapping[str, int] | None = None,
    seed: int = 1,
    **pace: Unpack[PaceOptions],
) -> AsyncIterator[Sandbox]:
    """The ten sources over these registers, each on its own port, until the block is left.

    A source without a register has an empty one. `ports` maps a source's key or `control` to a
    port; where none is given a free one is taken. Files lie in `folder`. All chance comes from
    `seed`; the SFTP host key is made anew each time.
    """
    chosen = Pace(**pace)
    key = asyncssh.generate_private_key("ssh-ed25519")
    sandbox = _new_sandbox(host, folder, key, chosen)
    desks = {
        source: _desk(source, registers.get(source), sandbox, chosen, seed) for source in SOURCES
    }
    async with AsyncExitStack() as stack:
        opening = _Opening(stack, sandbox, dict(ports or {}))
        await opening.http_sources(desks)
        await opening.insurance(desks["insurance"])
        await opening.housing_fund(desks["housing_fund"])
        await opening.file_sources(desks, key)
        await opening.control()
        yield sandbox


def _new_sandbox(host: str, folder: Path, key: asyncssh.SSHKey, pace: Pace) -> Sandbox:
    sandbox = Sandbox(
        host=host,
        folder=folder,
        faults=FaultBoard(late_seconds=pace.late_seconds, drip_seconds=pace.drip_seconds),
        log=CallLog(),
        credentials=Credentials(),
        host_key=key.export_public_key("openssh").decode().strip(),
    )
    sandbox.mail_folder.mkdir(parents=True, exist_ok=True)
    return sandbox


def _desk(source: str, register: Register | None, sandbox: Sandbox, pace: Pace, seed: int) -> Desk:
    return Desk(
        source=source,
        register=register or Register(()),
        board=sandbox.faults,
        log=sandbox.log,
        rng=Random(f"{seed}:{source}"),
        pace=pace,
        clock=time,
    )


@dataclass(frozen=True, slots=True)
class _Opening:
    """Starts one source after the other and has each stopped in the end."""

    stack: AsyncExitStack
    sandbox: Sandbox
    ports: Mapping[str, int]

    async def http_sources(self, desks: Mapping[str, Desk]) -> None:
        for source, server in http_servers(desks, self.sandbox.credentials).items():
            self.stack.push_async_callback(server.stop)
            await server.start(self.sandbox.host, self.ports.get(source, 0))
            self.sandbox.ports[source] = server.port

    async def insurance(self, desk: Desk) -> None:
        secret = self.sandbox.credentials
        insurance = Insurance(desk, secret.insurance_app_id, secret.insurance_key)
        self.stack.push_async_callback(insurance.stop)
        await insurance.start(self.sandbox.host, self.ports.get(desk.source, 0))
        self.sandbox.ports[desk.source] = insurance.server.port
        self.sandbox._on_reset.append(insurance.forget)

    async def housing_fund(self, desk: Desk) -> None:
        fund = HousingFund(desk, self.sandbox.housing_fund_file)
        self.stack.push_async_callback(fund.stop)
        await fund.start()

    async def file_sources(self, desks: Mapping[str, Desk], key: asyncssh.SSHKey) -> None:
        root = self.sandbox.mail_folder
        await self._file_source(desks["bank"], Bank(desks["bank"], root).mailroom, key)
        securities = Securities(desks["securities"], root)
        await self._file_source(desks["securities"], securities.mailroom, key)

    async def _file_source(self, desk: Desk, mailroom: Mailroom, key: asyncssh.SSHKey) -> None:
        secret = self.sandbox.credentials
        server = SftpServer(desk, self.sandbox.mail_folder, key, mailroom.look)
        server.admit(secret.sftp_username, secret.sftp_password)
        self.stack.push_async_callback(mailroom.stop)
        await mailroom.start()
        self.stack.push_async_callback(server.stop)
        await server.start(self.sandbox.host, self.ports.get(desk.source, 0))
        self.sandbox.ports[desk.source] = server.port

    async def control(self) -> None:
        control = Control(self.sandbox)
        self.stack.push_async_callback(control.stop)
        port = await control.start(self.sandbox.host, self.ports.get(CONTROL, 0))
        self.sandbox.ports[CONTROL] = port


def http_servers(desks: Mapping[str, Desk], secret: Credentials) -> dict[str, HttpServer]:
    """The sources that answer over HTTP at once or by being polled."""
    return {
        "household_registry": HouseholdRegistry(
            desks["household_registry"], secret.household_registry_token
        ).server,
        "tax": Tax(desks["tax"], secret.tax_username, secret.tax_password).server,
        "social_insurance": SocialInsurance(
            desks["social_insurance"], secret.social_insurance_key
        ).server,
        "property": Property(desks["property"], secret.property_key).server,
        "business_registration": BusinessRegistration(
            desks["business_registration"],
            secret.business_client_id,
            secret.business_client_secret,
        ).server,
        "vehicle": Vehicle(desks["vehicle"], secret.vehicle_licence).server,
    }
