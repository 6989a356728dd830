"""Households dispute refusals 复核 and explain what they left out: each has come that far."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.demo.applying import apply, kept_back
from app.demo.keyed import LEFT_OUT
from app.demo.scene import CASE_SYSTEM, Case, Scene
from app.demo.settling import Item, hand_in, say, undecided

_PURPOSE: Final = "objection"
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "vehicle": ("机动车", "车辆已于去年转让给他人，未办理过户手续，附转让协议。"),
    "wage": ("工资收入", "单位已于八月停发工资，系统仍按全年计算，请复核。"),
    "deposit": ("银行存款", "该笔存款为亲属借名开立，本人从未使用，请复核。"),
    "business": ("工商登记", "公司为他人借用本人身份办理，本人未参与经营。"),
    "home": ("住房", "该房屋已于前年出售，尚未办理转移登记。"),
}
_EXPLAINED: Final[Mapping[str, str]] = {
    "vehicle": "sold_not_transferred",
    "wage": "left_the_job",
    "deposit": "nominal_holder",
    "business": "nominal_holder",
    "home": "sold_not_transferred",
}
_LEFT_OUT: Final = 4
_HANDLER: Final = "reviewer2"
_ACCEPTED: Final = ("proof_seen", "已核对协议原件和付款凭证，与说明一致。")
_NOT_ACCEPTED: Final = ("not_credible", "未提供任何材料，缴费记录连续，不予采信。")


@dataclass(frozen=True, slots=True)
class Dispute:
    """A filed objection, its recheck, and what the household says of which thing."""

    case: Case
    id: str
    recheck: str
    about: str


Handled = Callable[[Scene, Dispute, Item | None], Awaitable[None]]


async def left_out(scene: Scene) -> None:
    """Households apply that do not tell of everything."""
    numbers = kept_back(scene.county)
    some = [one for one in numbers if scene.county.households[one].type in LEFT_OUT]
    await apply(scene, some[:_LEFT_OUT])


async def objections(scene: Scene) -> None:
    """Households that were refused for what they had not declared object; each comes that far."""
    declared = await _declared(scene)
    made: list[Dispute] = []
    for case in scene.cases.values():
        about = declared.get(case.id)
        if about is not None and _is_refused(case) and len(made) < len(_HANDLED):
            made.append(await _file(scene, case, about))
    for one in made:
        await scene.settled(one.recheck)
    items = {one["item"]["verification"]: one for one in await undecided(scene, "declared")}
    for one, work in zip(made, _HANDLED, strict=False):
        await work(scene, one, items.get(one.recheck))


async def _declared(scene: Scene) -> Mapping[str, str]:
    """By verification, the kind of what was not declared and can be explained away."""
    params = {"kind": "declared", "limit": "500"}
    page = await scene.ask("checker", "GET", "/v1/review-items", params=params, purpose=_PURPOSE)
    kinds = {one["verification"]: one["action"].rpartition(":")[2] for one in page["items"]}
    return {id_: kind for id_, kind in kinds.items() if kind in _EXPLAINED}


def _is_refused(case: Case) -> bool:
    outcomes = {one["outcome"] for one in case.document["decisions"]}
    return case.document["status"] == "final" and outcomes == {"not_confirmed"}


async def _file(scene: Scene, case: Case, about: str) -> Dispute:
    named, reason = _WORDS[about]
    body = {"by": "m1", "about": named, "reason": reason}
    path = f"/v1/verifications/{case.id}/objections"
    made = await scene.ask(CASE_SYSTEM, "POST", path, body)
    return Dispute(case, made["id"], made["recheck"], about)


async def _corrected(scene: Scene, one: Dispute, item: Item | None) -> None:
    """The explanation is accepted on a proof: another report takes the place of the first."""
    await _taken(scene, one)
    if item is not None:
        await _by_as_many_as_it_takes(
            scene, item, "accept", _ACCEPTED, **await _explanation(scene, one, item)
        )
    await _decide(scene, one, "correct", "经复核，所述情况属实，已更正核对报告，请以新报告为准。")


async def _upheld(scene: Scene, one: Dispute, item: Item | None) -> None:
    await _taken(scene, one)
    if item is not None:
        await _by_as_many_as_it_takes(scene, item, "not_accept", _NOT_ACCEPTED)
    await _decide(scene, one, "uphold", "经复核，来源记录与说明不符，原核对报告维持不变。")


async def _half_explained(scene: Scene, one: Dispute, item: Item | None) -> None:
    """In somebody's hands; the explanation waits for the second word."""
    await _taken(scene, one)
    if item is not None:
        await say(scene, "checker", item, "not_accept", _NOT_ACCEPTED)


async def _disagreed(scene: Scene, one: Dispute, item: Item | None) -> None:
    """In somebody's hands; two differ over the explanation."""
    await _half_explained(scene, one, item)
    if item is not None:
        more = await _explanation(scene, one, item)
        await say(scene, "reviewer", item, "accept", _ACCEPTED, **more)


async def _township_asked(scene: Scene, one: Dispute, item: Item | None) -> None:
    await _taken(scene, one)
    if item is not None:
        why = ("other", "请乡镇入户核实实际使用人。")
        await say(scene, "checker2", item, "ask_township", why)


async def _withdrawn(scene: Scene, one: Dispute, item: Item | None) -> None:
    """Taken back, and its recheck is ended: a suspension report says why."""
    seen = await _read(scene, one)
    body = {"version": seen["version"], "reason": "本人了解情况后撤回。"}
    await scene.ask(CASE_SYSTEM, "POST", f"/v1/objections/{one.id}/withdraw", body)
    if item is not None:
        path = f"/v1/verifications/{one.recheck}/cancel"
        await scene.ask(CASE_SYSTEM, "POST", path, {"reason": "application_withdrawn"})


async def _just_filed(scene: Scene, one: Dispute, item: Item | None) -> None:
    """Nobody has taken it."""


_HANDLED: Final[Sequence[Handled]] = (
    _corrected,
    _upheld,
    _half_explained,
    _just_filed,
    _withdrawn,
    _disagreed,
    _township_asked,
)


async def _explanation(scene: Scene, one: Dispute, item: Item) -> Mapping[str, Any]:
    """With the document that shows it."""
    return {
        "explanation": _EXPLAINED[one.about],
        "proofs": [await hand_in(scene, "checker", item)],
    }


async def _by_as_many_as_it_takes(
    scene: Scene, item: Item, choice: str, why: tuple[str, str], **more: Any
) -> None:
    given = await say(scene, "checker", item, choice, why, **more)
    if given["item"]["state"] == "awaiting_second":
        await say(scene, "reviewer", item, choice, why, **more)


async def _read(scene: Scene, one: Dispute) -> Mapping[str, Any]:
    path = f"/v1/objections/{one.id}"
    seen: Mapping[str, Any] = await scene.ask(_HANDLER, "GET", path, purpose=_PURPOSE)
    return seen


async def _taken(scene: Scene, one: Dispute) -> None:
    body = {"version": (await _read(scene, one))["version"]}
    await scene.ask(_HANDLER, "POST", f"/v1/objections/{one.id}/take", body, purpose=_PURPOSE)


async def _decide(scene: Scene, one: Dispute, decision: str, answer: str) -> None:
    """Once its recheck is over."""
    await scene.settled(one.recheck, ("final",))
    seen = await _read(scene, one)
    body = {"version": seen["version"], "decision": decision, "answer": answer}
    path = f"/v1/objections/{one.id}/decision"
    await scene.ask(_HANDLER, "POST", path, body, purpose=_PURPOSE)
