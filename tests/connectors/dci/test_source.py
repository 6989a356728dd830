"""Sources that speak DCI, by configuration alone, over real HTTP."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from joserfc import jws

from connectors.contract import (
    Callback,
    CallbackRefused,
    Found,
    IdType,
    NoRecord,
    Partial,
    Progress,
    Source,
    SourceReply,
    Unknown,
)
from connectors.dci.keys import public_of
from connectors.dci.signatures import Dialect
from connectors.dci.source import DciLaterSource, DciSource
from connectors.failure import FailureKind
from connectors.over_dci import over_dci
from connectors.reach import reach
from connectors.records import RegisteredPerson, Relation, ReliefEnrolment, Vehicle
from connectors.transport.limits import Gate, Limits
from tests.connectors.asked import LI_MING, STRANGER, CountingPermit, a_person, a_query
from tests.connectors.asked import NAMESAKE as NAMESAKES_NUMBER
from tests.connectors.dci import registry as played
from tests.connectors.dci.registry import Registry, found, item, jwk, jwks
from tests.connectors.web_server import serving

PERSON = {
    "@type": "SRPerson",
    "identifier": [{"identifier_type": "NATIONAL_ID", "identifier_value": LI_MING}],
    "name": {"surname": "李", "given_name": "明"},
    "sex": "male",
    "birth_date": "1980-03-07T00:00:00Z",
    "marital_status": "M",
}
WIFE = {
    "identifier": [{"identifier_type": "NATIONAL_ID", "identifier_value": STRANGER}],
    "name": {"surname": "王", "given_name": "芳"},
    "sex": "female",
    "birth_date": "1988-12-12",
}
GROUP = {
    "@type": "Group",
    "group_identifier": [{"identifier_type": "HHID", "identifier_value": "H-7"}],
    "member_list": [
        {"household_member": {"demographic_info": {"person": PERSON}, "relationship_head": "SELF"}},
        {"household_member": {"demographic_info": {"person": WIFE}, "relationship_head": "SPS"}},
    ],
}


def configured(url: str, **changes: Any) -> dict[str, Any]:
    return {
        "dci": {
            "url": url,
            "sender_id": played.SENDER,
            "receiver_id": "registry.example",
            "client_id": "hedui",
            "client_secret": "s",
            "signature": "openspp",
            "key": jwk(played.OURS, private=True),
            "peer_keys": jwks(played.THEIRS, played.THEIR_BOX),
            **changes,
        }
    }


def a_source(url: str, name: str = "household_registry", **changes: Any) -> Source:
    mapping = changes.pop("mapping", None)
    config: Mapping[str, Any] = configured(url, **changes)
    if mapping is not None:
        config = {**config, "mapping": mapping}
    source = over_dci(name, config, Gate(name, Limits(tries=1)))
    assert isinstance(source, DciSource | DciLaterSource)
    source._registry.clock = lambda: played.NOW
    return source


async def ask(
    registry: Registry,
    name: str = "household_registry",
    permit: CountingPermit | None = None,
    **changes: Any,
) -> SourceReply:
    async with serving(registry) as url:
        source = a_source(url, name, **changes)
        try:
            progress = await source.ask(a_query(), permit or CountingPermit())
        finally:
            await source.aclose()
    (reply,) = progress.replies
    return reply


def gap_of(reply: SourceReply) -> FailureKind:
    assert isinstance(reply.outcome, Unknown), reply.outcome
    return reply.outcome.gap.kind


async def test_a_person_of_a_registry_is_a_registered_person() -> None:
    registry, permit = Registry([found([PERSON])]), CountingPermit()
    reply = await ask(registry, permit=permit)
    assert isinstance(reply.outcome, Found)
    (one,) = reply.outcome.records
    assert isinstance(one, RegisteredPerson)
    subject = one.subjects[0]
    assert (subject.name, subject.id_number) == ("李明", LI_MING)
    assert subject.birth_date == date(1980, 3, 7)
    assert one.dead is None, "nothing is said of a death"
    assert permit.given == 1
    asked = registry.asked[0]["message"]["search_request"][0]["search_criteria"]
    assert asked["query"] == {"type": "NATIONAL_ID", "value": LI_MING}


async def test_the_other_members_of_a_group_come_as_the_household() -> None:
    reply = await ask(Registry([found([GROUP])]))
    assert isinstance(reply.outcome, Found)
    own, wife = reply.outcome.records
    assert isinstance(own, RegisteredPerson)
    assert isinstance(wife, RegisteredPerson)
    assert (own.relation, own.in_household, own.household_number) == (Relation.HEAD, False, "H-7")
    assert (wife.relation, wife.in_household) == (Relation.SPOUSE, True)


async def test_a_death_that_is_registered_is_one() -> None:
    reply = await ask(Registry([found([{**PERSON, "death_date": "2025-01-02"}])]))
    assert isinstance(reply.outcome, Found)
    (one,) = reply.outcome.records
    assert isinstance(one, RegisteredPerson)
    assert (one.dead, one.died_on) == (True, date(2025, 1, 2))


async def test_a_stranger_is_not_taken_for_the_person() -> None:
    reply = await ask(Registry([found([WIFE])]))
    assert gap_of(reply) is FailureKind.MISMATCHED


async def test_no_record_is_an_answer() -> None:
    assert (await ask(Registry([found([])]))).outcome == NoRecord()
    left_out = Registry([lambda request: []])
    assert (await ask(left_out)).outcome == NoRecord(), "as OpenCRVS says it"


async def test_an_unknown_code_makes_the_answer_partial() -> None:
    reply = await ask(Registry([found([{**PERSON, "marital_status": "9Z"}])]))
    assert isinstance(reply.outcome, Partial)
    assert reply.outcome.gap.kind is FailureKind.UNMAPPED


async def test_pages_are_read_to_the_end() -> None:
    registry = Registry([found([PERSON], total=2), found([{**PERSON, "address": "2"}], total=2)])
    reply = await ask(registry)
    assert isinstance(reply.outcome, Found)
    assert len(reply.outcome.records) == 2
    pages = [one["message"]["search_request"][0] for one in registry.asked]
    assert [one["search_criteria"]["pagination"]["page_number"] for one in pages] == [1, 2]
    assert len({one["header"]["message_id"] for one in registry.asked}) == 2


async def test_a_page_that_fails_leaves_the_answer_partial() -> None:
    rejected = [found([PERSON], total=2), lambda request: [item(request, [], status="rjct")]]
    reply = await ask(Registry(rejected))
    assert isinstance(reply.outcome, Partial)


@pytest.mark.parametrize("form", ["idtype-value", "predicate", "expression"])
async def test_the_three_forms_of_a_query(form: str) -> None:
    registry = Registry([found([PERSON])])
    assert isinstance((await ask(registry, query_type=form)).outcome, Found)
    criteria = registry.asked[0]["message"]["search_request"][0]["search_criteria"]
    assert criteria["query_type"] == form
    assert LI_MING in json.dumps(criteria["query"])


@pytest.mark.parametrize("dialect", [Dialect.OPENSPP, Dialect.JWS_DETACHED, Dialect.JWS])
async def test_every_dialect_is_spoken_both_ways(dialect: Dialect) -> None:
    registry = Registry([found([PERSON])], dialect=dialect)
    reply = await ask(registry, signature=dialect.value)
    assert isinstance(reply.outcome, Found)


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
@pytest.mark.parametrize("dialect", [Dialect.JWS_DETACHED, Dialect.JWS])
async def test_registries_with_rsa_keys_as_they_publish_them(
    dialect: Dialect, algorithm: str
) -> None:
    """We sign by RS256 with an RSA key of ours; theirs says what it is for."""
    ours, theirs = played.OUR_BOX, public_of(played.THEIR_BOX, use="sig", algorithm=algorithm)
    registry = Registry([found([PERSON])], dialect=dialect, key=played.THEIR_BOX, callers=(ours,))
    if algorithm == "PS256":
        registry.changed = lambda one: {**one, "signature": by_ps256(one, dialect)}
    reply = await ask(
        registry,
        signature=dialect.value,
        key=jwk(ours, private=True),
        peer_keys=json.dumps({"keys": [theirs]}),
    )
    assert isinstance(reply.outcome, Found)


def by_ps256(envelope: dict[str, Any], dialect: Dialect) -> str:
    signed = {name: envelope[name] for name in ("header", "message")}
    payload = orjson.dumps(signed, option=orjson.OPT_SORT_KEYS)
    head, key = {"alg": "PS256"}, played.THEIR_BOX
    full = jws.serialize_compact(head, payload, key, algorithms=["PS256"])
    first, _, last = full.split(".")
    return full if dialect is Dialect.JWS else f"{first}..{last}"


async def test_encrypted_both_ways() -> None:
    registry = Registry([found([PERSON])], encrypts=True)
    box = jwk(played.OUR_BOX, private=True)
    reply = await ask(registry, encrypt=True, decryption_key=box)
    assert isinstance(reply.outcome, Found)
    assert registry.asked[0]["message"]["search_request"]


async def test_what_is_declared_as_text_is_read_all_the_same() -> None:
    registry = Registry([found([PERSON])], said="text/plain")
    assert isinstance((await ask(registry)).outcome, Found)


async def test_a_withdrawn_token_is_renewed_once() -> None:
    registry = Registry([found([PERSON])], refused={"t0"})
    assert isinstance((await ask(registry)).outcome, Found)
    assert registry.tokens == ["t0", "t1"]


@pytest.mark.parametrize("where", ["form", "query"])
async def test_where_the_credentials_of_a_token_stand(where: str) -> None:
    registry = Registry([found([PERSON])])
    assert isinstance((await ask(registry, token_in=where)).outcome, Found)
    assert registry.tokens == ["t0"]


@pytest.mark.parametrize(
    ("registry", "kind"),
    [
        (Registry([found([PERSON])], key=played.OURS), FailureKind.REFUSED),
        (Registry([found([PERSON])], dialect=Dialect.NONE), FailureKind.REFUSED),
        (
            Registry([found([PERSON])], changed=lambda one: {**one, "header": None}),
            FailureKind.MALFORMED,
        ),
        (
            Registry([lambda request: [item(request, [PERSON], reference_id="another")]]),
            FailureKind.MISMATCHED,
        ),
        (
            Registry([lambda request: [item(request, [], status="pdng", data=None)]]),
            FailureKind.UNAVAILABLE,
        ),
        (Registry([lambda request: {}]), FailureKind.MALFORMED),
        (
            Registry(
                [
                    lambda request: [
                        item(
                            request,
                            [],
                            status="rjct",
                            status_reason_code="rjct.search.too_many_records_found",
                        )
                    ]
                ]
            ),
            FailureKind.INCOMPLETE,
        ),
        (Registry([lambda request: [item(request, "none")]]), FailureKind.MALFORMED),
    ],
    ids=[
        "stranger",
        "stub",
        "no header",
        "another",
        "pending",
        "no list",
        "too many",
        "no records",
    ],
)
async def test_what_goes_wrong_is_unknown_with_its_kind(
    registry: Registry, kind: FailureKind
) -> None:
    assert gap_of(await ask(registry)) is kind


BY_NAME = {"name": "full_name", "birth_date": "birthdate"}
BORN = date(1980, 3, 7)
UNNUMBERED = {name: value for name, value in PERSON.items() if name != "identifier"}
NAMESAKE = {
    **PERSON,
    "identifier": [{"identifier_type": "NATIONAL_ID", "identifier_value": NAMESAKES_NUMBER}],
}


async def ask_by_name(
    records: list[Any], born: date | None = BORN, **changes: Any
) -> tuple[Registry, SourceReply]:
    registry = Registry([found(records)])
    async with serving(registry) as url:
        source = a_source(url, **{"by_name": BY_NAME, **changes})
        person = a_person(number="", id_type=IdType.NONE, birth_date=born)
        progress = await source.ask(a_query(person), CountingPermit())
        await source.aclose()
    return registry, progress.replies[0]


async def test_a_reply_that_is_not_believed_is_not_asked_for_again() -> None:
    registry = Registry([found([PERSON])], key=played.OURS)
    assert gap_of(await ask(registry)) is FailureKind.REFUSED
    assert (len(registry.asked), registry.tokens) == (1, ["t0"])


async def test_who_has_no_document_is_asked_for_by_name_and_birth_date() -> None:
    registry, reply = await ask_by_name([PERSON], response_entity="Member")
    assert isinstance(reply.outcome, Found)
    criteria = registry.asked[0]["message"]["search_request"][0]["search_criteria"]
    assert criteria["query_type"] == "expression"
    assert criteria["query"]["value"]["expression"] == {
        "collection": "Member",
        "query": {"$and": [{"full_name": {"$eq": "李明"}}, {"birthdate": {"$eq": "1980-03-07"}}]},
    }


@pytest.mark.parametrize("others", [[NAMESAKE], [UNNUMBERED]], ids=["two numbers", "one number"])
async def test_of_several_with_that_name_nobody_is_found(others: list[Any]) -> None:
    """All of them stay, to be judged."""
    _, reply = await ask_by_name([PERSON, *others])
    assert isinstance(reply.outcome, Partial)
    assert len(reply.outcome.records) == 2
    assert reply.outcome.gap.kind is FailureKind.MISMATCHED


async def test_the_rest_of_a_household_makes_nobody_ambiguous() -> None:
    _, reply = await ask_by_name([GROUP])
    assert isinstance(reply.outcome, Found)
    assert len(reply.outcome.records) == 2


async def test_who_has_a_number_is_asked_for_by_it_all_the_same() -> None:
    registry = Registry([found([PERSON])])
    assert isinstance((await ask(registry, by_name=BY_NAME)).outcome, Found)
    criteria = registry.asked[0]["message"]["search_request"][0]["search_criteria"]
    assert criteria["query"] == {"type": "NATIONAL_ID", "value": LI_MING}


@pytest.mark.parametrize("born", [None, BORN])
async def test_nobody_is_asked_for_by_a_name_alone(born: date | None) -> None:
    """Or where the registry's settings do not say that it may be."""
    more = {} if born is None else {"by_name": None}
    registry, reply = await ask_by_name([PERSON], born, **more)
    assert gap_of(reply) is FailureKind.REJECTED
    assert registry.asked == []


