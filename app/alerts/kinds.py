"""The kinds of changes 变化 and alerts 预警 that the ten sources and the request can show.

No connected source shows these kinds of domain knowledge, so none of them is ever raised:
cremation 火化 (the registry's death stands for it), prison and compulsory detox 服刑、强制戒毒,
long stays abroad 出境, a housing-fund loan 公积金贷款, the grade of a disability 残疾等级, an
enrolment at a school 学籍 (the request alone says who is in school), settlements of the medical
insurance 医保结算 (proven expenses of the request stand for them), and marriages or births that
the household registry does not have yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ChangeKind(StrEnum):
    """What is other than it was at the household's last accepted verification."""

    DEATH = "death"  # 死亡
    DEATH_WITHDRAWN = "death_withdrawn"  # 未死亡
    MARRIAGE = "marriage"  # 结婚
    DIVORCE = "divorce"  # 离婚
    WIDOWED = "widowed"  # 丧偶
    MOVED_OUT = "moved_out"  # 户口迁出
    MOVED_BACK = "moved_back"
    NEW_MEMBER = "new_member"  # 户籍新增人员, not declared
    REGISTERED_MEMBER_GONE = "registered_member_gone"
    MEMBER_ADDED = "member_added"  # 家庭成员增加, by the request
    MEMBER_LEFT = "member_left"
    MEMBER_EXCLUDED = "member_excluded"  # declared in prison, missing or a conscript
    MEMBER_INCLUDED = "member_included"
    VEHICLE_NEW = "vehicle_new"  # 新增车辆
    VEHICLE_GONE = "vehicle_gone"
    VESSEL_NEW = "vessel_new"  # 新增船舶
    VESSEL_GONE = "vessel_gone"
    HOME_NEW = "home_new"  # 新增住房
    HOME_GONE = "home_gone"
    BUILDING_NEW = "building_new"  # 新增非住宅
    BUILDING_GONE = "building_gone"
    ROLE_NEW = "role_new"  # 新增工商登记
    ROLE_GONE = "role_gone"
    JOB_STARTED = "job_started"  # 就业增员
    JOB_ENDED = "job_ended"  # 失业
    BASE_ROSE = "base_rose"  # 缴费基数上调
    BASE_FELL = "base_fell"
    PENSION_STARTED = "pension_started"  # 领取养老金等待遇
    PENSION_ENDED = "pension_ended"
    UNEMPLOYMENT_BENEFIT_STARTED = "unemployment_benefit_started"  # 领取失业金
    UNEMPLOYMENT_BENEFIT_ENDED = "unemployment_benefit_ended"
    INCOME_ROSE = "income_rose"  # 收入增加
    INCOME_FELL = "income_fell"  # 收入下降
    DEPOSIT_OVER_LIMIT = "deposit_over_limit"  # 存款超限
    DEPOSIT_UNDER_LIMIT = "deposit_under_limit"
    BALANCE_UP = "balance_up"  # 金融资产增加
    BALANCE_DOWN = "balance_down"
    FUND_UP = "fund_up"
    FUND_WITHDRAWN = "fund_withdrawn"  # 公积金提取
    ACCOUNT_OPENED = "account_opened"  # 新开账户
    ACCOUNT_CLOSED = "account_closed"
    POLICY_NEW = "policy_new"  # 新增保单
    POLICY_GONE = "policy_gone"
    DUPLICATE_RELIEF = "duplicate_relief"  # 重复救助
    DUPLICATE_RELIEF_ENDED = "duplicate_relief_ended"
    STUDENT_ENDED = "student_ended"  # 毕业, by the request
    STUDENT_STARTED = "student_started"
    CONSENT_MISSING = "consent_missing"  # 授权缺失
    DATA_INCOMPLETE = "data_incomplete"  # 数据完整性
    CUSTOM_RULE = "custom_rule"  # 自定义预警
    MEDICAL_COST_UP = "medical_cost_up"  # 医疗支出较高
    MEDICAL_COST_DOWN = "medical_cost_down"
    OUTCOME_WORSE = "outcome_worse"  # 不再符合
    MISSED_RELIEF = "missed_relief"  # 主动发现 疑似漏保


@dataclass(frozen=True, slots=True)
class Trait:
    """How a kind is treated: told in the household's favour, raised unless switched off.

    `arithmetic`: all it can do to an outcome, the totals show; else a person must always judge it.
    """

    positive: bool = False
    alerts: bool = True
    arithmetic: bool = False


