"""Looks that the trail tells of: asked for and agreed to, refused, and out of the ordinary."""

from typing import Final

from app.demo import life
from app.demo.scene import Scene
from app.demo.service import Refused

_REASON: Final = "申请人到窗口查询办理进度，需要核对上次反馈的来源情况。"


async def permissions(scene: Scene) -> None:
    """A township clerk asks for two looks: one is agreed to, the other waits."""
    references = [one.reference for one in scene.cases.values() if one.region == "220102001"]
    references = references or list(scene.cases)
    asked = []
    for reference in references[:2]:
        body = {
            "case_reference": reference,
            "purpose": "application",
            "reason": _REASON,
            "hours": 24,
        }
        asked.append(await scene.ask("clerk", "POST", "/v1/look-permissions", body))
    path = f"/v1/look-permissions/{asked[0]['id']}/decision"
    await scene.ask("reviewer", "POST", path, {"agrees": True})


async def related(scene: Scene) -> None:
    """A checker is a neighbour of a household: its case is out of reach from now on."""
    case = list(scene.cases.values())[5 % len(scene.cases)]
    body = {"kind": "neighbour", "id_number": life.person_of(case, "m1")}
    await scene.ask("checker2", "POST", "/v1/relations", body)


async def at_night(scene: Scene) -> None:
    """Somebody looks at many cases at ten in the evening, and at one that is nobody's."""
    some = list(scene.cases.values())
    for case in some[:7]:
        path = f"/v1/verifications/{case.id}"
        await _tried(scene, "checker2", path)
    await _tried(scene, "clerk", f"/v1/verifications/{some[-1].id}")


async def _tried(scene: Scene, who: str, path: str) -> None:
    """It may be refused: that is on the trail, too."""
    try:
        await scene.ask(who, "GET", path, purpose="application")
    except Refused as refused:
        kind = str(refused.problem["type"]).rpartition(":")[2]
        if kind not in ("not-found", "case-not-assigned", "not-allowed"):
            raise


async def told(scene: Scene) -> None:
    """A person concerned was told who had looked."""
    case = next(iter(scene.cases.values()))
    body = {"id_number": life.person_of(case, "m1"), "identity_checked": "in_person"}
    await scene.ask("auditor", "POST", "/v1/access-reports", body)
