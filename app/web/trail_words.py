"""The trail's actions and details in words; what has none is shown as it stands."""

from collections.abc import Mapping
from typing import Final

from app.web.code_words import PURPOSES
from app.web.figures_words import Said
from app.web.i18n import N_
from app.web.kind_words import CHOICES

ACTIONS: Final[Mapping[str, str]] = {
    "signed_in": N_("登录"),
    "sign_in_refused": N_("登录被拒"),
    "password_changed": N_("更改密码"),
    "account_made": N_("建立账户"),
    "account_disabled": N_("停用账户"),
    "account_reset": N_("重置账户"),
    "account_linked": N_("关联统一身份认证"),
    "account_taken_into_use": N_("启用账户"),
    "role_granted": N_("授予岗位"),
    "role_ended": N_("收回岗位"),
    "change_proposed": N_("提出变更"),
    "change_agreed": N_("同意变更"),
    "change_refused": N_("拒绝变更"),
    "verification_accepted": N_("受理核对"),
    "verification_read": N_("查看核对"),
    "verification_recheck": N_("再次核对"),
    "verification_cancel": N_("取消核对"),
    "verification_final": N_("核对完成"),
    "source_asked": N_("查询数据源"),
    "assistance_accepted": N_("收到其他机构的协查"),
    "assistance_answered": N_("答复其他机构的协查"),
    "assistance_refused": N_("拒绝其他机构的调用"),
    "evidence_read": N_("查看来源记录"),
    "evidence_judged": N_("判断记录是谁的"),
    "report_read": N_("查看报告"),
    "review_item_read": N_("查看待办"),
    "review_item_locked": N_("锁定待办"),
    "review_decided": N_("复核判断"),
    "revealed": N_("显示完整信息"),
    "listed": N_("查看列表"),
    "list_read": N_("查看列表"),
    "look_refused": N_("查看被拒"),
    "look_asked": N_("申请查看许可"),
    "look_agreed": N_("同意查看许可"),
    "look_ended": N_("结束查看许可"),
    "case_assigned": N_("分派案卷"),
    "assignment_ended": N_("结束分派"),
    "relation_registered": N_("登记回避关系"),
    "relation_ended": N_("结束回避关系"),
    "relations_read": N_("查看回避关系"),
    "trail_read": N_("查看审计"),
    "unusual_access_read": N_("查看异常访问"),
    "unusual_access": N_("异常访问"),
    "access_report_made": N_("出具查询告知"),
    "person_protected": N_("列入重点关注"),
    "person_unprotected": N_("取消重点关注"),
    "verification_querying": N_("开始查询"),
    "verification_partial": N_("部分答复"),
    "verification_in_review": N_("转人工"),
    "audit_finding": N_("填写抽查结论"),
    "audit_results_read": N_("查看抽查结果"),
    "audit_worklist_read": N_("查看读案清单"),
    "audit_worklist_listed": N_("查看读案清单"),
    "review_items_listed": N_("查看待办列表"),
    "alerts_listed": N_("查看预警列表"),
    "alerts_raised": N_("产生预警"),
    "alert_assigned": N_("分派预警"),
    "alert_explained": N_("记录申请人说明"),
    "alert_handled": N_("处置预警"),
    "alert_checked": N_("复核预警处置"),
    "recipients_taken_in": N_("登记在保家庭"),
    "recipients_listed": N_("查看在保列表"),
    "roster_pass_made": N_("办理名册比对通行证"),
    "roster_pass_ended": N_("交回名册比对通行证"),
    "reconciled_listed": N_("名册比对"),
    "reconciled_read": N_("名册比对后查看"),
    "reconciled_previewed": N_("名册比对后查看"),
    "recipient_read": N_("查看在保家庭"),
    "recipient_looked_at": N_("查看在保家庭"),
    "recipient_reported": N_("报告家庭变化"),
    "batch_accepted": N_("受理批量"),
    "batch_read": N_("读入批量"),
    "batch_done": N_("批量完成"),
    "unusual_access_told": N_("异常访问提示"),
    "objection_filed": N_("提出复核"),
    "objection_settled": N_("复核结案"),
    "alert_raised": N_("产生预警"),
    "alert_read": N_("查看预警"),
    "audit_drawn": N_("抽取样本"),
    "finding_filed": N_("填写抽查结论"),
    "consent_withdrawn": N_("撤回授权"),
    "batch_created": N_("建立批量"),
    "batch_results_read": N_("下载批量结果"),
    "batch_changes_read": N_("下载批量变化"),
}
DETAILS: Final[Mapping[str, str]] = {
    "case": N_("案卷"),
    "cases": N_("案卷"),
    "purpose": N_("目的"),
    "basis": N_("依据"),
    "from": N_("终端"),
    "reason": N_("理由"),
    "why": N_("理由"),
    "role": N_("岗位"),
    "staff": N_("人员"),
    "count": N_("条数"),
    "by": N_("方式"),
    "item": N_("待办"),
    "choice": N_("判断"),
    "changed_from": N_("看到概率前的判断"),
    "look": N_("查看"),
    "kind": N_("类别"),
    "source": N_("来源"),
    "sources": N_("来源"),
    "office": N_("单位"),
    "report": N_("报告"),
    "identity": N_("身份核实"),
    "day": N_("日期"),
    "subject": N_("对象"),
    "wanted": N_("动作"),
    "drawn": N_("抽取"),
    "version": N_("版本"),
    "reading": N_("第几人读"),
    "programme": N_("项目"),
    "audit": N_("抽查"),
    "alert": N_("预警"),
    "alerts": N_("预警数"),
    "relation": N_("关系"),
    "persons": N_("人数"),
    "outcome": N_("结果"),
    "consent": N_("授权"),
    "pass": N_("通行证"),
    "rows": N_("行数"),
    "hours": N_("小时数"),
}
CODES: Final[Mapping[str, str]] = {
    **PURPOSES,
    **CHOICES,
    "no_case": N_("查看不属于自己的案卷"),
    "related_case": N_("查看有回避关系的案卷"),
    "same_surname": N_("查看同姓人的案卷"),
    "same_home": N_("查看同住址的案卷"),
    "many_persons": N_("短时间查看很多人"),
    "out_of_hours": N_("非工作时间查看"),
    "protected_person": N_("查看重点关注人员"),
    "same_case_again": N_("反复查看同一案卷"),
    "many_households": N_("一天查看很多户"),
    "in_person": N_("当面核验"),
    "real_name_sign_in": N_("实名登录"),
    "notarised": N_("公证"),
    "related": N_("有回避关系"),
    "no_purpose": N_("没有说明目的"),
    "not_assigned": N_("没有分派"),
    "local": N_("本机"),
    "private": N_("内网"),
    "public": N_("外网"),
    "unknown": N_("未知"),
    "same_person": N_("同一人"),
    "another_person": N_("不是同一人"),
    "asked": N_("已询问"),
    "obtained": N_("已取得"),
    "not_obtainable": N_("无法取得"),
    "first": N_("第一人"),
    "second": N_("第二人"),
    "third": N_("第三人"),
    "unsure": N_("无法判断"),
    "reversed": N_("撤销"),
    "open": N_("待判断"),
    "awaiting_second": N_("待第二人确认"),
    "disagreed": N_("两人不同"),
    "decided": N_("已决定"),
    "closed": N_("已关闭"),
    "raised": N_("待分派"),
    "assigned": N_("已分派"),
    "handled": N_("已处理"),
    "checked": N_("已复核"),
    "filed": N_("已收到"),
    "in_progress": N_("办理中"),
    "upheld": N_("维持原结论"),
    "corrected": N_("已更正"),
    "withdrawn": N_("已撤回"),
    "request": N_("受理"),
    "query": N_("查询"),
    "reuse": N_("沿用"),
    "view": N_("查看"),
    "list": N_("列表"),
    "export": N_("导出"),
    "report": N_("查询告知"),
}
_APART: Final = frozenset(
    {
        *("purpose", "from", "reason", "why", "before", "after"),
        *("role", "state", "frame"),
    }
)
"""Details with a column of their own, or of use to machines alone."""
_MOST: Final = 3


