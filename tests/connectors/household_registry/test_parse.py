"""Replies of the household registry: found, none, or a typed failure."""

import json
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Found, NoRecord, Outcome, Partial, Unknown
from connectors.failure import FailureKind, SourceError
from connectors.household_registry.client import MAPPING
from connectors.household_registry.parse import (
    Page,
    household,
    households_of,
    outcome_of,
    read_reply,
)
from connectors.mapping import FieldMap
from connectors.records import MaritalStatus, RegisteredPerson, Relation, Sex
from tests.connectors.asked import LI_MING, NAMESAKE, STRANGER, a_person

FIELDS = FieldMap.load(MAPPING)


def a_row(**changes: object) -> dict[str, object]:
    return {
        "xm": "李明",
        "cym": "李铭",
        "gmsfhm": LI_MING,
        "xb": "1",
        "mz": "10",
        "csrq": "19800307",
        "hh": "220102003041",
        "yhzgx": "02",
        "hkxz": "2",
        "hyzk": "20",
        "hjdz": "吉林省长春市南关区民康街道7委3组12号",
        "swbs": "0",
        "swrq": None,
        "qczxbs": "0",
        **changes,
    }


def a_reply(*rows: object, **changes: object) -> bytes:
    code = "00" if rows else "01"
    reply = {"code": code, "msg": "成功", "count": len(rows), "rows": list(rows), **changes}
    return json.dumps(reply, ensure_ascii=False).encode()


def read(body: bytes, *lists: Page) -> Outcome:
    try:
        return outcome_of(a_person(), read_reply(body, FIELDS), lists)
    except SourceError as error:
        return Unknown(error.failure)


def gap_of(outcome: Outcome) -> FailureKind | None:
    return outcome.gap.kind if isinstance(outcome, Unknown | Partial) else None


def test_a_person_is_read_in_our_words() -> None:
    outcome = read(a_reply(a_row(swbs="1", swrq="20260102")))
    assert isinstance(outcome, Found)
    person = outcome.records[0]
    assert isinstance(person, RegisteredPerson)
    assert (person.relation, person.marital_status) == (Relation.HEAD, MaritalStatus.MARRIED)
    assert (person.agricultural, person.ethnic_group, person.moved_out) == (False, "朝鲜", False)
    assert (person.dead, person.died_on) == (True, date(2026, 1, 2))
    assert (person.household_number, person.in_household) == ("220102003041", False)
    subject = person.subjects[0]
    assert (subject.name, subject.former_name, subject.id_number) == ("李明", "李铭", LI_MING)
    assert (subject.birth_date, subject.sex) == (date(1980, 3, 7), Sex.MALE)
    assert subject.household_number == "220102003041"


def test_no_record_is_the_documents_own_empty_answer() -> None:
    assert read(a_reply()) == NoRecord()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (a_reply(code="90"), FailureKind.RATE_LIMITED),
        (a_reply(code="98"), FailureKind.REFUSED),
        (a_reply(code="99"), FailureKind.UNAVAILABLE),
        (a_reply(code="77"), FailureKind.UNAVAILABLE),
        (a_reply(code=1), FailureKind.MALFORMED),
        (a_reply(code="00"), FailureKind.MALFORMED),
        (a_reply(code="00", count=2), FailureKind.INCOMPLETE),
        (a_reply(count=1), FailureKind.MALFORMED),
        (a_reply(count=None), FailureKind.MALFORMED),
        (a_reply(count=False), FailureKind.MALFORMED),
        (a_reply(rows=None), FailureKind.MALFORMED),
        (a_reply(a_row(), code="01"), FailureKind.MALFORMED),
        (a_reply(a_row(), rows={}), FailureKind.MALFORMED),
        (a_reply("row"), FailureKind.MALFORMED),
        (a_reply(a_row(xm=None)), FailureKind.MALFORMED),
        (a_reply(a_row(xm="王芳", gmsfhm=STRANGER)), FailureKind.MISMATCHED),
        (b"", FailureKind.MALFORMED),
        (b"[]", FailureKind.MALFORMED),
        (b"{}", FailureKind.MALFORMED),
        (a_reply(a_row())[:-9], FailureKind.MALFORMED),
        (a_reply(a_row()).decode().encode("gbk"), FailureKind.MALFORMED),
    ],
)
def test_a_failure_is_unknown_and_never_no_record(body: bytes, kind: FailureKind) -> None:
    outcome = read(body)
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind is kind


def test_too_many_requests_asks_for_a_second() -> None:
    outcome = read(a_reply(code="90"))
    assert isinstance(outcome, Unknown)
    assert outcome.gap.retry_after == timedelta(seconds=1)


