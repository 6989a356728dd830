"""A county's members of staff, and what they leave: assignments, permissions, approvals."""

from typing import Any, Final, Protocol

from tests.service_parts import Running, number
from tests.staff_parts import session_of, with_roles

ROLES: Final = (
    "county_checker",
    "county_reviewer",
    "system_admin",
    "system_admin 2",
    "security_admin",
    "audit_admin",
    "source_clerk",
)


class Employer(Protocol):
    """What of a county is needed here."""

    service: Running
    digit: str
    ids: dict[str, str]
    staff: dict[str, dict[str, str]]

    @property
    def region(self) -> str: ...

    async def sends(self, method: str, path: str, **given: Any) -> Any: ...


async def employ(county: Employer) -> None:
    """Somebody for each role, and one of everything that they make."""
    for name in ROLES:
        account = await with_roles(county.service, name.removesuffix(" 2"), region=county.region)
        county.staff[name] = await session_of(county.service, account)
        county.ids[f"{name} account"] = account.id
    clerk = await with_roles(county.service, region=county.region)
    county.ids |= {"clerk": clerk.id, "login": clerk.login}
    await _looks(county)
    roster = {"reference": f"roster-{county.digit}", "rows": 9}
    made = await county.sends("POST", "/v1/roster-passes", json=roster)
    county.ids |= {"roster pass": made["id"], "entity": f"{county.ids['verification']}.1"}
    await _approvals(county)
    county.ids["erased case"] = f"case-{county.ids['not drawn']}"
    for name, case in (
        ("erasure", county.ids["erased case"]),
        ("other erasure", f"case-{county.ids['not drawn either']}"),
    ):
        asked = {"case_reference": case, "basis": "consent_withdrawn", "document": "SC-1"}
        made = await county.sends("POST", "/v1/erasures", json=asked)
        county.ids[name] = made["id"]


async def _looks(county: Employer) -> None:
    checker = county.ids["county_checker account"]
    case = county.ids["case"]
    given = {"case_reference": case, "staff": checker}
    made = await county.sends("POST", "/v1/assignments", json=given, by="county_reviewer")
    county.ids["assignment"] = made["id"]
    asked = {"case_reference": case, "purpose": "spot_check", "reason": "a complaint came in"}
    for name in ("permission", "other permission"):
        made = await county.sends("POST", "/v1/look-permissions", json=asked, by="county_checker")
        county.ids[name] = made["id"]
    related = {"kind": "sibling", "id_number": number(f"2299011970010141{county.digit}")}
    made = await county.sends("POST", "/v1/relations", json=related, by="county_checker")
    county.ids["relation"] = made["id"]
    told = {"id_number": number(f"2299011960010141{county.digit}"), "reason": "of the council"}
    made = await county.sends(
        "POST", "/v1/unusual-access/protected-persons", json=told, by="audit_admin"
    )
    county.ids["protected"] = made["id"]


async def _approvals(county: Employer) -> None:
    for name in ("approval", "other approval"):
        account = await with_roles(county.service, region=county.region)
        made = await county.sends("POST", f"/v1/staff/{account.id}/reset", by="system_admin")
        county.ids[name] = made["id"]
