"""The client's generated part is the document's, and the package stands on its own."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "openapi" / "clients"
PACKAGE = CLIENTS / "python" / "hedui_client"


def test_making_it_again_changes_nothing(tmp_path: Path) -> None:
    code = (
        "import runpy, pathlib, sys\n"
        f"made = runpy.run_path({str(CLIENTS / 'generate.py')!r})\n"
        "made['main'](pathlib.Path(sys.argv[1]))\n"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True)
    for name in ("models.py", "operations.py"):
        made, kept = (folder / name for folder in (tmp_path, PACKAGE))
        assert made.read_text("utf-8") == kept.read_text("utf-8"), "make client"


def test_the_wheel_holds_the_package_with_its_types(tmp_path: Path) -> None:
    """Built without a network, from a copy: building leaves folders behind."""
    source = tmp_path / "python"
    subprocess.run(["cp", "-r", CLIENTS / "python", source], check=True)
    build = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", build, tmp_path],
        cwd=source,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    [wheel] = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"hedui_client/{path.name}" for path in PACKAGE.glob("*.py")} <= names
    assert "hedui_client/py.typed" in names
    assert [name for name in names if name.endswith("licenses/LICENSE")]
    code = (
        "import sys, hedui_client; "
        "print(sorted({n.partition('.')[0] for n in sys.modules} & "
        "{'app', 'fastapi', 'pydantic', 'sqlalchemy', 'yaml', 'orjson'}))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(wheel)!r}); {code}"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "[]"
