"""hedui audit: verify the trail, show the public key, admit a gap after a restore."""

import asyncio
import shlex
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import sqlalchemy as sa
import typer

from app.audit.anchors import heads_in
from app.audit.heads import digest_of, hash_of, signed
from app.audit.signing import CommandKeys, Ed25519Signer, HeadKey, PublicKeys
from app.audit.verify import Given, Report, examine, trail_in
from app.cli_saying import console, refuse, write_json
from app.domain.errors import ConfigurationError
from app.keys import (
    AUDIT_PUBLIC_KEY,
    audit_anchor,
    audit_key,
    audit_signer,
    master_key,
    read_key,
)
from app.settings import Settings
from app.store.audit_entries import AuditEntries
from app.store.audit_heads import AuditHeads, Head
from app.store.backup import opened
from app.store.reading import reading
from app.wiring_audit import trail_of

audit = typer.Typer(no_args_is_help=True, help="The audit trail. 审计")
_BROKEN: Final = 1
_WITH_GAPS: Final = 3
_SHOWN: Final = 20

Anchors = Annotated[
    list[Path] | None,
    typer.Option("--anchor", help="A file of an anchor's lines; several may be given."),
]
Public = Annotated[Path | None, typer.Option("--public-key", help="PEM, of every key there was.")]


