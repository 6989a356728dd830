"""One search of a message, read and checked: what is looked for, in which order, on which page.

Pure. The same for searches that are answered at once and for those that are answered later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from app.dci.attributes import IDENTIFIERS, Attribute, UnknownAttribute, attribute_of
from app.dci.conditions import Compare, Condition, needed
from app.dci.envelope import MOST_ID, moment_of, whole_of
from app.dci.queries import condition_of
from app.dci.records import GROUP, MEMBER, PERSON
from app.dci.refusals import ItemRefused
from app.dci.words import locale_of
from connectors.dci.codes import ItemCode

DEFAULT_PAGE: Final = 10
MOST_PAGE: Final = 100
MOST_PAGES: Final = 100_000
_SOCIAL: Final = frozenset(
    {
        "social_registry",
        "ns:org:registrytype:social",
        "ns:registry_type:social_registry",
        "sr",
        "social",
    }
)
_IBR: Final = frozenset({"ibr", "ns:org:registrytype:ibr", "ns:registry_type:ibr"})
_TYPE: Final = "ns:org:RegistryType:Social"
_ENTITIES: Final = {
    "group": GROUP,
    "household": GROUP,
    "member": MEMBER,
    "person": PERSON,
    "srperson": PERSON,
    "srmember": MEMBER,
    "srgroup": GROUP,
    "beneficiary": MEMBER,
}
_ORDERS: Final = {"asc": False, "desc": True}


@dataclass(frozen=True, slots=True)
class Page:
    """Counted from one."""

    size: int = DEFAULT_PAGE
    number: int = 1

    @property
    def begins(self) -> int:
        return (self.number - 1) * self.size


@dataclass(frozen=True, slots=True)
class SortKey:
    """An attribute, and whether the largest comes first."""

    attribute: Attribute
    down: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """`entity`: which records are wanted; `reg_type`: as the caller writes ours."""

    reference_id: str
    at: datetime
    locale: str
    condition: Condition = field(repr=False)
    entity: str
    reg_type: str
    record_type: str
    sort: tuple[SortKey, ...]
    page: Page
    criteria: Mapping[str, Any] = field(repr=False)

    @property
    def is_ibr(self) -> bool:
        """Asked as the registry of beneficiaries: of those who receive, and as such."""
        return self.reg_type.lower() in _IBR

    @property
    def identifiers(self) -> tuple[Compare, ...]:
        """Identifiers without which it finds nothing; none: it is a wide search."""
        return tuple(one for one in needed(self.condition) if one.attribute in IDENTIFIERS)


def read_searches(items: Sequence[object]) -> list[Search | tuple[str, ItemRefused]]:
    """Each item as a search, or its reference id and why it is none; in their order."""
    found: list[Search | tuple[str, ItemRefused]] = []
    seen: set[str] = set()
    for item in items:
        reference = _reference(item)
        try:
            found.append(_read(item, reference, seen))
        except ItemRefused as refused:
            found.append((reference or "", refused))
        if reference is not None:
            seen.add(reference)
    return found


def _reference(item: object) -> str | None:
    given = item.get("reference_id") if isinstance(item, Mapping) else None
    return given if isinstance(given, str) and len(given) <= MOST_ID else None


def _read(item: object, reference: str | None, seen: set[str]) -> Search:
    if not isinstance(item, Mapping):
        raise ItemRefused(ItemCode.SEARCH_CRITERIA, "a search is an object")
    if reference is None:
        words = f"reference_id is missing, or no text of at most {MOST_ID} characters"
        raise ItemRefused(ItemCode.REFERENCE_ID, words)
    if reference in seen:
        raise ItemRefused(ItemCode.REFERENCE_ID_DUPLICATE, "reference_id stands twice")
    at = moment_of(item.get("timestamp"))
    if at is None:
        words = "timestamp is no moment by RFC 3339 with a zone"
        raise ItemRefused(ItemCode.TIMESTAMP, words)
    criteria = item.get("search_criteria")
    if not isinstance(criteria, Mapping):
        raise ItemRefused(ItemCode.SEARCH_CRITERIA, "search_criteria is missing")
    locale = locale_of(item.get("locale", criteria.get("locale")))
    entity = _entity(criteria)
    return Search(
        reference_id=reference,
        at=at,
        locale=locale,
        condition=condition_of(criteria.get("query_type"), criteria.get("query")),
        entity=entity,
        reg_type=reg_type_of(criteria),
        record_type=_given(criteria, "reg_record_type") or entity,
        sort=_sort(criteria.get("sort")),
        # Some callers set the page beside the criteria.
        page=_page(criteria.get("pagination", item.get("pagination"))),
        criteria=criteria,
    )


def is_record_type(text: str) -> bool:
    """Whether it names a kind of record that is given out here."""
    return text.rpartition(":")[2].lower() in _ENTITIES


def _given(criteria: Mapping[str, Any], name: str) -> str:
    value = criteria.get(name)
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or len(value) > 200:
        raise ItemRefused(ItemCode.SEARCH_CRITERIA, f"{name} is no text")
    return value


def reg_type_of(criteria: Mapping[str, Any]) -> str:
    """As the caller writes ours. Raises `ItemRefused` where another registry is meant."""
    given = _given(criteria, "reg_type")
    if given and given.lower() not in _SOCIAL | _IBR:
        raise ItemRefused(ItemCode.SEARCH_CRITERIA, f"reg_type: this registry is {_TYPE}")
    return given or _TYPE


def _entity(criteria: Mapping[str, Any]) -> str:
    """By `response_entity`, else by the record type, else households."""
    given = _given(criteria, "response_entity")
    if given:
        found = _ENTITIES.get(given.lower())
        if found is None:
            words = "response_entity is Group or Member"
            raise ItemRefused(ItemCode.SEARCH_CRITERIA, words)
        return found
    kind = _given(criteria, "reg_record_type").rpartition(":")[2].lower()
    return _ENTITIES.get(kind, GROUP)


def _sort(given: object) -> tuple[SortKey, ...]:
    if given in (None, "", []):
        return ()
    if not isinstance(given, list) or len(given) > 5:
        raise ItemRefused(ItemCode.SORT, "sort is a list of at most 5 attributes")
    return tuple(map(_sort_key, given))


def _sort_key(given: object) -> SortKey:
    if not isinstance(given, Mapping):
        raise ItemRefused(ItemCode.SORT, "sort is a list of objects")
    order = given.get("sort_order") or "asc"
    down = _ORDERS.get(order.lower()) if isinstance(order, str) else None
    if down is None:
        raise ItemRefused(ItemCode.SORT, "sort_order is asc or desc")
    try:
        return SortKey(attribute_of(given.get("attribute_name")), down)
    except UnknownAttribute:
        raise ItemRefused(ItemCode.SORT, "sort: an attribute is not known here") from None


def _page(given: object) -> Page:
    if given in (None, ""):
        return Page()
    if not isinstance(given, Mapping):
        raise ItemRefused(ItemCode.PAGINATION, "pagination is an object")
    size = _whole(given.get("page_size"), "page_size")
    number = _whole(given.get("page_number", 1), "page_number")
    if number > MOST_PAGES:
        raise ItemRefused(ItemCode.PAGINATION, f"page_number is at most {MOST_PAGES}")
    # A larger page than is given out is cut, and the answer says how large it is.
    return Page(min(size, MOST_PAGE), number)


def _whole(given: object, name: str) -> int:
    found = whole_of(given)
    if found is None or found < 1:
        raise ItemRefused(ItemCode.PAGINATION, f"{name} is a whole number from 1")
    return found
