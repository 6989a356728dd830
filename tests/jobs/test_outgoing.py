"""Promise 27 at the wire: a real server on this machine that nothing may reach; its log judges."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from aiohttp import web
from typer.testing import CliRunner

from app.access.addresses import AddressRules, rules_of
from app.cli import cli
from app.jobs.outgoing import AddressRefused, Allowed, GuardedTransport, guarded_client
from app.store.session import Database, connect
from app.store.tables import audit_entry, outbox
from tests.connectors.web_server import serving
from tests.new_databases import brought_up
from tests.service_parts import ScriptedSource, a_body, all_ten, running

SEEN = rules_of("public", production=False, listens_on="0.0.0.0")  # noqa: S104 - a setting's text
"""Public hosts alone."""


@dataclass
class Trap:
    """Listens on this machine, at IPv4 and IPv6; whoever connects is noted."""

    port: int = 0
    came: list[str] = field(default_factory=list)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came.append(str(writer.get_extra_info("sockname")[0]))
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@pytest.fixture
async def trap() -> AsyncIterator[Trap]:
    one = Trap()
    server = await asyncio.start_server(one.take, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    beside = [server]
    for host in ("::1", "0.0.0.0"):  # noqa: S104 - a trap is everywhere
        try:
            beside.append(await asyncio.start_server(one.take, host, one.port, reuse_port=False))
        except OSError:
            continue  # without IPv6, or taken: the first one is there
    yield one
    for each in beside:
        each.close()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    brought_up(url)
    built = connect(url)
    yield built
    await built.aclose()


@dataclass
class Flipping:
    """A resolver that says something else each time (DNS rebinding)."""

    answers: list[Sequence[str]]
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@asynccontextmanager
async def client(
    database: Database, rules: AddressRules, resolver: Flipping | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    allowed = Allowed(database, rules)
    one = guarded_client(allowed) if resolver is None else guarded_client(allowed, resolver)
    async with one:
        yield one


SPELLINGS = [
    "http://127.0.0.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://127.255.255.254:{port}/",
    "http://0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://[::1]:{port}/",
    "http://[::]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[fe80::1%25lo]:{port}/",
    "http://localhost:{port}/",
    "http://localhost.:{port}/",
    "http://LOCALHOST:{port}/",
    "http://ⓛocalhost:{port}/",
    "http://①②⑦.0.0.1:{port}/",
    "http://１２７.0.0.1:{port}/",
    "http://127。0。0。1:{port}/",
    "http://user@127.0.0.1:{port}/",
    "http://case.example@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#case.example",
    "http://case.example\\@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\r\nHost: case.example/",
    "https://127.0.0.1:{port}/",
    "HTTP://127.0.0.1:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://127.0.0.1%00.case.example:{port}/",
    "file:///etc/passwd?{port}",
    "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/_x",
    "unix:///run/x.sock?{port}",
    "//127.0.0.1:{port}/",
    "http://169.254.169.254:{port}/latest/meta-data/",
]


@pytest.mark.promise(27)
@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_no_spelling_reaches_this_machine(
    database: Database, trap: Trap, spelling: str
) -> None:
    """Planted: the transport without `place_of` and the dialling without `check_ip`: the trap was
    reached, or the call went out, by 32 of the 42 spellings: decimal, hex, short, mapped, by name.
    """
    async with client(database, SEEN) as http:
        with pytest.raises((AddressRefused, httpx.InvalidURL, httpx.UnsupportedProtocol)):
            await http.post(spelling.format(port=trap.port), content=b"{}")
    assert trap.came == []


REBINDING = {
    "at once": [["127.0.0.1"]],
    "by IPv6": [["::1"]],
    "mapped": [["::ffff:127.0.0.1"]],
    "through NAT64": [["64:ff9b::7f00:1"]],
    "unspecified": [["0.0.0.0"]],  # noqa: S104 - what a resolver says
    "metadata": [["169.254.169.254"]],
    "all of them": [["127.0.0.1", "::1", "0.0.0.0"]],  # noqa: S104 - what a resolver says
    "after the first time": [["192.0.2.1"], ["127.0.0.1"]],
    "nothing": [[]],
}
PINNED = "rebinding.example:{port}=192.0.2.0/24"


@pytest.mark.promise(27)
@pytest.mark.parametrize("answers", REBINDING.values(), ids=REBINDING.keys())
@pytest.mark.parametrize("entry", [PINNED, PINNED.partition("=")[0]], ids=["pinned", "listed"])
async def test_what_a_name_stands_for_is_judged_as_it_is_dialled(
    database: Database, trap: Trap, entry: str, answers: list[Sequence[str]]
) -> None:
    """An allowed name whose resolver says this machine, at once or from the second time on.

    Planted: `check_ip` left out in `_judged`: the trap was reached where it listened.
    """
    resolver = Flipping([list(one) for one in answers])
    host = entry.format(port=trap.port)
    rules = rules_of(host, production=False, listens_on="127.0.0.1")
    async with client(database, rules, resolver) as http:
        url = f"http://rebinding.example:{trap.port}/"
        if len(answers) > 1:
            with pytest.raises((httpx.ConnectError, httpx.ConnectTimeout)):
                await http.post(url, content=b"{}", timeout=0.2)
        for _ in range(2):
            with pytest.raises(AddressRefused):
                await http.post(url, content=b"{}")
    assert trap.came == []
    assert set(resolver.asked) == {("rebinding.example", trap.port)}


@pytest.mark.promise(27)
async def test_one_look_up_for_a_connection_and_none_after_it(
    database: Database, trap: Trap
) -> None:
    """The address that was judged is the one that is dialled: a second answer is never asked for.

    Planted: the dialling by name (`super().connect_tcp(host, …)`): the system's resolver was asked
    once more and the listed host was not reached.
    """
    rules = rules_of(
        f"case.internal:{trap.port}=127.0.0.0/8", production=False, listens_on="127.0.0.1"
    )
    resolver = Flipping([["10.255.255.1", "127.0.0.1"], ["10.0.0.1"]])
    async with client(database, rules, resolver) as http:
        reply = await http.post(f"http://case.internal:{trap.port}/", content=b"{}")
        assert reply.status_code == httpx.codes.NO_CONTENT
        assert len(resolver.asked) == 1
        with pytest.raises(AddressRefused):
            await http.post(f"http://case.internal:{trap.port}/", content=b"{}")
    assert trap.came == ["127.0.0.1"]


@pytest.mark.promise(27)
async def test_redirects_lead_nowhere(database: Database, trap: Trap) -> None:
    """Planted: `follow_redirects=True`: the second request was made, and reached the trap."""
    rules = rules_of("loopback", production=False, listens_on="127.0.0.1")

    async def elsewhere(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"http://127.0.0.1:{trap.port}/"})

    async with serving(elsewhere) as url, client(database, rules) as http:
        reply = await http.post(f"{url}/verified", content=b"{}")
    assert reply.status_code == httpx.codes.FOUND
    assert trap.came == []


@pytest.mark.promise(27)
async def test_no_proxy_of_the_environment_takes_part(
    database: Database, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the client without this transport and with `trust_env=True`: the trap, named as a
    proxy, was connected to.
    """
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")
        monkeypatch.setenv(name.lower(), f"http://127.0.0.1:{trap.port}")
    resolver = Flipping([["192.0.2.1"]])
    async with client(database, AddressRules((), public=True), resolver) as http:
        with pytest.raises(httpx.TransportError):
            await http.post("https://case.example/", content=b"{}", timeout=0.2)
    assert trap.came == []