async def test_the_purpose_of_a_search_is_told_where_it_is_set() -> None:
    registry = Registry([found([PERSON])])
    await ask(registry, purpose="social-relief")
    criteria = registry.asked[0]["message"]["search_request"][0]["search_criteria"]
    assert criteria["authorize"]["purpose"] == {"code": "social-relief"}


async def test_a_register_of_beneficiaries_tells_programmes() -> None:
    """As the published example of the IBR has it."""
    record = {
        "@type": "Beneficiary",
        "member": {
            "demographic_info": {"person": {**PERSON, "birth_date": "07.03.1980"}},
            "programme_identifier": {
                "programme": {"programme_identifier": "DCI001", "programme_name": "低保"},
                "enrolment_date": "02.02.2024",
                "enrolment_status": "Active",
                "benefits": {"benefit_type": "Cash", "benefit_value": "CNY 530"},
            },
        },
    }
    reply = await ask(Registry([found([record])]), "relief_register")
    assert isinstance(reply.outcome, Found)
    (one,) = reply.outcome.records
    assert isinstance(one, ReliefEnrolment)
    assert (one.programme, one.programme_code, one.active) == ("低保", "DCI001", True)
    assert (one.enrolled_on, one.amount) == (date(2024, 2, 2), Decimal("530.00"))


