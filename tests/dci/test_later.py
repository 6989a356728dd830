"""Searches that are answered later: acknowledged, answered once, sent until they are accepted."""

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from joserfc.jwk import OKPKey

from app.store.dci_tasks import Task
from app.store.tables import audit_entry, outbox
from app.store.tables_dci_later import dci_task, dci_told
from connectors.dci.encryption import decrypt, encrypt
from connectors.dci.signatures import Dialect
from tests.dci.listener import Subscriber, a_subscriber, fresh, settled
from tests.dci.parts import US, by_expression, by_id, key_set
from tests.service_parts import HEAD, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")
ON_BOTH = True
PATH = "/registry/search"


@pytest.mark.parametrize("dialect", ["openspp", "jws_detached", "jws", "none"])
async def test_a_search_is_answered_where_the_sender_says(verified: Running, dialect: str) -> None:
    """Its answer is what the same search is told at once, signed as the sender signs."""
    given = {"dialect": Dialect(dialect), "dialects": (dialect,)}
    async with a_subscriber(verified, **given) as one:
        query = by_id("UIN", HEAD, response_entity="Member")
        heard = await one.answer(PATH, one.search(query, by_id("UIN", "nobody")))
        (at_once,) = await one.partner.records(query)
    found, nothing = heard["message"]["search_response"]
    assert found["data"]["reg_records"] == [at_once]
    assert nothing["data"]["reg_records"] == []
    assert heard["header"]["action"] == "on-search"
    assert heard["header"]["sender_id"] == US
    assert (heard["header"]["total_count"], heard["header"]["completed_count"]) == (2, 2)


async def test_what_was_sent_is_not_kept_and_every_look_is_on_record(verified: Running) -> None:
    async with a_subscriber(verified) as one:
        await one.answer(PATH, one.search(by_id("UIN", HEAD)))
        await settled(verified)
        actor = one.partner.sender.client_id

    def work(tx: sa.Connection) -> tuple[Any, ...]:
        left = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.client_id == actor)
        told = sa.select(sa.func.count()).select_from(dci_told)
        looked = sa.select(audit_entry.c.action).where(audit_entry.c.actor == actor)
        return tx.scalar(left), tx.scalar(told), tx.execute(looked).scalars().all()

    assert await verified.parts.shelf.database.read(work) == (0, 0, ["registry_searched"])


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:1/registry/on-search", "https://evil.example/", "file:///etc"]
)
async def test_nobody_else_is_called(verified: Running, uri: str) -> None:
    """Neither an address that was not registered, nor one that was but no callback may go to."""
    for allowed in ("https://openspp.example.org/", uri):
        given = {} if allowed != uri or uri.startswith("http:") else {"sender_uris": (uri,)}
        async with a_subscriber(verified, **given) as one:
            told = await one.asks(PATH, one.search(by_id("UIN", HEAD), sender_uri=uri))
            if told["ack_status"] == "ACK":
                assert given
                continue
            assert told["error"]["code"] == "err.sender_uri.invalid"
            await settled(verified)
            assert one.listener.came == []


async def test_without_an_address_the_registered_one_is_called(verified: Running) -> None:
    async with a_subscriber(verified) as one:
        body = one.search(by_id("UIN", HEAD), sender_uri=None)
        heard = await one.answer(PATH, body)
        assert heard["header"]["action"] == "on-search"
        assert one.listener.came[-1][0]["path"] == "/registry/on-search"


async def test_a_failing_address_is_called_again_with_the_same_words(verified: Running) -> None:
    """The signature is made anew, for OpenSPP's end after five minutes; what it says is not."""
    given = {"dialect": Dialect.OPENSPP, "dialects": ("openspp",)}
    async with a_subscriber(verified, **given) as one:
        one.listener.statuses = [503, 500]
        await one.asks(PATH, one.search(by_id("UIN", HEAD)))
        said = []
        for _ in range(3):
            said.append((await one.hears())[1])
            verified.clock.forward(minutes=6)
        first, second, third = said
    assert first["message"] == second["message"] == third["message"]
    assert first["header"] == third["header"]
    assert first["signature"] != third["signature"]


async def test_a_death_between_acknowledgement_and_answer_loses_nothing(
    verified: Running,
) -> None:
    """A process took the message up and died; another one answers when its lease is over, and the
    first, should it live after all, says nothing more."""
    later = verified.parts.registry.later
    async with a_subscriber(verified) as one:
        database, now = verified.parts.shelf.database, verified.clock()
        receiver = one.listener
        taken = await _taken_up(verified, one)
        await settled(verified)
        assert receiver.came == []
        verified.clock.forward(seconds=61)
        await one.delivered(1)
        late = later.received(taken)
        assert not await database.write(lambda tx: later.tasks.settle(tx, taken.id, now))
        assert (await late) is not None
        await settled(verified)
        assert len(receiver.came) == 1