async def test_there_is_no_way_by_a_socket_file(database: Database) -> None:
    transport = GuardedTransport(Allowed(database, SEEN))
    with pytest.raises(AddressRefused):
        await transport._pool._network_backend.connect_unix_socket("/run/docker.sock")
    await transport.aclose()


REFUSED_AT_INTAKE = [
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://10.0.0.5:8080/",
    "https://user:secret@case.example/",
    "https://case.example:22/",
    "https://case.example/#x",
    "http://case.example/",
    "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::a00:1]/",
    "http://0x0a000001/",
]


@pytest.mark.promise(27)
async def test_intake_refuses_and_says_where(tmp_path: Path) -> None:
    """By every route that takes an address; the refusal does not repeat it.

    Planted: `check_callback` left out of one route: its ten addresses were taken.
    """
    async with running(tmp_path, all_ten()) as service:
        headers = await service.client(scopes=("verify", "read", "batch"))
        accepted = await service.post(a_body())
        case = accepted.json()["case_reference"]
        for url in REFUSED_AT_INTAKE:
            bodies = {
                "/v1/verifications": {"json": a_body(callback_url=url)},
                "/v1/subscriptions": {"json": {"case_reference": case, "callback_url": url}},
                "/v1/batches": {
                    "params": {"callback_url": url, "programmes": "urban_dibao"},
                    "content": b"{}",
                },
            }
            for path, sent in bodies.items():
                more = {"Idempotency-Key": f"k{url}"[:60].encode().hex()[:80]}
                if path == "/v1/batches":
                    more["Content-Type"] = "application/x-ndjson"
                reply = await service.http.post(path, headers={**headers, **more}, **sent)  # type: ignore[arg-type]
                assert reply.status_code == httpx.codes.UNPROCESSABLE_ENTITY, (path, url)
                [error] = reply.json()["errors"]
                assert error["pointer"] == "/callback_url", reply.text
                assert error["code"].startswith("address."), (path, url)
                assert url not in reply.text


