"""Reports are issued by two people 出具, and printed for whom they are meant."""

from collections.abc import Sequence
from typing import Final

from app.demo.scene import Case, Scene

_PURPOSE: Final = "application"
_PREPARED: Final = 4


async def issued(scene: Scene) -> None:
    """Two are signed, one waits for the second person, one was given back."""
    cases = [one for one in scene.cases.values() if one.document["status"] == "final"]
    done: list[Case] = []
    for case in cases:
        if len(done) < _PREPARED and await _prepared(scene, case):
            done.append(case)
    for case, step in zip(done, ("signature", "signature", "", "return"), strict=False):
        if not step:
            scene.pointed_at["to be signed"] = case.id
        else:
            path = f"/v1/verifications/{case.id}/report/{step}"
            await scene.ask("reviewer2", "POST", path, purpose=_PURPOSE)
    await _printed(scene, done)


async def _prepared(scene: Scene, case: Case) -> bool:
    """Where nothing blocks it and the second person may sign."""
    path = f"/v1/verifications/{case.id}/report"
    papers = await scene.ask("checker", "GET", f"{path}/papers", purpose=_PURPOSE)
    if not papers["prepare"]["may"]:
        return False
    await scene.ask("checker", "POST", f"{path}/preparation", purpose=_PURPOSE)
    seen = await scene.ask("reviewer2", "GET", f"{path}/papers", purpose=_PURPOSE)
    return bool(seen["sign"]["may"])


async def _printed(scene: Scene, signed: Sequence[Case]) -> None:
    """The whole report and the family's own copy by the checker, the township's by its clerk."""
    pages = {"Accept": "text/html"}
    for case in signed[:1]:
        path = f"/v1/verifications/{case.id}/report"
        for variant in ("full", "applicant", "township"):
            params = {"variant": variant}
            await scene.ask("checker", "GET", path, params=params, headers=pages, purpose=_PURPOSE)
