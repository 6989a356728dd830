"""What counts of reviews come to: who did how much how fast, and how far two reviewers agree."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from types import MappingProxyType
from typing import Any, Final

from app.domain.review import Role
from app.review.sampling.agreement import kappa
from app.store.review_figures import Judged, TwoWords, Waiting, WordSaid

_PLACES: Final = 4
_HOUR: Final = 3600.0
Named = Sequence[Any]
"""A name, and whatever else is known of the person."""


def workload_document(
    waiting: Iterable[Waiting],
    words: Sequence[WordSaid],
    names: Mapping[str, Named] | None,
    changed: Mapping[str, int] = MappingProxyType({}),
) -> dict[str, Any]:
    """By kind, and by person where `names` are given: whoever asks may see that then.

    `changed`: how many words of a person were others once the numbers were shown.
    """
    open_ones = {one.kind: one for one in waiting}
    kinds: defaultdict[str, list[WordSaid]] = defaultdict(list)
    people: defaultdict[str, list[WordSaid]] = defaultdict(list)
    for one in words:
        kinds[one.kind].append(one)
        people[one.reviewer].append(one)
    return {
        "queues": [
            {
                "kind": kind,
                "open": open_ones[kind].items if kind in open_ones else 0,
                "overdue": open_ones[kind].late if kind in open_ones else 0,
                **_done(kinds.get(kind, [])),
            }
            for kind in sorted(open_ones.keys() | kinds.keys())
        ],
        "persons": None
        if names is None
        else [
            {
                "person": person,
                "name": names.get(person, (None,))[0],
                **_done(said),
                "changed": changed.get(person, 0),
            }
            for person, said in sorted(people.items())
        ],
        "group": {
            "persons": len(people),
            **_done(words),
            "changed": sum(changed.values()),
        },
    }


def _done(words: Sequence[WordSaid]) -> dict[str, Any]:
    """A word taken back is none that was done."""
    done = [one for one in words if one.role != Role.REVERSAL.value]
    hours = [(one.at - one.since).total_seconds() / _HOUR for one in done]
    return {
        "done": len(done),
        "second": sum(one.role in (Role.SECOND.value, Role.THIRD.value) for one in done),
        "reversed": len(words) - len(done),
        "median_hours": round(median(hours), 1) if hours else None,
    }


def agreement_document(pairs: Sequence[TwoWords], judged: Iterable[Judged] = ()) -> dict[str, Any]:
    """Of all sources together, and of each; and what reviewers' words that hold came to."""
    by_source: defaultdict[str, list[TwoWords]] = defaultdict(list)
    for one in pairs:
        by_source[one.source].append(one)
    return {
        **_agreement(pairs),
        "sources": [
            {"source": source, **_agreement(some)} for source, some in sorted(by_source.items())
        ],
        "judged": [
            {"source": one.source, "same_person": one.same, "another_person": one.another}
            for one in judged
        ],
    }


def _agreement(pairs: Sequence[TwoWords]) -> dict[str, Any]:
    """No share of nothing; no kappa where all gave one answer."""
    if not pairs:
        return {"pairs": 0, "agreed": 0, "rate": None, "kappa": None, "kappa_interval": None}
    found = kappa([(one.first, one.second) for one in pairs])
    interval = found.interval
    return {
        "pairs": found.n,
        "agreed": round(found.observed * found.n),
        "rate": round(found.observed, _PLACES),
        "kappa": None if found.kappa is None else round(found.kappa, _PLACES),
        "kappa_interval": None if interval is None else [round(one, _PLACES) for one in interval],
    }
