"""hedui addresses: where notices may go 回调地址, by two persons: one proposes, another agrees."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import orjson
import sqlalchemy as sa
import typer
from rich.console import Console
from rich.table import Table

from app.access.addresses import pattern_of
from app.audit.chain import AuditTrail
from app.cli_saying import console, refuse
from app.domain.errors import Conflict, NotFound
from app.keys import master_key
from app.settings import Settings
from app.store.backup import opened
from app.store.outgoing_addresses import OutgoingAddress, OutgoingAddresses
from app.wiring import new_id
from app.wiring_audit import trail_of

addresses = typer.Typer(no_args_is_help=True, help="Where notices may go. 回调地址")
Operator = Annotated[str, typer.Option("--operator", help="Who you are: a person's name or id.")]
_COLUMNS = ("id", "address", "state", "proposed by", "agreed by", "ended by")


@addresses.command()
def propose(pattern: str, operator: Operator) -> None:
    """host, host:port, host=network, or a network; in force once somebody else agrees."""
    try:
        pattern_of(pattern)
    except ValueError as error:
        refuse(f"{pattern}: {error}")
    with _work(operator) as (tx, trail, now):
        id_ = new_id("oa")
        one = OutgoingAddresses().propose(tx, id_, pattern.strip(), by=operator.strip(), now=now)
        _entered(tx, trail, "address_proposed", operator, one)
    console.print(f"{one.id} is proposed: another person says hedui addresses agree {one.id}")


@addresses.command()
def agree(address_id: str, operator: Operator) -> None:
    """Let notices go there; refused to whoever proposed it."""
    with _work(operator) as (tx, trail, now):
        one = OutgoingAddresses().agree(tx, address_id, by=operator.strip(), now=now)
        _entered(tx, trail, "address_agreed", operator, one)
    console.print(f"{one.pattern} is allowed")


@addresses.command()
def end(address_id: str, operator: Operator) -> None:
    """No notice goes there any more; one person is enough."""
    with _work(operator) as (tx, trail, now):
        one = OutgoingAddresses().end(tx, address_id, by=operator.strip(), now=now)
        _entered(tx, trail, "address_ended", operator, one)
    console.print(f"{one.pattern} is not allowed any more")


@addresses.command("list")
def list_addresses(
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
) -> None:
    """All that were ever proposed, with who decided."""
    with opened(Settings().database) as tx:
        found = OutgoingAddresses().all(tx)
    if as_json:
        body = orjson.dumps([asdict(one) for one in found], option=orjson.OPT_INDENT_2)
        sys.stdout.write(body.decode() + "\n")
        return
    table = Table(*_COLUMNS)
    for one in found:
        who = one.proposed_by, one.agreed_by or "", one.ended_by or ""
        table.add_row(one.id, one.pattern, one.state, *who)
    Console().print(table)


@contextmanager
def _work(operator: str) -> Iterator[tuple[sa.Connection, AuditTrail, datetime]]:
    """One transaction with its entry in the trail; what is not allowed is a sentence."""
    if not 1 <= len(operator.strip()) <= 40:
        refuse("--operator: a person's name or id, at most 40 characters")
    settings, now = Settings(), datetime.now(UTC)
    trail = trail_of(settings, master_key(settings), lambda: now)
    try:
        with opened(settings.database) as tx:
            yield tx, trail, now
    except (Conflict, NotFound) as error:
        refuse(str(error))


def _entered(
    tx: sa.Connection, trail: AuditTrail, action: str, operator: str, one: OutgoingAddress
) -> None:
    details = {"address": one.pattern}
    trail.append(tx, actor=operator.strip(), action=action, about=(one.id, ""), details=details)
