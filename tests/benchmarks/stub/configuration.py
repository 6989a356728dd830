"""The service's configuration for the stub, and the housing fund's view, which is a file."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from connectors.sandbox.register import Entry, Register
from connectors.sandbox.servers.housing_fund import write_housing_fund
from tests.benchmarks.stub.people import person

OVER_HTTP: Final = (
    "household_registry",
    "tax",
    "social_insurance",
    "property",
    "business_registration",
    "vehicle",
    "insurance",
)
AT_ONCE: Final = (
    "household_registry",
    "tax",
    "property",
    "business_registration",
    "housing_fund",
    "vehicle",
)
UNLIMITED: Final[Mapping[str, Any]] = {"rate": None, "concurrency": 64, "interactive_share": 0.2}
_ACCOUNTS: Final = 60
"""Few rows: the connector's statement reads all of the view, since it cleans names on the way."""


def sources(port: int, fund: Path, names: tuple[str, ...] = AT_ONCE) -> dict[str, dict[str, Any]]:
    """The `sources:` mapping for a stub at this port; writes the housing fund's file."""
    url = f"http://127.0.0.1:{port}"
    keys: dict[str, dict[str, Any]] = {
        "household_registry": {"token": "stub"},
        "tax": {"username": "stub", "password": "stub"},
        "social_insurance": {"key": "stub"},
        "property": {"key": "stub"},
        "business_registration": {"client_id": "stub", "client_secret": "stub"},
        "vehicle": {"licence": "stub"},
        "insurance": {"app_id": "stub", "key": "stub", "poll_seconds": 0.3},
    }
    settings = {name: {"url": url} | given for name, given in keys.items()}
    if "housing_fund" in names:
        if not fund.exists():
            write_housing_fund(fund, Register(tuple(_accounts())))
        settings["housing_fund"] = {"url": f"sqlite+aiosqlite:///{fund}"}
    return {name: settings[name] for name in names}


def _accounts() -> list[Entry]:
    """Accounts of some heads of households."""
    heads = [person(at, 0) for at in range(0, _ACCOUNTS * 7, 7)]
    return [_account(one.household, one.name, one.id_number) for one in heads]


def _account(at: int, name: str, id_number: str) -> Entry:
    row: dict[str, object] = {
        "GRZH": f"2201{at:08d}",
        "XM": name,
        "ZJHM": id_number,
        "CSRQ": None,
        "DWMC": "长春市某某物业有限公司",
        "DWDM": "91220102MA0Y5X1A2B",
        "JCJS": Decimal("3600.00"),
        "YJCE": Decimal("360.00"),
        "ZHYE": Decimal("1250.50"),
        "ZHZT": "01",
        "JZNY": "202609",
        "GXSJ": "2026-10-01 00:00:00",
    }
    return Entry(name=name, id_number=id_number, kind="account", row=row, person=None)
