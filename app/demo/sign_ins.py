"""How to sign in to the demo: logins, one password, and the codes of the moment."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pyotp
from rich.console import Console
from rich.table import Table

from app.access.roles import ROLES
from app.demo.scene import PASSWORD, Scene

FILE: Final = "sign-ins.json"


def write_sign_ins(scene: Scene, folder: Path) -> None:
    """The second factors, for `hedui demo code`: of made-up people, and gone with the folder."""
    path = folder / FILE
    path.touch(mode=0o600)
    secrets = {one.login: one.secret for one in scene.people.values()}
    path.write_text(json.dumps(secrets, indent=2) + "\n", "utf-8")


def code_of(folder: Path, login: str) -> str:
    """What the person's authenticator app shows now. Raises `KeyError`, `OSError`."""
    secrets = json.loads((folder / FILE).read_text("utf-8"))
    return pyotp.TOTP(secrets[login]).at(datetime.now(UTC))


def print_sign_ins(scene: Scene, folder: Path, console: Console) -> None:
    """Where the pages are, and who may see them."""
    if not scene.people:
        return
    console.rule("who works there 登录")
    console.print(f"pages          {scene.running.url}/ui/", highlight=False)
    console.print(f"password       {PASSWORD}", highlight=False)
    console.print("a fresh code   (holds for a minute, once)", highlight=False)
    console.print(
        f"  .venv/bin/hedui demo code LOGIN --folder {folder}", highlight=False, soft_wrap=True
    )
    table = Table("login", "code now", "role", "", "region", box=None)
    for one in scene.people.values():
        role = one.roles[0]
        now = one.code(datetime.now(UTC))
        table.add_row(one.login, now, role, ROLES[role].chinese, one.region)
    console.print(table)
