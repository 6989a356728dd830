"""Every code that a page may have to say has a word, in one place, and faults in both languages."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

from app.domain.household import Purpose
from app.domain.profile import FindingCode
from app.domain.review import Choice, ItemState
from app.web import case_side, code_words, fault_words
from app.web.fault_words import FAULTS, fault
from app.web.field_words import FIELDS, field_name
from app.web.i18n import english, translator
from app.web.trail_codes import CODES, DETAILS
from app.web.trail_words import ACTIONS
from connectors.failure import FailureKind

APP: Final = Path(fault_words.__file__).parents[1]
_CODE: Final = re.compile(r"[a-z_]+\.[a-z_]+")
_MAKERS: Final = ("FieldError", "_fault", "unfit")
_SHARED: Final = (
    code_words.PURPOSES,
    code_words.PROGRAMMES,
    code_words.FAILURES,
    {code: word for code, (_, _, word) in code_words.COMPARED.items()},
)

_ACTION: Final = re.compile(r'(?:\baction=|looked_at\(service, who, \w+, )"([a-z_]+)"')
_POSTED: Final = re.compile(r'<form[^>]*method="post".*?</form>', re.DOTALL)
_NAMED: Final = re.compile(r'<(?:input(?! type="hidden")|select|textarea)[^>]* name="([a-z_]+)"')
_NOT_TYPED: Final = {"again", "also", "do", "key", "keys", "kind", "picked", "staff_relation"}
"""What stands beside a choice, or is said of by the page itself."""

_OF_TWO_MEANINGS: Final = {
    "what somebody did (the trail), and the button that does it": """
        取消核对 受理核对 查看列表 查看审计轨迹 查看待办 查看报告 查看核对 登记复核申请 登记 撤销
        取消 分派案卷 启用 试算 处理 办理 退回 申请""",
    "one of them, and the heading over many": """
        基金 机动车 船舶 理财产品 不动产 操作 复核申请 提示 %(count)s人""",
    "a word of several things: of a state, a person, a field": """
        一致 不限 与户主关系 全户 人工判断 依据 分派给 单位 原因 反馈 失败 已办结 已完成 序号 异常
        影响结论 待核 抽查 无 无法判断 无法取得 本人 来源冲突 查询中 次数 活期 状态 用途 申请人
        类别 结果
        认缴出资 说明 请选择 身份 项目""",
}
"""Chinese words with more than one English one, and why; any other has one, but for capitals."""


def _codes() -> Iterator[str]:
    """Of all faults that the service tells of a field."""
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _MAKERS:
                for one in node.args[:2]:
                    for constant in ast.walk(one):
                        text = getattr(constant, "value", None)
                        if isinstance(text, str) and _CODE.fullmatch(text):
                            yield text


def test_every_fault_of_a_field_has_its_words_in_both_languages() -> None:
    """Refusals were told in English on Chinese pages."""
    assert sorted(set(_codes()) - FAULTS.keys()) == []
    one = {"pointer": "/x", "code": "day.to_come", "detail": "no data are of a day to come"}
    assert fault(one, translator("zh")) == "不能是将来的日期"
    assert fault(one, translator("en")) == "No day to come"
    assert fault({**one, "code": "never.heard"}, translator("zh")) == "这一项不符合要求"
    assert fault({"pointer": "/x", "detail": "请选择依据"}, translator("zh")) == "请选择依据"


def test_every_action_of_the_trail_has_a_word() -> None:
    """`report_printed` stood in the trail of a case."""
    written = {
        one for path in APP.rglob("*.py") for one in _ACTION.findall(path.read_text("utf-8"))
    }
    assert len(written) > 30
    assert sorted(written - ACTIONS.keys()) == []
    assert {*ACTIONS.values(), *DETAILS.values(), *CODES.values()} <= english().keys()
    assert {one.value for one in Choice} | {one.value for one in ItemState} <= CODES.keys()


def test_a_refused_field_is_called_as_its_form_calls_it() -> None:
    """ "/reference" stood where the form says 名册编号."""
    written = set()
    for path in (APP / "web" / "templates").rglob("*.html"):
        for form in _POSTED.findall(path.read_text("utf-8")):
            written |= set(_NAMED.findall(form))
    assert sorted(written - FIELDS.keys() - _NOT_TYPED) == []
    assert set(FIELDS.values()) <= english().keys()
    assert field_name("/reference", translator("zh")) == "名册编号"
    assert field_name("/members/0/name", translator("en")) == "Name 1"
    assert field_name("/no/such", translator("zh")) == "/no/such"


def test_a_code_of_many_pages_has_one_word() -> None:
    """Purposes, programmes, failures and comparisons stood in several tables, in other words."""
    assert {one.value for one in Purpose} <= code_words.PURPOSES.keys()
    assert {one.value for one in FailureKind} <= code_words.FAILURES.keys()
    tables = defaultdict(list)
    for path in (APP / "web").glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
                keys = {getattr(key, "value", None) for key in node.value.keys}
                for place, shared in enumerate(_SHARED):
                    if len(shared.keys() & keys) > len(shared) // 2:
                        tables[place].append(path.name)
    assert set(map(tuple, tables.values())) == {("code_words.py",)}
    assert {word for one in _SHARED for word in one.values()} <= english().keys()


def test_every_finding_has_a_sentence() -> None:
    """Codes stood on the page of a case where a person had settled a value."""
    assert {one.value for one in FindingCode} == case_side.FINDINGS.keys()
    assert set(case_side.FINDINGS.values()) <= english().keys()


def test_a_text_has_one_english_unless_it_means_two_things() -> None:
    found = defaultdict(set)
    for path in (APP / "web" / "locales" / "en").glob("*.po"):
        with path.open("rb") as file:
            for one in read_po(file):
                if one.id:
                    found[str(one.id).replace(" ", "")].add(str(one.string).casefold())
    differing = {text for text, words in found.items() if len(words) > 1}
    assert differing == {one for some in _OF_TWO_MEANINGS.values() for one in some.split()}
