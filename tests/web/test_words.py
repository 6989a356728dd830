"""Every code that a page may have to say has a word, in one place, and faults in both languages."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.domain.household import Purpose
from app.web import code_words, fault_words
from app.web.fault_words import FAULTS, fault
from app.web.i18n import english, translator
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
