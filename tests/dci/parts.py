"""A DCI partner as it speaks: its client, its registration, its keys, its messages."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import httpx
import sqlalchemy as sa
from joserfc.jwk import OKPKey

from app.dci.identities import person_of
from app.store.clients import Client
from app.store.dci_senders import ConsentRule, Sender, Senders
from app.store.recipient_persons import RecipientPersons
from app.store.tables_relief import recipient
from app.wiring import new_id
from connectors.dci.keys import KeyPair
from connectors.dci.signatures import Dialect, Signed, check, sign
from tests.dci.standard_parts import SOCIAL, of_reply, of_request
from tests.service_parts import REGION, Running

US: Final = "hedui.example.org"
SEARCH: Final = "/registry/sync/search"
_numbers = itertools.count(1)


def key_set(*keys: KeyPair) -> str:
    return json.dumps({"keys": [one.as_dict(private=False) for one in keys]})


@dataclass
class Partner:
    """Speaks to the service; each message and each answer is held against the standard."""

    service: Running
    headers: dict[str, str]
    sender: Sender
    key: KeyPair = field(repr=False)
    dialect: Dialect = Dialect.JWS_DETACHED

    async def fresh(self) -> dict[str, str]:
        """A new token, for the clock went on."""
        client_id, parts = self.sender.client_id, self.service.parts
        client = await parts.shelf.database.read(lambda tx: parts.clients.get(tx, client_id))
        assert client is not None
        return {"Authorization": f"Bearer {parts.tokens.issue(client, client.scopes)}"}

    def header(self, action: str, **changes: Any) -> dict[str, Any]:
        made = {
            "version": "1.0.0",
            "message_id": f"m-{next(_numbers)}",
            "message_ts": self.service.clock().isoformat(),
            "action": action,
            "sender_id": self.sender.sender_id,
            "receiver_id": US,
            "total_count": 1,
            "is_msg_encrypted": False,
            "meta": {},
            **changes,
        }
        return {name: value for name, value in made.items() if value is not None}

    def signed(self, header: Mapping[str, Any], message: Any) -> dict[str, Any]:
        signature = sign(
            self.dialect,
            self.key,
            Signed(header, message),
            now=self.service.clock(),
            sender=self.sender.sender_id,
        )
        return {"signature": signature, "header": header, "message": message}

    def search(self, *queries: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """A signed message with a search for each of the criteria."""
        items = [
            {
                "reference_id": f"r-{place}",
                "timestamp": self.service.clock().isoformat(),
                "search_criteria": criteria,
                "locale": "eng",
            }
            for place, criteria in enumerate(queries, 1)
        ]
        message = {"transaction_id": "t-1", "search_request": items}
        header = self.header("search", **{"total_count": len(items), **changes})
        return self.signed(header, message)

    async def sends(
        self, body: Any, path: str = SEARCH, *, standard: str = SOCIAL, valid: bool = True
    ) -> httpx.Response:
        """The answer, which is as the standard has it; `valid`: so is what is sent."""
        if valid:
            assert not of_request(standard, path, body), of_request(standard, path, body)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **self.headers}
        reply = await self.service.http.post(path, content=content, headers=headers)
        wrong = of_reply(standard, path, reply.status_code, reply.json())
        assert not wrong, (wrong, reply.text)
        return reply

    async def finds(self, *queries: Mapping[str, Any], **changes: Any) -> list[dict[str, Any]]:
        """The items of the answer, whose signature holds."""
        reply = await self.sends(self.search(*queries, **changes))
        assert reply.status_code == httpx.codes.OK, reply.text
        document = reply.json()
        self.check(document)
        found: list[dict[str, Any]] = document["message"]["search_response"]
        return found

    async def records(self, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        (item,) = await self.finds(query)
        assert item["status"] == "succ", item
        found: list[dict[str, Any]] = item["data"]["reg_records"]
        return found

    def check(self, document: Mapping[str, Any]) -> None:
        """The answer is signed by the service, in this partner's own dialect."""
        keys = self.service.parts.registry.own
        used = Dialect.JWS_DETACHED if self.dialect is Dialect.NONE else self.dialect
        signed = Signed(document["header"], document["message"])
        found = check(
            document["signature"],
            signed,
            [keys.signing(used)],
            now=self.service.clock(),
            sender=document["header"]["sender_id"],
        )
        assert found is used


async def a_partner(
    service: Running,
    *,
    region: str = "220102",
    scopes: tuple[str, ...] = ("dci", "dci_wide"),
    consent: ConsentRule = "none",
    dialect: Dialect = Dialect.JWS_DETACHED,
    dialects: tuple[str, ...] = ("openspp", "jws_detached", "jws"),
    programmes: tuple[str, ...] = (),
    **more: Any,
) -> Partner:
    """Registered with a key of its own; `more`: of the sender's row."""
    now, client_id = service.clock(), new_id("cl")
    client = Client(
        client_id=client_id,
        name="partner",
        region=region,
        scopes=scopes,
        created_at=now,
        programmes=programmes,
    )
    key = OKPKey.generate_key("Ed25519")
    values: dict[str, Any] = {"jwks": key_set(key), "receiver_ids": (US, "SR", "social"), **more}
    sender = Sender(
        client_id=client_id,
        region=region,
        sender_id=values.pop("sender_id", f"{client_id}.example.org"),
        dialects=dialects,
        consent=consent,
        created_at=now,
        changed_at=now,
        **values,
    )

    def work(tx: Any) -> None:
        service.parts.clients.add(tx, client)
        Senders().put(tx, sender)

    await service.parts.shelf.database.write(work)
    token = service.parts.tokens.issue(client, scopes)
    return Partner(service, {"Authorization": f"Bearer {token}"}, sender, key, dialect)


async def receives(service: Running, value: str) -> None:
    """A household of the case receives relief, and the person is in it."""
    now = service.clock()
    row = {
        "id": "rc_1",
        "region": REGION,
        "client_id": "cl_1",
        "case_reference": "220102-2026-000123",
        "class": "a",
        "cadence": "yearly",
        "state": "receiving",
        "due_on": date(2027, 1, 1),
        "why_due": "cadence",
        "programmes": "urban_dibao",
        "household_index": b"1",
        "sealed_request": b"",
        "consent_until": date(2027, 1, 1),
        "created_at": now,
        "changed_at": now,
    }
    persons = RecipientPersons(service.parts.cipher)
    index = persons.index_of(person_of("national_id", value))

    def work(tx: sa.Connection) -> None:
        tx.execute(recipient.insert().values(**row))
        persons.enter(tx, [("rc_1", REGION, {"m1": index})], now)

    await service.parts.shelf.database.write(work)


def by_id(kind: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"query_type": "idtype-value", "query": {"type": kind, "value": value}, **more}


def by_expression(query: Any, **more: Any) -> dict[str, Any]:
    value = {"expression": {"collection": "Group", "query": query}}
    wrapped = {"type": "ns:org:QueryType:expression", "value": value}
    return {"query_type": "expression", "query": wrapped, **more}


def by_predicates(*rows: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"query_type": "predicate", "query": list(rows), **more}


def compares(name: str, operator: str, value: Any) -> dict[str, Any]:
    return {"attribute_name": name, "operator": operator, "attribute_value": value}


def later(service: Running, **by: float) -> str:
    return (service.clock() + timedelta(**by)).isoformat()
