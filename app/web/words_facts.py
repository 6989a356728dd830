"""What changed, in words: the interface writes `plate=…; kind=…`, a page says it of things."""

from collections.abc import Callable, Mapping
from typing import Final

from app.web.i18n import N_

_NAMES: Final[Mapping[str, str]] = {
    "at": N_("在"),
    "bank": N_("银行"),
    "brand": N_("品牌"),
    "case_reference": N_("案件编号"),
    "county": N_("县"),
    "dead": N_("死亡"),
    "employer": N_("单位"),
    "excluded": N_("不计入"),
    "financial_assets": N_("金融资产"),
    "home": N_("住宅"),
    "household_size": N_("家庭人数"),
    "housing_fund_balance": N_("公积金余额"),
    "in_school": N_("在校"),
    "insurer": N_("保险公司"),
    "kind": N_("种类"),
    "marital_status": N_("婚姻"),
    "monthly": N_("每月"),
    "monthly_income": N_("月收入"),
    "moved_out": N_("迁出"),
    "name": N_("名称"),
    "outcome": N_("结论"),
    "over": N_("超限"),
    "persons": N_("成员"),
    "plate": N_("号牌"),
    "product": N_("产品"),
    "programme": N_("救助类型"),
    "relation": N_("与户主关系"),
    "role": N_("身份"),
    "rule": N_("规则"),
    "source": N_("数据源"),
    "state": N_("状态"),
    "unit": N_("不动产单元"),
    "yearly": N_("每年"),
}
_VALUES: Final[Mapping[str, str]] = {
    "true": N_("是"),
    "false": N_("否"),
    "single": N_("未婚"),
    "married": N_("已婚"),
    "widowed": N_("丧偶"),
    "divorced": N_("离婚"),
    "passenger_car": N_("小型客车"),
    "lorry": N_("货车"),
    "motorcycle": N_("摩托车"),
    "three_wheeler": N_("三轮车"),
    "tractor": N_("拖拉机"),
    "farm_vehicle": N_("农用车"),
    "legal_representative": N_("法定代表人"),
    "shareholder": N_("股东"),
    "manager": N_("高管"),
    "sole_trader": N_("个体工商户"),
    "cooperative": N_("农民专业合作社"),
    "sole_proprietorship": N_("个人独资企业"),
    "company": N_("公司"),
    "in_business": N_("在业"),
    "revoked": N_("吊销"),
    "struck_off": N_("注销"),
    "securities_account": N_("证券账户"),
    "current": N_("活期"),
    "time_deposit": N_("定期"),
    "serving_sentence": N_("服刑"),
    "missing": N_("失踪"),
    "conscript": N_("义务兵"),
    "several_businesses": N_("名下经营主体较多"),
}
Translate = Callable[..., str]


def in_words(text: str, translate: Translate, word: Callable[[str], str]) -> str:
    """`号牌 吉A3K58C，种类 小型客车`; what is no such list stays as it is."""
    parts = [one.partition("=") for one in text.split("; ")]
    if not text or any(not sign for _, sign, _ in parts):
        return text
    said = []
    for name, _, value in parts:
        known = _NAMES.get(name)
        shown = translate(_VALUES[value]) if value in _VALUES else word(value)
        said.append(f"{translate(known) if known else name} {shown}")
    return translate("，").join(said)
