"""Which records can belong to an asking, and what they say together."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.binding import Bound, bind, bound_to, distinct
from connectors.contract import Found, IdType, NoRecord, Partial, Unknown
from connectors.failure import Failure, FailureKind
from connectors.records import IncomeEntry, Subject
from tests.connectors.asked import LI_MING, LI_MING_SHORT, NAMESAKE, STRANGER, a_person


def an_entry(name: str | None, number: str | None, **changes: object) -> IncomeEntry:
    values: dict[str, object] = {
        "subjects": (Subject(name=name, id_number=number),),
        "raw": {"xm": name, "zjhm": number, **{key: str(changes[key]) for key in changes}},
        "item": None,
        "gross": Decimal(1),
        "tax": None,
        "period_from": None,
        "period_to": None,
        "payer": None,
        "payer_code": None,
        "correction": None,
        **changes,
    }
    return IncomeEntry(**values)  # type: ignore[arg-type]


OWN = an_entry("李明", LI_MING)
OF_NAMESAKE = an_entry("李明", NAMESAKE)
OF_STRANGER = an_entry("王芳", STRANGER)
GAP = Failure(FailureKind.INCOMPLETE, "a part is missing")


@pytest.mark.parametrize(
    ("name", "number", "bound"),
    [
        ("李明", LI_MING, Bound.YES),
        ("李铭", LI_MING, Bound.YES),
        ("李铭", LI_MING_SHORT, Bound.YES),
        ("李铭", f" {LI_MING.lower()} ", Bound.YES),
        ("李铭", "229901********1236", Bound.YES),
        ("李铭", "229901********1237", Bound.NO),
        ("李铭", "229901********3", Bound.CANNOT_TELL),
        ("李铭", "229901********4", Bound.NO),
        ("李　明", STRANGER, Bound.YES),
        ("李明", None, Bound.YES),
        ("王芳", STRANGER, Bound.NO),
        ("王芳", None, Bound.CANNOT_TELL),
        ("王芳", "2.20102E+17", Bound.CANNOT_TELL),
        ("王芳", "", Bound.CANNOT_TELL),
        (None, STRANGER, Bound.CANNOT_TELL),
        ("?", STRANGER, Bound.NO),
    ],
)
def test_a_record_fits_by_number_or_by_name(
    name: str | None, number: str | None, bound: Bound
) -> None:
    assert bound_to(a_person(), [Subject(name=name, id_number=number)]) is bound


@pytest.mark.parametrize(
    "keyed", ["买买提·吐尔逊", "买买提.吐尔逊", "买买提•吐尔逊", "买买提吐尔逊"]
)
def test_middle_dots_blanks_and_case_make_no_other_name(keyed: str) -> None:
    person = a_person("买买提・吐尔逊")
    assert bound_to(person, [Subject(name=keyed, id_number=STRANGER)]) is Bound.YES
    person = a_person("Anna Li", "E12345678", id_type=IdType.PASSPORT)
    assert bound_to(person, [Subject(name="ANNA  LI", id_number="x")]) is Bound.YES
    assert bound_to(person, [Subject(name="王芳", id_number="e12345678")]) is Bound.YES
    assert bound_to(person, [Subject(name="王芳", id_number="E12345679")]) is Bound.NO


def test_who_has_no_number_is_bound_by_name_alone() -> None:
    person = a_person("李明", "", id_type=IdType.NONE)
    assert bound_to(person, [Subject(name="李明", id_number=STRANGER)]) is Bound.YES
    assert bound_to(person, [Subject(name="王芳", id_number=STRANGER)]) is Bound.CANNOT_TELL


def test_one_owner_who_fits_is_enough() -> None:
    owners = [Subject(name="王芳", id_number=STRANGER), Subject(name="李明", id_number=None)]
    assert bound_to(a_person(), owners) is Bound.YES
    assert bound_to(a_person(), owners[:1]) is Bound.NO
    assert bound_to(a_person(), []) is Bound.CANNOT_TELL


def test_what_the_records_say_together() -> None:
    person = a_person()
    assert bind(person, []) == NoRecord()
    assert bind(person, [OWN, OF_NAMESAKE, OWN]) == Found((OWN, OF_NAMESAKE))
    assert bind(person, [], GAP) == Unknown(GAP)
    assert bind(person, [OWN], GAP) == Partial((OWN,), GAP)
    none_fits = bind(person, [OF_STRANGER])
    assert isinstance(none_fits, Unknown)
    assert none_fits.gap.kind is FailureKind.MISMATCHED
    some_fit = bind(person, [OWN, OF_STRANGER])
    assert isinstance(some_fit, Partial)
    assert (some_fit.records, some_fit.gap.kind) == ((OWN,), FailureKind.MISMATCHED)


def test_an_unknown_code_keeps_the_record_and_leaves_a_gap() -> None:
    unread = an_entry("李明", LI_MING, problems=("unknown code in sdxmdm",))
    outcome = bind(a_person(), [OWN, unread])
    assert isinstance(outcome, Partial)
    assert (outcome.records, outcome.gap.kind) == ((OWN, unread), FailureKind.UNMAPPED)


def test_records_differ_where_anything_that_was_written_differs() -> None:
    other = an_entry("李明", LI_MING, gross=Decimal(2))
    assert distinct([OWN, other, OWN, other]) == (OWN, other)


RECORDS = st.lists(
    st.builds(
        an_entry,
        st.sampled_from(["李明", "李　明", "王芳", None]),
        st.sampled_from([LI_MING, LI_MING_SHORT, STRANGER, "", "2.2E+17", None]),
    ),
    max_size=6,
)


@given(RECORDS, RECORDS)
def test_strangers_records_never_enter_and_repeats_change_nothing(
    records: list[IncomeEntry], repeats: list[IncomeEntry]
) -> None:
    outcome = bind(a_person(), records)
    if isinstance(outcome, Found | Partial):
        assert all(bound_to(a_person(), each.subjects) is not Bound.NO for each in outcome.records)
    again = [each for each in repeats if each in records]
    assert bind(a_person(), [*records, *again]) == outcome
    assert isinstance(outcome, NoRecord) == (not records)
