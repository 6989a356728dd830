"""Late replies 迟到反馈: they never edit what is issued; a supplement 补充核对 is made of them.

The supplement is a new verification of the same request that rests on the earlier one's replies
and the late ones. It asks nothing again; its report is the next version of the earlier one's.
"""

from base64 import b32encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

import sqlalchemy as sa

from app.audit.chain import AuditTrail, Entry
from app.store.evidence import ReplyHead, StoredReply
from app.store.verifications import CLOSED_STATUSES, StoredVerification
from app.verification.clockwork import Clockwork
from app.verification.persist import Shelf

_RANK: Final = {"unknown": 0, "partial": 1, "no_record": 2, "found": 3}
_CONCLUDED: Final = ("partial", "in_review")


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What is to be done once the replies are committed.

    `begun`: supplements to be run; `changed`: open verifications to be concluded anew.
    """

    begun: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()


def supplement_id(of: str) -> str:
    """The id of a verification's supplement: it has one, however many late replies come."""
    return f"vf_{b32encode(sha256(f'supplement of {of}'.encode()).digest()).decode()[:26]}"


class Supplements:
    """Takes replies in, wherever their verification stands by now."""

    def __init__(self, shelf: Shelf, audit: AuditTrail, clockwork: Clockwork) -> None:
        self._shelf = shelf
        self._audit = audit
        self._clockwork = clockwork

    def take_in(self, tx: sa.Connection, replies: Sequence[StoredReply]) -> TakenIn:
        """Into open verifications themselves, beside final ones, and nowhere of cancelled ones."""
        statuses = self._shelf.verifications.statuses_of(
            tx, {reply.verification_id for reply in replies}
        )
        open_ = [one for one in replies if statuses[one.verification_id] not in CLOSED_STATUSES]
        self._shelf.replies.put(tx, open_)
        changed = {
            one.verification_id for one in open_ if statuses[one.verification_id] in _CONCLUDED
        }
        begun: set[str] = set()
        entries: list[Entry] = []
        for id_, late in _by_verification(replies):
            if statuses[id_] == "final":
                supplement = self._beside(tx, id_, late, changed)
                if supplement is not None:
                    begun.add(supplement.id)
                    entries.append(_entry(supplement, late))
        self._audit.append_many(tx, entries)
        return TakenIn(frozenset(begun), frozenset(changed))

    def _beside(
        self, tx: sa.Connection, id_: str, late: Sequence[StoredReply], changed: set[str]
    ) -> StoredVerification | None:
        """Make the supplement, or add to one that is open; a final one has one of its own."""
        shelf = self._shelf
        heads = {_key(head): head for head in shelf.replies.heads(tx, id_)}
        news = [one for one in late if _adds(one, heads.get(_key(one)))]
        if not news:
            return None
        following = supplement_id(id_)
        status = shelf.verifications.statuses_of(tx, (following,)).get(following)
        if status is None:
            return self._made(tx, id_, news)
        moved = [replace(one, verification_id=following) for one in news]
        if status == "final":
            return self._beside(tx, following, moved, changed)
        if status != "cancelled":
            shelf.replies.put(tx, moved)
            changed |= {following} if status in _CONCLUDED else set()
        return None

    def _made(self, tx: sa.Connection, of: str, news: Sequence[StoredReply]) -> StoredVerification:
        shelf, now = self._shelf, self._clockwork.now()
        earlier = shelf.verifications.get(tx, of, region="")
        new = replace(
            earlier,
            id=supplement_id(of),
            status="accepted",
            requested_at=now,
            changed_at=now,
            final_at=None,
            recheck_of=of,
            batch_id=None,
        )
        shelf.verifications.add(tx, new)
        region = new.request.region
        shelf.tasks.add(tx, new.id, region, shelf.tasks.all_of(tx, of))
        better = {_key(one) for one in news}
        kept = [
            replace(one, verification_id=new.id, reused_from=one.reused_from or one.id)
            for one in shelf.replies.all_of(tx, of)
            if _key(one) not in better
        ]
        shelf.replies.put(tx, [*kept, *(replace(one, verification_id=new.id) for one in news)])
        shelf.judgements.carry_over(tx, of, new.id, self._clockwork.new_id)
        shelf.settlements.carry_over(tx, of, new.id, self._clockwork.new_id)
        return new


def _by_verification(
    replies: Iterable[StoredReply],
) -> Iterable[tuple[str, Sequence[StoredReply]]]:
    found: dict[str, list[StoredReply]] = {}
    for reply in replies:
        found.setdefault(reply.verification_id, []).append(reply)
    return found.items()


def _key(one: StoredReply | ReplyHead) -> tuple[str, str, str]:
    return one.source, one.person, one.institution


def _adds(late: StoredReply, there: ReplyHead | None) -> bool:
    """Whether it says more than what the conclusion rests on."""
    if there is None or _RANK[late.state] > _RANK[there.state]:
        return True
    return (
        late.state == there.state
        and late.state in ("partial", "found")
        and late.raw_digest != there.raw_digest
    )


def _entry(supplement: StoredVerification, late: Sequence[StoredReply]) -> Entry:
    return Entry(
        actor=supplement.client_id,
        action="verification_supplemented",
        object=supplement.id,
        region=supplement.request.region,
        details={
            "case": supplement.request.case_reference,
            "of": supplement.recheck_of or "",
            "sources": ",".join(sorted({one.source for one in late})),
        },
    )
