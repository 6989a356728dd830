"""May this caller look at this case now, and on what does the look rest? Pure.

A client looks for the purposes of its token. A member of staff looks at a case that is assigned,
or by a permission that a second person agreed to; at a relative's never.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from ipaddress import ip_address
from typing import Final

from app.access.tokens import Caller
from app.domain.errors import (
    CaseNotAssigned,
    HeduiError,
    NotAllowed,
    NotFound,
    PurposeNeeded,
)
from app.domain.household import Purpose


class LookPurpose(StrEnum):
    """What a look is for 查看用途: the purposes of verifications, and those of oversight."""

    APPLICATION = "application"
    REVERIFICATION = "reverification"
    OBJECTION = "objection"
    SPOT_CHECK = "spot_check"
    AUDIT = "audit"
    SUPERVISION = "supervision"
    INVESTIGATION = "investigation"
    ACCESS_REQUEST = "access_request"


OVERSIGHT: Final = frozenset(
    {LookPurpose.AUDIT, LookPurpose.SUPERVISION, LookPurpose.INVESTIGATION}
)
"""Not case work: an overseer's assignment or a permission for that very purpose is needed."""
OVERSEERS: Final = frozenset({"auditor", "city_officer"})
"""Roles to which cases are assigned for oversight."""
WHOLE_LISTS: Final = frozenset({"county_reviewer", "city_officer"})
"""Roles that hand out work: they see the lists of their region whole, less their relatives' cases,
and the cases themselves as everybody does."""


class Refusal(StrEnum):
    """Why a look is refused; stands in the audit trail."""

    RELATED = "related"
    NO_PURPOSE = "no_purpose"
    PURPOSE = "purpose"
    NOT_ASSIGNED = "not_assigned"
    MASKED = "masked"  # the role never sees it whole


@dataclass(frozen=True, slots=True)
class Looker(Caller):
    """Whoever calls, with what the look is said to be for and from where it comes."""

    purpose: LookPurpose | None = None
    origin: str = "unknown"

    @classmethod
    def of(cls, who: Caller, purpose: LookPurpose | None, origin: str) -> "Looker":
        given = {one.name: getattr(who, one.name) for one in fields(Caller)}
        return cls(**given, purpose=purpose, origin=origin)

    @property
    def is_staff(self) -> bool:
        return self.kind == "staff"

    @property
    def sees_whole_lists(self) -> bool:
        return bool(self.roles & WHOLE_LISTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the caller stands to a case at that moment.

    `assignment`: the id of one that holds; `permissions`: ids of those that hold, by purpose.
    """

    own_purpose: Purpose
    related: bool = False
    assignment: str | None = None
    permissions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Granted:
    """The look may be had: for which purpose, and what it rests on."""

    purpose: LookPurpose
    basis: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The look is refused, and what the caller is told."""

    why: Refusal
    error: HeduiError


def judged(look: Looker, standing: Standing, *, missing: str) -> Granted | Refused:
    """`missing`: the words in which a case that is not there is told of; a relative's is alike."""
    if not look.is_staff:
        return _client(look, standing)
    if standing.related:
        return Refused(Refusal.RELATED, NotFound(missing))
    purpose = look.purpose
    if purpose is None:
        words = "say what the look is for: the header Hedui-Purpose is needed"
        return Refused(Refusal.NO_PURPOSE, PurposeNeeded(words))
    if not _is_open_to(look, purpose):
        return Refused(Refusal.PURPOSE, NotAllowed("this purpose is not open to the caller"))
    permission = standing.permissions.get(purpose.value)
    overseen = purpose in OVERSIGHT and not look.roles & OVERSEERS
    if standing.assignment is not None and not overseen:
        return Granted(purpose, f"assignment:{standing.assignment}")
    if permission is not None:
        return Granted(purpose, f"permission:{permission}")
    words = (
        "the case is not assigned to the caller for this purpose: have it assigned, or ask for a "
        "permission (POST /v1/look-permissions) that a second person agrees to"
    )
    return Refused(Refusal.NOT_ASSIGNED, CaseNotAssigned(words))


def _client(look: Looker, standing: Standing) -> Granted | Refused:
    purpose = look.purpose or LookPurpose(standing.own_purpose.value)
    if not _is_open_to(look, purpose):
        words = "the token is for other purposes"
        return Refused(Refusal.PURPOSE, NotAllowed(words))
    return Granted(purpose, "client")


def _is_open_to(look: Looker, purpose: LookPurpose) -> bool:
    return not look.purposes or purpose.value in look.purposes


def listing_refused(look: Looker) -> Refused | None:
    """Why a list may not be seen at all; its rows are those within the caller's reach."""
    if look.purpose is None:
        if not look.is_staff:
            return None
        words = "say what the list is for: the header Hedui-Purpose is needed"
        return Refused(Refusal.NO_PURPOSE, PurposeNeeded(words))
    if not _is_open_to(look, look.purpose):
        return Refused(Refusal.PURPOSE, NotAllowed("this purpose is not open to the caller"))
    return None


def origin_of(host: str | None) -> str:
    """The class of an address; the address itself would be one more thing to keep."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return "unknown"
    if address.is_loopback:
        return "local"
    return "private" if address.is_private else "public"
