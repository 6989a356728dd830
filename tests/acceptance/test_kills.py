"""The judge finds what was planted; and kills of the real service, on both databases.

One each in the build, `HEDUI_CASES=full` two; hundreds by `make bench-kills`.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from tests.acceptance.kills import Plan, run
from tests.acceptance.kills_history import (
    Answered,
    Asking,
    Call,
    History,
    Kill,
    Notice,
    allowance,
    asked_twice,
    judged,
    repeats,
)

FULL: Final = os.environ.get("HEDUI_CASES") == "full"
_TAX, _BANK = Answered("vf_1", "m1", "tax", ""), Answered("vf_1", "m1", "bank", "icbc")
GOOD = History(
    acknowledged={"case-1": frozenset({"vf_1"})},
    calls=(Call(10.0, "tax", "p1"), Call(12.0, "tax", "p1"), Call(12.1, "bank", "p1", "icbc")),
    kills=(Kill(10.01, "api"),),
    notices=(
        Notice("ev_1", "vf_1", "querying"),
        Notice("ev_2", "vf_1", "final"),
        Notice("ev_2", "vf_1", "final"),
    ),
    statuses={"vf_1": "final"},
    answers=(_TAX, _BANK),
    askings=(
        Asking(9.9, "vf_1", "m1", "tax"),
        Asking(11.9, "vf_1", "m1", "tax"),
        Asking(12.0, "vf_1", "m1", "bank"),
    ),
    due=frozenset({_TAX, _BANK}),
    whose={("vf_1", "m1"): "p1"},
    noticed=frozenset({"vf_1"}),
    most_under_way=0.02,
)


def test_a_sound_history_has_no_faults() -> None:
    verdict = judged(GOOD)
    assert verdict.faults == ()
    assert (asked_twice(GOOD), allowance(GOOD)) == (1, 1)
    assert verdict.counts["notices repeated"] == 1
    assert [(source, round(age, 3)) for source, age in repeats(GOOD)] == [("tax", 0.01)]


_PLANTED: dict[str, dict[str, Any]] = {
    "a verification that never ends": {"statuses": {"vf_1": "partial"}},
    "a verification that is lost": {"statuses": {}},
    "two verifications for one key": {"acknowledged": {"case-1": frozenset({"vf_1", "vf_2"})}},
    "a reply that is missing": {"answers": (_TAX,)},
    "a reply that is stored twice": {"answers": (_TAX, _TAX, _BANK)},
    "an outcome under two event ids": {
        "notices": (*GOOD.notices, Notice("ev_3", "vf_1", "final")),
    },
    "an outcome that is not told": {"notices": GOOD.notices[:1]},
    "a call without an intent": {"askings": GOOD.askings[1:]},
    "an intent that came after its call": {
        "askings": (Asking(10.1, "vf_1", "m1", "tax"), *GOOD.askings[1:]),
    },
    "an asking of somebody unknown": {"calls": (*GOOD.calls, Call(13.0, "tax", "p2"))},
    "a repeat without a kill": {
        "calls": (*GOOD.calls, Call(20.0, "bank", "p1", "icbc")),
        "askings": (*GOOD.askings, Asking(19.9, "vf_1", "m1", "bank")),
    },
    "a repeat of what was answered long before the kill": {"kills": (Kill(11.0, "api"),)},
}


@pytest.mark.parametrize("planted", _PLANTED)
def test_a_planted_fault_is_found(planted: str) -> None:
    assert judged(replace(GOOD, **_PLANTED[planted])).faults


@pytest.mark.promise(4)
@pytest.mark.timeout(300)
@pytest.mark.acceptance
@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
async def test_kills_lose_and_double_nothing(database: str, tmp_path: Path) -> None:
    """Both processes are killed again and again; the log outside of the service judges.

    Planted: intents were not put on record: the judge named calls without an intent.
    """
    plan = Plan(
        verifications=8,
        kills=2 if FULL else 1,
        database=database,
        workers=1,
        at_once=4,
        between=(0.5, 2.0),
        hurried=True,
    )
    outcome = await run(plan, tmp_path)
    assert outcome.verdict.faults == ()
    assert outcome.verdict.counts["kills"] == plan.kills * 2  # the interface and the worker
