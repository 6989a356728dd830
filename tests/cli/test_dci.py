"""`hedui dci senders`: a partner that is registered is answered; keys rotate, it is removed."""

import json
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey
from typer.testing import CliRunner

from app.cli import cli
from app.store.dci_senders import Senders
from tests.dci.parts import Partner, by_id, key_set
from tests.service_parts import HEAD, Running, all_ten, running


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    runner = CliRunner(env={"HEDUI_DATA_DIR": str(folder), "COLUMNS": "200", "NO_COLOR": "1"})
    done = runner.invoke(cli, arguments)
    return done.exit_code, done.stdout, done.stderr


def told(folder: Path, *arguments: str) -> Any:
    status, printed, wrong = run(folder, *arguments)
    assert status == 0, wrong
    return json.loads(printed) if printed else None


def a_file(folder: Path, key: OKPKey, *, private: bool = False) -> str:
    path = folder / "keys.json"
    shown = {"keys": [key.as_dict(private=True)]}
    path.write_text(json.dumps(shown) if private else key_set(key), "utf-8")
    return str(path)


async def partner_of(service: Running, client: dict[str, str], key: OKPKey) -> Partner:
    form = {"grant_type": "client_credentials", **client}
    token = (await service.http.post("/oauth2/client/token", data=form)).json()["access_token"]
    sender = await service.parts.shelf.database.read(
        lambda tx: Senders().of_client(tx, client["client_id"])
    )
    assert sender is not None
    return Partner(service, {"Authorization": f"Bearer {token}"}, sender, key)


async def test_a_partner_is_registered_rotated_and_removed(tmp_path: Path) -> None:
    first, second = OKPKey.generate_key("Ed25519"), OKPKey.generate_key("Ed25519")
    client = told(tmp_path, "clients", "add", "OpenSPP", "--region", "220102", "--scope", "dci")
    one = "spp.example.org"
    options = ("--sender-id", one, "--receiver-id", "hedui.example.org", "--consent", "none")
    add = ("dci", "senders", "add", client["client_id"], *options)
    asks = ("--token-url", "http://127.0.0.1:1/token", "--token-client", "us")
    place = ("--token-secret", "env:SPP_SECRET", "--token-scope", "registry/write")
    shown = told(tmp_path, *add, "--keys", a_file(tmp_path, first), *asks, *place)
    show = ("dci", "senders", "show", one)
    assert told(tmp_path, *show) == {**shown, "token": "http://127.0.0.1:1/token"}
    token = tmp_path / "token"
    token.write_text("s3cret\n", "utf-8")
    told(tmp_path, "dci", "senders", "token", one, str(token))
    assert told(tmp_path, *show)["token"] == "kept"
    told(tmp_path, "dci", "senders", "token", one, *asks, *place)
    assert told(tmp_path, *show)["token"] == "http://127.0.0.1:1/token"
    assert shown["dialects"] == ["openspp", "jws_detached", "jws"]
    assert told(tmp_path, "dci", "senders", "list", "--json") == [shown]
    async with running(tmp_path, all_ten()) as service:
        partner = await partner_of(service, client, first)
        assert await partner.records(by_id("UIN", HEAD)) == []
        rotate = ("dci", "senders", "rotate", one, "--keys", a_file(tmp_path, second))
        assert told(tmp_path, *rotate)["keys"] != shown["keys"]
        old = await partner.sends(partner.search(by_id("UIN", HEAD)))
        assert old.json()["errors"][0]["code"] == "err.signature.invalid"
        partner.key = second
        assert await partner.records(by_id("UIN", HEAD)) == []
        told(tmp_path, "dci", "senders", "remove", one)
        gone = await partner.sends(partner.search(by_id("UIN", HEAD)))
        assert gone.status_code == 403
    assert run(tmp_path, "dci", "senders", "show", one)[0] == 2


def test_what_is_not_taken(tmp_path: Path) -> None:
    client = told(tmp_path, "clients", "add", "x", "--region", "220102", "--scope", "dci")
    key = a_file(tmp_path, OKPKey.generate_key("Ed25519"), private=True)
    add = ("dci", "senders", "add", client["client_id"])
    names = ("--sender-id", "a.example.org", "--receiver-id", "us")
    asks = ("--token-url", "http://127.0.0.1:1/token", "--token-client", "us")
    for more, words in (
        ((), "keys are missing"),
        (("--consent", "verbal"), "a consent is"),
        (("--sender-uri", "http://169.254.169.254/"), "nothing is ever sent"),
        (("--keys", key), "private key"),
        (("--unsigned", "--token-url", "http://127.0.0.1:1/"), "--token-secret"),
        (("--unsigned", *asks, "--token-secret", "s3cret"), "stands in no command"),
        (("--unsigned", *asks, "--token-secret", "env:"), "stands in no command"),
        (("--unsigned", *asks[2:], "--token-secret", "env:X"), "--token-url"),
        (
            ("--unsigned", *asks, "--token-secret", "env:X", "--token-url", "http://169.254.1.1/"),
            "nothing is ever sent",
        ),
    ):
        status, _, wrong = run(tmp_path, *add, *names, *more)
        assert status == 2
        assert words in " ".join(wrong.split())
