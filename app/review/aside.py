"""Somebody is unsure 无法判断: what would settle it becomes a task, and the item waits for that.

The word decides nothing: the value stays unknown, and the round goes on where it was.
"""

from dataclasses import replace

import sqlalchemy as sa

from app.domain.decision import ActionKind
from app.domain.errors import Conflict, FieldError, InvalidRequest
from app.domain.review import STILL_TO_DO, ItemState, Role, Settling, WhyClosed
from app.review.rounds import check_undecided
from app.review.words import Given, Standing, Word, WordBook
from app.store.review_items import ReviewItem
from app.verification.due import shipped_rules

_OPEN = frozenset(STILL_TO_DO)


def set_aside(book: WordBook, tx: sa.Connection, item: ReviewItem, word: Word) -> Given:
    """The word, the item waiting, and the task. Raises Conflict, InvalidRequest."""
    check_undecided(item)
    if word.settle is None:
        detail = "say what would settle it: document, phone_call or source"
        raise InvalidRequest((FieldError("/settle", "settle.needed", detail),))
    task = _task(book, item, word.settle)
    stored = book.items.find(tx, task.id)
    if stored is None:
        book.items.add(tx, (task,))
    elif stored.state not in _OPEN:
        again = replace(stored.moved(ItemState.OPEN, book.now()), settles=item.id)
        book.items.change(tx, (again,))
    else:
        book.items.change(tx, (replace(stored, settles=item.id),))
    return book.write(tx, item, word, Standing(role=Role.ASIDE, state=ItemState.ASKED))


def _task(book: WordBook, item: ReviewItem, settle: Settling) -> ReviewItem:
    """Asking the household, or the source again."""
    if settle is Settling.SOURCE and item.source is None:
        raise Conflict("no source is known that could be asked")
    of_source = settle is Settling.SOURCE
    kind = ActionKind.ASK_SOURCE if of_source else ActionKind.ASK_HOUSEHOLD
    what = f"source:{item.source}" if of_source else f"household:{settle.value}"
    now = book.now()
    return ReviewItem(
        verification_id=item.verification_id,
        region=item.region,
        subject=f"{what}:{item.person}",
        kind=kind,
        person=item.person,
        source=item.source if of_source else None,
        gains=tuple(replace(gain, reduction=0.0) for gain in item.gains),
        needed=True,
        decisive=item.decisive,
        due_at=shipped_rules().due(kind, now),
        settles=item.id,
        created_at=now,
        changed_at=now,
    )


def answered(book: WordBook, tx: sa.Connection, task: ReviewItem) -> None:
    """What a reviewer wanted to know is there, or cannot be had: the item is taken up again."""
    if task.settles is None:
        return
    waiting = book.items.find(tx, task.settles)
    if waiting is not None and waiting.state is ItemState.ASKED:
        book.items.change(tx, (waiting.moved(waiting.resumed, book.now()),))


def close_tasks(book: WordBook, tx: sa.Connection, item: ReviewItem) -> None:
    """Nobody needs the answer any more."""
    closed = [
        replace(one.moved(ItemState.CLOSED, book.now()), why_closed=WhyClosed.NOT_NAMED)
        for one in book.items.of(tx, item.verification_id)
        if one.settles == item.id and one.state in _OPEN
    ]
    book.items.change(tx, closed)
