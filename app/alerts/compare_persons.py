"""What became of the persons of a household: deaths, marriages, who came and who left."""

from collections.abc import Iterator, Mapping
from typing import Final

from app.alerts.changes import Change, delta_of
from app.alerts.kinds import ChangeKind
from app.alerts.snapshot import Fact, FactKind, Key, Snapshot

_K = ChangeKind
_BY_STATUS: Final[Mapping[str, ChangeKind]] = {
    "married": _K.MARRIAGE,
    "divorced": _K.DIVORCE,
    "widowed": _K.WIDOWED,
}
_FROM_REGISTRY: Final[Mapping[str, Mapping[str, ChangeKind]]] = {
    "dead": {"true": _K.DEATH, "false": _K.DEATH_WITHDRAWN},
    "moved_out": {"true": _K.MOVED_OUT, "false": _K.MOVED_BACK},
    "marital_status": _BY_STATUS,
}
_DECLARED: Final[Mapping[str, Mapping[str, ChangeKind]]] = {
    "in_school": {"true": _K.STUDENT_STARTED, "false": _K.STUDENT_ENDED},
}


def person_changes(old: Snapshot, new: Snapshot) -> Iterator[Change]:
    """Of everybody who stands in either."""
    for key in dict.fromkeys((*_persons(old), *_persons(new))):
        before, after = old.facts.get(key), new.facts.get(key)
        if before is not None and after is not None and _as(before) == _as(after):
            marks = after.marks
            yield from _stayed(before, after, known=old.knows(marks) and new.knows(marks))
        else:
            yield from _came_or_left(before, after)


def _persons(snapshot: Snapshot) -> Iterator[Key]:
    return (key for key in snapshot.facts if key[0] is FactKind.PERSON)


def _as(fact: Fact) -> str:
    return fact.values.get("as", "")


def _came_or_left(before: Fact | None, after: Fact | None) -> Iterator[Change]:
    """Supporters stand outside the household: they come and go unnoticed."""
    was = before is not None and _as(before) == "member"
    is_ = after is not None and _as(after) == "member"
    one = after or before
    if was != is_ and one is not None:
        yield Change(
            kind=_K.MEMBER_ADDED if is_ else _K.MEMBER_LEFT,
            person=one.person,
            delta=delta_of(before, after),
        )


def _stayed(before: Fact, after: Fact, *, known: bool) -> Iterator[Change]:
    delta = delta_of(before, after)
    kinds = {**(_FROM_REGISTRY if known else {}), **_DECLARED}
    for name, by_value in kinds.items():
        was, is_ = before.values.get(name), after.values.get(name)
        if was is not None and is_ is not None and was != is_ and is_ in by_value:
            yield Change(
                kind=by_value[is_],
                person=after.person,
                before={name: was},
                after={name: is_},
                delta=delta if name == "dead" else {},
            )
    excluded = before.values.get("excluded", ""), after.values.get("excluded", "")
    if bool(excluded[0]) != bool(excluded[1]):
        yield Change(
            kind=_K.MEMBER_EXCLUDED if excluded[1] else _K.MEMBER_INCLUDED,
            person=after.person,
            before={"excluded": excluded[0]},
            after={"excluded": excluded[1]},
            delta=delta,
        )
