"""the security page tells the truth: every test that it names is there, every promise has one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security_table import BEGIN, DOCUMENT, END, PROMISES

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+)(?:::(\w+))?)?`")


_Test = ast.FunctionDef | ast.AsyncFunctionDef


def marked() -> Iterator[tuple[int, str, _Test]]:
    """Promise, name and node of each test that carries `promise`, itself, by class or module."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text("utf-8")
        if "mark.promise" not in text:
            continue
        tree = ast.parse(text)
        for above, node, marks in _tests(tree):
            for promise in _promises([*_module_marks(tree), *marks]):
                yield promise, f"{path.relative_to(ROOT)}::{above}{node.name}", node


def _tests(tree: ast.Module) -> Iterator[tuple[str, _Test, list[ast.expr]]]:
    """Each test of a module, with the class it is in and the marks of both."""
    for node in tree.body:
        for one in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(one, _Test) and one.name.startswith("test_"):
                above = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
                marks = node.decorator_list if isinstance(node, ast.ClassDef) else []
                yield above, one, [*marks, *one.decorator_list]


def _module_marks(tree: ast.Module) -> list[ast.expr]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            value = node.value
            return list(value.elts) if isinstance(value, ast.List | ast.Tuple) else [value]
    return []


def _promises(marks: list[ast.expr]) -> Iterator[int]:
    for mark in marks:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.promise":
            argument = mark.args[0]
            assert isinstance(argument, ast.Constant)
            assert isinstance(argument.value, int)
            yield argument.value


def document() -> str:
    return DOCUMENT.read_text("utf-8")


def test_every_promise_has_a_test() -> None:
    shown = {promise for promise, _, _ in marked()}
    assert set(PROMISES) - shown == set()
    assert shown - set(PROMISES) == set()


def test_every_such_test_was_seen_to_fail() -> None:
    """Its docstring says on which planted fault."""
    untold = [
        name for _, name, node in marked() if "Planted:" not in (ast.get_docstring(node) or "")
    ]
    assert untold == []


def test_every_test_that_the_document_names_is_there() -> None:
    missing = []
    for path, name, inner in NAMED.findall(document()):
        file = ROOT / path
        text = file.read_text("utf-8") if file.is_file() else ""
        wanted = [one for one in (name, inner) if one]
        if not file.is_file() or any(
            f" {one}(" not in text and f" {one}:" not in text for one in wanted
        ):
            missing.append(f"{path}::{name}")
    assert missing == []


def test_every_threat_names_a_test() -> None:
    threats = document().partition("## Threats")[2].partition("\n## ")[0]
    rows = [line for line in threats.splitlines() if re.match(r"\| \d+ \|", line)]
    assert len(rows) >= 17
    assert [row for row in rows if not NAMED.search(row)] == []


def test_the_table_of_promises_is_that_of_the_tests() -> None:
    """`make security-table` after a test of a promise was added, renamed or taken away."""
    table = document().partition(BEGIN)[2].partition(END)[0]
    listed = set(re.findall(r"^\| (\d+) \|.*`(tests/[^`]+)`", table, re.MULTILINE))
    wanted = {(str(promise), name) for promise, name, _ in marked()}
    assert listed == wanted


@pytest.mark.parametrize("chinese", [False, True])
def test_the_policy_says_how_to_report(chinese: bool) -> None:
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    assert ("报告" if chinese else "report") in text
