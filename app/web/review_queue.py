"""The queue column of the review screen: filters in the URL, counts a kind, a page of items."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request

from app.web.inner import Inner
from app.web.review_words import ASKED, KINDS, ORDERS
from app.web.shell import Viewer

BASE: Final = "/ui/review"
LIMIT: Final = 25
_SOON: Final = timedelta(days=1)
_NAMES: Final = (
    "kind",
    "programme",
    "source",
    "region",
    "order",
    "after",
    "mine",
    "returned",
    "due",
)
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What the URL says of the queue; what is empty filters nothing."""

    kind: str = ""
    programme: str = ""
    source: str = ""
    region: str = ""
    order: str = ""
    after: str = ""
    mine: str = ""
    returned: str = ""
    due: str = ""

    @property
    def is_narrow(self) -> bool:
        """Something but the order is chosen."""
        return replace(self, order="", after="") != Filters()

    def url(self, item: str = "", **changes: str) -> str:
        """Of an item, or of the queue, with these filters."""
        given = {**self.given, **changes}
        query = urlencode({name: value for name, value in given.items() if value})
        path = f"{BASE}/{item}" if item else BASE
        return f"{path}?{query}" if query else path

    @property
    def given(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in _NAMES}

    def asked(self, order: str) -> dict[str, str]:
        """As the interface takes them."""
        flags = {name: "true" for name in ("mine", "returned") if getattr(self, name)}
        texts = {
            name: getattr(self, name)
            for name in ("kind", "programme", "source", "region", "due")
            if getattr(self, name)
        }
        place = {"after": self.after} if self.after else {}
        return {"todo": "true", **texts, **flags, **place, "order": self.order or order}


def filters_of(request: Request, given: Mapping[str, str] | None = None) -> Filters:
    """Those of the URL, or of a form that keeps them."""
    params = request.query_params if given is None else given
    return Filters(**{name: params.get(name, "")[:_LONGEST] for name in _NAMES})


@dataclass(frozen=True, slots=True)
class Row:
    """An item as the column shows it."""

    id: str
    url: str
    name: str | None
    kind: str
    source: str | None
    fact: str
    probability: float | None
    blind: bool
    due: str | None
    is_soon: bool
    decisive: bool
    holder: str | None
    is_held: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """The column: rows, counts a kind, and where the next page is."""

    filters: Filters
    order: str
    rows: tuple[Row, ...]
    chips: tuple[tuple[str, str, int], ...]
    total: int
    done_today: int
    undoable: Mapping[str, Any] | None
    next_page: str | None

    def after(self, item: str) -> str:
        """The item that comes next for whoever is done with this one; empty where none is."""
        ids = [one.id for one in self.rows]
        place = ids.index(item) if item in ids else -1
        later = [*self.rows[place + 1 :], *self.rows[: max(place, 0)]]
        return next((one.id for one in later if not one.is_held), "")

    def other_kind(self) -> str:
        """The first kind that has items."""
        return next((name for name, _, count in self.chips if count), "")


async def queue_of(
    inner: Inner, who: Viewer, filters: Filters, now: datetime, current: str = ""
) -> Queue:
    """A page of the list and its counts, as the interface gives them."""
    order = filters.order if filters.order in ORDERS else who.preferences.order
    asked = filters.asked(order)
    counted = {
        name: value for name, value in asked.items() if name not in ("kind", "after", "order")
    }
    page, desk = await asyncio.gather(
        inner.get("/v1/review-items", **asked, limit=LIMIT, worth="false"),
        inner.get("/v1/review-items/desk", **counted),
    )
    counts = desk["counts"]
    kinds = [*KINDS, *(name for name in counts if name not in KINDS)]
    following = page["next"] and parse_qs(urlsplit(page["next"]).query)["after"][0]
    return Queue(
        filters=filters,
        order=order,
        rows=tuple(_row(one, filters, now, current) for one in page["items"]),
        chips=tuple((name, KINDS.get(name, ""), counts.get(name, 0)) for name in kinds),
        total=sum(counts.values()),
        done_today=desk["done_today"],
        undoable=desk["undoable"],
        next_page=filters.url(after=following) if following else None,
    )


def _row(one: Mapping[str, Any], filters: Filters, now: datetime, current: str) -> Row:
    lock = one["lock"] or {}
    due = one["due"]
    return Row(
        id=one["id"],
        url=filters.url(one["id"]),
        name=one["name"],
        kind=one["kind"],
        source=one["source"],
        fact=_fact(one),
        probability=one["probability"],
        blind=one["blind"],
        due=due,
        is_soon=due is not None and datetime.fromisoformat(due) - now < _SOON,
        decisive=one["decisive"],
        holder=lock.get("holder"),
        is_held=bool(lock) and not lock["yours"],
        is_current=one["id"] == current,
    )


def _fact(one: Mapping[str, Any]) -> str:
    """What is asked for, of items that ask the household; else the source says it."""
    parts = str(one["action"]).split(":")
    return ASKED.get(parts[1], parts[1]) if one["kind"] == "ask_household" else ""
