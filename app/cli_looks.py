"""`hedui audit access-report`, `hedui audit unusual`: what the trail tells, on the machine."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.access.relations import as_persons
from app.audit.access_report import PERSON
from app.audit.chain import AuditTrail
from app.audit.look_rules import LookCalendar, load_look_rules
from app.cli_saying import refuse, write_json
from app.domain.errors import HeduiError
from app.domain.household import IdType
from app.domain.instants import china_day
from app.jobs.unusual_looks import LookReader, findings
from app.keys import open_keys
from app.report.who_looked import AccessReports
from app.settings import Settings
from app.store.audit_reads import LIST
from app.store.crypto import FieldCipher
from app.store.migrate import transaction
from app.wiring_audit import trail_of

_OPERATOR: Final = "hedui audit"
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]


@dataclass(frozen=True, slots=True)
class _Opened:
    tx: sa.Connection
    cipher: FieldCipher
    trail: AuditTrail
    calendar: LookCalendar


def access_report(
    region: Annotated[str, typer.Option(help="Of this region's subtree alone.")] = "",
    id_type: Annotated[IdType, typer.Option(help="Kind of document.")] = IdType.RESIDENT_ID,
    *,
    as_json: AsJson = False,
) -> None:
    """Who looked at a person 查询告知, for that person; the number is read from standard input."""
    number = _number()
    persons = as_persons(id_type, number)
    if not persons:
        refuse("no number of this kind of document")
    with _open() as opened:
        reports = AccessReports.over(opened.cipher, opened.calendar, _now)
        found = reports.of_person(opened.tx, persons, region)
        opened.trail.append(
            opened.tx,
            actor=_OPERATOR,
            action="access_report_made",
            about=(f"{LIST}access_reports", region),
            details={
                "look": PERSON,
                "kind": "operator",
                "purpose": "access_request",
                "count": str(len(found.lines)),
                "cases": ",".join(as_ for as_, _ in found.found_as),
            },
        )
    if as_json:
        write_json({"region": region, "accesses": list(found.lines)})
        return
    table = Table("at", "what", "by", "purpose", "sources", "case")
    for line in found.lines:
        body = line["body"]
        by = body["name"] or f"{body['kind']} {body['region']}"
        sources, case = " ".join(line["sources"]), line["case_reference"] or ""
        table.add_row(line["at"], line["kind"], by, line["purpose"], sources, case)
    Console().print(table)


def _number() -> str:
    """Never an argument: those are seen by everybody on the machine, and kept in histories."""
    if sys.stdin.isatty():
        return str(typer.prompt("identity number", hide_input=True, err=True))
    return sys.stdin.readline().strip()


def unusual(
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="In China; default: yesterday.")
    ] = None,
    region: Annotated[str, typer.Option(help="Of cases of this region's subtree.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Which looks of members of staff were unusual 异常访问; exit status 1 where there are any."""
    wanted = china_day(_now()) - timedelta(days=1) if day is None else day.date()
    with _open() as opened:
        reader = LookReader.over(opened.cipher, opened.calendar)
        found = list(findings(reader.of_day(opened.tx, wanted, region)))
        opened.trail.append(
            opened.tx,
            actor=_OPERATOR,
            action="unusual_access_read",
            about=("unusual", region),
            details={"day": wanted.isoformat(), "count": str(len(found))},
        )
    if as_json:
        write_json({"day": wanted.isoformat(), "region": region, "unusual": found})
    else:
        table = Table("actor", "code", "times", "first", "last", "entries")
        for one in found:
            cells = (one["actor"], one["code"], one["count"], one["first_at"], one["last_at"])
            entries: Any = one["entries"]
            table.add_row(*map(str, cells), " ".join(map(str, entries)))
        Console().print(table)
    if found:
        raise typer.Exit(1)


@contextmanager
def _open() -> Iterator[_Opened]:
    """One transaction on the migrated database; committed where nothing went wrong."""
    settings = Settings()
    try:
        calendar = load_look_rules(settings.looks)
        keys = open_keys(settings)
        trail = trail_of(settings, keys.service, _now)
    except HeduiError as error:
        refuse(str(error))
    try:
        with transaction(settings.database) as tx:
            yield _Opened(tx, FieldCipher(keys), trail, calendar)
    except (OperationalError, ProgrammingError) as error:
        # Its text may quote values.
        kind = type(error.orig).__name__
        refuse(f"the database cannot be used ({kind}); hedui migrate, hedui doctor")
    except HeduiError as error:
        refuse(str(error))


def _now() -> datetime:
    return datetime.now(UTC)
