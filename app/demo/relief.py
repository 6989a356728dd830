"""Who receives relief is verified again, in batches; what changed raises alerts."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

from app.demo import life
from app.demo.applying import dated
from app.demo.scene import CASE_SYSTEM, Case, Scene
from app.wiring import new_id
from app.wiring_batches import batch_worker
from connectors.sandbox.faults import Fault
from connectors.sandbox.faults import Step as At

_RECEIVING: Final = 10
_ENDED: Final = frozenset({"done", "failed", "cancelled"})
_LOOK: Final = 0.1
_LONGEST: Final = 60.0
_GATHERING: Final = timedelta(seconds=61)
_ENLISTING: Final = 0.5
_WRITING: Final = 2.5
_PURPOSE: Final = "reverification"
_LATE: Final = "securities"


async def recipients(scene: Scene) -> None:
    """The first households that were verified receive relief from now on."""
    for case in _receiving(scene):
        body = {"class": "C", "verification": dated(case.body, scene.today)}
        await scene.ask(CASE_SYSTEM, "POST", "/v1/recipients", body)


def _receiving(scene: Scene) -> Sequence[Case]:
    """Those of whom one programme is confirmed; where they are few, any."""
    confirmed = [
        case
        for case in scene.cases.values()
        if any(one["outcome"] == "confirmed" for one in case.document["decisions"])
    ]
    return (confirmed or list(scene.cases.values()))[:_RECEIVING]


async def reverified(scene: Scene) -> None:
    """All of them are due at once; of four something changed."""
    some = _receiving(scene)
    for change, case in zip(life.CHANGES, some, strict=False):
        change(scene, case)
    page = await scene.ask(CASE_SYSTEM, "GET", "/v1/recipients")
    for one in page["recipients"]:
        await scene.ask(CASE_SYSTEM, "POST", f"/v1/recipients/{one['id']}/report-change")
    async with _working(scene):
        begun = await scene.ask(CASE_SYSTEM, "POST", "/v1/recipients/reverify", {"limit": 100})
        for batch in begun["batches"]:
            await _until(scene, batch["batch"], _has_ended)


async def roster(scene: Scene) -> None:
    """A file of the township, with two rows that cannot be used."""
    some = list(scene.cases.values())[_RECEIVING : 2 * _RECEIVING]
    rows = [row for case in some for row in _rows(case, scene)]
    rows[3]["id_number"] = rows[3]["id_number"][:-1] + "?"
    rows.append({**rows[-1], "case_reference": "", "ref": "x1"})
    async with _working(scene):
        id_ = await _sent(scene, rows)
        await _until(scene, id_, _has_ended)


async def running_batch(scene: Scene) -> None:
    """One source's reply never comes: the batch waits for it alone. Another is held meanwhile."""
    sandbox = scene.running.sandbox
    some = list(scene.cases.values())[-_RECEIVING:]
    rows = [row for case in some for row in _rows(case, scene)]
    sandbox.faults.set(_LATE, Fault.MISSING_OK, step=At.RESULT)
    async with _working(scene):
        id_ = await _sent(scene, rows)
        held = await _sent(scene, rows[: len(rows) // 2], hold="true")
        await _until(scene, id_, _waits)
        await _until(scene, held, _is_held)
        scene.pointed_at["held batch"] = held
        scene.clock.move_to(scene.clock() + _GATHERING)
        await asyncio.sleep(_WRITING)
    sandbox.faults.set(_LATE, None)


def _rows(case: Case, scene: Scene) -> Iterable[dict[str, str]]:
    """A row a member, as a roster names its columns."""
    body = dated(case.body, scene.today)
    until = body["consent"]["valid_until"]
    for one in body["household"]["members"]:
        signed = one["ref"] in body["consent"]["signatories"]
        yield {
            "case_reference": case.reference,
            "region": case.region,
            "programme": body["programmes"][0],
            "ref": one["ref"],
            "name": one["name"],
            "id_type": one["id_type"],
            "id_number": one["id_number"] or "",
            "relationship": one["relationship"],
            "consent_reference": body["consent"]["reference"] if signed else "",
            "consent_valid_until": until if signed else "",
        }


async def _sent(scene: Scene, rows: Sequence[Mapping[str, str]], **terms: str) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    made = await scene.ask(
        "checker",
        "POST",
        "/v1/batches",
        params=terms,
        files={"roster": ("名册.csv", text.getvalue().encode(), "text/csv")},
        headers={"Idempotency-Key": new_id("ik")},
    )
    return str(made["id"])


@asynccontextmanager
async def _working(scene: Scene) -> AsyncIterator[None]:
    """A worker of batches, by the scene's clock."""
    settings = scene.running.settings.model_copy(update={"worker": new_id("demo")[:20]})
    async with batch_worker(settings, scene.clock):
        yield


async def _until(scene: Scene, batch_id: str, is_so: Callable[[Mapping[str, Any]], bool]) -> None:
    """Until the batch is so.

    Persons are gathered for a minute before their file is written: that minute is passed over.
    """
    is_gathered = False
    async with asyncio.timeout(_LONGEST):
        while True:
            batch = await scene.ask(CASE_SYSTEM, "GET", f"/v1/batches/{batch_id}")
            if is_so(batch):
                return
            if not is_gathered and _waits(batch):
                await asyncio.sleep(_ENLISTING)
                scene.clock.move_to(scene.clock() + _GATHERING)
                is_gathered = True
            await asyncio.sleep(_LOOK)


def _waits(batch: Mapping[str, Any]) -> bool:
    """All of it has been asked about."""
    stages = batch["stages"]
    return bool(stages.get("waiting")) and not stages.get("todo") and not stages.get("asking")


def _is_held(batch: Mapping[str, Any]) -> bool:
    return bool(batch["status"] == "held")


def _has_ended(batch: Mapping[str, Any]) -> bool:
    return batch["status"] in _ENDED


async def alerts_handled(scene: Scene) -> None:
    """One is checked by a second person, one waits for that, one is explained, others are new."""
    page = await scene.ask("checker", "GET", "/v1/alerts", purpose=_PURPOSE)
    some = page["alerts"]
    for place, alert in enumerate(some[:3]):
        await _assigned(scene, alert)
        if place < 2:
            await _handled(scene, alert["id"], checked=place == 0)


async def _assigned(scene: Scene, alert: Mapping[str, Any]) -> None:
    path = f"/v1/alerts/{alert['id']}"
    given = await _step(scene, "checker", f"{path}/assign", {"version": alert["version"]})
    said = {
        "version": given["version"],
        "words": "申请人说明：存款为出售老家房屋所得，已转交医院作手术押金，可提供收据。",
        "evidence_reference": "CL-2026-0117",
    }
    await _step(scene, "checker", f"{path}/explanation", said)


async def _handled(scene: Scene, alert_id: str, *, checked: bool) -> None:
    path = f"/v1/alerts/{alert_id}"
    seen = await scene.ask("checker", "GET", path, purpose=_PURPOSE)
    result = {
        "version": seen["version"],
        "outcome": "no_change" if checked else "adjust",
        "reason": "已核对收据原件，款项已用于医疗。" if checked else "按实际收入调整补差金额。",
        "evidence_reference": "CL-2026-0118",
    }
    handled = await _step(scene, "checker", f"{path}/handle", result)
    if checked:
        agreed = {"version": handled["version"], "agrees": True, "reason": "材料齐全，同意。"}
        await _step(scene, "reviewer", f"{path}/check", agreed)


async def _step(scene: Scene, who: str, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    moved: Mapping[str, Any] = await scene.ask(who, "POST", path, body, purpose=_PURPOSE)
    return moved
