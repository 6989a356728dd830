"""One subscription of a message, read and checked: of which events, of whom, told as what. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from app.dci.criteria import Search, is_record_type, read_searches, reg_type_of
from app.dci.envelope import MOST_ID, moment_of
from app.dci.refusals import ItemRefused, MessageRefused
from app.dci.words import locale_of
from connectors.dci.codes import ErrorCode, ItemCode, QueryType, SubscribeCode

REGISTER: Final = "register"
UPDATE: Final = "update"
MEMBER: Final = "member"
EVERY: Final = (MEMBER, REGISTER, UPDATE)
"""Our events; the first of them that fits is told."""
EVENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "register": (REGISTER,),
    "registration": (REGISTER,),
    "enrollement": (REGISTER,),
    "enrollment": (REGISTER,),
    "enrolment": (REGISTER,),
    "newhouseholdmember": (MEMBER,),
    "update": (UPDATE,),
    "enrollement_status_change": (UPDATE,),
    "enrollment_status_change": (UPDATE,),
    "enrolment_status_change": (UPDATE,),
    "verification.final": (REGISTER, UPDATE),
    "*": EVERY,
}
"""By the last part of `reg_event_type`: the words of the social registry and of the registry of
beneficiaries, as its own YAML spells them too, and ours."""
SHOWN: Final = {REGISTER: "REGISTER", MEMBER: "NewHouseHoldMember"}
SHOWN_IBR: Final = {REGISTER: "enrollement", UPDATE: "enrollement_status_change"}
"""What a notice may say of its event, by the closed lists of the two standards."""
_EVERYBODY: Final = {"type": "*", "value": "*"}
_CRON: Final = re.compile(r"(?:[0-9A-Za-z*?/,#-]{1,40} ){4,6}[0-9A-Za-z*?/,#-]{1,40}")
_CODES: Final = {
    ItemCode.REFERENCE_ID: SubscribeCode.REFERENCE_ID,
    ItemCode.REFERENCE_ID_DUPLICATE: SubscribeCode.REFERENCE_ID_DUPLICATE,
    ItemCode.TIMESTAMP: SubscribeCode.TIMESTAMP,
}
_OF_BUSINESS: Final = (
    *(SubscribeCode.NOTIFY_TYPES, SubscribeCode.NOTIFY_DETAILS),
    *(SubscribeCode.PERSON_ID, SubscribeCode.ALREADY),
)


class SubscriptionRefused(Exception):  # noqa: N818 - an answer, not a fault
    """One subscription of a message is not made; the others are.

    `formed`: refused for what it asks, not for how it is written.
    """

    def __init__(self, code: SubscribeCode, words: str, *, formed: bool = True) -> None:
        super().__init__(words[:999])
        self.code = code
        self.formed = formed and code in _OF_BUSINESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`search`: of whom, as which record, in which language; `events`: in our words."""

    search: Search = field(repr=False)
    events: tuple[str, ...]
    starts_at: datetime | None
    ends_at: datetime | None
    item: Mapping[str, Any] = field(repr=False)

    @property
    def criteria(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.item["subscribe_criteria"]
        return found

    @property
    def is_scheduled(self) -> bool:
        """A cron text was given, which is not kept to."""
        given = self.criteria.get("frequency")
        return isinstance(given, Mapping) and bool(given.get("frequency"))


Read = Wanted | tuple[str, SubscriptionRefused]


def read_wanted(items: Sequence[object]) -> list[Read]:
    """Each item, or its reference id and why it is refused; in their order."""
    found: list[Read] = []
    seen: set[str] = set()
    for item in items:
        given = item.get("reference_id") if isinstance(item, Mapping) else None
        reference = given if isinstance(given, str) and len(given) <= MOST_ID else ""
        try:
            if reference and reference in seen:
                words = "reference_id stands twice"
                raise SubscriptionRefused(SubscribeCode.REFERENCE_ID_DUPLICATE, words)
            found.append(wanted_of(item))
        except SubscriptionRefused as refused:
            found.append((reference, refused))
        seen.add(reference)
    return found


def wanted_of(item: object) -> Wanted:
    """Raises `SubscriptionRefused`."""
    if not isinstance(item, Mapping):
        raise SubscriptionRefused(SubscribeCode.REFERENCE_ID, "a subscription is an object")
    criteria = _formed(item)
    asked, is_person = _as_search(item, criteria)
    (read,) = read_searches([asked])
    if not isinstance(read, Search):
        refused = read[1]
        other = SubscribeCode.PERSON_ID if is_person else SubscribeCode.NOTIFY_DETAILS
        raise SubscriptionRefused(_CODES.get(refused.code, other), refused.words)
    if not is_record_type(criteria["notify_record_type"]):
        words = "notify_record_type is Group, Member or Person"
        raise SubscriptionRefused(SubscribeCode.NOTIFY_TYPES, words)
    starts_at, ends_at = _times(criteria.get("frequency"))
    return Wanted(
        search=read,
        events=_events(criteria.get("reg_event_type")),
        starts_at=starts_at,
        ends_at=ends_at,
        item=item,
    )


def _formed(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The criteria, which have all that a subscription needs."""
    criteria = item.get("subscribe_criteria")
    if not isinstance(criteria, Mapping):
        raise _unformed(SubscribeCode.NOTIFY_DETAILS, "subscribe_criteria is missing")
    for name, kinds in (("reg_event_type", (str, list)), ("notify_record_type", str)):
        if not isinstance(criteria.get(name), kinds):
            raise _unformed(SubscribeCode.NOTIFY_TYPES, f"{name} is missing")
    if not isinstance(criteria.get("filter"), Mapping | list):
        raise _unformed(SubscribeCode.NOTIFY_DETAILS, "filter is missing")
    try:
        locale_of(item.get("locale"))
        reg_type_of(criteria)
    except ItemRefused as refused:
        raise _unformed(SubscribeCode.NOTIFY_DETAILS, refused.words) from None
    return criteria


def _unformed(code: SubscribeCode, words: str) -> SubscriptionRefused:
    return SubscriptionRefused(code, words, formed=False)


def _as_search(item: Mapping[str, Any], criteria: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """The search that finds whom it is about; and whether that is one identifier."""
    given = criteria.get("filter")
    if given == _EVERYBODY:
        kind, given = QueryType.EXPRESSION.value, {"verification.status": "final"}
    else:
        kind = criteria.get("filter_type") or _guessed(given)
    asked = {
        "reg_type": criteria.get("reg_type"),
        "reg_record_type": criteria.get("notify_record_type"),
        "query_type": kind,
        "query": given,
        "consent": criteria.get("consent", item.get("consent")),
        "authorize": criteria.get("authorize", item.get("authorize")),
    }
    kept = {name: item[name] for name in ("reference_id", "timestamp", "locale") if name in item}
    return {**kept, "search_criteria": asked}, kind == QueryType.ID


def _guessed(given: object) -> str:
    """Callers leave `filter_type` out: the filter's form tells."""
    if isinstance(given, list):
        return QueryType.PREDICATE.value
    is_pair = isinstance(given, Mapping) and {"type", "value"} <= given.keys()
    if is_pair and not isinstance(given["value"], Mapping):  # type: ignore[index]
        return QueryType.ID.value
    return QueryType.EXPRESSION.value


def _events(given: object) -> tuple[str, ...]:
    several = given if isinstance(given, list) else [given]
    found: dict[str, None] = {}
    for one in several:
        words = EVENTS.get(one.rpartition(":")[2].lower()) if isinstance(one, str) else None
        if words is None:
            told = "reg_event_type is REGISTER, UPDATE, NewHouseHoldMember or verification.final"
            raise SubscriptionRefused(SubscribeCode.NOTIFY_TYPES, told)
        found.update(dict.fromkeys(words))
    return tuple(one for one in EVERY if one in found)


def _times(given: object) -> tuple[datetime | None, datetime | None]:
    """From when to when it is told of anything."""
    if given in (None, "", {}):
        return None, None
    if not isinstance(given, Mapping):
        raise _frequency("it is an object")
    cron = given.get("frequency") or ""
    if cron and (not isinstance(cron, str) or _CRON.fullmatch(cron.strip()) is None):
        raise _frequency("frequency is a cron text of 5 to 7 fields")
    moments = []
    for name in ("start_time", "end_time"):
        moment = moment_of(given.get(name))
        if moment is None and given.get(name) not in (None, ""):
            raise _frequency(f"{name} is no moment by RFC 3339 with a zone")
        moments.append(moment)
    starts_at, ends_at = moments
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise _frequency("end_time is not after start_time")
    return starts_at, ends_at


def _frequency(words: str) -> SubscriptionRefused:
    return SubscriptionRefused(SubscribeCode.NOTIFY_DETAILS, f"frequency: {words}")


def codes_of(message: Mapping[str, Any]) -> list[str]:
    """Codes of subscriptions that are to end, each once; also under OpenSPP's name for them.

    Raises `MessageRefused`.
    """
    given = message.get("subscription_codes", message.get("subscription_code"))
    several = [given] if isinstance(given, str) else given
    if not isinstance(several, list) or not 1 <= len(several) <= 100:
        words = "message.subscription_codes is a list of 1 to 100 codes"
        raise MessageRefused(ErrorCode.BAD, words)
    if not all(isinstance(one, str) and 0 < len(one) <= MOST_ID for one in several):
        words = f"a subscription's code is a text of at most {MOST_ID} characters"
        raise MessageRefused(ErrorCode.BAD, words)
    return list(dict.fromkeys(several))
