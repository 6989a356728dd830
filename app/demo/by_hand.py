"""A source fails and its clerks answer by hand 人工录入: tasks at each point of that."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.demo.applying import apply, kept_back
from app.demo.scene import Scene
from connectors.sandbox.faults import Fault

_SOURCE: Final = "tax"
_HOUSEHOLDS: Final = 3
_REASON: Final = "税务接口故障，正在抢修，先由税务窗口人工查询。"
_NOTHING: Final[Mapping[str, Any]] = {"outcome": "no_record"}
_PAYER: Final = "某某物业有限公司"
_CLERKS: Final = ("tax", "tax2")


async def turned_over(scene: Scene) -> None:
    """The tax office's service is down while some households apply; its clerks are asked."""
    some = [one for one in kept_back(scene.county) if one not in scene.in_question]
    scene.running.sandbox.faults.set(_SOURCE, Fault.SOAP_CLIENT_FAULT)
    cases = await apply(scene, some[-_HOUSEHOLDS:])
    scene.running.sandbox.faults.set(_SOURCE, None)
    for case in cases:
        body = {"source": _SOURCE, "reason": _REASON}
        path = f"/v1/verifications/{case.id}/manual-entry"
        await scene.ask("checker", "POST", path, body, purpose="application")


async def entered(scene: Scene) -> None:
    """One task with both entries alike, one with two that differ, one half done; others wait.

    Within hours of queries: the trail must be anchored before a question is put to a clerk.
    """
    page = await scene.ask(_CLERKS[0], "GET", "/v1/manual-tasks")
    pay = _pay(scene)
    for task, entries in zip(page["tasks"], _entries(pay), strict=False):
        for clerk, entry in zip(_CLERKS, entries, strict=False):
            await _enter(scene, clerk, task["id"], entry)


def _entries(pay: Mapping[str, Any]) -> Sequence[Sequence[Mapping[str, Any]]]:
    """Of each task what the one and the other clerk enter."""
    return ((pay, pay), (pay, _NOTHING), (pay,), (_NOTHING, _NOTHING))


def _pay(scene: Scene) -> Mapping[str, Any]:
    """A month's wage as a clerk reads it off the screen."""
    month = scene.county.months[-1]
    first = f"{month[:4]}-{month[4:]}-01"
    fields = {
        "payer": _PAYER,
        "item": "wages",
        "period_from": first,
        "period_to": first,
        "gross": "2150.00",
        "tax": "0.00",
    }
    return {"outcome": "found", "records": [{"type": "income_entry", "fields": fields}]}


async def _enter(scene: Scene, clerk: str, task_id: str, entry: Mapping[str, Any]) -> None:
    """Read first: with that the question is put, and the consent checked."""
    path = f"/v1/manual-tasks/{task_id}"
    seen = await scene.ask(clerk, "GET", path)
    body = {**entry, "version": seen["version"]}
    await scene.ask(clerk, "POST", f"{path}/entries", body)