def action(code: str, said: Said) -> str:
    text = ACTIONS.get(code)
    return code if text is None else said(text)


def detail(name: str, value: str, said: Said) -> str:
    """`案卷 220102-2026-000001`; a list of codes has each in words, a long one its first."""
    label = DETAILS.get(name)
    some = [said.code(one, CODES) for one in value.split(",") if one]
    words = said("、").join(some[:_MOST])
    if len(some) > _MOST:
        words = said("%(some)s 等 %(n)s 项", some=words, n=len(some))
    return f"{name if label is None else said(label)} {words}".strip()


def others(details: Mapping[str, str], said: Said) -> list[str]:
    """What has no column of its own."""
    apart = _APART if "before" in details else _APART | {"outcome", "choice"}
    return [detail(name, value, said) for name, value in details.items() if name not in apart]


def change(details: Mapping[str, str], said: Said) -> str:
    """From what to what: the trail keeps no value of a household, only states and words given."""
    before, after = details.get("before"), details.get("after")
    if before and after and before != after:
        return f"{said.code(before, CODES)} → {said.code(after, CODES)}"
    for name in ("outcome", "choice", "role", "state"):
        if name in details:
            return f"→ {said.code(details[name], CODES)}"
    return ""


def reason(details: Mapping[str, str], said: Said) -> str:
    given = details.get("reason") or details.get("why") or ""
    return said.code(given, CODES) if given else ""
