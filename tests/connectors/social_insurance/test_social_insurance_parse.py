"""Replies of the social insurance's jobs."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import AskedPerson, Found, IdType, NoRecord, Outcome, Partial, Unknown
from connectors.failure import FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.records import Benefit, BenefitKind, Contribution, InsuranceKind
from connectors.social_insurance.client import MAPPING
from connectors.social_insurance.parse import Done, JobFailed, Running, read_job, read_submitted

MAP = FieldMap.load(MAPPING)
LI = AskedPerson("p1", "李明", IdType.RESIDENT_ID, "229901198003071236")
BAI = AskedPerson("p2", "白宇", IdType.RESIDENT_ID, "229902198909140639")
PAYMENT = {
    "type": "PAYMENT",
    "xm": "李明",
    "sfzh": "229901800307123",
    "xz": "110",
    "jfny": "202609",
    "jfjs": 360000,
    "grjfje": 28800,
    "dwjfje": 57601,
    "dwmc": "长春市某某物业有限公司",
    "dwbh": "91220102MA0Y5X1A2B",
}
BENEFIT = {
    "type": "BENEFIT",
    "xm": "李明",
    "sfzh": "229901800307123",
    "dylx": "02",
    "ffny": "202609",
    "ffje": 142000,
}
NOBODY = {"index": 0, "found": False, "records": []}


def result(*records: object, index: object = 0, found: object = True) -> dict[str, object]:
    return {"index": index, "found": found, "records": list(records)}


def body(*results: object, **fields: object) -> bytes:
    whole = {"jobId": "j-1", "state": "DONE", "results": list(results), **fields}
    return json.dumps(whole, ensure_ascii=False).encode()


def outcomes(reply: bytes, *persons: AskedPerson) -> list[Outcome]:
    state = read_job(reply, "j-1", persons or (LI,), MAP)
    assert isinstance(state, Done)
    return [each.outcome for each in state.replies]


def test_a_contribution_and_a_benefit_are_read_in_yuan() -> None:
    (found,) = outcomes(body(result(PAYMENT, BENEFIT)))
    assert isinstance(found, Found)
    first, second = found.records
    assert isinstance(first, Contribution)
    assert (first.insurance, first.month) == (InsuranceKind.PENSION_ENTERPRISE, date(2026, 9, 1))
    amounts = (first.base, first.own, first.by_employer)
    assert amounts == (Decimal(3600), Decimal(288), Decimal("576.01"))
    assert first.employer_code == "91220102MA0Y5X1A2B"
    assert isinstance(second, Benefit)
    assert (second.kind, second.amount) == (BenefitKind.UNEMPLOYMENT, Decimal(1420))
    assert first.problems == second.problems == ()


def test_each_person_has_an_answer_by_index() -> None:
    found, none = outcomes(body({**NOBODY, "index": 1}, result(PAYMENT)), LI, BAI)
    assert isinstance(found, Found)
    assert none == NoRecord()


@pytest.mark.parametrize(
    ("results", "kind"),
    [
        ((), FailureKind.INCOMPLETE),
        ((result(),), FailureKind.MALFORMED),
        ((result(PAYMENT, found=False),), FailureKind.MALFORMED),
        ((result(PAYMENT, found=None),), FailureKind.MALFORMED),
        ((result(found="false"),), FailureKind.MALFORMED),
        (({"index": 0, "found": False},), FailureKind.MALFORMED),
        (({"index": 0, "found": True, "records": {}},), FailureKind.MALFORMED),
        ((result(PAYMENT), NOBODY), FailureKind.MALFORMED),
        ((result({**PAYMENT, "type": "LOAN"}),), FailureKind.UNMAPPED),
        ((result("a"),), FailureKind.MALFORMED),
        ((result({**PAYMENT, "xm": "张三", "sfzh": BAI.id_number}),), FailureKind.MISMATCHED),
    ],
)
def test_a_failure_is_never_no_record(results: tuple[object, ...], kind: FailureKind) -> None:
    (unknown,) = outcomes(body(*results))
    assert isinstance(unknown, Unknown)
    assert unknown.gap.kind is kind


@pytest.mark.parametrize(
    ("other", "kind", "count"),
    [
        ({**PAYMENT, "xz": "999"}, FailureKind.UNMAPPED, 2),
        ({**PAYMENT, "xz": 110, "jfny": "202613"}, FailureKind.UNMAPPED, 2),
        ({**PAYMENT, "jfjs": 3600.5}, FailureKind.UNMAPPED, 2),
        ({**BENEFIT, "type": "GRANT"}, FailureKind.UNMAPPED, 1),
        ({**BENEFIT, "xm": "张三", "sfzh": BAI.id_number}, FailureKind.MISMATCHED, 1),
    ],
)
def test_what_can_be_read_is_kept(other: object, kind: FailureKind, count: int) -> None:
    (partial,) = outcomes(body(result(BENEFIT, other)))
    assert isinstance(partial, Partial)
    assert (partial.gap.kind, len(partial.records)) == (kind, count)


def test_repeats_are_one() -> None:
    (found,) = outcomes(body(result(PAYMENT, PAYMENT), result(PAYMENT, PAYMENT)))
    assert isinstance(found, Found)
    assert len(found.records) == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"", FailureKind.MALFORMED),
        (b"[]", FailureKind.MALFORMED),
        (body(jobId="j-2"), FailureKind.MISMATCHED),
        (body(jobId=None), FailureKind.MALFORMED),
        (body(state="LOST"), FailureKind.MALFORMED),
        (body(state=None), FailureKind.MALFORMED),
        (body(NOBODY, state="RUNNING"), FailureKind.MALFORMED),
        (body(results=None), FailureKind.MALFORMED),
        (body("a"), FailureKind.MALFORMED),
        (body(result(PAYMENT, index=None)), FailureKind.MALFORMED),
        (body(result(PAYMENT, index=False)), FailureKind.MALFORMED),
        (body(NOBODY, result(PAYMENT, index=1)), FailureKind.MISMATCHED),
        (body(NOBODY, result(PAYMENT, index=-1)), FailureKind.MISMATCHED),
        (body(result(PAYMENT)).replace(b"360000", b"NaN"), FailureKind.MALFORMED),
        (body(result(PAYMENT)).replace(b"360000", b"1e999"), FailureKind.MALFORMED),
        (body(result(PAYMENT))[:-1], FailureKind.MALFORMED),
        (body(result(PAYMENT)).decode().encode("gbk"), FailureKind.MALFORMED),
    ],
)
def test_what_is_no_answer_is_told(reply: bytes, kind: FailureKind) -> None:
    with pytest.raises(SourceError) as caught:
        read_job(reply, "j-1", (LI,), MAP)
    assert caught.value.failure.kind is kind


@pytest.mark.parametrize(
    ("pause", "wanted"), [(7, 7), (0, 0), (10**9, 600), (-1, 2), ("7", 2), (None, 2), (True, 2)]
)
def test_the_pause_is_the_sources_within_reason(pause: object, wanted: int) -> None:
    running = read_job(body(state="RUNNING", pollAfterSeconds=pause), "j-1", (LI,), MAP)
    assert running == Running(timedelta(seconds=wanted))


def test_a_failed_job_is_told() -> None:
    reply = json.dumps({"jobId": "j-1", "state": "FAILED", "error": "李明"}).encode()
    assert read_job(reply, "j-1", (LI,), MAP) == JobFailed()


def test_a_submission_gives_the_job() -> None:
    taken = read_submitted(b'{"jobId": "j-81f3", "pollAfterSeconds": 3}')
    assert (taken.job, taken.pause) == ("j-81f3", timedelta(seconds=3))


@pytest.mark.parametrize("reply", [b"", b"[]", b"{}", b'{"jobId": ""}', b'{"jobId": 7}'])
def test_a_submission_without_a_job_is_told(reply: bytes) -> None:
    with pytest.raises(SourceError):
        read_submitted(reply)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["DONE", "j-1", "PAYMENT"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["jobId", "state", "results", "index", "found", "records", "type"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=3))
def test_no_result_but_the_documented_one_is_no_record(results: list[object]) -> None:
    try:
        (outcome,) = outcomes(body(*results))
    except SourceError:
        return
    if isinstance(outcome, NoRecord):
        assert all({**NOBODY, **each} == each for each in results if isinstance(each, dict))