async def test_any_source_by_a_mapping_of_ones_own(tmp_path: Path) -> None:
    mapping = tmp_path / "machines.yaml"
    mapping.write_text(
        "version: 2026-11-29\ndocument: farmers' registry\nrecords:\n  record:\n"
        "    record: Vehicle\n    subject:\n"
        "      name: {from: name, read: text}\n"
        '      id_number: {from: "id:NATIONAL_ID", read: text}\n    fields:\n'
        "      plate: {from: machine.plate, read: text}\n",
        encoding="utf-8",
    )
    record = {**PERSON, "machine": {"plate": "吉01-12345"}}
    reply = await ask(Registry([found([record])]), "vehicle", mapping=str(mapping))
    assert isinstance(reply.outcome, Found)
    (one,) = reply.outcome.records
    assert isinstance(one, Vehicle)
    assert one.plate == "吉01-12345"


async def later(registry: Registry, **changes: Any) -> tuple[DciLaterSource, Progress]:
    """A source that is called back, and what asking it gave."""
    async with serving(registry) as url:
        source = a_source(url, callback_url="https://hedui.example/v1/callbacks/x", **changes)
        assert isinstance(source, DciLaterSource)
        progress = await source.ask(a_query(), CountingPermit())
        await source.aclose()
    return source, progress


