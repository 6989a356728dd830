"""One service asks another one by the DCI interface, over HTTP and by configuration alone."""

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

import pytest
import pytest_asyncio
from joserfc.jwk import OKPKey

from app.access.clients import new_secret, secret_hash
from app.store.clients import Client
from app.store.dci_senders import ConsentRule, Sender, Senders
from connectors.dci.source import DciLaterSource, DciSource
from connectors.registry import build_sources
from tests.dci.listener import a_listener, settled
from tests.dci.parts import US, key_set, receives
from tests.service_parts import (
    HEAD,
    Clock,
    Running,
    ScriptedSource,
    all_ten,
    an_account,
    found,
    running,
)
from tests.serving import a_place, served

pytestmark = pytest.mark.asyncio(loop_scope="module")
ASKER: Final = "asker.example.org"


@dataclass
class Asked:
    """The service that is asked, and where; the keys of whoever asks."""

    service: Running
    url: str
    signing: OKPKey = field(default_factory=lambda: OKPKey.generate_key("Ed25519"), repr=False)
    opening: OKPKey = field(default_factory=lambda: OKPKey.generate_key("X25519"), repr=False)

    async def knows(self, *uris: str, consent: ConsentRule = "none") -> dict[str, str]:
        """Registers whoever asks, anew; gives the credentials."""
        parts, now, secret = self.service.parts, self.service.clock(), new_secret()
        client = Client(
            client_id=parts.new_id("cl"),
            name=ASKER,
            region="220102",
            scopes=("dci",),
            secret_hash=secret_hash(secret),
            created_at=now,
        )
        box = {**self.opening.as_dict(private=False), "use": "enc"}
        keys = {"keys": [*json.loads(key_set(self.signing))["keys"], box]}
        sender = Sender(
            client_id=client.client_id,
            region=client.region,
            sender_id=ASKER,
            receiver_ids=(US,),
            dialects=("openspp", "jws_detached", "jws"),
            consent=consent,
            jwks=json.dumps(keys),
            sender_uris=uris,
            created_at=now,
            changed_at=now,
        )

        def work(tx: Any) -> None:
            before = Senders().named(tx, ASKER)
            if before is not None:
                Senders().remove(tx, before.client_id)
            parts.clients.add(tx, client)
            Senders().put(tx, sender)

        await parts.shelf.database.write(work)
        return {"client_id": client.client_id, "client_secret": secret}

    def box(self, more: dict[str, Any]) -> dict[str, Any]:
        """With the key that answers in secret are opened by, where they are."""
        own = json.dumps(self.opening.as_dict(private=True))
        return {**more, "decryption_key": own} if more.get("encrypt") else more

    async def section(self, *uris: str, **more: Any) -> dict[str, Any]:
        """The section `dci` of a source, as an operator writes it."""
        published = (await self.service.http.get("/.well-known/jwks.json")).text
        consent = more.pop("consent", "none")
        return {
            "url": self.url,
            "sender_id": ASKER,
            "receiver_id": US,
            "reg_type": "ns:org:RegistryType:Social",
            "signature": "jws",
            "key": json.dumps(self.signing.as_dict(private=True)),
            "peer_keys": published,
            "id_types": {"resident_id": "UIN"},
            **await self.knows(*uris, consent=consent),
            **more,
        }


REGISTERS: Final = {
    "household_registry": {"response_entity": "Group"},
    "relief_register": {"reg_type": "ns:org:RegistryType:IBR", "response_entity": "Member"},
}


@asynccontextmanager
async def asked_service(folder: Path, url: str = "") -> AsyncIterator[Asked]:
    """A household that is verified there, and receives relief."""
    bank = ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))})
    async with running(folder, all_ten(bank), database_url=url) as service:
        reply = await service.post()
        assert reply.json()["status"] == "final", reply.text
        await receives(service, HEAD)
        async with served(service.app) as at:
            yield Asked(service, at)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def there(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asked]:
    async with asked_service(tmp_path_factory.mktemp("there")) as asked:
        yield asked


def built(clock: Clock, section: dict[str, Any]) -> list[ScriptedSource]:
    """The sources of this configuration, at the tests' own time, and scripted ones beside them."""
    config = {name: {"dci": {**section, **its}} for name, its in REGISTERS.items()}
    sources = build_sources(config, {name: {"tries": 1, "timeout": 60} for name in config})
    for one in sources.values():
        assert isinstance(one, DciSource | DciLaterSource)
        one._registry.clock = clock
    real = cast("dict[str, ScriptedSource]", sources)
    return [*all_ten(real["household_registry"]), real["relief_register"]]


