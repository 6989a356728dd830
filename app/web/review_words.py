"""Words of the review screens: kinds, choices, reasons, what may be asked for."""

from collections.abc import Mapping
from typing import Final

from app.web import kind_words
from app.web.i18n import N_

KINDS: Final[Mapping[str, str]] = {
    "review_record": N_("匹配存疑"),
    "conflict": N_("来源冲突"),
    "declared": N_("申报不符"),
    "undeclared": N_("漏报成员"),
    "ask_source": N_("来源失败"),
    "anomaly": N_("异常"),
    "ask_household": N_("待补材料"),
}
"""In the order of the chips; one that is not here stands last, under its own word."""
CHOICES: Final[Mapping[str, str]] = {
    "same_person": N_("是同一人"),
    "another_person": N_("不是同一人"),
    "unsure": N_("无法判断"),
    "asked": N_("已去问询"),
    "obtained": N_("已取得"),
    "not_obtainable": N_("无法取得"),
    "reversed": N_("撤销"),
    **kind_words.CHOICES,
}
SETTLING: Final[Mapping[str, str]] = {
    "document": N_("查看证件或材料"),
    "phone_call": N_("电话核实"),
    "source": N_("请来源单位复核"),
}
ASKED: Final[Mapping[str, str]] = {
    "answer": N_("反馈"),
    "consent": N_("授权"),
    "members": N_("家庭成员"),
    "income_proof": N_("收入证明"),
    "asset_proof": N_("财产证明"),
    "document": N_("证件或材料"),
    "phone_call": N_("电话核实"),
}
REASONS: Final[Mapping[str, str]] = {
    "number_mistyped": N_("证件号码录入错误"),
    "name_changed": N_("异体字、更名或录入错误"),
    "wrong_person": N_("同名不同人"),
    "household_explained": N_("已电话核实或申请人说明"),
    "documents_seen": N_("已查看证件原件"),
    "source_confirmed": N_("来源单位确认"),
    "visited": N_("入户调查"),
    "registered_with_stolen_identity": N_("冒名登记"),
    "held_for_another": N_("代他人持有"),
    "used_by_relative": N_("亲属使用"),
    "death_record_wrong": N_("死亡登记有误"),
    "death_confirmed": N_("确认死亡"),
    "source_cannot_answer": N_("来源无法反馈"),
    "household_refuses": N_("申请人不予配合"),
    "mistake": N_("操作有误"),
    "other": N_("其他"),
    **kind_words.REASONS,
}
OF_RECORDS: Final = (
    "number_mistyped",
    "name_changed",
    "wrong_person",
    "household_explained",
    "documents_seen",
    "source_confirmed",
    "visited",
    "registered_with_stolen_identity",
    "held_for_another",
    "used_by_relative",
    "other",
)
OF_DEATHS: Final = ("death_confirmed", "death_record_wrong")
OF_ASKING: Final = (
    "source_confirmed",
    "household_explained",
    "documents_seen",
    "visited",
    "source_cannot_answer",
    "household_refuses",
    "other",
)
SEXES: Final[Mapping[str, str]] = {"male": N_("男"), "female": N_("女")}
TOTALS: Final[Mapping[str, str]] = {
    "financial_assets": N_("金融资产"),
    "financial_assets_per_person": N_("人均"),
    "monthly_income_per_person": N_("月人均收入"),
    "monthly_income": N_("月收入"),
    "homes": N_("住房套数"),
    "vehicles": N_("机动车"),
    "vessels": N_("船舶"),
    "businesses": N_("经营主体"),
    "business_capital": N_("认缴出资"),
    "housing_fund_balance": N_("公积金余额"),
    **kind_words.TOTALS,
}
ORDERS: Final[Mapping[str, str]] = {
    "effect": N_("影响结论优先"),
    "due": N_("按期限"),
    "doubt": N_("按概率接近一半"),
    "area": N_("按地区"),
}
SAID: Final[Mapping[str, str]] = {
    "done": N_("已提交，决定即时生效"),
    "second": N_("已提交，转第二人确认"),
    "third": N_("两人意见不同，转第三人"),
    "aside": N_("已记为无法判断，待查明事项已列入待办"),
    "partly": N_("已提交；有的同类项已变化或正被处理，仍在待办"),
    "undone": N_("已撤销上一条决定，该条已退回待办"),
    "reopened": N_("决定已收回，该条重新列入待办"),
    "asked": N_("已记录"),
}
"""What a toast says after a form, by the word in the URL."""
SOURCES: Final = (
    "household_registry",
    "tax",
    "social_insurance",
    "property",
    "business_registration",
    "housing_fund",
    "vehicle",
    "bank",
    "insurance",
    "securities",
    "relief_register",
)
PROGRAMMES: Final = (
    "urban_dibao",
    "rural_dibao",
    "dibao_edge",
    "special_support",
    "medical_relief",
    "education_relief",
    "housing_relief",
    "temporary_relief",
)
