"""Words of questions that people settle, and of sources that did not answer."""

from collections.abc import Mapping
from typing import Final

from app.web.i18n import N_

CHOICES: Final[Mapping[str, str]] = {
    "retry": N_("立即重试"),
    "not_connected": N_("标为未连接"),
    "carry_on": N_("按未知继续"),
    "use_source": N_("采用来源"),
    "set_amount": N_("人工核定"),
    "accept": N_("接受说明"),
    "not_accept": N_("不接受"),
    "exclude": N_("排除不计"),
    "confirm_true": N_("确认属实"),
    "ask_township": N_("请乡镇核实"),
    "correct_mapping": N_("更正映射"),
    "request_consent": N_("请求授权"),
}
REASONS: Final[Mapping[str, str]] = {
    "more_recent": N_("数据更新"),
    "closer_to_pay": N_("更接近实发"),
    "proof_seen": N_("材料属实"),
    "proof_lacking": N_("材料不足"),
    "not_credible": N_("说明与记录不符"),
    "wrong_unit": N_("单位错误（万元、分）"),
    "wrong_date": N_("日期填反"),
    "recorded_twice": N_("重复记录"),
    "value_checked": N_("已核实数值"),
    "sold_not_transferred": N_("已售未过户"),
    "plate_cloned": N_("套牌"),
}
REASONS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "conflict": ("closer_to_pay", "more_recent", "source_confirmed", "proof_seen", "visited"),
    "declared": (
        "proof_seen",
        "proof_lacking",
        "not_credible",
        "household_explained",
        "visited",
        "source_confirmed",
    ),
    "anomaly": (
        "value_checked",
        "wrong_unit",
        "wrong_date",
        "recorded_twice",
        "source_confirmed",
    ),
    "undeclared": ("household_explained", "visited", "household_refuses", "documents_seen"),
}
"""By kind; `other` comes last everywhere."""
BASES: Final[Mapping[str, str]] = {
    "taxed_income": N_("申报收入额，月均"),
    "fund_base": N_("公积金缴存基数"),
    "insured_base": N_("社保缴费基数"),
    "balance": N_("账户余额"),
    "registered_area": N_("登记面积"),
}
UNITS: Final[Mapping[str, str]] = {
    "yuan_a_month": N_("元/月"),
    "yuan": N_("元"),
    "square_metres": N_("㎡"),
}
ABOUT: Final[Mapping[str, str]] = {
    "wage": N_("工资"),
    "account": N_("存款余额"),
    "home": N_("住房面积"),
}
EFFECTS: Final[Mapping[str, str]] = {
    "not_counted": N_("不计入"),
    "amount_not_counted": N_("说明的部分不计入"),
    "amount_counts": N_("按说明的数额计"),
    "stands": N_("仍计入，注明原因"),
}
HOW: Final[Mapping[str, str]] = {
    "use": N_("采用来源"),
    "amount": N_("人工核定"),
    "explained": N_("接受说明"),
    "stands": N_("不接受说明"),
    "left_out": N_("排除不计"),
    "true": N_("确认属实"),
}
LIKELY: Final[Mapping[str, str]] = {
    "unit_fen": N_("以分为单位上报，当作元读入"),
    "unit_wan": N_("以万元为单位上报，当作元读入"),
    "unit_area": N_("以亩或公顷为单位，当作平方米读入"),
    "swapped": N_("月日颠倒或两个日期填反"),
    "duplicate": N_("同一条记录上报两次"),
}
STATES: Final[Mapping[str, str]] = {
    "unknown": N_("未知"),
    "partial": N_("部分"),
    "found": N_("有记录"),
    "no_record": N_("无记录"),
}
TOTALS: Final[Mapping[str, str]] = {
    "floor_area": N_("住房面积"),
    "household_size": N_("家庭人数"),
}