def a_call(registry: Registry, items: Any) -> Callback:
    envelope = registry.reply(registry.asked[0], items)
    return Callback({}, json.dumps(envelope, ensure_ascii=False).encode(), played.NOW.timestamp())


async def test_an_answer_that_comes_by_a_call_is_taken_once_it_is_believed() -> None:
    registry = Registry([found([PERSON])])
    source, progress = await later(registry)
    assert progress.replies == ()
    assert progress.ticket is not None
    callback = a_call(registry, [item(registry.asked[0], [PERSON])])
    assert source.reference_of(callback) == "SQ-1"
    assert registry.asked[0]["header"]["sender_uri"].endswith("/v1/callbacks/x")
    taken = source.receive(callback, progress.ticket, a_query())
    assert isinstance(taken.replies[0].outcome, Found)
    assert taken.ticket is None


async def test_a_call_that_is_not_theirs_is_refused() -> None:
    registry = Registry([found([PERSON])])
    source, _ = await later(registry)
    forged = Registry([], key=played.OURS, asked=registry.asked)
    with pytest.raises(CallbackRefused):
        source.reference_of(a_call(forged, [item(registry.asked[0], [PERSON])]))
    with pytest.raises(CallbackRefused):
        source.reference_of(Callback({}, b"{", played.NOW.timestamp()))


