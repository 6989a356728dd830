"""Questions that only a person settles: some open, some halfway between two, some settled."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import typst

from app.demo.applying import apply
from app.demo.scene import Scene
from app.report.glyphs import FONTS

PURPOSE: Final = "application"
Item = Mapping[str, Any]
Treated = Callable[[Scene, Item], Awaitable[None]]
_RECEIPT: Final = """#set page(width: 105mm, height: 74mm, margin: 9mm)
#set text(font: "Noto Sans CJK SC", size: 10pt)
#align(center)[*收入证明*]
兹证明申请人近十二个月平均每月实发工资人民币贰仟陆佰元整。
#v(6mm)
#align(right)[某某物业有限公司（盖章）]
"""
_IN_QUESTION: Final = ("conflict", "anomaly")


async def apply_in_question(scene: Scene) -> None:
    """Households of whom registers keyed something wrongly."""
    await apply(scene, scene.in_question)


async def questions(scene: Scene) -> None:
    """Of each kind the first stays open; what is done with the others, each another thing."""
    for kind in _IN_QUESTION:
        items = sorted(await undecided(scene, kind), key=_is_of_wages)
        for item, treated in zip(items, _TREATED[kind], strict=False):
            await treated(scene, item)


async def undecided(scene: Scene, kind: str) -> Sequence[Item]:
    """Open items of which the verification can still be settled, with all they are decided by."""
    params = {"kind": kind, "limit": "500"}
    page = await scene.ask("checker", "GET", "/v1/review-items", params=params, purpose=PURPOSE)
    rows = [one for one in page["items"] if one["verification_status"] == "in_review"]
    return [await whole(scene, one["id"]) for one in rows if one["state"] == "open"]


async def whole(scene: Scene, item_id: str) -> Item:
    """The item with its question and what each answer leads to."""
    path = f"/v1/review-items/{item_id}"
    found: Item = await scene.ask("checker", "GET", path, purpose=PURPOSE)
    return found


async def say(
    scene: Scene, who: str, item: Item, choice: str, why: tuple[str, str], **more: Any
) -> Item:
    """A word on the item; `why`: the reason's code and words."""
    path = f"/v1/review-items/{item['item']['id']}/decisions"
    body = {"choice": choice, "reason_code": why[0], "reason": why[1], **more}
    given: Item = await scene.ask(who, "POST", path, body, purpose=PURPOSE)
    return given


async def hand_in(scene: Scene, who: str, item: Item) -> str:
    """A document that the household showed; gives the proof's id."""
    about = item["item"]
    added = await scene.ask(
        who,
        "POST",
        f"/v1/verifications/{about['verification']}/proofs",
        params={"owner_kind": "review_item", "owner": about["id"]},
        files={"file": ("收入证明.pdf", receipt(), "application/pdf")},
        purpose=PURPOSE,
    )
    return str(added["id"])


@lru_cache(maxsize=1)
def receipt() -> bytes:
    """A page as an employer would stamp it."""
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)])
    return typst.compile(_RECEIPT.encode(), format="pdf", font_paths=fonts)


def _is_of_wages(item: Item) -> bool:
    conflict = item["question"]["conflict"]
    return conflict is not None and conflict["about"] == "wage"


def _options(item: Item) -> tuple[str, str]:
    """Of two sources the one that one person decides for, and the one that takes two."""
    alone = sorted(
        (one["two_persons"], one["option"])
        for one in item["effects"]
        if one["choice"] == "use_source"
    )
    return str(alone[0][1]), str(alone[-1][1])


async def _shown_a_proof(scene: Scene, item: Item) -> None:
    """Open, and the household has brought a document."""
    await hand_in(scene, "checker", item)


async def _waits(scene: Scene, item: Item) -> None:
    why = ("source_confirmed", "开户行柜台核实，以新余额为准。")
    await say(scene, "checker", item, "use_source", why, option=_options(item)[1])
    scene.pointed_at["second word"] = item["item"]["id"]


async def _differ(scene: Scene, item: Item) -> None:
    one, other = _options(item)
    first = ("more_recent", "两条余额日期相同，取较高的一条。")
    second = ("proof_seen", "存折原件显示另一金额。")
    await say(scene, "checker2", item, "use_source", first, option=other)
    await say(scene, "reviewer", item, "use_source", second, option=one)
    scene.pointed_at["third word"] = item["item"]["id"]


async def _proven(scene: Scene, item: Item) -> None:
    """An amount of their own, on a proof, by as many as it takes."""
    proof = await hand_in(scene, "checker", item)
    why = ("proof_seen", "收入证明与工资流水一致，按实发核定。")
    more = {"amount": "2600.00", "proofs": [proof]}
    given = await say(scene, "checker", item, "set_amount", why, **more)
    if given["item"]["state"] == "awaiting_second":
        await say(scene, "reviewer", item, "set_amount", why, **more)


async def _asked_township(scene: Scene, item: Item) -> None:
    await say(scene, "checker2", item, "ask_township", ("other", "请乡镇入户核实实际发放工资。"))


async def _left_open(scene: Scene, item: Item) -> None:
    """For whoever opens the demo."""


async def _left_out(scene: Scene, item: Item) -> None:
    """Takes two."""
    why = ("wrong_unit", "按分上报，应为六万余元，先排除。")
    await say(scene, "checker", item, "exclude", why)


async def _mapping(scene: Scene, item: Item) -> None:
    why = ("wrong_unit", "该行金额单位为分，请数据源维护人员更正映射。")
    await say(scene, "checker2", item, "correct_mapping", why)


_TREATED: Final[Mapping[str, Sequence[Treated]]] = {
    "conflict": (_shown_a_proof, _waits, _differ, _proven, _asked_township),
    "anomaly": (_left_open, _left_out, _mapping),
}
