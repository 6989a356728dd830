"""Words of batches, sources and alerts for the interface's codes; English in locales/en/desk.po."""

from collections.abc import Mapping
from typing import Final

from app.web.i18n import N_

ALERT_KINDS: Final[Mapping[str, str]] = {
    "death": N_("死亡"),
    "death_withdrawn": N_("死亡登记撤销"),
    "marriage": N_("结婚"),
    "divorce": N_("离婚"),
    "widowed": N_("丧偶"),
    "moved_out": N_("户口迁出"),
    "moved_back": N_("户口迁回"),
    "new_member": N_("户籍新增人员"),
    "registered_member_gone": N_("户籍人员减少"),
    "member_added": N_("家庭成员增加"),
    "member_left": N_("家庭成员减少"),
    "member_excluded": N_("成员不再计入"),
    "member_included": N_("成员重新计入"),
    "vehicle_new": N_("新增车辆"),
    "vehicle_gone": N_("车辆减少"),
    "vessel_new": N_("新增船舶"),
    "vessel_gone": N_("船舶减少"),
    "home_new": N_("新增住房"),
    "home_gone": N_("住房减少"),
    "building_new": N_("新增非住宅"),
    "building_gone": N_("非住宅减少"),
    "role_new": N_("新增工商登记"),
    "role_gone": N_("工商登记注销"),
    "job_started": N_("就业增员"),
    "job_ended": N_("失业"),
    "base_rose": N_("缴费基数上调"),
    "base_fell": N_("缴费基数下调"),
    "pension_started": N_("开始领取养老金"),
    "pension_ended": N_("养老金停发"),
    "unemployment_benefit_started": N_("开始领取失业金"),
    "unemployment_benefit_ended": N_("失业金停发"),
    "income_rose": N_("收入增加"),
    "income_fell": N_("收入下降"),
    "deposit_over_limit": N_("存款超限"),
    "deposit_under_limit": N_("存款回落"),
    "balance_up": N_("金融资产增加"),
    "balance_down": N_("金融资产减少"),
    "fund_up": N_("公积金增加"),
    "fund_withdrawn": N_("公积金提取"),
    "account_opened": N_("新开账户"),
    "account_closed": N_("账户注销"),
    "policy_new": N_("新增保单"),
    "policy_gone": N_("保单终止"),
    "duplicate_relief": N_("重复救助"),
    "duplicate_relief_ended": N_("重复救助结束"),
    "student_ended": N_("毕业离校"),
    "student_started": N_("入学"),
    "consent_missing": N_("授权缺失"),
    "data_incomplete": N_("数据不完整"),
    "custom_rule": N_("自定义预警"),
    "medical_cost_up": N_("医疗支出较高"),
    "medical_cost_down": N_("医疗支出下降"),
    "outcome_worse": N_("不再符合"),
    "missed_relief": N_("疑似漏保"),
}
ALERT_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "raised": ("warn", N_("待分派")),
    "assigned": ("info", N_("已分派")),
    "handled": ("ask", N_("待第二人确认")),
    "checked": ("ok", N_("已处理")),
}
"""The tag and the word of each."""
FALSE_ALERT: Final = ("none", N_("误报"))
ALERT_OUTCOMES: Final[Mapping[str, str]] = {
    "no_change": N_("维持不变"),
    "adjust": N_("建议调整"),
    "stop": N_("建议停发"),
    "upgrade": N_("建议提档"),
    "false_alert": N_("误报"),
}
ALERT_STEPS: Final[Mapping[str, str]] = {
    "raised": N_("系统发出预警"),
    "assigned": N_("分派"),
    "explained": N_("听取说明"),
    "handled": N_("处理"),
    "sent_back": N_("退回重办"),
    "checked": N_("第二人确认"),
}
SOURCE_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "normal": ("ok", N_("正常")),
    "slow": ("warn", N_("变慢")),
    "failing": ("bad", N_("失败")),
    "stopped": ("none", N_("停用")),
    "outside_window": ("info", N_("窗口外")),
}
BATCH_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "reading": ("info", N_("正在读取")),
    "held": ("warn", N_("待确认")),
    "running": ("info", N_("进行中")),
    "paused": ("warn", N_("已暂停")),
    "cancelled": ("none", N_("已取消")),
    "done": ("ok", N_("已完成")),
    "failed": ("bad", N_("文件无法使用")),
}
BATCH_STAGES: Final[Mapping[str, tuple[str, str]]] = {
    "done": ("g-done", N_("已完成")),
    "ready": ("g-ready", N_("待认定")),
    "waiting": ("g-waiting", N_("等待来源")),
    "asking": ("g-asking", N_("正在查询")),
    "todo": ("g-todo", N_("未开始")),
    "failed": ("g-failed", N_("未能核对")),
    "cancelled": ("g-cancelled", N_("已取消")),
}
"""The class of its part of the bar, and the word."""
ROSTER_FAILURES: Final[Mapping[str, str]] = {
    "file.empty": N_("文件是空的"),
    "file.no_rows": N_("没有数据行"),
    "file.not_a_roster": N_("不是名册"),
    "file.encrypted": N_("文件有密码，请去掉密码后再上传"),
    "file.has_macros": N_("文件带有宏，请另存为不带宏的 xlsx"),
    "file.unsupported": N_("不支持这种文件，请另存为 xlsx 或 CSV"),
    "file.damaged": N_("文件已损坏"),
    "file.too_large": N_("文件太大"),
    "file.too_costly": N_("文件无法在限定时间内读完"),
    "file.too_many_rows": N_("行数太多"),
    "header.missing": N_("没有找到表头，或缺少必需的列"),
    "header.repeated": N_("表头里有重复的列"),
    "file.reader_died": N_("文件无法读取"),
}
COLUMNS: Final[Mapping[str, str]] = {
    "case_reference": N_("案件编号"),
    "region": N_("行政区划"),
    "programme": N_("救助类型"),
    "ref": N_("序号"),
    "name": N_("姓名"),
    "id_type": N_("证件类型"),
    "id_number": N_("证件号码"),
    "relationship": N_("与户主关系"),
    "consent_reference": N_("授权书编号"),
    "consent_valid_until": N_("授权有效期"),
    "declared_monthly_income": N_("申报月收入"),
    "address": N_("地址"),
    "birth_date": N_("出生日期"),
    "in_school": N_("在校"),
    "class": N_("类别"),
    "consent_sources": N_("授权信息源"),
    "consent_programmes": N_("授权救助类型"),
    "guardian": N_("监护人"),
    "registered_region": N_("户籍地"),
}
REVIEW_KINDS: Final[Mapping[str, str]] = {
    "review_record": N_("匹配存疑"),
    "ask_source": N_("补查来源"),
    "ask_household": N_("询问家庭"),
}