_QUIET: Final = Trait(alerts=False, arithmetic=True)
_COUNTED: Final = Trait(arithmetic=True)
_GOOD: Final = Trait(positive=True)
_K = ChangeKind
TRAITS: Final[Mapping[ChangeKind, Trait]] = {
    **dict.fromkeys(ChangeKind, Trait()),
    **dict.fromkeys(
        (
            _K.VEHICLE_NEW,
            _K.VESSEL_NEW,
            _K.HOME_NEW,
            _K.BUILDING_NEW,
            _K.ROLE_NEW,
            _K.JOB_STARTED,
            _K.BASE_ROSE,
            _K.PENSION_STARTED,
            _K.INCOME_ROSE,
            _K.DEPOSIT_OVER_LIMIT,
            _K.BALANCE_UP,
            _K.ACCOUNT_OPENED,
            _K.POLICY_NEW,
            _K.FUND_WITHDRAWN,
        ),
        _COUNTED,
    ),
    **dict.fromkeys(
        (
            _K.VEHICLE_GONE,
            _K.VESSEL_GONE,
            _K.HOME_GONE,
            _K.BUILDING_GONE,
            _K.ROLE_GONE,
            _K.BASE_FELL,
            _K.PENSION_ENDED,
            _K.UNEMPLOYMENT_BENEFIT_ENDED,
            _K.DEPOSIT_UNDER_LIMIT,
            _K.BALANCE_DOWN,
            _K.FUND_UP,
            _K.ACCOUNT_CLOSED,
            _K.POLICY_GONE,
        ),
        _QUIET,
    ),
    **dict.fromkeys(
        (
            _K.WIDOWED,
            _K.MOVED_BACK,
            _K.DEATH_WITHDRAWN,
            _K.REGISTERED_MEMBER_GONE,
            _K.MEMBER_ADDED,
            _K.MEMBER_LEFT,
            _K.MEMBER_EXCLUDED,
            _K.MEMBER_INCLUDED,
            _K.DUPLICATE_RELIEF_ENDED,
            _K.STUDENT_ENDED,
            _K.STUDENT_STARTED,
            _K.MEDICAL_COST_DOWN,
        ),
        Trait(alerts=False),
    ),
    _K.JOB_ENDED: Trait(positive=True, arithmetic=True),
    _K.INCOME_FELL: Trait(positive=True, arithmetic=True),
    _K.UNEMPLOYMENT_BENEFIT_STARTED: _GOOD,
    _K.MEDICAL_COST_UP: _GOOD,
    _K.MISSED_RELIEF: _GOOD,
}
"""Of every kind; a law in the tests has that none is left out."""

OPPOSITES: Final[Mapping[ChangeKind, ChangeKind]] = {
    _K.DEATH: _K.DEATH_WITHDRAWN,
    _K.MOVED_OUT: _K.MOVED_BACK,
    _K.NEW_MEMBER: _K.REGISTERED_MEMBER_GONE,
    _K.MEMBER_ADDED: _K.MEMBER_LEFT,
    _K.MEMBER_EXCLUDED: _K.MEMBER_INCLUDED,
    _K.VEHICLE_NEW: _K.VEHICLE_GONE,
    _K.VESSEL_NEW: _K.VESSEL_GONE,
    _K.HOME_NEW: _K.HOME_GONE,
    _K.BUILDING_NEW: _K.BUILDING_GONE,
    _K.ROLE_NEW: _K.ROLE_GONE,
    _K.JOB_STARTED: _K.JOB_ENDED,
    _K.BASE_ROSE: _K.BASE_FELL,
    _K.PENSION_STARTED: _K.PENSION_ENDED,
    _K.UNEMPLOYMENT_BENEFIT_STARTED: _K.UNEMPLOYMENT_BENEFIT_ENDED,
    _K.INCOME_ROSE: _K.INCOME_FELL,
    _K.DEPOSIT_OVER_LIMIT: _K.DEPOSIT_UNDER_LIMIT,
    _K.BALANCE_UP: _K.BALANCE_DOWN,
    _K.FUND_UP: _K.FUND_WITHDRAWN,
    _K.ACCOUNT_OPENED: _K.ACCOUNT_CLOSED,
    _K.POLICY_NEW: _K.POLICY_GONE,
    _K.DUPLICATE_RELIEF: _K.DUPLICATE_RELIEF_ENDED,
    _K.STUDENT_STARTED: _K.STUDENT_ENDED,
    _K.MEDICAL_COST_UP: _K.MEDICAL_COST_DOWN,
}
"""What is seen where the two verifications are compared the other way round."""

STATES: Final = frozenset({_K.DUPLICATE_RELIEF, _K.CUSTOM_RULE, _K.MISSED_RELIEF})
"""Kinds that speak of what is, so that a first verification can show them."""
WORK_INCOME: Final = frozenset({_K.JOB_STARTED, _K.BASE_ROSE, _K.INCOME_ROSE})
"""Kinds for which a grace period 渐退期 may be granted."""
