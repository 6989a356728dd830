"""Roles 角色 of people who sign in, as data: what each may do, and which never go together.

Separation of administration 三员分立 (GB/T 22239-2019): whoever makes accounts gives no rights,
whoever gives rights reads no trail, and none of the three sees business data.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Shown(StrEnum):
    """How much of a household's profile a role sees."""

    WHOLE = "whole"
    MASKED = "masked"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Role:
    """What a role may do. `alone`: whoever has it has no other."""

    chinese: str
    scopes: frozenset[str]
    shown: Shown
    alone: bool = False
    excludes: frozenset[str] = frozenset()


STAFF_SCOPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "accounts": "make, disable and reset accounts of staff",
        "roles": "grant and end roles, with a second person",
        "trail": "read the audit trail and what is made of it",
        "protect": "say at whom every look is told of",
        "assign": "say who works on which case",
        "masked": "read reports whose names and amounts are masked",
        "answer": "answer for one's own source by hand",
    }
)
"""What people alone may do, beside the scopes that clients have too."""

_CONCLUDES: Final = frozenset({"township_clerk", "county_checker", "county_reviewer"})
ROLES: Final[Mapping[str, Role]] = MappingProxyType(
    {
        "township_clerk": Role("乡镇经办", frozenset({"masked"}), Shown.MASKED),
        "county_checker": Role(
            "县级核对", frozenset({"verify", "batch", "read", "review"}), Shown.WHOLE
        ),
        "county_reviewer": Role("县级复核", frozenset({"read", "review", "assign"}), Shown.WHOLE),
        "city_officer": Role(
            "市级管理", frozenset({"read", "audit"}), Shown.WHOLE, excludes=_CONCLUDES
        ),
        "source_clerk": Role("数据源经办", frozenset({"answer"}), Shown.NOTHING, alone=True),
        "relief_department": Role(
            "救助部门", frozenset({"eligibility"}), Shown.NOTHING, alone=True
        ),
        "auditor": Role("审计监督", frozenset({"read", "trail"}), Shown.WHOLE, alone=True),
        "system_admin": Role("系统管理员", frozenset({"accounts"}), Shown.NOTHING, alone=True),
        "security_admin": Role("安全管理员", frozenset({"roles"}), Shown.NOTHING, alone=True),
        "audit_admin": Role(
            "审计管理员", frozenset({"trail", "protect"}), Shown.NOTHING, alone=True
        ),
    }
)
"""By name; the roles of the field are those of 居民家庭经济状况核对, the last three of 三员."""


OF_ONE_SOURCE: Final = frozenset({"source_clerk"})
"""Roles that are held for one source, which the grant names."""


def conflict(roles: Iterable[str]) -> tuple[str, str] | None:
    """Two of the roles that one person never has together, or none."""
    held = sorted(set(roles))
    for one in held:
        for other in held:
            if one != other and (ROLES[one].alone or other in ROLES[one].excludes):
                return one, other
    return None


def scopes_of(roles: Iterable[str]) -> tuple[str, ...]:
    """What the roles may do together; nothing at all where they must not go together.

    A role that is not known any more gives nothing.
    """
    held = frozenset(roles) & ROLES.keys()
    if conflict(held) is not None:
        return ()
    return tuple(sorted(frozenset[str]().union(*(ROLES[role].scopes for role in held))))


def shown_to(roles: Iterable[str]) -> Shown:
    """How much of a profile the roles show: the most that one of them does."""
    held = {ROLES[role].shown for role in frozenset(roles) & ROLES.keys()}
    for most in (Shown.WHOLE, Shown.MASKED):
        if most in held:
            return most
    return Shown.NOTHING
