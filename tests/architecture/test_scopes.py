"""Who may see more than a caller's region, and where SQL is written: named places alone."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.scope import Crossing

ROOT = Path(__file__).parents[2]
CROSSINGS = {
    Crossing.SIGN_IN: {
        "app/access/clients.py:known",
        "app/access/clients.py:_current",
        "app/api/deps.py:_staff",
        "app/api/pass_gate.py:by_pass",
        "app/api/session.py:come_back",
        "app/api/session.py:enrol",
        "app/api/session.py:sign_in",
        "app/web/shell.py:signed_in",
    },
    Crossing.GENUINE_REPORT: {"app/api/reports.py:genuine_check"},
    Crossing.CHECKUP: {"app/api/health.py:readyz"},
    Crossing.METRICS: {"app/api/metrics.py:metrics"},
    Crossing.SOURCE_CALLBACK: {
        "app/api/dci_callbacks.py:_taken",
        "app/api/source_callbacks.py:receive",
    },
    Crossing.AUDIT_HEAD: {"app/audit/chain.py:append_many", "app/audit/recent.py:recent"},
    Crossing.DUPLICATES: {"app/store/duplicates.py:of_many"},
    Crossing.REUSE: {"app/verification/reuse.py:copy"},
    Crossing.WITHDRAWALS: {"app/store/withdrawals.py:count", "app/store/withdrawals.py:of"},
    Crossing.COUNTS: {"app/store/counts.py:add_many"},
    Crossing.CONCLUSION: {
        "app/dci/heralding.py:on_final",
        "app/review/judgement.py:_said",
        "app/review/reversal.py:_reversed",
        "app/review/settling.py:_said",
    },
    Crossing.ASSIGNEE: {"app/alerts/handling.py:_check_assignee"},
    Crossing.MUTES: {"app/store/alert_mutes.py:in_force"},
    Crossing.AUDIT_SAMPLE: {
        "app/store/audit_samples.py:for_reader",
        "app/store/audit_samples.py:held_by_reader",
        "app/store/audit_samples.py:open_to_readers",
    },
    Crossing.KEYS: {
        "app/store/index_moves.py:move_along",
        "app/store/recipient_persons.py:renew",
    },
    Crossing.CANCELLED_BATCHES: {"app/batch/control.py:cancel"},
}
"""Every place where work for a caller crosses regions, by its reason; each was read for what it
shows: a new one is a line here, and somebody's second look."""
SCOPES = {
    "see": {"app/api/deps.py", "app/api/pass_gate.py", "app/web/shell.py"},
    "nothing_yet": {"app/api/guard.py"},
    "context_of_service": {"app/jobs/engine.py"},
    "begin_scoped": {"app/store/sqlite.py", "app/store/postgresql.py"},
    "end_scoped": {"app/store/sqlite.py"},
    "SERVICE_SETTINGS": {
        "app/store/postgresql.py",
        "app/store/migrate.py",
        "app/store/backup.py",
        "app/store/reading.py",
    },
}
"""Who imports what sets a scope."""
WRITTEN_SQL = {
    "app/store/reading.py": "a verifier's transaction begins",
    "app/store/backup.py": "the operator's copies",
    "app/store/checks.py": "settings of the database",
    "app/store/counts.py": "compiled once from Core, for speed",
    "app/store/data_keys.py": "a lock",
    "app/store/driver_insert.py": "compiled once from Core, for speed",
    "app/store/lite_walls.py": "SQLite's walls themselves",
    "app/store/migrate.py": "a command's transaction begins",
    "app/store/rekeying.py": "how long a lock is waited for",
    "app/store/sealed_columns.py": "queries of the metadata's own columns, put together once",
    "app/store/remains.py": "cleaning the database's own files",
    "app/store/roles.py": "the database's catalogue",
    "app/store/scope.py": "the scope's settings",
    "app/store/source_pace.py": "a lock",
    "app/store/sqlite.py": "transactions",
    "app/store/stored_keys.py": "transactions, and what is left behind by them",
    "app/store/tables_batch.py": "an index's condition",
    "app/store/workers.py": "the database's clock",
}
"""Where SQL stands as text; everywhere else it is Core, which the walls were tried with."""
_TEXT = frozenset({"text", "exec_driver_sql", "literal_column", "driver_connection"})
_BULK = frozenset({"bulk_insert_mappings", "bulk_update_mappings", "bulk_save_objects"})
OUTSIDE = frozenset({"Connection", "exc", "make_url", "text"})
"""What of SQLAlchemy is named outside of the store: types, errors, and the texts above."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "app").rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def _calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the innermost function that it stands in."""

    def walk(node: ast.AST, where: str) -> Iterator[tuple[str, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            inner = where
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = child.name
            if isinstance(child, ast.Call):
                yield inner, child
            yield from walk(child, inner)

    yield from walk(tree, "")


@pytest.mark.promise(14)
def test_regions_are_crossed_in_named_places_alone() -> None:
    """Planted: `across_in(tx, Crossing.DUPLICATES)` in app/api/events.py: named here."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, tree in modules():
        if name == "app/store/scope.py":
            continue
        for where, call in _calls(tree):
            called = call.func.attr if isinstance(call.func, ast.Attribute) else None
            called = call.func.id if isinstance(call.func, ast.Name) else called
            if called not in ("across", "across_in"):
                continue
            why = call.args[-1]
            assert isinstance(why, ast.Attribute), f"{name}:{where}: a reason by name"
            found[why.attr].add(f"{name}:{where}")
    assert {one.name: CROSSINGS[one] for one in CROSSINGS} == dict(found)
    assert set(CROSSINGS) == set(Crossing)


@pytest.mark.promise(14)
def test_scopes_are_set_in_named_modules_alone() -> None:
    """Planted: `see("")` in app/api/events.py: named here."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "app.store.scope":
                for one in node.names:
                    if one.name in SCOPES:
                        found[one.name].add(name)
            elif isinstance(node, ast.Import):
                assert "app.store.scope" not in {one.name for one in node.names}, name
            elif isinstance(node, ast.ImportFrom) and node.module == "app.store":
                assert "scope" not in {one.name for one in node.names}, name
    assert dict(found) == SCOPES


@pytest.mark.promise(14)
def test_sql_is_written_as_text_in_named_modules_alone() -> None:
    """Planted: `tx.exec_driver_sql("SELECT 1")` in app/api/events.py: named here."""
    written = set()
    for name, tree in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute):
                continue
            assert node.attr not in _BULK, name
            if node.attr in _TEXT and not _is_of_httpx(node):
                written.add(name)
            is_ours = isinstance(node.value, ast.Name) and node.value.id == "sa"
            if is_ours and not name.startswith("app/store/"):
                assert node.attr in OUTSIDE, f"{name}: sa.{node.attr} belongs in app/store"
    assert written == set(WRITTEN_SQL)


def _is_of_httpx(node: ast.Attribute) -> bool:
    """`reply.text` is a body: of SQLAlchemy it is `sa.text`."""
    return node.attr == "text" and not (isinstance(node.value, ast.Name) and node.value.id == "sa")


@pytest.mark.promise(14)
def test_no_object_mapper_is_used() -> None:
    """Its filters by tenant have holes: nothing in the service maps objects.

    Planted: `from sqlalchemy.orm import Session` in app/api/events.py: named here.
    """
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith("sqlalchemy.orm"), name
