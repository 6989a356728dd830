"""`hedui batch`: a roster through a running service, and what comes of it beside it."""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from app.batch.csv_text import BOM, csv_lines
from app.demo import Refused
from app.wiring import new_id

console = Console(stderr=True)
_TIMEOUT: Final = httpx.Timeout(60, read=600, write=600)
"""Seconds; a large roster is stored before the service answers."""
_ENDED: Final = ("done", "failed", "cancelled")
_PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds between looks: soon at first, for small rosters."""
_KINDS: Final = {".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_CHUNK: Final = 256 * 1024
_ERROR_COLUMNS: Final = ("row", "column", "code", "detail")


class RemoteBatches:
    """The batches of a running service, spoken to as a case system does."""

    def __init__(self, http: httpx.AsyncClient, client: tuple[str, str]) -> None:
        self._http = http
        self._client = client
        self._token = ""

    async def send(self, roster: Path, fields: Mapping[str, str], key: str) -> dict[str, Any]:
        """The file, streamed; gives the batch."""
        await self._log_in()
        kind = _KINDS.get(roster.suffix.lower(), "text/csv")
        with roster.open("rb") as file:
            reply = await self._http.post(
                "/v1/batches",
                data=dict(fields),
                files={"roster": ("roster", file, kind)},
                headers={**self._headers, "Idempotency-Key": key},
            )
        return _read(reply, httpx.codes.ACCEPTED)

    async def shown(self, id_: str) -> dict[str, Any]:
        return _read(await self._asked("GET", f"/v1/batches/{id_}"))

    async def move(self, id_: str, action: str) -> dict[str, Any]:
        """`pause`, `resume` or `cancel`."""
        return _read(await self._asked("POST", f"/v1/batches/{id_}/{action}"))

    async def load(self, id_: str, what: str, path: Path) -> None:
        """`results` or `changes` into a file that only its owner reads."""
        await self._log_in()
        address = f"/v1/batches/{id_}/{what}"
        async with self._http.stream("GET", address, headers=self._headers) as reply:
            if reply.status_code != httpx.codes.OK:
                await reply.aread()
                raise Refused(_problem(reply))
            with _private(path).open("wb") as file:
                async for chunk in reply.aiter_bytes(_CHUNK):
                    file.write(chunk)

    async def load_errors(self, id_: str, path: Path) -> None:
        """Every rejected row."""
        address: str | None = f"/v1/batches/{id_}/errors"
        with _private(path).open("w", encoding="utf-8", newline="") as file:
            file.write(BOM + csv_lines([_ERROR_COLUMNS]))
            while address is not None:
                page = _read(await self._asked("GET", address))
                file.write(
                    csv_lines([one[name] for name in _ERROR_COLUMNS] for one in page["errors"])
                )
                address = page["next"]

    async def _asked(self, method: str, address: str) -> httpx.Response:
        """With a new token where the old one has ended: a batch outlives many."""
        if not self._token:
            await self._log_in()
        reply = await self._http.request(method, address, headers=self._headers)
        if reply.status_code == httpx.codes.UNAUTHORIZED:
            await self._log_in()
            reply = await self._http.request(method, address, headers=self._headers)
        return reply

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    async def _log_in(self) -> None:
        grant = {"grant_type": "client_credentials"}
        reply = await self._http.post("/oauth/token", data=grant, auth=self._client)
        self._token = str(_read(reply)["access_token"])


def _read(reply: httpx.Response, wanted: int = httpx.codes.OK) -> dict[str, Any]:
    if reply.status_code != wanted:
        raise Refused(_problem(reply))
    document: dict[str, Any] = reply.json()
    return document


def _problem(reply: httpx.Response) -> Mapping[str, Any]:
    """Whatever stands between may answer in its own way."""
    if "json" not in reply.headers.get("content-type", ""):
        return {"title": "the answer is none of the service's", "status": reply.status_code}
    problem: Mapping[str, Any] = reply.json()
    return problem


def _private(path: Path) -> Path:
    path.touch(mode=0o600)
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the command is asked for."""

    roster: Path | None
    fields: Mapping[str, str]
    key: str
    wait: bool
    action: str | None
    batch_id: str


async def run(http: httpx.AsyncClient, client: tuple[str, str], wish: Wish) -> int:
    """The exit status."""
    remote = RemoteBatches(http, client)
    if wish.roster is None:
        return await _managed(remote, wish)
    batch = await remote.send(wish.roster, wish.fields, wish.key)
    console.print(f"batch {batch['id']}")
    if not wish.wait:
        _print(batch)
        return 0
    batch = await _watched(remote, batch["id"])
    await _fetch(remote, batch["id"], wish.roster.parent / wish.roster.stem)
    return _told(batch)


async def _managed(remote: RemoteBatches, wish: Wish) -> int:
    if wish.action == "fetch":
        await _fetch(remote, wish.batch_id, Path(wish.batch_id))
        return _told(await remote.shown(wish.batch_id))
    if wish.action in (None, "status"):
        _print(await remote.shown(wish.batch_id))
    else:
        _print(await remote.move(wish.batch_id, str(wish.action)))
    return 0


