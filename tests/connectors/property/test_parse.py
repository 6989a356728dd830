"""Pages of the property register: ownerships, owners taken apart, and what is no answer."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Found, NoRecord, Outcome, Partial, Unknown
from connectors.failure import FailureKind, SourceError
from connectors.property.client import MAPPING
from connectors.property.parse import Layout, is_whole, outcome_of, read_page
from connectors.records import Ownership, PlannedUse, Sharing
from tests.connectors.asked import LI_MING, LI_MING_SHORT, STRANGER, a_person

LAYOUT = Layout.load(MAPPING)


def a_row(**changes: object) -> dict[str, object]:
    return {
        "bdcdyh": "220102003041GB00012F00030012",
        "bdcqzh": "吉（2019）长春市不动产权第0012345号",
        "zl": "长春市南关区民康街道平阳街12号3栋2单元501室",
        "mj": 58.42,
        "ghyt": "住宅",
        "gyfs": "单独所有",
        "qlrmc": "李明",
        "qlrzjh": LI_MING,
        "qlbl": "",
        "djsj": "2019-05-06 10:22:31",
        "qszt": "现势",
        "dyzt": "有抵押",
        "cfzt": "无查封",
        "dj": None,
        **changes,
    }


def a_page(*rows: object, **changes: object) -> bytes:
    page = {"success": True, "total": len(rows), "page": 1, "size": 50, "list": list(rows)}
    return json.dumps({**page, **changes}, ensure_ascii=False).encode()


def read(*bodies: bytes) -> Outcome:
    try:
        pages = [read_page(body, number) for number, body in enumerate(bodies, 1)]
    except SourceError as error:
        return Unknown(error.failure)
    return outcome_of(a_person(), pages, LAYOUT, None)


def an_ownership(**changes: object) -> Ownership:
    outcome = read(a_page(a_row(**changes)))
    assert isinstance(outcome, Found | Partial)
    record = outcome.records[0]
    assert isinstance(record, Ownership)
    return record


def test_an_ownership_is_read_in_our_words() -> None:
    home = an_ownership()
    assert home.unit == "220102003041GB00012F00030012"
    assert (home.area, home.use, home.sharing) == (Decimal("58.42"), PlannedUse.HOME, Sharing.SOLE)
    assert (home.in_force, home.mortgaged, home.sealed) == (True, True, False)
    assert home.registered_on == date(2019, 5, 6)
    assert (home.subjects[0].name, home.subjects[0].id_number) == ("李明", LI_MING)
    assert (home.shares, home.problems) == ((None,), ())


def test_an_old_certificate_may_name_no_unit_and_no_number() -> None:
    home = an_ownership(bdcdyh=None, bdcqzh="长房权证南字第12345号", qlrzjh="", mj=64)
    assert (home.unit, home.subjects[0].id_number, home.problems) == (None, None, ())


@pytest.mark.parametrize(
    ("changes", "numbers", "shares", "problems"),
    [
        ({"qlbl": "50%,1/2"}, [LI_MING, STRANGER], [Fraction(1, 2), Fraction(1, 2)], ()),
        ({"qlbl": "33.34%,"}, [LI_MING, STRANGER], [Fraction(3334, 10000), None], ()),
        ({"qlbl": ""}, [LI_MING, STRANGER], [None, None], ()),
        ({"qlbl": None}, [LI_MING, STRANGER], [None, None], ()),
        (
            {"qlbl": "50%"},
            [LI_MING, STRANGER],
            [None, None],
            ("unreadable list in qlbl",),
        ),
        (
            {"qlbl": "一半,1/2"},
            [LI_MING, STRANGER],
            [None, Fraction(1, 2)],
            ("unreadable share in qlbl",),
        ),
        ({"qlrzjh": f",{STRANGER}", "qlbl": ""}, [None, STRANGER], [None, None], ()),
        ({"qlrzjh": f"{LI_MING_SHORT},"}, [LI_MING_SHORT, None], [None, None], ()),
        ({"qlrzjh": ""}, [None, None], [None, None], ()),
        (
            {"qlrzjh": LI_MING},
            [None, None],
            [None, None],
            ("unreadable list in qlrzjh",),
        ),
    ],
)
def test_owners_numbers_and_shares_keep_their_order(
    changes: dict[str, object],
    numbers: list[str | None],
    shares: list[Fraction | None],
    problems: tuple[str, ...],
) -> None:
    both = {"gyfs": "按份共有", "qlrmc": "李明、王芳", "qlrzjh": f"{LI_MING},{STRANGER}"}
    home = an_ownership(**{**both, **changes})
    assert [owner.name for owner in home.subjects] == ["李明", "王芳"]
    assert [owner.id_number for owner in home.subjects] == numbers
    assert list(home.shares) == shares
    assert home.problems == problems


def test_shares_count_where_property_is_held_by_shares_only() -> None:
    home = an_ownership(gyfs="共同共有", qlrmc="王芳、李明", qlrzjh=",", qlbl="1/2,1/2")
    assert (home.sharing, home.shares) == (Sharing.JOINT, (None, None))


def test_no_record_is_the_documents_own_empty_answer() -> None:
    assert read(a_page()) == NoRecord()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (a_page(success=False, message="系统繁忙"), FailureKind.UNAVAILABLE),
        (a_page(success="true"), FailureKind.MALFORMED),
        (a_page(total=2), FailureKind.INCOMPLETE),
        (a_page(a_row(), total=0), FailureKind.MALFORMED),
        (a_page(total=None), FailureKind.MALFORMED),
        (a_page(total=-1), FailureKind.MALFORMED),
        (a_page(total=False), FailureKind.MALFORMED),
        (a_page(list=None), FailureKind.MALFORMED),
        (a_page(list={}), FailureKind.MALFORMED),
        (a_page(size=0), FailureKind.MALFORMED),
        (a_page(page=2), FailureKind.MISMATCHED),
        (a_page("row"), FailureKind.MALFORMED),
        (a_page(a_row(qlrmc="")), FailureKind.MALFORMED),
        (a_page(a_row(qlrmc="李明、")), FailureKind.MALFORMED),
        (a_page(a_row(qlrmc="王芳", qlrzjh=STRANGER)), FailureKind.MISMATCHED),
        (b"", FailureKind.MALFORMED),
        (b"null", FailureKind.MALFORMED),
        (a_page(a_row()).decode().encode("gb18030"), FailureKind.MALFORMED),
        (a_page(a_row()).replace(b"58.42", b"NaN"), FailureKind.MALFORMED),
        (a_page(a_row()).replace(b"58.42", b"1e999"), FailureKind.MALFORMED),
    ],
)
def test_a_failure_is_unknown_and_never_no_record(body: bytes, kind: FailureKind) -> None:
    outcome = read(body)
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind is kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (a_page(a_row(), total=3), FailureKind.INCOMPLETE),
        (a_page(a_row(), a_row(qlrmc=None)), FailureKind.MALFORMED),
        (a_page(a_row(ghyt="学校")), FailureKind.UNMAPPED),
        (a_page(a_row(mj="约60")), FailureKind.UNMAPPED),
        (a_page(a_row(cfzt="轮候查封")), FailureKind.UNMAPPED),
        (a_page(a_row(), a_row(qlrmc="王芳", qlrzjh=STRANGER)), FailureKind.MISMATCHED),
    ],
)
def test_what_can_be_read_stays_beside_the_gap(body: bytes, kind: FailureKind) -> None:
    outcome = read(body)
    assert isinstance(outcome, Partial)
    assert (outcome.gap.kind, len(outcome.records)) == (kind, 1)


def test_a_co_owner_who_was_asked_for_is_enough() -> None:
    outcome = read(a_page(a_row(qlrmc="王芳、李明", qlrzjh=f"{STRANGER},{LI_MING}")))
    assert isinstance(outcome, Found)


def units(*numbers: int) -> list[object]:
    return [a_row(bdcdyh=f"{number:028}") for number in numbers]


@pytest.mark.parametrize(
    ("pages", "whole"),
    [
        ([a_page(*units(1, 1))], True),
        ([a_page(*units(1, 1), total=1)], True),
        ([a_page(*units(1), total=2)], False),
        ([a_page(*units(1, 2), total=3), a_page(*units(3), total=3, page=2)], True),
        ([a_page(*units(1, 2), total=2), a_page(*units(2), total=3, page=2)], False),
        ([a_page(*units(1, 2), total=2), a_page(*units(3), total=3, page=2)], True),
    ],
)
def test_pages_are_whole_where_every_record_came(pages: list[bytes], whole: bool) -> None:
    read_pages = [read_page(body, number) for number, body in enumerate(pages, 1)]
    assert is_whole(read_pages) is whole
    assert isinstance(read(*pages), Found if whole else Partial)


@given(st.integers(0, len(a_page()) - 1))
def test_a_truncated_empty_page_is_unknown(length: int) -> None:
    assert isinstance(read(a_page()[:length]), Unknown)


@given(st.text("李明王芳、,，50%/12 ", max_size=12), st.text("01X,* ", max_size=12))
def test_lists_of_any_shape_give_as_many_numbers_and_shares_as_owners(
    names: str, others: str
) -> None:
    row = a_row(gyfs="按份共有", qlrmc=f"李明、{names}", qlrzjh=others, qlbl=names)
    outcome = read(a_page(row))
    if isinstance(outcome, Found | Partial):
        record = outcome.records[0]
        assert isinstance(record, Ownership)
        assert len(record.subjects) == len(record.shares) >= 2
