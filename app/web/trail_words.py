"""The trail's actions and details in words; what has none is shown as it stands."""

from collections.abc import Mapping
from typing import Final

from app.web.figures_words import Said
from app.web.i18n import N_
from app.web.trail_codes import CODES, DETAILS

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
    "alerts_read": N_("查看预警"),
    "objections_listed": N_("查看复核列表"),
    "objection_read": N_("查看复核申请"),
    "verifications_listed": N_("查看核对列表"),
    "manual_tasks_listed": N_("查看人工录入列表"),
    "look_permissions_listed": N_("查看许可列表"),
    "report_printed": N_("打印、下载报告"),
    "profile_read": N_("查看家庭经济状况"),
    "history_read": N_("查看办理过程"),
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
    "objection_taken": N_("受理复核申请"),
    "objection_corrected": N_("复核更正"),
    "objection_upheld": N_("复核维持"),
    "objection_withdrawn": N_("撤回复核申请"),
    "proof_added": N_("提交材料"),
    "proof_stored": N_("保存材料"),
    "proof_read": N_("查看材料"),
    "proofs_listed": N_("查看材料列表"),
    "verification_cancelled": N_("核对已取消"),
    "manual_entry_wanted": N_("转人工录入"),
    "manual_entry_turned": N_("人工录入改回"),
    "manual_task_read": N_("查看录入任务"),
    "manual_entry_made": N_("人工录入"),
    "manual_entry_confirmed": N_("人工录入一致"),
    "manual_entry_differed": N_("两次录入不一致"),
    "report_papers_read": N_("查看报告签署"),
    "report_prepared": N_("准备报告"),
    "report_signed": N_("签署报告"),
    "report_returned": N_("退回报告"),
    "report_viewed": N_("浏览报告"),
    "review_item_released": N_("释放待办"),
    "batch_listed": N_("查看批量列表"),
    "batch_confirmed": N_("确认批量"),
    "registry_listed": N_("登记簿查询"),
    "profile_exported": N_("导出家庭经济状况"),
    "eligibility_read": N_("查询救助资格"),
    "answer_after_withdrawal": N_("撤回授权后的答复"),
    "answers_reused": N_("沿用先前答复"),
    "audit_gap_accepted": N_("接受审计缺口"),
    "error_rate_learned": N_("更新差错率参数"),
    "notice_replayed": N_("重发通知"),
    "notices_replayed": N_("重发通知"),
    "programme_simulated": N_("试算标准草案"),
    "recipient_ended": N_("停止救助登记"),
    "subscribed": N_("订阅通知"),
    "unsubscribed": N_("退订通知"),
    "verification_supplemented": N_("补充反馈"),
    "withdrawal_not_sent_back": N_("撤回未能通知来源"),
    "checked": N_("系统自检"),
    "decisions_tried": N_("试算结论"),
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
