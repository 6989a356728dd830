"""A city officer draws an audit; two reviewers read it without knowing what was decided."""

from datetime import timedelta
from random import Random
from typing import Any, Final

from app.demo.scene import CASE_SYSTEM, Scene

_PURPOSE: Final = "spot_check"
_SIZE: Final = 31
_SECOND: Final = 0.3
_WRONG: Final = 0.09
"""How often a reader finds a decision to be wrong."""
_APART: Final = 0.07
"""How often the second reader does not agree."""
_PROGRAMMES: Final = ["urban_dibao", "rural_dibao", "dibao_edge", "special_support"]
_OTHER: Final = {"confirmed": "not_confirmed", "not_confirmed": "confirmed"}


async def audit(scene: Scene) -> None:
    """Drawn of all that was final, read by one and in part by another."""
    until = scene.today - timedelta(days=1)
    plan = {
        "programmes": _PROGRAMMES,
        "region": "220102",
        "frame": {
            "final_from": (until - timedelta(days=60)).isoformat(),
            "final_until": until.isoformat(),
        },
        "kinds": ["confirmed", "refused"],
        "size": _SIZE,
        "risk_supplement": 4,
        "second_reading_share": _SECOND,
        "tolerance": {"inclusion": 0.05, "exclusion": 0.08},
        "seed": scene.county.seed,
    }
    drawn = await scene.ask("city", "POST", "/v1/audits", plan)
    chance = Random(scene.county.seed)  # noqa: S311 - a made-up county's chance
    await _read(scene, drawn["id"], "reviewer", (chance, _WRONG))
    await _read(scene, drawn["id"], "reviewer2", (chance, _APART))


async def _decided(scene: Scene, verification_id: str, programme: str) -> str:
    """What was decided, which no reader is shown: the made-up readers mostly find the same."""
    document = await scene.ask(CASE_SYSTEM, "GET", f"/v1/verifications/{verification_id}")
    return next(
        str(one["outcome"]) for one in document["decisions"] if one["programme"] == programme
    )


async def _read(scene: Scene, audit_id: str, who: str, found: tuple[Random, float]) -> None:
    """All of the reader's worklist; the second reader leaves some for later."""
    chance, wrong = found
    path = f"/v1/audits/{audit_id}/worklist"
    work = (await scene.ask(who, "GET", path, purpose=_PURPOSE))["decisions"]
    for one in work[:-4] if who == "reviewer2" else work:
        outcome = await _decided(scene, one["verification_id"], one["programme"])
        is_wrong = chance.random() < wrong
        body: dict[str, Any] = {
            "verification_id": one["verification_id"],
            "programme": one["programme"],
            "reading": one["reading"],
            "true_outcome": _OTHER[outcome] if is_wrong else outcome,
            "note": "入户核查。",
        }
        if is_wrong:
            body["error_causes"] = ["source_gap" if chance.random() < 0.6 else "composition"]
        if chance.random() < 0.06:
            body["procedure"] = ["late"]
        await scene.ask(who, "POST", f"/v1/audits/{audit_id}/findings", body, purpose=_PURPOSE)
