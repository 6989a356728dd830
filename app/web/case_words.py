"""The words of a case's pages for the interface's codes: Chinese here, English in the catalogue."""

from collections.abc import Callable, Mapping
from typing import Final

from app.web.i18n import N_

Translate = Callable[..., str]
SOURCES: Final[Mapping[str, str]] = {
    "household_registry": N_("户籍"),
    "tax": N_("税务"),
    "social_insurance": N_("社保"),
    "property": N_("不动产"),
    "business_registration": N_("市场监管"),
    "housing_fund": N_("公积金"),
    "vehicle": N_("车辆"),
    "bank": N_("银行"),
    "insurance": N_("保险"),
    "securities": N_("证券"),
    "relief_register": N_("救助名册"),
}
"""Short, for chips and the matrix."""
LONGER: Final[Mapping[str, str]] = {
    "tax": N_("税务，工资薪金"),
    "housing_fund": N_("公积金，缴存基数"),
    "social_insurance": N_("社保，缴费基数"),
}
"""Of what a source of wages tells."""
INCOME: Final[Mapping[str, str]] = {
    "wage": N_("工资"),
    "business": N_("经营净收入"),
    "property": N_("财产性收入"),
    "transfer": N_("转移性收入"),
    "support": N_("赡养费"),
}
ASSETS: Final[Mapping[str, str]] = {
    "deposit": N_("存款"),
    "wealth_product": N_("理财产品"),
    "security": N_("证券"),
    "fund": N_("基金"),
    "insurance": N_("商业保险"),
    "housing_fund": N_("公积金余额"),
    "home": N_("住房"),
    "other_building": N_("其他房屋"),
    "vehicle": N_("机动车"),
    "vessel": N_("船舶"),
    "business": N_("经营主体"),
}
EXPENSES: Final[Mapping[str, str]] = {
    "medical": N_("医疗支出"),
    "education": N_("教育支出"),
    "disability": N_("残疾康复支出"),
}
BASES: Final[Mapping[str, str]] = {
    "odd_jobs": N_("零工"),
    "gift": N_("馈赠"),
    "care_payment": N_("护理补贴"),
    "honour_payment": N_("优抚金"),
    "scholarship": N_("奖学金"),
    "relief": N_("救助金"),
}
KIND_OF_BUSINESS: Final[Mapping[str, str]] = {
    "in_business": N_("在业"),
    "revoked": N_("吊销"),
    "deregistered": N_("注销"),
}
TESTS: Final[Mapping[str, str]] = {
    "monthly_income_per_person": N_("人均月收入"),
    "financial_assets_per_person": N_("人均金融资产"),
    "financial_assets": N_("金融资产"),
    "monthly_income": N_("月收入"),
    "homes": N_("住房"),
    "floor_area": N_("住房面积"),
    "floor_area_per_person": N_("人均住房面积"),
    "vehicles": N_("机动车"),
    "vessels": N_("船舶"),
    "businesses": N_("经营主体"),
    "business_capital": N_("经营主体出资"),
    "housing_fund_balance": N_("公积金余额"),
    "household_size": N_("家庭人数"),
    "identity_verified": N_("身份核实"),
    "holds_one_of": N_("已认定的救助类别"),
}
CAUSES: Final[Mapping[str, str]] = {
    "identity": N_("身份"),
    "source_gap": N_("来源缺口"),
    "staleness": N_("数据陈旧"),
    "conflict": N_("来源冲突"),
    "amount": N_("金额"),
    "imputation": N_("推算"),
    "composition": N_("家庭人口"),
    "consent_gap": N_("授权缺口"),
}
USES: Final[Mapping[str, tuple[str, str, str]]] = {
    "used": ("info", "ok", N_("采用")),
    "corroborates": ("none", "equal", N_("佐证")),
    "not_used": ("none", "none", N_("不采用")),
    "no_record": ("none", "none", N_("无记录")),
    "open": ("warn", "ask", N_("未知")),
}
WHY: Final[Mapping[str, str]] = {
    "first_in_order": N_("有反馈的来源中次序最先"),
    "fills_months": N_("补足次序在先的来源没有的月份"),
    "fills_jobs": N_("补足次序在先的来源没有的工作"),
    "agrees_with_used": N_("与采用的来源一致"),
    "chosen_by_person": N_("人工选定采用"),
    "another_source_chosen": N_("人工选定了其他来源"),
    "amount_set_by_person": N_("数额由人工核定"),
    "later_in_order": N_("次序在后，且与采用的来源不一致"),
    "base_at_floor": N_("等于缴费基数下限，不代表实发"),
    "only_register": N_("登记机关的反馈"),
    "partly_answered": N_("已反馈部分计入，其余按未知处理"),
    "not_answered": N_("没有完整反馈，按未知处理，不按零处理"),
    "no_record": N_("已查询，没有记录"),
    "not_counted": N_("按规则不计入"),
    "business_income_unknown": N_("在业，没有申报收入，收入未知"),
    "support_computed": N_("按公式计算"),
    "support_declared": N_("按申报"),
    "residents_pension_not_counted": N_("城乡居民基本养老金，按规则不计入"),
    "sale_of_property": N_("出售财产所得，按规则不计入收入"),
    "annuity_received": N_("年金"),
    "loan_is_no_asset": N_("贷款，不是财产"),
    "closed": N_("已销户"),
    "exempt_kind": N_("免计车型"),
    "not_in_register": N_("不在册"),
    "not_the_policy_holder": N_("不是投保人"),
    "ownership_ended": N_("权属已终止"),
    "cooperative_not_counted": N_("合作社，不计入"),
    "not_in_business": N_("不在业"),
    "manager_only": N_("仅任职"),
    "deceased": N_("已死亡"),
    "supporter": N_("赡养人"),
    "excluded_serving_sentence": N_("服刑，不计入人口"),
    "excluded_missing": N_("失踪，不计入人口"),
    "excluded_conscript": N_("服兵役，不计入人口"),
    "proven": N_("有证明材料"),
    "not_proven": N_("没有证明材料"),
}
REASONS: Final[Mapping[str, str]] = {
    "not_configured": N_("本地未连接"),
    "not_needed": N_("所申请项目不需要"),
    "supporter_not_signed": N_("赡养人未授权"),
    "not_signed": N_("本人未授权"),
    "no_guardian": N_("监护人未授权"),
    "not_yet_valid": N_("授权尚未生效"),
    "expired": N_("授权已到期"),
    "withdrawn": N_("授权已撤回"),
    "out_of_scope": N_("超出授权范围"),
    "lapsed": N_("授权已失效"),
    "cancelled": N_("核对已取消"),
}
STATES: Final[Mapping[str, tuple[str, str]]] = {
    "answered": ("ans", N_("有记录")),
    "no_record": ("nil", N_("无记录")),
    "failed": ("fail", N_("失败")),
    "pending": ("wait", N_("等待")),
    "not_asked": ("skip2", N_("未查询")),
}
IDENTITY: Final[Mapping[str, tuple[str, str]]] = {
    "verified": ("ok", N_("已核实")),
    "mismatch": ("bad", N_("姓名不符")),
    "uncertain": ("warn", N_("存疑")),
    "not_found": ("none", N_("查无此人")),
    "deceased": ("bad", N_("已死亡")),
}
RELATIONS: Final[Mapping[str, str]] = {
    "head": N_("户主"),
    "spouse": N_("配偶"),
    "child": N_("子女"),
    "parent": N_("父母"),
    "grandchild": N_("孙子女"),
    "grandparent": N_("祖父母"),
    "sibling": N_("兄弟姐妹"),
    "other": N_("其他"),
}
STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "accepted": ("none", N_("已受理")),
    "querying": ("info", N_("查询中")),
    "partial": ("warn", N_("部分反馈")),
    "in_review": ("warn", N_("待人工")),
    "final": ("ok", N_("已办结")),
    "cancelled": ("none", N_("已取消")),
}
REFUSED: Final[Mapping[str, str]] = {
    "no_role": N_("您的岗位没有这项权限，需要的请向管理员申请"),
    "still_asking": N_("来源还在反馈，全部反馈后才能补查"),
    "consent_expired": N_("授权已到期，请先取得新的授权"),
    "consent_not_for_this": N_("授权不包括这一用途，请先取得新的授权"),
    "not_final": N_("核对还没有办结"),
    "cancelled": N_("核对已取消，没有报告"),
    "closed": N_("核对已经办结或取消"),
    "open_items": N_("还有 %(count)s 项待处理，处理完才能出具报告"),
}


def said(table: Mapping[str, str], code: str, translate: Translate) -> str:
    """The word in the page's language; the code where there is none."""
    return translate(table[code]) if code in table else code