def told_of(document: dict[str, Any], source: str) -> dict[str, str]:
    """Where the source stands with each person."""
    return {one["person"]: one["state"] for one in document["sources"] if one["source"] == source}


def check(document: dict[str, Any]) -> None:
    """What there stands of the household, and that it receives relief, came here."""
    assert document["status"] == "final", document["sources"]
    of_household = {"m1": "answered", "m2": "answered", "m3": "answered", "s1": "not_asked"}
    assert told_of(document, "household_registry") == of_household
    assert told_of(document, "relief_register") == of_household
    found = [one for one in document["findings"] if one["code"] == "duplicate_relief"]
    assert {one["person"] for one in found} == {"m1", "m2", "m3"}
    assert {one["detail"] for one in found} == {"enrolled already: urban_dibao"}


@asynccontextmanager
async def asking(
    folder: Path, clock: Clock, section: dict[str, Any], place: socket.socket, url: str = ""
) -> AsyncIterator[Running]:
    """The service that asks, at its place."""
    async with (
        running(folder, built(clock, section), clock=clock, database_url=url) as service,
        served(service.app, place=place),
    ):
        yield service


MORE: Final[dict[str, dict[str, Any]]] = {
    "jws": {"consent": "stated", "purpose": "social-relief"},
    "encrypted": {"encrypt": True},
    "openspp": {"signature": "openspp"},
    "detached": {"signature": "jws_detached"},
}


@pytest.mark.parametrize("more", MORE.values(), ids=MORE)
async def test_asked_and_answered_at_once(
    there: Asked, tmp_path: Path, more: dict[str, Any]
) -> None:
    place, _ = a_place()
    section = await there.section(**there.box(more))
    async with asking(tmp_path, there.service.clock, section, place) as here:
        check((await here.post(wait=60)).json())


async def test_what_is_asked_without_the_consent_that_is_wanted_stays_unknown(
    there: Asked, tmp_path: Path
) -> None:
    place, _ = a_place()
    section = await there.section(consent="stated")
    async with asking(tmp_path, there.service.clock, section, place) as here:
        document = (await here.post(wait=60)).json()
    for source in REGISTERS:
        assert told_of(document, source)["m1"] == "failed"
    assert "duplicate_relief" not in {one["code"] for one in document["findings"]}


async def test_an_answer_comes_by_a_call(there: Asked, tmp_path: Path) -> None:
    place, url = a_place()
    section = await there.section(f"{url}/", callback_url=f"{url}/registry/on-search")
    async with asking(tmp_path, there.service.clock, section, place) as here:
        document = (await here.post(wait=0)).json()
        document = await here.status_becomes(document["id"], "final")
        check(document)


@pytest.mark.postgresql
async def test_on_postgresql_and_in_secret(
    tmp_path: Path, new_postgresql_url: str, empty_postgresql_url: str
) -> None:
    """Both services."""
    urls = [
        one.replace("postgresql:", "postgresql+psycopg:", 1)
        for one in (new_postgresql_url, empty_postgresql_url)
    ]
    place, url = a_place()
    async with asked_service(tmp_path / "there", urls[0]) as there:
        more = {"encrypt": True, "callback_url": f"{url}/registry/on-search"}
        section = await there.section(f"{url}/", **there.box(more))
        async with asking(tmp_path, there.service.clock, section, place, urls[1]) as here:
            document = (await here.post(wait=0)).json()
            check(await here.status_becomes(document["id"], "final"))


async def test_an_answer_that_never_came_is_asked_for(there: Asked, tmp_path: Path) -> None:
    place, _ = a_place()
    async with a_listener() as nobody:
        uri = f"{nobody.url}/registry/on-search"
        section = await there.section(uri, callback_url=uri)
        async with asking(tmp_path, there.service.clock, section, place) as here:
            document = (await here.post(wait=0)).json()
            document = await here.status_becomes(document["id"], "partial")
            await settled(there.service)
            here.clock.forward(minutes=6)
            await here.parts.verifier.collect_due()
            check(await here.status_becomes(document["id"], "final"))