async def _taken_up(service: Running, one: Subscriber) -> Task:
    """Acknowledged, and taken up in the same breath by a process that does no more."""
    later, database = service.parts.registry.later, service.parts.shelf.database
    message = one.search(by_id("UIN", HEAD))
    acknowledged = await one.asks(PATH, message)
    id_, client = acknowledged["correlation_id"], one.partner.sender.client_id
    await database.write(
        lambda tx: tx.execute(
            dci_task.update()
            .where(dci_task.c.id == id_, dci_task.c.state == "waiting")
            .values(next_at=service.clock() + timedelta(seconds=60), attempts=1)
        )
    )
    (task,) = await database.read(lambda tx: later.tasks.find(tx, client, "correlation", [id_]))
    return task


async def test_the_same_message_again_is_acknowledged_alike_and_answered_once(
    verified: Running,
) -> None:
    async with a_subscriber(verified) as one:
        message = one.search(by_id("UIN", HEAD))
        first = await one.asks(PATH, message)
        again = await one.asks(PATH, message)
        assert first["correlation_id"] == again["correlation_id"]
        await one.delivered(1)
        await settled(verified)
        assert len(one.listener.came) == 1
        other = {**message, "signature": "unsigned-stub"}
        refused = await one.asks(PATH, other)
        assert refused["error"]["code"] == "err.signature.missing"


async def test_a_right_that_is_gone_by_then_gives_no_answer(verified: Running) -> None:
    async with a_subscriber(verified) as one:
        task = await _taken_up(verified, one)
        now, parts = verified.clock(), verified.parts
        await parts.shelf.database.write(
            lambda tx: parts.clients.revoke(tx, task.client_id, now=now)
        )
        verified.clock.forward(seconds=61)
        await settled(verified)
        assert one.listener.came == []


async def test_who_asks_in_secret_is_answered_in_secret(verified: Running) -> None:
    opening = OKPKey.generate_key("X25519")
    signing = OKPKey.generate_key("Ed25519")
    public = opening.as_dict(private=False)
    both = key_set(signing)[:-2] + ", " + _with_use(public) + "]}"
    async with a_subscriber(verified, jwks=both) as one:
        one.partner.key = signing
        own = verified.parts.registry.own
        plain = one.search(by_id("UIN", HEAD))
        header = {**plain["header"], "is_msg_encrypted": True}
        body = one.partner.signed(header, encrypt(plain["message"], own.x25519))
        await one.asks(PATH, body)
        _, heard = await one.hears()
    assert heard["header"]["is_msg_encrypted"]
    message = decrypt(heard["message"], [opening])
    assert message["search_response"][0]["data"]["reg_records"]


def _with_use(public: dict[str, Any]) -> str:
    return json.dumps({**public, "use": "enc"})


async def test_what_no_search_can_be_is_refused_at_once(verified: Running) -> None:
    """A filter that means nothing here is told in the answer; a form that is none, at once."""
    async with a_subscriber(verified) as one:
        heard = await one.answer(PATH, one.search(by_expression({"colour": "red"})))
        (item,) = heard["message"]["search_response"]
        assert item["status_reason_code"] == "rjct.filter.invalid"
        message = one.search(by_id("UIN", HEAD))
        message["message"]["search_request"][0]["timestamp"] = "yesterday"
        signed = one.partner.signed({**message["header"]}, message["message"])
        told = await one.asks(PATH, signed, valid=False)
        assert told["ack_status"] == "ERR"
        assert told["error"]["message"].startswith("rjct.timestamp.invalid")


async def test_a_partner_is_called_with_the_token_that_it_asks_for(verified: Running) -> None:
    database = verified.parts.shelf.database
    async with a_subscriber(verified) as one:
        sending, client = verified.parts.registry.dressing.sending, one.partner.sender
        await database.write(
            lambda tx: sending.set_bearer(tx, client.client_id, client.region, "s3cret")
        )
        await one.answer(PATH, one.search(by_id("UIN", HEAD)))
        assert one.listener.came[-1][0]["authorization"] == "Bearer s3cret"


async def test_a_household_that_took_its_consent_back_is_told_of_no_more(
    verified: Running,
) -> None:
    """Not in an answer, and not in one that waits to be sent again."""
    async with a_subscriber(verified) as one:
        one.listener.statuses = [503]
        await one.asks(PATH, one.search(by_id("UIN", HEAD)))
        await one.hears()
        await _withdraw(verified)
        verified.clock.forward(minutes=10)
        await settled(verified)
        assert len(one.listener.came) == 1
        one.partner.headers = await fresh(one)
        heard = await one.answer(PATH, one.search(by_id("UIN", HEAD)))
    assert heard["message"]["search_response"][0]["data"]["reg_records"] == []


async def _withdraw(service: Running) -> None:
    headers = {**await service.client(), "Idempotency-Key": "ik-withdraw"}
    body = {"reference": "SQ-2026-000123", "region": "220102"}
    reply = await service.http.post("/v1/consents/withdrawals", json=body, headers=headers)
    assert reply.is_success, reply.text