@pytest.mark.promise(27)
async def test_an_address_that_is_stored_already_is_judged_again(
    tmp_path: Path, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry ended, or a setting made stricter: notices that wait do not go there.

    Planted: neither `place_of` before the sending nor `check_ip` at the dialling (each of them
    alone was enough): the trap was reached.
    """
    held = all_ten(ScriptedSource("tax", gate=asyncio.Event()))
    async with running(tmp_path, held) as service:
        url = f"http://127.0.0.1:{trap.port}/x"
        taken = await service.post(a_body(callback_url=url), wait=0)
        assert taken.status_code == httpx.codes.ACCEPTED
    monkeypatch.setenv("HEDUI_CALLBACK_ADDRESSES", "public")
    async with running(tmp_path, all_ten()) as service:
        refused = await service.post(a_body(callback_url=url))
        assert refused.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        await service.status_becomes(taken.json()["id"], "final")
        async with asyncio.timeout(20):
            while not await _failed(service.parts.shelf.database):
                await service.parts.verifier.wait_changed("none", 0.1)
    assert trap.came == []


async def _failed(database: Database) -> bool:
    query = sa.select(outbox.c.last_error).where(outbox.c.last_error == "AddressRefused")
    return bool(await database.read(lambda tx: tx.execute(query).first()))


def _hedui(folder: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner(env={"HEDUI_DATA_DIR": str(folder)}).invoke(cli, ["addresses", *arguments])
    return done.exit_code, done.stdout + done.stderr


@pytest.mark.promise(27)
async def test_an_entry_needs_two_persons(tmp_path: Path) -> None:
    """Planted: `_same` compared without `casefold`: `Wang` agreed to what `wang` proposed."""
    url = f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    brought_up(url)
    code, said = _hedui(tmp_path, "propose", "case.internal:8080=127.0.0.0/8", "--operator", "wang")
    assert code == 0
    id_ = said.split()[0]
    database = connect(url)
    allowed = Allowed(database, SEEN)
    assert (await allowed.rules()).patterns == ()
    for name in ("wang", " Wang ", "WANG"):
        code, said = _hedui(tmp_path, "agree", id_, "--operator", name)
        assert code == 2
        assert "a second person must" in said.replace("\n", " ")
    assert _hedui(tmp_path, "agree", "oa_other", "--operator", "li")[0] == 2
    assert _hedui(tmp_path, "agree", id_, "--operator", "li")[0] == 0
    assert _hedui(tmp_path, "agree", id_, "--operator", "zhao")[0] == 2, "it is agreed"
    [pattern] = (await Allowed(database, SEEN).rules()).patterns
    assert (pattern.host, pattern.port) == ("case.internal", 8080)
    assert '"agreed_by": "li"' in _hedui(tmp_path, "list", "--json")[1]
    assert _hedui(tmp_path, "end", id_, "--operator", "wang")[0] == 0
    assert (await Allowed(database, SEEN).rules()).patterns == ()
    actions = await database.read(
        lambda tx: list(tx.execute(sa.select(audit_entry.c.action, audit_entry.c.actor)))
    )
    await database.aclose()
    assert [tuple(one) for one in actions] == [
        ("address_proposed", "wang"),
        ("address_agreed", "li"),
        ("address_ended", "wang"),
    ]
    assert _hedui(tmp_path, "propose", "http://x", "--operator", "wang")[0] == 2
