"""What the office's reviewers decide, and what they leave to others."""

from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import Any, Final

from app.demo.scene import Scene
from app.demo.service import Refused

_PURPOSE: Final = "application"
_LEFT: Final = 3
"""Open items of the newest cases stay for whoever opens the demo."""
_RECORDS: Final = (
    ("same_person", "documents_seen", "已核对身份证原件，与来源登记一致。"),
    ("another_person", "wrong_person", "出生日期和住址都不同，是同名的另一个人。"),
    ("same_person", "source_confirmed", "来源单位电话确认为同一人。"),
)
_ANSWERS: Final = (
    ("asked", "other", "已电话通知补交材料。"),
    ("obtained", "documents_seen", "材料已补交并核对。"),
    ("not_obtainable", "household_refuses", "两次通知均未提交。"),
)


async def some_reviews(scene: Scene) -> None:
    """Records first, a second person where one is needed; then what households were asked for."""
    records = cycle(_RECORDS)
    for item in await _open_items(scene, "review_record"):
        await _record(scene, item, next(records))
    answers = cycle(_ANSWERS)
    for item in list(await _open_items(scene, "ask_household"))[::3]:
        await _word(scene, "checker2", item, next(answers))


async def last_reviews(scene: Scene) -> None:
    """One item waits for the second person, two persons differ on one, one is being worked on."""
    items = list(await _open_items(scene, "review_record"))
    adverse = [one for one in items if await _needs_two(scene, one)]
    # Two words that differ are of a verification that is not final: one that is takes no second.
    adverse.sort(key=lambda one: bool(one["verification_status"] == "in_review"))
    for item in adverse[:1]:
        await _word(scene, "checker", item, _RECORDS[0])
    for item in adverse[1:2]:
        await _word(scene, "checker2", item, _RECORDS[0])
        await _word(scene, "reviewer", item, _RECORDS[1])
    taken = {one["id"] for one in adverse[:2]}
    for item in [one for one in items if one["id"] not in taken][:1]:
        path = f"/v1/review-items/{item['id']}/lock"
        await scene.ask("checker2", "POST", path, purpose=_PURPOSE)


async def _open_items(scene: Scene, kind: str) -> Iterator[Mapping[str, Any]]:
    params = {"kind": kind, "limit": "500"}
    page = await scene.ask("checker", "GET", "/v1/review-items", params=params, purpose=_PURPOSE)
    return iter(page["items"])


async def _needs_two(scene: Scene, item: Mapping[str, Any]) -> bool:
    whole = await scene.ask("checker", "GET", f"/v1/review-items/{item['id']}", purpose=_PURPOSE)
    return any(one["two_persons"] for one in whole["effects"] if one["choice"] == _RECORDS[0][0])


async def _record(scene: Scene, item: Mapping[str, Any], word: tuple[str, str, str]) -> None:
    """By the checker, and by the reviewer as well where it takes two."""
    given = await _word(scene, "checker", item, word)
    if given is not None and given["item"]["state"] == "awaiting_second":
        await _word(scene, "reviewer", item, word)


async def _word(
    scene: Scene, who: str, item: Mapping[str, Any], word: tuple[str, str, str]
) -> Mapping[str, Any] | None:
    """None where the item is decided or closed by now."""
    choice, code, reason = word
    body = {"choice": choice, "reason_code": code, "reason": reason}
    path = f"/v1/review-items/{item['id']}/decisions"
    try:
        given: Mapping[str, Any] = await scene.ask(who, "POST", path, body, purpose=_PURPOSE)
    except Refused as refused:
        if not str(refused.problem["type"]).endswith(":conflict"):
            raise
        return None
    return given
