"""Which test shows which promise of the security page, how many cases it tried, how it ended.

A test says `@pytest.mark.promise(14)`; each item of it is a case, unless it says by
`record_property("cases", n)` that it tried n. `pytest --promises FILE` writes what was seen.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest

MARK: Final = "promise"
_CASES: Final = "cases"


class Promises:
    """Gathers results where all are seen: in the one process, or in that of xdist's controller."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._seen: dict[tuple[int, str], dict[str, Any]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for mark in item.iter_markers(MARK):
                item.user_properties.append((MARK, mark.args[0]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.outcome == "passed":
            return
        cases = _numbers(report, _CASES) or [1]
        test = report.nodeid.partition("[")[0]
        for promise in _numbers(report, MARK):
            line = self._seen.setdefault((promise, test), {"cases": 0, "result": "passed"})
            line["cases"] += sum(cases) if report.outcome == "passed" else 0
            if report.outcome != "passed":
                line["result"] = report.outcome

    def pytest_sessionfinish(self) -> None:
        if self._file is None or not self._seen:
            return
        rows = [
            {"promise": promise, "test": test, **line}
            for (promise, test), line in sorted(self._seen.items())
        ]
        self._file.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


def _numbers(report: pytest.TestReport, name: str) -> list[int]:
    properties: Iterable[tuple[str, object]] = report.user_properties
    return [int(str(value)) for key, value in properties if key == name]
