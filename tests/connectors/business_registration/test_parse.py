"""Answers of market regulation: interests in three lists, none, and what is no answer."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.business_registration.client import MAPPING
from connectors.business_registration.parse import LISTS, read_reply
from connectors.contract import Found, NoRecord, Outcome, Partial, Unknown
from connectors.failure import FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.records import BusinessInterest, EnterpriseKind, EnterpriseState, InterestRole
from connectors.transport.token import read_token
from tests.connectors.asked import a_person

FIELDS = FieldMap.load(MAPPING)


def a_shop(**changes: object) -> dict[str, object]:
    return {
        "entName": "长春市某某小吃店",
        "uniscid": "92220102MA15XK3T7D",
        "entType": "9600",
        "entStatus": "1",
        "estDate": "2021-04-02",
        "regCap": 3,
        "personName": "李明",
        "idNo": "229901********1236",
        **changes,
    }


def a_holding(**changes: object) -> dict[str, object]:
    shop = a_shop(entType="1130", subConAm=20.5, acConAm=0, conProp=0.41, conDate="2018-07-01")
    del shop["estDate"], shop["regCap"]
    return {**shop, **changes}


def a_reply(*, status: object = 200, **lists: object) -> bytes:
    data = {name: [] for name in LISTS} | lists
    return json.dumps({"status": status, "data": data}, ensure_ascii=False).encode()


def read(body: bytes) -> Outcome:
    try:
        return read_reply(body, a_person(), FIELDS)
    except SourceError as error:
        return Unknown(error.failure)


def interests(body: bytes) -> list[BusinessInterest]:
    outcome = read(body)
    assert isinstance(outcome, Found)
    return [record for record in outcome.records if isinstance(record, BusinessInterest)]


def test_interests_are_read_in_our_words() -> None:
    lists = {"legalRepresentative": [a_shop()], "shareholder": [a_holding()]}
    shop, holding = interests(a_reply(**lists))
    assert shop.role is InterestRole.LEGAL_REPRESENTATIVE
    assert (shop.kind, shop.state) == (EnterpriseKind.SOLE_TRADER, EnterpriseState.IN_BUSINESS)
    assert (shop.established_on, shop.registered_capital) == (date(2021, 4, 2), Decimal(30000))
    assert shop.subjects[0].id_number == "229901********1236"
    assert (holding.role, holding.kind) == (InterestRole.SHAREHOLDER, EnterpriseKind.COMPANY)
    assert (holding.subscribed, holding.paid_in) == (Decimal(205000), Decimal(0))
    assert (holding.share, holding.registered_capital) == (Decimal("0.41"), None)


def test_one_shop_in_two_roles_is_two_interests() -> None:
    found = interests(a_reply(legalRepresentative=[a_shop(), a_shop()], manager=[a_shop()]))
    assert [each.role for each in found] == ["legal_representative", "manager"]


def test_older_records_have_no_number() -> None:
    assert len(interests(a_reply(manager=[a_shop(idNo=None)]))) == 1


def test_no_record_is_three_empty_lists() -> None:
    assert read(a_reply()) == NoRecord()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (a_reply(status=500), FailureKind.UNAVAILABLE),
        (a_reply(status=429), FailureKind.RATE_LIMITED),
        (a_reply(status=401), FailureKind.REFUSED),
        (a_reply(status=404), FailureKind.REJECTED),
        (a_reply(status="200"), FailureKind.MALFORMED),
        (a_reply(status=None), FailureKind.MALFORMED),
        (a_reply(status=True), FailureKind.MALFORMED),
        (b'{"status": 200}', FailureKind.MALFORMED),
        (b'{"status": 200, "data": {}}', FailureKind.MALFORMED),
        (b'{"status": 200, "data": []}', FailureKind.MALFORMED),
        (b'{"status": 200, "data": {"manager": []}}', FailureKind.INCOMPLETE),
        (a_reply(shareholder=None), FailureKind.INCOMPLETE),
        (a_reply(shareholder={}), FailureKind.INCOMPLETE),
        (a_reply(shareholder=["row"]), FailureKind.MALFORMED),
        (a_reply(supervisor=[a_shop()]), FailureKind.UNMAPPED),
        (a_reply(manager=[a_shop(personName="王芳", idNo="229903********1217")]), "mismatched"),
        (a_reply(shareholder=[a_holding()]).replace(b"20.5", b"NaN"), FailureKind.MALFORMED),
        (b"", FailureKind.MALFORMED),
        (a_reply(manager=[a_shop()]).decode().encode("gbk"), FailureKind.MALFORMED),
    ],
)
def test_a_failure_is_unknown_and_never_no_record(body: bytes, kind: FailureKind) -> None:
    outcome = read(body)
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind == kind


@pytest.mark.parametrize(
    ("lists", "kind"),
    [
        ({"shareholder": None}, FailureKind.INCOMPLETE),
        ({"supervisor": [a_shop()]}, FailureKind.UNMAPPED),
        ({"manager": [a_shop(entStatus="7")]}, FailureKind.UNMAPPED),
        ({"manager": [a_shop(entType="11")]}, FailureKind.UNMAPPED),
        ({"shareholder": [a_holding(conProp=41)]}, FailureKind.UNMAPPED),
        ({"manager": [a_shop(personName="王芳", idNo="229903********1217")]}, "mismatched"),
    ],
)
def test_what_can_be_read_stays_beside_the_gap(lists: dict[str, object], kind: FailureKind) -> None:
    outcome = read(a_reply(legalRepresentative=[a_shop()], **lists))
    assert isinstance(outcome, Partial)
    assert outcome.gap.kind == kind
    assert outcome.records[0].problems == ()


LISTINGS: st.SearchStrategy[object] = (
    st.none() | st.lists(st.none() | st.builds(a_shop)) | st.integers() | st.just({})
)


@given(st.dictionaries(st.sampled_from([*LISTS, "other"]), LISTINGS))
def test_only_three_empty_lists_are_no_record(lists: dict[str, object]) -> None:
    is_empty = all(lists.get(name, []) == [] for name in LISTS) and not lists.get("other")
    assert isinstance(read(a_reply(**lists)), NoRecord) == is_empty


def test_a_token_is_read() -> None:
    body = b'{"access_token": "abc", "token_type": "bearer", "expires_in": 600}'
    assert read_token(body) == ("abc", 600.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": "a\r\nX: b"},
        {"access_token": "令牌"},
        {"token_type": "mac"},
        {"token_type": None},
        {"expires_in": 0},
        {"expires_in": "600"},
        {"expires_in": True},
    ],
)
def test_a_token_that_is_none_is_malformed(changes: dict[str, object]) -> None:
    token = {"access_token": "abc", "token_type": "Bearer", "expires_in": 600} | changes
    with pytest.raises(SourceError) as caught:
        read_token(json.dumps(token).encode())
    assert caught.value.failure.kind is FailureKind.MALFORMED
    with pytest.raises(SourceError):
        read_token(b"[]")