@pytest.mark.parametrize(
    ("body", "kind", "records"),
    [
        (a_reply(a_row(), count=3), FailureKind.INCOMPLETE, 1),
        (a_reply(a_row(), "row"), FailureKind.MALFORMED, 1),
        (a_reply(a_row(), a_row(xm="")), FailureKind.MALFORMED, 1),
        (a_reply(a_row(yhzgx="01")), FailureKind.UNMAPPED, 1),
        (a_reply(a_row(hyzk="99")), FailureKind.UNMAPPED, 1),
        (a_reply(a_row(), a_row(xm="王芳", gmsfhm=STRANGER)), FailureKind.MISMATCHED, 1),
    ],
)
def test_what_can_be_read_stays_beside_the_gap(
    body: bytes, kind: FailureKind, records: int
) -> None:
    outcome = read(body)
    assert isinstance(outcome, Partial)
    assert (outcome.gap.kind, len(outcome.records)) == (kind, records)


@pytest.mark.parametrize("count", [1, 2])
def test_a_row_that_comes_twice_is_kept_once(count: int) -> None:
    outcome = read(a_reply(a_row(), a_row(), count=count))
    assert isinstance(outcome, Found)
    assert len(outcome.records) == 1


def test_a_placeholder_for_a_date_leaves_no_gap() -> None:
    outcome = read(a_reply(a_row(csrq="19000101")))
    assert isinstance(outcome, Found)
    assert outcome.records[0].problems == ("placeholder date of the person in csrq",)


@pytest.mark.parametrize(
    ("code", "relation"),
    [
        ("02", Relation.HEAD),
        ("12", Relation.SPOUSE),
        ("20", Relation.CHILD),
        ("39", Relation.CHILD),
        ("41", Relation.GRANDCHILD),
        ("57", Relation.PARENT),
        ("60", Relation.GRANDPARENT),
        ("79", Relation.SIBLING),
        ("80", Relation.OTHER),
        ("99", Relation.OTHER),
        ("13", None),
        ("", None),
    ],
)
def test_relations_follow_the_code_list(code: str, relation: Relation | None) -> None:
    outcome = read(a_reply(a_row(yhzgx=code)))
    assert isinstance(outcome, Found | Partial)
    record = outcome.records[0]
    assert isinstance(record, RegisteredPerson)
    assert record.relation is relation


def test_only_the_persons_own_number_names_a_household() -> None:
    rows = [a_row(hh="A"), a_row(hh="B", qczxbs="1"), a_row(gmsfhm=NAMESAKE, hh="C"), a_row(hh="")]
    page = read_reply(a_reply(*rows), FIELDS)
    assert households_of(a_person(), page) == ("A", "B")


def test_the_household_comes_in_addition_and_is_not_bound_to_the_person() -> None:
    wife = a_row(xm="王芳", gmsfhm=STRANGER, yhzgx="12")
    members = read_reply(a_reply(a_row(), wife), FIELDS, in_household=True)
    outcome = read(a_reply(a_row()), household("220102003041", members))
    assert isinstance(outcome, Found)
    assert [
        record.in_household for record in outcome.records if isinstance(record, RegisteredPerson)
    ] == [False, True, True]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (a_reply(a_row(), a_row(hh="9")), FailureKind.MISMATCHED),
        (a_reply(a_row(hh="9")), FailureKind.MISMATCHED),
        (a_reply(a_row(), count=5), FailureKind.INCOMPLETE),
        (a_reply(a_row(yhzgx="00")), FailureKind.UNMAPPED),
        (a_reply(), FailureKind.INCOMPLETE),
    ],
)
def test_a_household_list_with_a_gap_makes_the_answer_partial(
    body: bytes, kind: FailureKind
) -> None:
    members = household("220102003041", read_reply(body, FIELDS, in_household=True))
    outcome = read(a_reply(a_row()), members)
    assert isinstance(outcome, Partial)
    assert outcome.gap.kind is kind
    assert all(
        record.household_number == "220102003041"
        for record in outcome.records
        if isinstance(record, RegisteredPerson)
    )


VALUES = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "00", "01", "99"])


@given(st.dictionaries(st.sampled_from(["code", "count", "rows"]), VALUES | st.lists(VALUES)))
def test_only_the_empty_answer_is_no_record(changes: Mapping[str, object]) -> None:
    outcome = read(a_reply(**changes))
    said = json.loads(a_reply(**changes))
    is_the_empty_answer = (
        said["code"] == "01" and said["rows"] == [] and said["count"] is not False
    ) and said["count"] == 0
    assert isinstance(outcome, NoRecord) == is_the_empty_answer
    assert isinstance(outcome, NoRecord | Unknown)


@given(st.integers(0, len(a_reply(a_row())) - 1))
def test_a_truncated_reply_is_malformed(length: int) -> None:
    assert gap_of(read(a_reply(a_row())[:length])) is FailureKind.MALFORMED
