"""Reads the trail through and names the first entry that does not hold.

With the HMAC key each entry is checked by itself. Without any secret, the signed heads and what
the anchors hold of them are enough: a head's hash is computed anew from the entries. Nothing here
writes.
"""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from app.audit.chain import FIRST, canonical, mac_of
from app.audit.heads import FIRST_HEAD, Running, digest_of
from app.audit.signing import HeadKey
from app.domain.errors import AuditBroken
from app.store.audit_entries import UNREADABLE, AuditEntries, AuditRow, End
from app.store.audit_heads import AuditHeads, Head

UNVOUCHED_FOR: Final = timedelta(hours=4)
"""No entry may be without a head for longer: then heads were removed, or never made."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`broken_at` is the position of the first entry that was changed, removed or put in."""

    entries: int
    broken_at: int | None
    head: str


def verify(rows: Iterable[AuditRow], key: bytes) -> Verdict:
    """Check numbering, linkage and HMAC of every entry, in order."""
    walk = _Walk(key)
    for row in rows:
        if not walk.step(row):
            return Verdict(walk.position + 1, walk.position + 1, walk.previous.hex())
    return Verdict(walk.position, None, walk.previous.hex())


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a verifier has; None: it has not got it, and what it would show stays unseen.

    `anchored`: the heads of all anchors, in the order in which they stand there.
    """

    key: bytes | None = None
    head_keys: Sequence[HeadKey] = ()
    anchored: Sequence[Head] | None = None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """What is verified; `rows` and `heads` in order, read in one transaction.

    `unreadable`: what else than an entry could not even be read.
    """

    rows: Iterable[AuditRow]
    heads: Sequence[Head]
    end: End | None
    unreadable: Sequence[str] = ()


def trail_in(tx: sa.Connection) -> Trail:
    """The trail of a database, its entries read as they are looked at."""
    entries, unreadable = AuditEntries(), []
    heads: list[Head] = []
    end: End | None = None
    try:
        end = entries.end(tx)
    except (*UNREADABLE, AuditBroken):
        unreadable.append("the row that says where the trail ends cannot be read")
    try:
        heads = list(AuditHeads().all(tx))
    except UNREADABLE:
        unreadable.append("a head cannot be read")
    return Trail(rows=entries.stream(tx), heads=heads, end=end, unreadable=unreadable)


@dataclass(slots=True)
class Report:
    """What was found. `broken` is whole sentences, the first broken entry first.

    `gaps`: losses that a signed head admits (a backup was restored). `unvouched`: the first and
    last entry that no head vouches for yet; `waiting`: heads that no anchor has.
    """

    entries: int = 0
    heads: int = 0
    last: str = FIRST.hex()
    broken_at: int | None = None
    broken: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    unvouched: tuple[int, int] | None = None
    waiting: tuple[int, int] | None = None

    @property
    def holds(self) -> bool:
        return not self.broken

    def at(self, position: int, words: str) -> None:
        """An entry does not hold."""
        if self.broken_at is None or position < self.broken_at:
            self.broken_at = position
        self.broken.append(words)


def examine(trail: Trail, given: Given) -> Report:
    """Entries against each other and the heads, heads against their key and the anchors."""
    report = Report(heads=len(trail.heads), broken=list(trail.unreadable))
    _check_heads(trail.heads, given, report)
    if given.anchored is not None:
        _check_anchored(trail.heads, given, report)
    _check_entries(trail, given, report)
    return report


def _check_heads(heads: Sequence[Head], given: Given, report: Report) -> None:
    """Each is signed, and names the one before it."""
    anchored = {head.number: head for head in given.anchored or ()}
    before: Head | None = None
    for head in heads:
        if given.head_keys and not _is_signed(head, given.head_keys):
            report.broken.append(f"head {head.number} is not signed by a given key")
        number, position = (0, 0) if before is None else (before.number, before.position)
        if head.after != number or head.position - position != head.entries or head.entries < 1:
            report.broken.append(f"head {head.number} does not follow head {number}")
        elif head.number == number + 1:
            expected = FIRST_HEAD if before is None else _digest(before)
            if head.previous != expected:
                report.broken.append(f"head {head.number} names another head than {number}")
        else:
            _gap(head, anchored.get(head.number - 1), given, report)
        before = head


def _gap(head: Head, lost: Head | None, given: Given, report: Report) -> None:
    """A head that says itself that the heads before it were lost."""
    first, last = head.after + 1, head.number - 1
    if given.anchored is None:
        how = "the anchors, which were not given, hold what they vouched for"
    elif lost is None or _digest(lost) != head.previous:
        report.broken.append(f"head {head.number} follows head {last}, which no anchor holds")
        return
    else:
        how = f"they vouched for entries up to {lost.position}, which are gone"
    report.gaps.append(
        f"heads {first} to {last} are admitted to be lost by head {head.number}: {how}"
    )


def _digest(head: Head) -> bytes:
    """No digest at all of a head whose algorithm is none of ours."""
    try:
        return digest_of(head)
    except AuditBroken:
        return b""


def _check_anchored(heads: Sequence[Head], given: Given, report: Report) -> None:
    """What left for an anchor is here as it left, or admitted to be lost."""
    here = {head.number: head for head in heads}
    lost = {number for head in heads for number in range(head.after + 1, head.number)}
    there: dict[int, Head] = {}
    for head in given.anchored or ():
        if given.head_keys and not _is_signed(head, given.head_keys):
            report.broken.append(f"an anchor's head {head.number} is not signed by a given key")
        elif there.setdefault(head.number, head) != head:
            report.broken.append(f"the anchors hold two heads {head.number}: the trail was forked")
    missing = sorted(number for number in there if number not in here and number not in lost)
    if missing:
        last = there[missing[-1]]
        report.broken.append(
            f"head {missing[0]} and {len(missing) - 1} more were anchored and are not here: "
            f"entries up to {last.position} were there on {last.at.isoformat()}; the trail was "
            "cut, rolled back, or restored from an older backup (then: hedui audit accept-gap)"
        )
    for number, head in here.items():
        if number in there and there[number] != head:
            report.broken.append(f"head {number} is not the one that was anchored")
    _not_anchored(here, there, report)


def _not_anchored(here: dict[int, Head], there: dict[int, Head], report: Report) -> None:
    newest = max(there, default=0)
    skipped = [number for number in here if number < newest and number not in there]
    if skipped:
        report.broken.append(f"head {min(skipped)} is in no anchor, though later ones are")
    later = [number for number in here if number > newest]
    if later:
        report.waiting = min(later), max(later)


def _is_signed(head: Head, keys: Sequence[HeadKey]) -> bool:
    return any(key.right(head) for key in keys)


class _Walk:
    """Entry after entry; without a key it sees order and linkage alone."""

    def __init__(self, key: bytes | None) -> None:
        self._key = key
        self.position = 0
        self.previous = FIRST

    def step(self, row: AuditRow) -> bool:
        """Whether the entry holds; if not, nothing moves on."""
        if row.position != self.position + 1 or row.previous != self.previous:
            return False
        try:
            if self._key is not None and not hmac.compare_digest(row.mac, mac_of(self._key, row)):
                return False
        except (AuditBroken, AttributeError, TypeError, ValueError):
            return False  # a column holds what no entry has: another type, no text, no time
        self.position += 1
        self.previous = row.mac
        return True


def _check_entries(trail: Trail, given: Given, report: Report) -> None:
    walk, heads = _Walk(given.key), iter(trail.heads)
    due = next(heads, None)
    running = _running(due, report)
    try:
        for row in trail.rows:
            if not walk.step(row):
                report.at(walk.position + 1, f"entry {walk.position + 1} does not hold")
                break
            if due is None:
                _note_unvouched(row, given, report)
                continue
            running.add(canonical(row), row.mac)
            if walk.position == due.position:
                _compare(running, due, report)
                due = next(heads, None)
                running = _running(due, report)
    except (AuditBroken, AttributeError, TypeError, ValueError):
        report.at(walk.position, f"entry {walk.position} does not hold")
    report.entries, report.last = walk.position, walk.previous.hex()
    if report.broken_at is None:
        _check_end(trail, due, report)


def _running(head: Head | None, report: Report) -> Running:
    try:
        return Running() if head is None else Running(head.algorithm)
    except AuditBroken:
        report.broken.append("a head names an unknown hash")
        return Running()


def _compare(running: Running, head: Head, report: Report) -> None:
    if running.finish() != head.hash:
        first = head.position - head.entries + 1
        report.at(
            first,
            f"an entry from {first} to {head.position} is not what head {head.number} vouches for",
        )


def _note_unvouched(row: AuditRow, given: Given, report: Report) -> None:
    if report.unvouched is None and given.now - row.at > UNVOUCHED_FOR:
        report.broken.append(
            f"entry {row.position} of {row.at.isoformat()} has no head: heads were removed, or "
            "none has been made since"
        )
    first = row.position if report.unvouched is None else report.unvouched[0]
    report.unvouched = first, row.position


def _check_end(trail: Trail, due: Head | None, report: Report) -> None:
    """The entries end where the last head and the end's own row say."""
    if due is not None:
        report.at(
            report.entries + 1,
            f"entry {report.entries + 1} is gone: head {due.number} vouches for entries up to "
            f"{due.position}",
        )
        return
    if trail.end is not None and (trail.end.position, trail.end.mac.hex()) != (
        report.entries,
        report.last,
    ):
        report.at(
            report.entries + 1,
            f"the trail ends with entry {report.entries}, but {trail.end.position} were written",
        )
