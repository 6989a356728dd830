"""`hedui staff`: accounts of people who sign in, for whoever runs the machine.

The first administrators are made here; once two security administrators are there, they grant
roles to each other's proposals, and no longer the command line. Every step is in the audit trail.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, TypeVar

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.table import Table

from app.access.roles import ROLES
from app.access.sign_in import plain_login
from app.access.staff import NewAccount
from app.access.tokens import Caller
from app.domain.errors import HeduiError, NotFound
from app.settings import Settings
from app.store.staff import ACTIVE, Account, RoleHeld
from app.wiring import stages
from app.wiring_access import Access, access_of

T = TypeVar("T")
staff = typer.Typer(no_args_is_help=True, help="People who sign in. 工作人员")
console = Console(stderr=True)
_OPERATOR: Final = Caller("operator", "", ("accounts", "roles"), kind="staff")
_OF_SOURCE: Final = "Of a source's clerk: the source, such as `property`."
_GRANTER: Final = "security_admin"
Login = Annotated[str, typer.Argument(help="The login.")]


@staff.command()
def add(
    login: Login,
    name: Annotated[str, typer.Option(help="The person's name.")],
    region: Annotated[str, typer.Option(help="GB/T 2260 code; empty: the whole country.")] = "",
    role: Annotated[str, typer.Option(help="A first role, as `hedui staff role` gives it.")] = "",
    source: Annotated[str, typer.Option(help=_OF_SOURCE)] = "",
) -> None:
    """Make an account; the token to take it into use is printed once."""
    if region and not (region.isascii() and region.isdigit()):
        raise _refused("a region is digits")
    if role and role not in ROLES:
        raise _refused(f"roles are {', '.join(ROLES)}")

    async def work(access: Access) -> dict[str, Any]:
        if role:
            await access.database.read(lambda tx: _check_first(tx, access))
        new = NewAccount(login=login, region=region, name=name)
        made = await access.staffing.invite(_OPERATOR, new)
        if role:
            await access.database.write(lambda tx: _granted(tx, access, made.account, role, source))
        return {
            "id": made.account.id,
            "login": made.account.login,
            "enrolment_token": made.token,
            "until": made.until.isoformat(),
        }

    _print(_run(work))


@staff.command()
def role(
    login: Login,
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(ROLES)}.")],
    end: Annotated[bool, typer.Option("--end", help="End the role instead.")] = False,
    source: Annotated[str, typer.Option(help=_OF_SOURCE)] = "",
) -> None:
    """Give a role, while there are not yet two security administrators to do it."""
    if name not in ROLES:
        raise _refused(f"roles are {', '.join(ROLES)}")

    async def work(access: Access) -> dict[str, Any]:
        def change(tx: sa.Connection) -> dict[str, Any]:
            account = _account(tx, access, login)
            if end:
                access.staffing.end_role(tx, account.id, name)
                _note(tx, access, "role_ended", account, role=name)
            else:
                _granted(tx, access, account, name, source)
            return {"id": account.id, "role": name, "in_force": not end}

        return await access.database.write(change)

    _print(_run(work))


@staff.command()
def disable(login: Login) -> None:
    """Disable an account at once; its sessions end."""

    async def work(access: Access) -> dict[str, Any]:
        account = await access.database.read(lambda tx: _account(tx, access, login))
        done = await access.staffing.disable(_OPERATOR, account.id)
        return {"id": done.id, "state": done.state}

    _print(_run(work))


@staff.command()
def reset(login: Login) -> None:
    """Password and second factor are gone; the token to take it into use anew is printed once."""

    async def work(access: Access) -> dict[str, Any]:
        def change(tx: sa.Connection) -> dict[str, Any]:
            account = _account(tx, access, login)
            token, until = access.staffing.reset(tx, account.id)
            _note(tx, access, "account_reset", account)
            return {"id": account.id, "enrolment_token": token, "until": until.isoformat()}

        return await access.database.write(change)

    _print(_run(work))


@staff.command("list")
def listed(
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
) -> None:
    """All accounts with the roles that are in force."""

    async def work(access: Access) -> list[dict[str, Any]]:
        def read(tx: sa.Connection) -> list[dict[str, Any]]:
            found = access.staffing.accounts.page(tx, "", after="", limit=10_000)
            ids = [one.id for one in found]
            roles = access.staffing.roles.in_force_of(tx, ids, access.staffing.now())
            return [
                {
                    "id": one.id,
                    "login": one.login,
                    "region": one.region,
                    "state": one.state,
                    "roles": sorted(roles.get(one.id, ())),
                }
                for one in found
            ]

        return await access.database.read(read)

    rows = _run(work)
    if as_json:
        _print(rows)
        return
    table = Table("login", "id", "region", "state", "roles")
    for row in rows:
        shown = row["region"] or "-"
        table.add_row(row["login"], row["id"], shown, row["state"], ", ".join(row["roles"]))
    Console().print(table)


def _granted(tx: sa.Connection, access: Access, account: Account, name: str, source: str) -> None:
    """Raises HeduiError where two who may grant roles are there, or roles do not go together."""
    _check_first(tx, access)
    held = RoleHeld(
        staff_id=account.id,
        role=name,
        region=account.region,
        from_at=access.staffing.now(),
        until_at=None,
        granted_by=_OPERATOR.actor,
        agreed_by=_OPERATOR.actor,
        source=source or None,
    )
    access.staffing.give_role(tx, held)
    _note(tx, access, "role_granted", account, role=name)


def _check_first(tx: sa.Connection, access: Access) -> None:
    if _granters(tx, access) > 1:
        raise HeduiError(
            "two security administrators are there: one proposes the role, the other agrees "
            "(POST /v1/staff/{id}/roles, /v1/approvals)"
        )


def _granters(tx: sa.Connection, access: Access) -> int:
    """How many can grant roles: taken into use, and not disabled."""
    found = access.staffing.accounts.page(tx, "", after="", limit=10_000)
    active = [one.id for one in found if one.state == ACTIVE]
    roles = access.staffing.roles.in_force_of(tx, active, access.staffing.now())
    return sum(_GRANTER in held for held in roles.values())


def _account(tx: sa.Connection, access: Access, login: str) -> Account:
    account = access.staffing.accounts.by_login(tx, plain_login(login))
    if account is None:
        raise NotFound("no account has this login")
    return account


def _note(tx: sa.Connection, access: Access, action: str, account: Account, **details: str) -> None:
    about = account.id, account.region
    access.staffing.trail.append(
        tx, actor=_OPERATOR.actor, action=action, about=about, details=details
    )


def _run(work: Callable[[Access], Awaitable[T]]) -> T:
    async def run() -> T:
        settings = Settings()
        async with stages(settings) as built:
            access = access_of(built, settings, None)
            try:
                return await work(access)
            finally:
                access.sign_in.passwords.close()

    return asyncio.run(run())


def _print(document: Any) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


def _refused(why: str) -> typer.Exit:
    console.print(f"[red]hedui:[/red] {why}")
    return typer.Exit(2)
