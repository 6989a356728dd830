"""Under which numbers somebody is looked for whose number is doubtful."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reconciliation.numbers import likely_numbers
from matching.idnumber import NumberKind, parse_number
from tests.service_parts import HEAD, number

_DAYS = st.dates(date(1930, 1, 1), date(2020, 12, 31))


@st.composite
def numbers(draw: st.DrawFn) -> str:
    order = draw(st.integers(0, 999))
    return number(f"2299{draw(st.sampled_from(['01', '05']))}{draw(_DAYS):%Y%m%d}{order:03}")


@st.composite
def slips(draw: st.DrawFn) -> tuple[str, str]:
    """A number, and what one slip of the hand makes of it."""
    right, place = draw(numbers()), draw(st.integers(0, 16))
    digit = draw(st.sampled_from("0123456789"))
    swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
    wrong = draw(
        st.sampled_from(
            [
                right[:place] + digit + right[place + 1 :],
                swapped,
                right[:place] + right[place + 1 :],
                right[:place] + digit + right[place:],
            ]
        )
    )
    return right, wrong


@given(slips())
def test_one_slip_leads_back_where_it_can_be_compared(pair: tuple[str, str]) -> None:
    """Whatever is written; what is no number any more (a spreadsheet's rest) says nothing."""
    right, wrong = pair
    read = parse_number(wrong)
    if read.kind in (NumberKind.FULL, NumberKind.BAD_CHECK) and len(wrong) >= 17:
        assert right in likely_numbers(read, None) or read.text != wrong


@given(numbers(), st.sets(st.integers(14, 17), max_size=3))
def test_hidden_signs_and_the_day_of_birth_leave_few_open(right: str, hidden: set[int]) -> None:
    places = {*range(6, 14), *hidden}
    masked = "".join("*" if place in places else sign for place, sign in enumerate(right))
    born = parse_number(right).birth_date
    found = likely_numbers(parse_number(masked), born)
    assert right in found
    assert len(found) <= 1000
    assert all(parse_number(one).is_valid for one in found)


@pytest.mark.parametrize(
    ("written", "born", "counties", "count"),
    [
        (HEAD, None, (), None),
        ("", date(1980, 3, 7), ("229901",), 1000),
        ("", date(1980, 3, 7), (), 0),
        ("", None, ("229901",), 0),
        ("2.2990119800307E+17", date(1980, 3, 7), ("229901",), 1000),
        ("229901************", None, (), 0),
        (f"229901********{HEAD[14:]}", date(1981, 3, 7), (), 0),  # the check character is another's
        (f"229901********{HEAD[14:]}", date(1980, 3, 7), (), 1),
        (f"229901********{HEAD[14:]}", date(980, 3, 7), ("229901",), 0),
    ],
)
def test_how_many_are_looked_for(
    written: str, born: date | None, counties: tuple[str, ...], count: int | None
) -> None:
    found = likely_numbers(parse_number(written or None), born, counties)
    assert len(found) == count if count is not None else found[0] == HEAD and len(found) < 40