async def _watched(remote: RemoteBatches, id_: str) -> dict[str, Any]:
    """The batch at its end."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TextColumn("{task.fields[rest]}"), console=console) as bar:
        task = bar.add_task("reading", total=None, rest="")
        looks = 0
        while True:
            batch = await remote.shown(id_)
            _move(bar, task, batch)
            if batch["status"] in _ENDED:
                return batch
            await asyncio.sleep(_PAUSES[min(looks, len(_PAUSES) - 1)])
            looks += 1


def _move(bar: Progress, task: TaskID, batch: Mapping[str, Any]) -> None:
    ended = batch["done"] + batch["failed"] + batch["cancelled"]
    total = batch["households"] or None
    bar.update(task, description=batch["status"], completed=ended, total=total, rest=_rest(batch))


def _rest(batch: Mapping[str, Any]) -> str:
    """How much longer, as a range."""
    if batch["eta_range"] is None or batch["status"] in _ENDED:
        return ""
    low, high = (_in_words(seconds) for seconds in batch["eta_range"])
    return f"{low} left" if low == high else f"{low} to {high} left"


def _in_words(seconds: int) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


async def _fetch(remote: RemoteBatches, id_: str, beside: Path) -> None:
    """Results, changes and rejected rows."""
    for what in ("results", "changes"):
        await remote.load(id_, what, beside.with_name(f"{beside.name}.{what}.csv"))
    await remote.load_errors(id_, beside.with_name(f"{beside.name}.errors.csv"))
    console.print(f"{beside}.results.csv  .changes.csv  .errors.csv", highlight=False)


def _told(batch: Mapping[str, Any]) -> int:
    """The sums in words; 1 where the batch did not come to its end."""
    counts = {name: batch[name] for name in ("confirmed", "not_confirmed", "undetermined")}
    words = ", ".join(f"{count} {name}" for name, count in counts.items())
    console.print(f"{batch['status']}: {batch['households']} households: {words}")
    if batch["rejected_rows"]:
        console.print(f"[yellow]{batch['rejected_rows']} of {batch['rows']} rows rejected[/yellow]")
    if batch["failed"]:
        console.print(f"[yellow]{batch['failed']} households failed[/yellow]")
    if batch["failure"] is not None:
        console.print(f"[red]hedui:[/red] {batch['failure']}")
    return 0 if batch["status"] == "done" else 1


def _print(batch: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(batch, ensure_ascii=False, indent=1) + "\n")


def batch(
    roster: Annotated[Path | None, typer.Argument(help="CSV, xlsx or JSON lines.")] = None,
    url: Annotated[str, typer.Option(envvar="HEDUI_URL")] = "http://127.0.0.1:8000",
    client_id: Annotated[str, typer.Option(envvar="HEDUI_CLIENT_ID")] = "",
    client_secret: Annotated[str, typer.Option(envvar="HEDUI_CLIENT_SECRET")] = "",
    programmes: Annotated[str, typer.Option(help="For households that name none; commas.")] = "",
    purpose: Annotated[str, typer.Option(help="reverification, application, …")] = "",
    as_of: Annotated[str, typer.Option(help="The day of judgement, YYYY-MM-DD.")] = "",
    key: Annotated[
        str, typer.Option(help="Idempotency-Key: a repetition is no second batch.")
    ] = "",
    wait: Annotated[bool, typer.Option(help="Until the end, then load the results down.")] = True,
    status: Annotated[str, typer.Option(metavar="ID", help="A batch as it stands.")] = "",
    pause: Annotated[str, typer.Option(metavar="ID")] = "",
    resume: Annotated[str, typer.Option(metavar="ID")] = "",
    cancel: Annotated[str, typer.Option(metavar="ID")] = "",
    fetch: Annotated[str, typer.Option(metavar="ID", help="Its results, beside you.")] = "",
) -> None:
    """A roster through a running service; writes results, changes, rejected rows beside it."""
    given = {"status": status, "pause": pause, "resume": resume, "cancel": cancel, "fetch": fetch}
    actions = {name: id_ for name, id_ in given.items() if id_}
    if (roster is not None) + len(actions) != 1:
        raise _refused("give a roster, or one of --status --pause --resume --cancel --fetch", 2)
    if roster is not None and not roster.is_file():
        raise _refused(f"{roster}: no such file", 2)
    terms = {"programmes": programmes, "purpose": purpose, "as_of": as_of}
    action, batch_id = next(iter(actions.items()), (None, ""))
    wish = Wish(
        roster=roster,
        fields={name: value for name, value in terms.items() if value},
        key=key or new_id("ik"),
        wait=wait,
        action=action,
        batch_id=batch_id,
    )
    raise typer.Exit(_exit_status(url, (client_id, client_secret), wish))


def _exit_status(url: str, client: tuple[str, str], wish: Wish) -> int:
    async def work() -> int:
        async with httpx.AsyncClient(base_url=url, timeout=_TIMEOUT, trust_env=False) as http:
            return await run(http, client, wish)

    try:
        return asyncio.run(work())
    except httpx.HTTPError as error:
        raise _refused(f"{url}: {type(error).__name__}", 1) from None
    except Refused as refusal:
        console.print_json(json.dumps(refusal.problem, ensure_ascii=False))
        return 1


def _refused(words: str, status: int) -> typer.Exit:
    console.print(f"[red]hedui:[/red] {words}")
    return typer.Exit(status)
