"""Whose rows a transaction sees: those of a region and all below it, all of them, or none 辖区隔离.

A process starts as the service itself: its loops and the operator's commands see everything. A
request starts with nothing, until its caller is known; what a route forgets to say gives no rows.
`Crossing` lists every reason for which a request's work sees more than its caller may.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

_END: Final = "zzzzzzzzzzzzz"
"""Stands behind every region code, whatever order of characters the database goes by."""
_OF_TRANSACTION: Final = "hedui.scope"
"""Where in a connection's `info` stands what its transaction sees; not there: everything."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Rows whose region stands at or after `low` and before `high`, as text; None: no rows."""

    low: str | None
    high: str | None

    @property
    def is_everything(self) -> bool:
        return self == EVERYTHING


NOTHING: Final = Scope(None, None)
EVERYTHING: Final = Scope("", _END)


def within(region: str) -> Scope:
    """The subtree of a region by GB/T 2260; of no code the whole country, of a bad one nothing."""
    if not region:
        return EVERYTHING
    if not (region.isascii() and region.isdigit()):
        return NOTHING
    following = str(int(region) + 1).rjust(len(region), "0")
    return Scope(region, _END if len(following) > len(region) else following)


class Crossing(StrEnum):
    """Why work for a caller sees more than the caller's region; each in the functions it names."""

    SIGN_IN = "who calls is not known yet: its own row is looked up by its id"
    GENUINE_REPORT = "anybody may ask whether a report is genuine, by its number and code"
    CHECKUP = "whether the service can work is asked of all of it; no row is shown"
    METRICS = "counts of the whole service, for the operator"
    SOURCE_CALLBACK = "a source replies about whom the service asked about, wherever that is"
    AUDIT_HEAD = "an entry carries the HMAC of the one before it, of whatever region"
    DUPLICATES = "the same persons in other cases 重复救助: county and number alone are told"
    REUSE = "answers and withdrawals of the same county, withdrawals above it"
    WITHDRAWALS = "a consent may have been withdrawn in a region above the household's"
    COUNTS = "what happens in a township is counted for its county, too"
    CONCLUSION = "what is final makes earlier decisions, alerts and notices, also of clients above"
    ASSIGNEE = "an alert may be given to a client of a region above"
    MUTES = "rules that a region above muted raise nothing below it, either"
    AUDIT_SAMPLE = "a reader below the region that an audit was drawn for reads its own part"
    KEYS = "while keys rotate, all rows of a person come to the newest index at once, wherever"
    CANCELLED_BATCHES = "open households of cancelled batches are ended in turn, whoever's"


@dataclass(slots=True)
class _Holder:
    """What one request, or the service, sees; shared by all that runs for it."""

    scope: Scope


_SERVICE: Final = _Holder(EVERYTHING)
_current: ContextVar[_Holder] = ContextVar("hedui_scope", default=_SERVICE)


def current() -> Scope:
    """What the database shows to whoever runs now."""
    return _current.get().scope


@contextmanager
def nothing_yet() -> Iterator[None]:
    """A request begins: nothing is seen until `see` says what."""
    token = _current.set(_Holder(NOTHING))
    try:
        yield
    finally:
        _current.reset(token)


def see(region: str) -> None:
    """From now on this request sees the region's subtree. Raises RuntimeError outside of one."""
    holder = _current.get()
    if holder is _SERVICE:
        raise RuntimeError("only a request sees a region: the service itself sees everything")
    holder.scope = within(region)


@contextmanager
def across(why: Crossing) -> Iterator[None]:
    """The block runs as the service; `why` must be a member of the list, so that all are named."""
    if not isinstance(why, Crossing):
        raise TypeError("a crossing is named by a member of Crossing")
    token = _current.set(_SERVICE)
    try:
        yield
    finally:
        _current.reset(token)


def context_of_service() -> Context:
    """A copy of the context in which work of the service's own runs, whoever set it going."""
    context = copy_context()
    context.run(_current.set, _SERVICE)
    return context


def begin_scoped(tx: sa.Connection, scope: Scope) -> None:
    """What this transaction, just begun, sees; it must be on a connection with walls."""
    tx.info[_OF_TRANSACTION] = scope
    _tell(tx, scope)


def end_scoped(tx: sa.Connection) -> None:
    """Whoever has the connection next sees nothing until he says what."""
    tx.info[_OF_TRANSACTION] = NOTHING


@contextmanager
def across_in(tx: sa.Connection, why: Crossing) -> Iterator[None]:
    """Within one transaction, the block's statements see everything."""
    if not isinstance(why, Crossing):
        raise TypeError("a crossing is named by a member of Crossing")
    before: Scope | None = tx.info.get(_OF_TRANSACTION)
    if before is None or before.is_everything:
        yield
        return
    begin_scoped(tx, EVERYTHING)
    try:
        yield
    except BaseException:
        _narrowed_after_failure(tx, before)
        raise
    begin_scoped(tx, before)


def _narrowed_after_failure(tx: sa.Connection, before: Scope) -> None:
    """A transaction that the database has given up takes no statement, and keeps no setting."""
    try:
        begin_scoped(tx, before)
    except DBAPIError:
        tx.info[_OF_TRANSACTION] = before


_SET: Final = sa.text(
    "SELECT set_config('hedui.region_from', :low, true), set_config('hedui.region_until', :high, "
    "true)"
)


def _tell(tx: sa.Connection, scope: Scope) -> None:
    """PostgreSQL's policies read a setting of the transaction; SQLite's views ask `info`."""
    if tx.dialect.name == "postgresql":
        tx.execute(_SET, {"low": scope.low or "", "high": scope.high or ""})


def bounds(info: "dict[object, object]") -> Scope:
    """What a connection's transaction sees, for the functions of SQLite's views."""
    found = info.get(_OF_TRANSACTION, NOTHING)
    return found if isinstance(found, Scope) else NOTHING


SERVICE_SETTINGS: Final = {"hedui.region_from": "", "hedui.region_until": _END}
"""What a PostgreSQL connection of the service itself says for all its life."""
