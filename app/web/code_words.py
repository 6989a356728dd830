"""Words of codes that more than one part of the UI says: one word each, wherever it stands."""

from collections.abc import Mapping
from typing import Final

from app.web.i18n import N_

PURPOSES: Final[Mapping[str, str]] = {
    "application": N_("申请核对"),
    "reverification": N_("复查核对"),
    "objection": N_("异议复核"),
    "spot_check": N_("抽查核对"),
    "audit": N_("审计"),
    "supervision": N_("督导"),
    "investigation": N_("调查"),
    "access_request": N_("本人查询"),
}
"""What a verification, or a look, is for 用途."""
PROGRAMMES: Final[Mapping[str, str]] = {
    "urban_dibao": N_("城市低保"),
    "rural_dibao": N_("农村低保"),
    "dibao_edge": N_("低保边缘家庭"),
    "rigid_expenditure_hardship": N_("刚性支出困难家庭"),
    "special_support": N_("特困供养"),
    "orphan": N_("孤儿保障"),
    "temporary_relief": N_("临时救助"),
    "medical_relief": N_("医疗救助"),
    "education_relief": N_("教育救助"),
    "housing_relief": N_("住房救助"),
}
"""The most common ones; others go by their standard's own name."""
COMPARED: Final[Mapping[str, tuple[str, str, str]]] = {
    "equal": ("ok", "equal", N_("一致")),
    "under_declared": ("bad", "up", N_("少报")),
    "over_declared": ("warn", "down", N_("多报")),
    "omitted": ("warn", "warn", N_("漏报")),
    "not_confirmed_by_sources": ("none", "ask", N_("未证实")),
    "cannot_be_checked": ("none", "ask", N_("无法核对")),
}
"""Colour, sign, word."""
FAILURES: Final[Mapping[str, str]] = {
    "unreachable": N_("连接不上来源"),
    "timed_out": N_("超时没有反馈"),
    "unavailable": N_("来源停用或繁忙"),
    "rate_limited": N_("来源限制查询次数"),
    "refused": N_("来源拒绝本中心的凭证"),
    "rejected": N_("来源拒绝这次请求"),
    "malformed": N_("反馈与接口规范不符"),
    "too_large": N_("反馈超过大小上限"),
    "mismatched": N_("反馈不属于这次查询"),
    "unmapped": N_("反馈中有未映射的代码"),
    "expired": N_("来源不再保留结果"),
    "incomplete": N_("部分机构没有反馈"),
    "breaker_open": N_("来源连续失败，暂停查询"),
    "not_permitted": N_("授权不覆盖，未发出"),
}
"""Why a source did not answer."""
