"""What a form's field is called, by the last part of the pointer that a refusal names."""

from collections.abc import Callable, Mapping
from typing import Final

from app.web.i18n import N_

FIELDS: Final[Mapping[str, str]] = {
    "about": N_("争议事项"),
    "action": N_("动作"),
    "address": N_("地址"),
    "agrees": N_("意见"),
    "amount": N_("金额"),
    "answer": N_("给申请人的答复"),
    "as_of": N_("核对时点"),
    "assignee": N_("分派给"),
    "by": N_("申请人"),
    "case_reference": N_("案卷"),
    "choice": N_("决定"),
    "code": N_("动态验证码"),
    "data_as_of": N_("数据日期"),
    "decision": N_("决定"),
    "due_monthly": N_("每月应发"),
    "evidence_reference": N_("材料编号"),
    "explanation": N_("说明"),
    "fault": N_("差错类别"),
    "fields": N_("需要看的内容"),
    "file": N_("文件"),
    "format": N_("格式"),
    "grace_months": N_("渐退期"),
    "hours": N_("小时数"),
    "id_number": N_("身份证号"),
    "identity_checked": N_("身份核实方式"),
    "kind": N_("类型"),
    "login": N_("登录名"),
    "name": N_("姓名"),
    "new_password": N_("新密码"),
    "note": N_("说明"),
    "option": N_("来源"),
    "outcome": N_("结论"),
    "password": N_("密码"),
    "programme": N_("救助项目"),
    "programmes": N_("救助项目"),
    "proof": N_("材料"),
    "proofs": N_("材料"),
    "purpose": N_("用途"),
    "q": N_("搜索"),
    "reason": N_("理由"),
    "reason_code": N_("依据"),
    "received_on": N_("收到日期"),
    "reference": N_("名册编号"),
    "region": N_("区划"),
    "role": N_("岗位"),
    "roster": N_("名册文件"),
    "rows": N_("行数"),
    "settle": N_("需查明"),
    "since": N_("从"),
    "source": N_("来源"),
    "sources": N_("来源"),
    "staff": N_("人员"),
    "staff_id": N_("人员"),
    "subject": N_("统一身份认证的标识"),
    "to": N_("分派给"),
    "token": N_("启用码"),
    "true_outcome": N_("结论"),
    "true_programme": N_("应享受的其他项目"),
    "until": N_("到"),
    "value": N_("争议的值"),
    "words": N_("家庭的说明"),
}


def field_name(pointer: str, translate: Callable[[str], str]) -> str:
    """In words, with the place in a list (from 1 on); the pointer itself where no form has it."""
    parts = pointer.split("/")
    names = [one for one in parts if one and not one.isdigit()]
    if not names or names[-1] not in FIELDS:
        return pointer
    places = [str(int(one) + 1) for one in parts if one.isdigit()]
    return " ".join((translate(FIELDS[names[-1]]), *places))
