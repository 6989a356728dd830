"""What happened with a case, entry by entry, in words."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.web.case_words import SOURCES, STATUSES, Translate, said
from app.web.code_words import PURPOSES
from app.web.formats import Formats
from app.web.i18n import N_

_ACTIONS: Final[Mapping[str, str]] = {
    "verification_accepted": N_("受理核对"),
    "source_asked": N_("查询来源"),
    "answers_reused": N_("沿用前次反馈"),
    "verification_read": N_("查看核对"),
    "profile_read": N_("查看家庭经济状况"),
    "profile_exported": N_("导出家庭经济状况"),
    "history_read": N_("查看审计轨迹"),
    "evidence_read": N_("查看证据"),
    "evidence_judged": N_("判断记录归属"),
    "report_read": N_("查看报告"),
    "decisions_tried": N_("试算"),
    "verification_cancel": N_("取消核对"),
    "verification_recheck": N_("补查来源"),
    "objection_filed": N_("登记复核申请"),
    "review_item_read": N_("查看待办"),
    "review_item_locked": N_("领取待办"),
    "review_decided": N_("作出判断"),
    "look_refused": N_("查看被拒绝"),
    "revealed": N_("显示明文"),
    "checked": N_("核对得出结果"),
}
_WHY: Final[Mapping[str, str]] = {
    "related": N_("回避"),
    "no_purpose": N_("没有选择目的"),
    "purpose": N_("目的不允许"),
    "not_assigned": N_("没有分派"),
    "masked": N_("岗位只看脱敏信息"),
}
_FIELDS: Final[Mapping[str, str]] = {
    "name": N_("姓名"),
    "id_number": N_("证件号码"),
    "contact": N_("电话和住址"),
}
_LAST: Final = 6
_PLACES: Final[Mapping[str, str]] = {
    "local": N_("本机"),
    "private": N_("内网"),
    "public": N_("外网"),
}


def entries_of(
    entries: Iterable[Mapping[str, Any]], translate: Translate, formats: Formats
) -> list[dict[str, Any]]:
    """The newest first, as the interface gives them."""
    return [_entry(one, translate, formats) for one in entries]


def _entry(one: Mapping[str, Any], _: Translate, f: Formats) -> dict[str, Any]:
    details = one["details"]
    about = []
    if details.get("fields"):
        fields = "、".join(said(_FIELDS, part, _) for part in details["fields"].split(","))
        about.append(fields)
    if one["person"]:
        about.append(one["person"])
    if details.get("source"):
        about.append(said(SOURCES, details["source"], _))
    if details.get("why"):
        about.append(said(_WHY, details["why"], _))
    if details.get("wanted"):
        about.append(said(_ACTIONS, details["wanted"], _))
    purpose = details.get("purpose", "")
    return {
        "at": f.instant(one["at"]),
        "who": one["actor_name"] or _actor(one["actor"], _),
        "action": _action(one["action"], _),
        "is_refused": one["action"] == "look_refused",
        "is_reveal": one["action"] == "revealed",
        "purpose": said(PURPOSES, purpose, _) if purpose else "—",
        "about": "，".join(about) or "—",
        "place": said(_PLACES, details.get("from", ""), _) or "—",
        "position": one["position"],
    }


def _actor(actor: str, translate: Translate) -> str:
    """A system, or whoever is not known by name any more."""
    if actor.startswith("cl_"):
        return translate(N_("业务系统 %(id)s"), id=actor[-_LAST:])
    return actor


def _action(code: str, translate: Translate) -> str:
    """An entry that a status was entered has the status in its name."""
    status = code.removeprefix("verification_")
    if code not in _ACTIONS and status in STATUSES:
        return translate(N_("状态变为：%(status)s"), status=translate(STATUSES[status][1]))
    return said(_ACTIONS, code, translate)
