"""Households of the county apply over the weeks; each case is given to those who work on it."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

import orjson

from app.demo.scene import Case, Scene
from connectors.sandbox.county import County
from connectors.sandbox.faults import Fault

WEEKS: Final = 6
_SIGNED_BEFORE: Final = timedelta(days=4)
_CONSENT_HOLDS: Final = timedelta(days=364)
_AT_ONCE: Final = 6
_TROUBLED: Final = "vehicle"
_HANDS: Final = (
    ("reviewer", "checker"),
    ("reviewer", "checker2"),
    ("reviewer", "reviewer2"),
    ("reviewer2", "reviewer"),
)
"""Who assigns each case to whom."""


def dated(application: Any, today: date) -> dict[str, Any]:
    """The application as of that day, with a consent of four days before."""
    body: dict[str, Any] = orjson.loads(orjson.dumps(application))
    signed = today - _SIGNED_BEFORE
    body["as_of"] = today.isoformat()
    body["consent"]["signed_on"] = signed.isoformat()
    body["consent"]["valid_until"] = (signed + _CONSENT_HOLDS).isoformat()
    return body


def numbers_of(county: County, week: int) -> Sequence[int]:
    """Of the county's households those that apply in that week; the first one never does."""
    everybody, most = range(1, len(county.households)), _a_week(county)
    return everybody[week * most : (week + 1) * most]


def kept_back(county: County) -> Sequence[int]:
    """Those that apply in no such week: they come when something of its own is to be shown."""
    return range(1 + WEEKS * _a_week(county), len(county.households))


def _a_week(county: County) -> int:
    return max(1, (len(county.households) - 1) * 5 // 9 // WEEKS)


async def week(scene: Scene, number: int) -> Sequence[Case]:
    """That week's households, verified and handed out."""
    return await apply(scene, numbers_of(scene.county, number))


async def apply(scene: Scene, numbers: Iterable[int]) -> Sequence[Case]:
    """The households of these numbers, at this moment."""
    limit = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> Case:
        body = dated(scene.county.households[number].application, scene.today)
        async with limit:
            return await scene.verify(body)

    cases = await asyncio.gather(*(one(number) for number in numbers))
    for case in cases:  # in the county's order, whichever was verified first
        scene.cases[case.reference] = case
        await assign(scene, case)
    return cases


async def assign(scene: Scene, case: Case) -> None:
    """To both checkers and, each by the other, to both reviewers."""
    for by, to in _HANDS:
        body = {"case_reference": case.reference, "staff": scene.people[to].id}
        await scene.ask(by, "POST", "/v1/assignments", body)


async def troubled_week(scene: Scene, number: int) -> None:
    """The same while a source fails a few times and comes back."""
    scene.running.sandbox.faults.set(_TROUBLED, Fault.HTTP_500, times=4)
    await week(scene, number)
    scene.running.sandbox.faults.set(_TROUBLED, None)
