"""Items of the worklist as a list and a screen show them: whom they are about, who holds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.access.masking import masked_name
from app.access.tokens import Caller
from app.domain.errors import NotFound
from app.domain.instants import rfc3339
from app.review.blind import is_blind
from app.review.queue import listed_document
from app.store.review_queue import Listed
from app.store.review_standing import in_open_sample
from app.wiring_types import Parts

_PLACES = 6


@dataclass(frozen=True, slots=True)
class _Around:
    """What of an item stands elsewhere: masked names, holders' names, cases under audit."""

    names: dict[tuple[str, str], str]
    holders: dict[str, str]
    sampled: set[str]


def shown_items(
    service: Parts, tx: sa.Connection, who: Caller, some: Sequence[Listed]
) -> list[dict[str, Any]]:
    """Each as `listed_document` has it, with what a person needs to find his or her way."""
    around = _around(service, tx, who, some)
    return [_shown(service, who, one, around) for one in some]


def _shown(service: Parts, who: Caller, listed: Listed, around: _Around) -> dict[str, Any]:
    item, now = listed.item, service.now()
    document = listed_document(listed, who.actor, now)
    at_first = item.verification_id in around.sampled or service.blind_queues.hide(item)
    blind = is_blind(item, who.actor, at_first=at_first)
    hidden = blind or item.probability is None
    document |= {
        "name": around.names.get((item.verification_id, item.person or "")),
        "due": rfc3339(item.due_at),
        "decisive": item.decisive,
        "blind": blind,
        "probability": None if hidden else round(item.probability or 0.0, _PLACES),
        "settles": item.settles,
    }
    if document["lock"] is not None:
        document["lock"] |= {"holder": around.holders.get(item.locked_by or "")}
    return document


def _around(service: Parts, tx: sa.Connection, who: Caller, some: Sequence[Listed]) -> _Around:
    ids = list(dict.fromkeys(one.item.verification_id for one in some))
    if not ids:
        return _Around({}, {}, set())
    return _Around(
        names={
            (id_, person.ref): masked_name(person.name)
            for id_, one in service.shelf.verifications.get_many(tx, ids).items()
            for person in one.request.household.persons
        },
        holders=_holders(service, tx, who, some),
        sampled=in_open_sample(tx, ids),
    )


def _holders(
    service: Parts, tx: sa.Connection, who: Caller, some: Sequence[Listed]
) -> dict[str, str]:
    """By account; a case system or somebody of another region has no name here."""
    now, found = service.now(), {}
    for item in (one.item for one in some):
        if item.locked_by and item.locked_against(who.actor, now) and item.locked_by not in found:
            try:
                found[item.locked_by] = service.staffing.accounts.get(tx, item.locked_by).name
            except NotFound:
                continue
    return found
