"""What happened during a run of kills, and the judgement of it (pure).

Three witnesses: the sources' log, the clients' own log of what was acknowledged with the notices
that came, and the database at the end. The service's logs are not asked.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import quantiles
from typing import Final, NamedTuple

DONE: Final = frozenset({"final", "in_review", "cancelled", "done"})
"""Statuses of a verification, and of a batch, that is not worked on any more."""
WINDOW: Final = 0.1
"""Seconds of calls that may be made again after a kill, beside those under way."""


class Call(NamedTuple):
    """A person asked about, as a source saw it; `at` in seconds since 1970."""

    at: float
    source: str
    who: str
    institution: str = ""


class Kill(NamedTuple):
    """A process or the database that was stopped; `at` as it was still running."""

    at: float
    what: str


class Notice(NamedTuple):
    """A notice that the receiver saw."""

    event_id: str
    verification: str
    status: str


class Asking(NamedTuple):
    """An intent to ask about a person, stored before the call left."""

    at: float
    verification: str
    person: str
    source: str


class Answered(NamedTuple):
    """The key of a stored reply."""

    verification: str
    person: str
    source: str
    institution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All three witnesses."""

    acknowledged: Mapping[str, frozenset[str]]
    """By request (its Idempotency-Key or case number): the verifications that it was told."""
    calls: tuple[Call, ...]
    kills: tuple[Kill, ...]
    notices: tuple[Notice, ...]
    statuses: Mapping[str, str]
    answers: tuple[Answered, ...]
    askings: tuple[Asking, ...]
    due: frozenset[Answered]
    """What each verification must have a stored reply of."""
    whose: Mapping[tuple[str, str], str]
    """By verification and person: who that is in the sources' log."""
    noticed: frozenset[str]
    """Verifications whose outcome must have been told to the receiver."""
    under_way: Mapping[str, float] = field(default_factory=dict)
    """By source, seconds for which a call is under way: see `times_under_way`."""
    most_under_way: float = 0.05
    """The same of sources that are not named there."""
    clocks: float = 0.0
    """Seconds by which the service's clock, which goes by the database's, may be off the log's."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What does not hold, and the counts."""

    faults: tuple[str, ...]
    counts: Mapping[str, int]


def judged(history: History) -> Verdict:
    """Every rule over the whole history."""
    twice, allowed = asked_twice(history), allowance(history)
    faults = [
        *_unfinished(history),
        *_results(history),
        *_events(history),
        *_intents(history),
    ]
    if twice > allowed:
        faults.append(f"{twice} asked twice, where {allowed} were under way at the kills")
    counts = {
        "requests": len(history.acknowledged),
        "kills": len(history.kills),
        "calls": len(history.calls),
        "asked twice": twice,
        "under way at the kills, and 100 ms": allowed,
        "stored replies": len(history.answers),
        "notices": len(history.notices),
        "notices repeated": len(history.notices) - len({one.event_id for one in history.notices}),
    }
    return Verdict(tuple(faults), counts)


def _unfinished(history: History) -> Iterator[str]:
    for request, ids in history.acknowledged.items():
        if len(ids) != 1:
            yield f"request {request} was told {len(ids)} verifications"
        for id_ in ids:
            status = history.statuses.get(id_, "not stored")
            if status not in DONE:
                yield f"{id_} was accepted and is {status}"


def _results(history: History) -> Iterator[str]:
    """One stored reply for whatever was to be asked, no more and no less."""
    stored = Counter(history.answers)
    for one in history.due - stored.keys():
        yield f"{one.verification}: no reply of {one.source} {one.institution} about {one.person}"
    for one, times in stored.items():
        if times > 1:
            yield f"{one.verification}: {times} replies of {one.source} about {one.person}"


def _events(history: History) -> Iterator[str]:
    ids = defaultdict(set)
    told = set()
    for one in history.notices:
        ids[one.verification, one.status].add(one.event_id)
        if one.status in DONE:
            told.add(one.verification)
    for (verification, status), several in ids.items():
        if len(several) > 1:
            yield f"{verification}: {len(several)} events of its being {status}"
    for verification in history.noticed - told:
        yield f"{verification}: its outcome was not told"


def _intents(history: History) -> Iterator[str]:
    """The n-th call about a person at a source came after the n-th intent was stored.

    A bank's file is one intent for all banks: there each bank's calls are counted by themselves.
    """
    intents: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one in history.askings:
        who = history.whose.get((one.verification, one.person))
        if who is not None:
            intents[one.source, who].append(one.at)
    calls: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for call in history.calls:
        calls[call.source, call.who, call.institution].append(call.at)
    for (source, who, _), times in calls.items():
        logged = sorted(intents.get((source, who), ()))
        for place, at in enumerate(sorted(times)):
            if place >= len(logged):
                yield f"a call of {source} without an intent: {len(times)} for {len(logged)}"
                break
            if logged[place] > at + history.clocks:
                late = (logged[place] - at) * 1000
                yield f"a call of {source} {late:.1f} ms before its intent"
                break


def asked_twice(history: History) -> int:
    """Calls beyond one for each person, source and institution."""
    each = Counter((one.source, one.who, one.institution) for one in history.calls)
    return sum(each.values()) - len(each)


def allowance(history: History) -> int:
    """Calls that were under way, or answered within the last 100 ms, at the kills."""
    times = sorted(history.kills)
    return sum(_is_excused(call, times, history) for call in history.calls)


def times_under_way(
    calls: Iterable[Call], stored_at: Mapping[Answered, float], whose: Mapping[tuple[str, str], str]
) -> dict[str, float]:
    """By source: how long it takes from a call until its answer is stored, for 19 of 20 of them.

    Of persons who were called about once, so that no kill is in it: what the machine was busy with
    counts as under way, and nothing else does.
    """
    each: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for call in calls:
        each[call.source, call.who, call.institution].append(call.at)
    took = defaultdict(list)
    for one, at in stored_at.items():
        who = whose.get((one.verification, one.person), "")
        times = each.get((one.source, who, one.institution), [])
        if len(times) == 1:
            took[one.source].append(at - times[0])
    return {source: quantiles([*some, 0.0], n=20)[-1] for source, some in took.items()}


def _is_excused(call: Call, kills: Iterable[Kill], history: History) -> bool:
    longest = history.under_way.get(call.source, history.most_under_way) + WINDOW
    return any(call.at <= kill.at <= call.at + longest for kill in kills)


def repeats(history: History) -> Iterator[tuple[str, float]]:
    """Of each call that was made again: the source, and its age at the next kill (-1: no kill)."""
    each: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for one in history.calls:
        each[one.source, one.who, one.institution].append(one.at)
    kills = sorted(one.at for one in history.kills)
    for (source, _, _), times in each.items():
        ordered = sorted(times)
        for first, second in pairwise(ordered):
            yield source, next((kill - first for kill in kills if first <= kill <= second), -1.0)
