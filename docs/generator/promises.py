"""The page of promises and their tests, from the table that `make security-table` writes."""

import re
from pathlib import Path
from typing import Final

from docs.generator.markdown import heading, table
from docs.generator.words import Words

_DOCUMENT: Final = Path(__file__).parents[1] / "site" / "en" / "explanation" / "security.md"
_ROW: Final = re.compile(r"^\| (\d+) \| (.*?) \| `([^`]+)` \| ([\d,]+) \| (\w+) \|$", re.MULTILINE)
_SUM: Final = re.compile(r"^([\d,]+) tests, ([\d,]+) cases, run on (\S+)\.$", re.MULTILINE)
_RESULTS: Final = {"passed": "通过", "failed": "失败", "skipped": "跳过"}


def page(words: Words) -> str:
    """Every promise of the security page with its tests. Raises `ValueError` without the table."""
    own = words.own
    text = _DOCUMENT.read_text("utf-8")
    told = _SUM.search(text)
    if told is None:
        raise ValueError(f"{_DOCUMENT.name} has no table of promises: make security-table")
    tests, cases, day = told.groups()
    rows = [
        (promise, words(title), f"`{test}`", count, own(result, _RESULTS.get(result, result)))
        for promise, title, test, count, result in _ROW.findall(text)
    ]
    head = [
        own("promise", "承诺"),
        "",
        own("test", "测试"),
        own("cases", "情形"),
        own("last", "上次"),
    ]
    return "\n".join(
        [
            *heading(1, own("Promises and their tests", "承诺与测试")),
            own(
                f"{tests} tests, {cases} cases, run on {day} by `make security-table`.",
                f"{tests} 个测试，{cases} 种情形，{day} 由 `make security-table` 运行。",
            ),
            "",
            *table(head, rows),
        ]
    )