@audit.command("verify")
def verify_audit(
    anchor: Anchors = None,
    public_key: Public = None,
    audit_key_file: Annotated[
        Path | None, typer.Option("--audit-key", help="The HMAC key, where the verifier has it.")
    ] = None,
    database: Annotated[str, typer.Option(help="URL; default: HEDUI_DATABASE_URL.")] = "",
    verify_command: Annotated[
        str, typer.Option(help="A program that judges signatures by other keys (SM2).")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
) -> None:
    """Check every entry and head; reads only. Status 1: it does not hold; 3: with admitted gaps.

    With --public-key or --anchor nothing but what is given is used: no key that could write.
    Without, all that this machine has.
    """
    settings = Settings()
    apart = bool(public_key or anchor or verify_command)
    given = Given(
        key=_hmac_key(settings, audit_key_file, apart=apart),
        head_keys=_head_keys(settings, public_key, verify_command),
        anchored=_anchored(settings, anchor, apart=apart),
        now=datetime.now(UTC),
    )
    with reading(database or settings.database) as tx:
        report = examine(trail_in(tx), given)
    if as_json:
        write_json({**asdict(report), "holds": report.holds})
    else:
        _tell(report, given)
    if not report.holds:
        raise typer.Exit(_BROKEN)
    if report.gaps:
        raise typer.Exit(_WITH_GAPS)


@audit.command("public-key")
def public_key() -> None:
    """What verifiers need: the public part of the key that signs heads, as PEM."""
    signer = audit_signer(Settings(), create=False)
    if not isinstance(signer, Ed25519Signer):
        refuse("heads are signed by a command: ask the device for its public key")
    sys.stdout.write(signer.public_pem.decode("ascii"))


@audit.command("accept-gap")
def accept_gap(
    operator: Annotated[str, typer.Option(help="Who says so: a person's name or id.")],
    reason: Annotated[str, typer.Option(help="Why: the backup that was restored, the ticket.")],
    anchor: Annotated[Path | None, typer.Option(help="A file of the anchor's lines.")] = None,
) -> None:
    """After a restore: admit that anchored heads are lost, in the trail and by a signed head."""
    settings = Settings()
    there = _anchored(settings, None if anchor is None else [anchor], apart=anchor is not None)
    if not there:
        refuse("no anchor's file to read; give --anchor")
    now = datetime.now(UTC)
    trail = trail_of(settings, master_key(settings), lambda: now)
    with opened(settings.database) as tx:
        last, newest = _parting(tx, there)
        trail.append(
            tx,
            actor=operator[:40],
            action="audit_gap_accepted",
            about=(f"head {newest.number}", ""),
            details={"last": str(newest.number), "reason": reason},
        )
        gap = _gap_head(tx, (last, newest), settings.trail_hash, now)
        head = asyncio.run(signed(gap, audit_signer(settings, create=False)))
        if not AuditHeads().add(tx, head):
            refuse("another head was made meanwhile; stop the service, then try again")
    console.print(
        f"head {head.number} admits that heads {head.after + 1} to {head.number - 1} are lost"
    )


def _parting(tx: sa.Connection, there: Sequence[Head]) -> tuple[Head | None, Head]:
    """The last head that both have, and the anchor's newest; later ones here are forgotten.

    They vouch for nothing: the anchor holds others of their numbers.
    """
    anchored = {head.number: head for head in there}
    last = None
    for head in AuditHeads().all(tx):
        if anchored.get(head.number) != head:
            break
        last = head
    newest = anchored[max(anchored)]
    if last is not None and newest.number <= last.number:
        refuse("the anchor holds no head that this database lacks")
    AuditHeads().forget_after(tx, 0 if last is None else last.number)
    return last, newest


def _gap_head(
    tx: sa.Connection, parting: tuple[Head | None, Head], algorithm: str, now: datetime
) -> Head:
    """A head over all since the parting, which follows the anchor's newest one."""
    last, newest = parting
    number, position = (0, 0) if last is None else (last.number, last.position)
    rows = AuditEntries().after(tx, position, sys.maxsize)
    return Head(
        number=newest.number + 1,
        after=number,
        position=rows[-1].position,
        entries=len(rows),
        hash=hash_of(rows, algorithm),
        previous=digest_of(newest),
        at=now,
        algorithm=algorithm,
    )


def _hmac_key(settings: Settings, file: Path | None, *, apart: bool) -> bytes | None:
    if file is not None:
        return read_key(file, create=False)
    if apart:
        return None
    master = settings.key_file or settings.data_dir / "master.key"
    if settings.audit_key_file is None and not master.exists():
        return None
    return audit_key(settings, read_key(master, create=False) if master.exists() else b"")


def _head_keys(settings: Settings, file: Path | None, command: str) -> Sequence[HeadKey]:
    keys: list[HeadKey] = [CommandKeys(tuple(shlex.split(command)))] if command else []
    path = file or settings.data_dir / AUDIT_PUBLIC_KEY
    if file is not None or path.exists():
        keys.append(PublicKeys.read(path.read_bytes()))
    return keys


def _anchored(
    settings: Settings, files: Sequence[Path] | None, *, apart: bool
) -> Sequence[Head] | None:
    """The heads in anchors' files; None where there is no file to read."""
    paths = list(files or ())
    if not apart:
        parts = [part.strip() for part in audit_anchor(settings).split(";")]
        paths = [Path(part[5:]) for part in parts if part.startswith("file:")]
        paths = [path for path in paths if path.exists()]
    if not paths:
        return None
    try:
        return [head for path in paths for head in heads_in(path.read_bytes())]
    except OSError as error:
        raise ConfigurationError(f"{error.filename}: {error.strerror}") from None


def _tell(report: Report, given: Given) -> None:
    for words in report.broken[:_SHOWN]:
        console.print(f"[red]{words}[/red]")
    for words in report.gaps:
        console.print(f"[yellow]{words}[/yellow]")
    for words in _not_seen(given):
        console.print(f"[yellow]{words}[/yellow]")
    if report.waiting is not None:
        console.print(f"heads {report.waiting[0]} to {report.waiting[1]} are not anchored yet")
    if report.unvouched is not None:
        first, last = report.unvouched
        console.print(f"no head vouches for entries {first} to {last} yet")
    if report.holds:
        console.print(f"{report.entries} entries hold, {report.heads} heads; head {report.last}")


def _not_seen(given: Given) -> Iterable[str]:
    """What could not be looked at, so that nobody takes it for sound."""
    if given.key is None:
        yield "not checked: the entries' HMACs (no key); heads vouch for entries instead"
    if not given.head_keys:
        yield "not checked: the heads' signatures (no public key)"
    if given.anchored is None:
        yield "not checked: the anchors (none given): a trail that was cut or rolled back may hold"
