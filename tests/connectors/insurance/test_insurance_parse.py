"""What the results of an inquiry say about a person."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import AskedPerson, Found, IdType, NoRecord, Outcome, Partial, Unknown
from connectors.failure import FailureKind, SourceError
from connectors.insurance.client import MAPPING
from connectors.insurance.parse import outcome_of, read_accepted
from connectors.insurance.parts import Entry
from connectors.mapping import FieldMap
from connectors.records import Policy, PolicyClass, PolicyRole, PolicyState

MAP = FieldMap.load(MAPPING)
LI = AskedPerson("p1", "李明", IdType.RESIDENT_ID, "229901198003071236")
POLICY = {
    "bdh": "P2201000012345",
    "gsmc": "某某人寿",
    "cpmc": "某某年金保险（分红型）",
    "xzfl": "年金",
    "role": "投保人",
    "xm": "李明",
    "zjhm": "229901198003071236",
    "bdzt": "有效",
    "sxrq": "2017-08-01",
    "jffs": "年缴",
    "ncbf": "3000.00",
    "ljbf": "27,000.00",
    "xjjz": "19850.01",
    "nlqje": "0.00",
}
STRANGER = {**POLICY, "xm": "张三", "zjhm": "229902198909140639"}
NONE: Entry = {"seq": 1, "status": "NONE", "policies": []}
ERROR: Entry = {"seq": 1, "status": "ERROR", "reason": "李明 timeout"}


def found(*policies: object) -> Entry:
    return {"seq": 1, "status": "FOUND", "policies": list(policies)}


def outcome(*entries: Entry, complete: bool = True) -> Outcome | None:
    return outcome_of(entries, LI, MAP, complete=complete)


def test_a_policy_is_read() -> None:
    given_ = outcome(found(POLICY))
    assert isinstance(given_, Found)
    (policy,) = given_.records
    assert isinstance(policy, Policy)
    assert (policy.policy_class, policy.role) == (PolicyClass.ANNUITY, PolicyRole.HOLDER)
    assert (policy.state, policy.effective_on) == (PolicyState.IN_FORCE, date(2017, 8, 1))
    assert (policy.yearly_premium, policy.premiums_paid) == (Decimal(3000), Decimal(27000))
    assert (policy.cash_value, policy.annuity_received) == (Decimal("19850.01"), Decimal(0))
    assert policy.problems == ()


def test_none_is_no_record_once_all_parts_have_come() -> None:
    assert outcome(NONE) == NoRecord()
    assert outcome({"seq": 1, "status": "NONE"}) == NoRecord()
    assert isinstance(outcome(NONE, complete=False), Unknown)


def test_an_error_is_no_outcome_once_all_parts_have_come() -> None:
    assert outcome(ERROR) is None
    assert isinstance(outcome(ERROR, complete=False), Unknown)


@pytest.mark.parametrize(
    ("entries", "kind"),
    [
        ((), FailureKind.INCOMPLETE),
        ((found(),), FailureKind.MALFORMED),
        (({**NONE, "policies": [POLICY]},), FailureKind.MALFORMED),
        (({**ERROR, "policies": [POLICY]},), FailureKind.MALFORMED),
        (({"seq": 1, "status": "FOUND", "policies": {}},), FailureKind.MALFORMED),
        (({"seq": 1, "status": "LATER"},), FailureKind.UNMAPPED),
        (({"seq": 1},), FailureKind.UNMAPPED),
        ((NONE, found(POLICY)), FailureKind.MALFORMED),
        ((NONE, ERROR), FailureKind.MALFORMED),
        ((found("a"),), FailureKind.MALFORMED),
        ((found(STRANGER),), FailureKind.MISMATCHED),
    ],
)
def test_a_failure_is_never_no_record(entries: tuple[Entry, ...], kind: FailureKind) -> None:
    unknown = outcome(*entries)
    assert isinstance(unknown, Unknown)
    assert unknown.gap.kind is kind
    assert "李" not in unknown.gap.detail


@pytest.mark.parametrize(
    ("entries", "complete", "kind", "count"),
    [
        ((found(POLICY),), False, FailureKind.INCOMPLETE, 1),
        ((found(POLICY), ERROR), True, FailureKind.UNAVAILABLE, 1),
        ((found(POLICY, {**POLICY, "bdzt": "冻结"}),), True, FailureKind.UNMAPPED, 2),
        ((found(POLICY, {**POLICY, "xjjz": "1e999"}),), True, FailureKind.UNMAPPED, 2),
        ((found(POLICY, 7),), True, FailureKind.MALFORMED, 1),
        ((found(POLICY, STRANGER),), True, FailureKind.MISMATCHED, 1),
    ],
)
def test_what_can_be_read_is_kept(
    entries: tuple[Entry, ...], complete: bool, kind: FailureKind, count: int
) -> None:
    partial = outcome(*entries, complete=complete)
    assert isinstance(partial, Partial)
    assert (partial.gap.kind, len(partial.records)) == (kind, count)


def test_policies_of_several_parts_are_one_answer_and_repeats_are_one() -> None:
    given_ = outcome(found(POLICY, POLICY), found({**POLICY, "bdh": "P2"}, POLICY))
    assert isinstance(given_, Found)
    assert len(given_.records) == 2


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"", FailureKind.MALFORMED),
        (b"[]", FailureKind.MALFORMED),
        (b'{"inquiryNo": "q-1"}', FailureKind.MALFORMED),
        (b'{"inquiryNo": "q-1", "accepted": "true"}', FailureKind.MALFORMED),
        (b'{"inquiryNo": "q-2", "accepted": true}', FailureKind.MISMATCHED),
        (b'{"inquiryNo": "q-1", "accepted": false}', FailureKind.REJECTED),
    ],
)
def test_an_inquiry_is_accepted_or_not(reply: bytes, kind: FailureKind) -> None:
    with pytest.raises(SourceError) as caught:
        read_accepted(reply, "q-1")
    assert caught.value.failure.kind is kind
    read_accepted(b'{"inquiryNo": "q-1", "accepted": true}', "q-1")


@given(
    st.lists(
        st.fixed_dictionaries(
            {"seq": st.just(1)},
            optional={
                "status": st.sampled_from(["FOUND", "NONE", "ERROR", "none", 1, None]),
                "policies": st.none() | st.lists(st.sampled_from([POLICY, STRANGER, 1, {}])),
            },
        ),
        max_size=3,
    ),
    st.booleans(),
)
def test_only_none_and_nothing_else_is_no_record(entries: list[Entry], complete: bool) -> None:
    if isinstance(outcome(*entries, complete=complete), NoRecord):
        assert complete
        assert {each["status"] for each in entries} == {"NONE"}
        assert not any(each.get("policies") for each in entries)
