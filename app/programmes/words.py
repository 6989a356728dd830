"""What totals, parameters and levels are called, in both languages."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

_Words = Mapping[str, tuple[str, str]]


class Language(StrEnum):
    """A language that words come in."""

    EN = "en"
    ZH = "zh"


TOTALS: Final[_Words] = {
    "household_size": ("household size", "家庭人口"),
    "monthly_income": ("monthly income", "月收入"),
    "monthly_income_per_person": ("monthly income per person", "月人均收入"),
    "financial_assets": ("financial assets", "货币财产"),
    "financial_assets_per_person": ("financial assets per person", "人均货币财产"),
    "homes": ("homes", "住房套数"),
    "floor_area": ("floor area, square metres", "住房面积（平方米）"),
    "floor_area_per_person": ("floor area per person, square metres", "人均住房面积（平方米）"),
    "vehicles": ("vehicles", "机动车"),
    "vessels": ("vessels", "船舶"),
    "businesses": ("businesses", "经营主体"),
    "business_capital": ("subscribed business capital", "认缴出资"),
    "housing_fund_balance": ("housing fund balance", "公积金余额"),
}
"""The totals of a profile that a test can be about."""

PARAMETERS: Final[_Words] = {
    "window_months": ("months of the income window", "收入核算月数"),
    "residents_pension_counted_from": (
        "month from which residents' basic pension counts; null: never",
        "城乡居民基础养老金计入起始月",
    ),
    "minimum_wage": ("minimum wage, yuan a month", "最低工资标准（元/月）"),
    "contribution_floor": ("least contribution base, yuan a month", "缴费基数下限（元/月）"),
    "contribution_ceiling": ("greatest contribution base, yuan a month", "缴费基数上限（元/月）"),
    "local_standard": ("local standard, yuan a month and person", "当地低保标准（元/人·月）"),
    "wage_difference_tolerance": (
        "share by which wages of two sources may differ",
        "两来源工资容许差异比例",
    ),
    "imputed_sole_trader_monthly": (
        "income imputed to a sole trader without tax entries, yuan a month; null: none",
        "个体工商户推定收入（元/月）",
    ),
    "supporter_share": (
        "share of a supporter's income above the standard that counts",
        "赡养人超出标准收入的计入比例",
    ),
    "supporter_share_many": ("the same share where many are supported", "被赡养人较多时的计入比例"),
    "supporters_many": ("from how many supported persons on", "被赡养人较多的起始人数"),
    "medical_above_yearly": (
        "own medical cost above it lessens income, yuan a year and person",
        "医疗自付扣减起点（元/人·年）",
    ),
    "medical_limit_yearly": (
        "greatest medical cost deducted, yuan a year and person; null: no limit",
        "医疗自付扣减上限（元/人·年）",
    ),
    "education_limit_yearly": (
        "greatest education cost deducted, yuan a year and person",
        "教育支出扣减上限（元/人·年）",
    ),
    "disability_limit_yearly": (
        "greatest disability cost deducted, yuan a year and person",
        "残疾康复支出扣减上限（元/人·年）",
    ),
    "own_contribution_rate_most": (
        "greatest share of the base that an employee pays to social insurance",
        "个人社会保险缴费比例上限",
    ),
    "own_fund_rate_most": (
        "greatest share of the base that an employee pays to the housing fund",
        "个人公积金缴存比例上限",
    ),
    "exempt_vehicle_kinds": ("kinds of vehicles that do not count", "不计入的车辆种类"),
    "counted_vehicle_states": ("states in which vehicles count", "计入的车辆状态"),
    "stale_after_days": ("days after which a source's data are stale", "数据陈旧天数"),
    "declared_tolerance": (
        "share by which a verified amount may exceed the declared one",
        "申报容许差异比例",
    ),
    "lookback_months": (
        "months back in which a disposal of assets is looked at",
        "财产处置回溯月数",
    ),
    "income_multiple": ("income limit, times the local standard", "收入限额（低保标准倍数）"),
    "asset_months": ("assets limit, months of the local standard", "货币财产限额（低保标准月数）"),
    "homes_most": ("most homes", "住房套数上限"),
    "floor_area_below": (
        "floor area per person must be below, square metres",
        "人均住房面积限额（平方米）",
    ),
    "vehicles_most": ("most vehicles", "机动车数上限"),
    "vessels_most": ("most vessels", "船舶数上限"),
    "business_capital_most": ("most subscribed business capital, yuan", "认缴出资上限（元）"),
    "valid_months": ("months that a decision holds", "认定有效期（月）"),
}
"""The parameters that have a name of ours; a programme may have more."""

COMPARISONS: Final[_Words] = {"below": ("below", "低于"), "at_most": ("at most", "不超过")}
AREAS: Final[_Words] = {
    "urban": ("urban", "城市"),
    "rural": ("rural", "农村"),
    "by_township": ("by township", "按乡镇街道"),
}
LABELS: Final[_Words] = {
    "programme": ("programme", "救助项目"),
    "name": ("name", "名称"),
    "clause": ("clause", "条款"),
    "area": ("area", "城乡"),
    "standard": ("standard", "执行标准"),
    "in_force": ("in force since", "生效日期"),
    "holds_until": ("present values hold until", "现行数值有效至"),
    "no_change": ("no change is written down", "尚无后续调整"),
    "change": ("next change", "下次调整"),
    "begins": ("begins", "开始实施"),
    "ends": ("is over", "终止"),
    "until": ("programme's last day", "项目终止日"),
    "valid_months": ("a decision holds for months", "认定有效期（月）"),
    "example": ("example", "示例值"),
    "examples": ("some values are made-up examples", "含示例值，须由县级替换"),
    "no_examples": ("no value is an example", "不含示例值"),
    "holds_one_of": ("suffices: one of these is held", "属于下列类别之一即可"),
    "test": ("test", "核对项"),
    "tests": ("Tests", "核对项"),
    "limit": ("limit", "限额"),
    "parameter": ("parameter", "参数"),
    "value": ("value", "数值"),
    "unit": ("unit", "单位"),
    "since": ("since", "起始日"),
    "set_by": ("set by", "制定层级"),
    "reference": ("reference", "依据"),
    "counting": ("Counting rules", "核算口径"),
    "benefits": ("Benefits", "救助标准"),
    "targets": ("Targets of the founding document", "文件目标"),
    "left_to_case_system": ("Left to the case system", "由业务系统认定"),
    "sources": ("Rests on", "政策依据"),
    "references": ("References", "数值依据"),
}
"""What an explanation is made of."""
LEVELS: Final[_Words] = {
    "all": ("whole country", "全国"),
    "2": ("province", "省"),
    "4": ("city", "市"),
    "6": ("county", "县"),
    "9": ("township", "乡镇街道"),
    "12": ("village", "村居"),
}
"""By the length of the region's code (GB/T 2260, GB/T 10114)."""


def said(words: _Words, key: str, language: Language) -> str:
    """The words for a key; a key without words stands for itself."""
    if key not in words:
        return key
    english, chinese = words[key]
    return chinese if language is Language.ZH else english


def level_of(region: str) -> str:
    """The key in LEVELS of the level that a region's code is of."""
    return region if region in LEVELS else str(len(region))


def both(words: _Words, key: str) -> str:
    """Both languages in one line."""
    english, chinese = words[key]
    return f"{english} {chinese}"
