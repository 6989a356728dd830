"""Ciphers are made where stored keys are opened: one of a master key alone knows no rotation."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
MADE_IN = {
    "app/cli_backup.py",
    "app/cli_dci_desk.py",
    "app/cli_events.py",
    "app/cli_looks.py",
    "app/keys.py",
    "app/store/crypto/cipher.py",
    "app/wiring_stages.py",
}


def test_ciphers_are_made_in_named_modules_alone() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "app").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "FieldCipher"
    }
    assert found == MADE_IN
