"""The weeks of the demo's office, step by step: each at its moment, through the interface.

What a new part of the service is to show goes here as a step more.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Final

from app.demo import (
    applying,
    by_hand,
    disputes,
    looking,
    office,
    papers,
    relief,
    reviewing,
    sampling,
    settling,
)
from app.demo.scene import Scene
from app.domain.instants import CHINA
from connectors.sandbox.county import County

FEWEST: Final = 50
"""Households that the weeks take: with fewer there is nothing to draw an audit from."""
_FIRST_DAY: Final = 41


@dataclass(frozen=True, slots=True)
class Step:
    """Work of an hour in China, so many days before the demo begins.

    Of its own day (0) the hour is counted from now: -1 is an hour ago.
    """

    words: str
    days_ago: int
    hour: int
    work: Callable[[Scene], Awaitable[object]]


def _week(number: int) -> Callable[[Scene], Awaitable[object]]:
    return partial(applying.week, number=number)


STEPS: Final = (
    Step("the office's people", _FIRST_DAY, 9, office.people),
    Step("the first week", 38, 9, _week(0)),
    Step("reviews", 37, 10, reviewing.some_reviews),
    Step("the second week", 31, 9, _week(1)),
    Step("reviews", 30, 10, reviewing.some_reviews),
    Step("the third week", 24, 9, _week(2)),
    Step("who receives relief", 23, 10, relief.recipients),
    Step("the fourth week", 17, 9, partial(applying.troubled_week, number=3)),
    Step("reviews", 16, 10, reviewing.some_reviews),
    Step("a neighbour", 16, 15, looking.related),
    Step("those who receive, again", 12, 9, relief.reverified),
    Step("the fifth week", 9, 10, _week(4)),
    Step("what was left out", 9, 14, disputes.left_out),
    Step("alerts", 8, 14, relief.alerts_handled),
    Step("a roster", 6, 9, relief.roster),
    Step("objections", 5, 10, disputes.objections),
    Step("registers that differ", 4, 9, settling.apply_in_question),
    Step("a source is down", 4, 14, by_hand.turned_over),
    Step("questions", 3, 9, settling.questions),
    Step("looks", 3, 10, looking.permissions),
    Step("the sixth week", 2, 9, partial(applying.troubled_week, number=5)),
    Step("entries by hand", 2, 11, by_hand.entered),
    Step("looks at night", 2, 22, looking.at_night),
    Step("an audit", 1, 9, sampling.audit),
    Step("a person is told", 1, 10, looking.told),
    Step("reports", 1, 11, papers.issued),
    Step("a batch under way", 0, -1, relief.running_batch),
    Step("the last reviews", 0, 0, reviewing.last_reviews),
)


def beginning(county: County) -> datetime:
    """When the first step begins."""
    day = county.as_of - timedelta(days=_FIRST_DAY)
    return datetime.combine(day, time(9), CHINA)


async def walk(scene: Scene, told: Callable[[str], None], steps: Sequence[Step] = STEPS) -> None:
    """The steps in turn; then the clock is everybody's."""
    for step in steps:
        told(f"{step.words} …")
        scene.clock.move_to(_begins(scene, step))
        await step.work(scene)
    scene.clock.to_the_present()


def _begins(scene: Scene, step: Step) -> datetime:
    if step.days_ago:
        return scene.at(step.days_ago, step.hour)
    return datetime.now(UTC) + timedelta(hours=step.hour)
