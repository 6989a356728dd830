"""The item that is worked on: what the interface says of it, and what may be done with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from app.web import kinds
from app.web.inner import Inner, Refused
from app.web.kinds import Part
from app.web.review_pair import EffectTable, Pair, effects_of, pair_of
from app.web.review_words import OF_ASKING, OF_DEATHS, OF_RECORDS
from app.web.shell import Viewer

RECORDS: Final = "review_record"
_ASKING: Final = frozenset({"ask_source", "ask_household"})
_CONFLICT: Final = 409
_OPEN: Final = frozenset({"open", "asked", "awaiting_second", "disagreed"})
_DEATH: Final = "adverse_needs_full_identity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """An item with all that its work area shows."""

    item: Mapping[str, Any]
    document: Mapping[str, Any]
    template: str
    version: str
    lock: Mapping[str, Any] | None
    why_not: str
    pair: Pair | None = None
    place: int = 0
    effects: EffectTable | None = None
    reasons: Sequence[str] = ()
    part: Part | None = None
    choices: Sequence[str] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    error: Refused | None = None
    changes: Sequence[Mapping[str, Any]] = ()
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def offered(self) -> Sequence[str]:
        """The choices in the order of the bar."""
        return self.choices or list(self.item["choices"])

    def second_of(self, choice: str) -> str:
        """`yes`, `no` or `some`: whether another person must say the same."""
        if self.part is None:
            second = self.effects is not None and self.effects.needs_second(choice)
            return "yes" if second and not self.item["blind"] else "no"
        told = {one.two_persons for one in self.part.rows if one.choice == choice}
        return "some" if len(told) > 1 else "yes" if True in told else "no"

    @property
    def is_third(self) -> bool:
        """Two differ, and it is for whoever reads this to decide."""
        return self.may_decide and self.item["state"] == "disagreed"

    @property
    def opinions(self) -> Mapping[int, int]:
        """First or second, by version: words of two who differed. Neither of them holds."""
        return opinions_of(self.document.get("decisions") or (), self.item["state"])

    @property
    def may_decide(self) -> bool:
        return not self.why_not

    @property
    def is_held_here(self) -> bool:
        return self.lock is not None and bool(self.lock["yours"])

    def candidate(self, step: int) -> str:
        """The candidate before or after this one; empty at the ends."""
        ids = list(self.document.get("candidates", ()))
        place = ids.index(self.item["id"]) + step if self.item["id"] in ids else -1
        return str(ids[place]) if 0 <= place < len(ids) else ""

    @property
    def candidate_place(self) -> tuple[int, int]:
        ids = list(self.document.get("candidates", ()))
        return (ids.index(self.item["id"]) + 1 if self.item["id"] in ids else 1, max(1, len(ids)))


def opinions_of(decisions: Sequence[Mapping[str, Any]], state: str) -> dict[int, int]:
    """Of the rounds in which two differed: a third one spoke, or has to."""
    found: dict[int, int] = {}
    spoken: list[int] = []
    for one in decisions:
        if one["role"] == "third":
            found |= {version: place for place, version in enumerate(spoken, 1)}
        if one["role"] in ("first", "second"):
            spoken = [*(spoken if one["role"] == "second" else ()), one["version"]]
    if state == "disagreed":
        found |= {version: place for place, version in enumerate(spoken, 1)}
    return found


async def work_of(inner: Inner, id_: str, who: Viewer, *, chosen: str = "", place: int = 0) -> Work:
    """The item, locked for whoever opens it, where he or she may decide it. Raises `Refused`."""
    document = await _document(inner, id_, chosen)
    item = document["item"]
    why_not = _why_not(document, who) or kinds.why_not(item)
    lock = item["lock"]
    if not why_not:
        try:
            locked = await inner.post(f"/v1/review-items/{id_}/lock", only="true")
            lock = locked["lock"]
        except Refused as refused:
            if refused.status != _CONFLICT:
                raise
            why_not = "held"
    kind = item["kind"]
    if kind == RECORDS:
        return _records(document, who, (lock, why_not), place)
    part = await kinds.prepared(inner, document, who) if kind in kinds.TEMPLATES else None
    return Work(
        item=item,
        document=document,
        template=kinds.TEMPLATES.get(kind, "review/kind_asking.html"),
        version=document.get("version", ""),
        lock=lock,
        why_not=why_not,
        reasons=kinds.reasons_of(kind, OF_ASKING),
        part=part,
        choices=kinds.choices_of(item),
        asked=document.get("asking") or {},
    )


async def tried(inner: Inner, work: Work, who: Viewer, preview: Mapping[str, str]) -> Work:
    """With what a typed amount leads to; as it was where there is none, or it cannot be one."""
    if work.part is None or not preview.get("amount"):
        return work
    try:
        return replace(work, part=await kinds.prepared(inner, work.document, who, preview))
    except Refused:
        return work


async def _document(inner: Inner, id_: str, chosen: str) -> Mapping[str, Any]:
    """The pair of an item of records; of any other the item itself."""
    try:
        found: Mapping[str, Any] = await inner.get(
            f"/v1/review-items/{id_}/pair", chosen=chosen or None
        )
    except Refused as refused:
        if refused.status != _CONFLICT:
            raise
        found = await inner.get(f"/v1/review-items/{id_}")
    return found


def _records(
    document: Mapping[str, Any],
    who: Viewer,
    held: tuple[Mapping[str, Any] | None, str],
    place: int,
) -> Work:
    records = document["records"]
    place = place if 0 <= place < len(records) else 0
    lock, why_not = held
    is_death = any(one["rule"] == _DEATH for one in records)
    return Work(
        item=document["item"],
        document=document,
        template="review/match.html",
        version=document["version"],
        lock=lock,
        why_not=why_not,
        pair=pair_of(records[place], who.preferences.language),
        place=place,
        effects=None if document["effects"] is None else effects_of(document["effects"]),
        reasons=(*OF_DEATHS, *OF_RECORDS) if is_death else OF_RECORDS,
    )


def _why_not(document: Mapping[str, Any], who: Viewer) -> str:
    """Why the viewer may not decide: held, waits (his or her own word), spoken, closed."""
    item = document["item"]
    if item["state"] == "awaiting_second":  # to all others it is open
        return "waits"
    if item["state"] not in _OPEN:
        return str(item["state"])
    last = document["decisions"][-2:]
    if item["state"] == "disagreed" and who.caller.actor in {one["reviewer"] for one in last}:
        return "spoken"
    if item["lock"] is not None and not item["lock"]["yours"]:
        return "held"
    return ""