async def test_a_call_about_another_search_answers_nothing() -> None:
    registry = Registry([found([PERSON])])
    source, progress = await later(registry)
    assert progress.ticket is not None
    other = item(registry.asked[0], [PERSON], reference_id="another")
    taken = source.receive(a_call(registry, [other]), progress.ticket, a_query())
    assert isinstance(taken.replies[0].outcome, Unknown)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"colour": "x"}, "colour is no setting"),
        ({"url": ""}, "url is missing"),
        ({"signature": "rot13"}, "signature is one of"),
        ({"signature": "jws", "key": None}, "signature needs"),
        ({"key": "{}"}, "key is no JWK"),
        ({"key": jwks(played.OURS)}, "key is no JWK"),
        ({"key": jwk(played.OURS)}, "no private key"),
        ({"peer_keys": "{"}, "peer_keys"),
        ({"callback_url": "https://x.example", "peer_keys": None}, "callback_url needs"),
        ({"encrypt": True}, "encrypt needs"),
        ({"token_in": "cookie"}, "token_in is one of"),
        ({"id_types": {"dog": "x"}}, "id_types"),
        ({"poll_seconds": 0}, "poll_seconds"),
        ({"by_name": {"name": "full_name"}}, "by_name has the keys"),
        ({"by_name": True}, "by_name has the keys"),
        ({"by_name": {"name": 1, "birth_date": "dob"}}, "by_name/name is a text"),
    ],
)
def test_a_wrong_setting_is_named(section: dict[str, Any], words: str) -> None:
    config = configured("http://registry.example")
    with pytest.raises(ValueError, match=words):
        over_dci("tax", {"dci": {**config["dci"], **section}}, Gate("tax", Limits()))


async def test_a_registry_is_reached_by_a_token_and_nobody_is_asked_about() -> None:
    registry = Registry([found([PERSON])])
    async with serving(registry) as url:
        said = await reach("household_registry", configured(url))
    assert (said, registry.tokens, registry.asked) == ("gave a token", ["t0"], [])


def test_another_source_needs_its_mapping() -> None:
    with pytest.raises(ValueError, match="mapping is missing"):
        a_source("http://registry.example", "bank")
