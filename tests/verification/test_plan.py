"""Whom to ask which source, and whom not, with the reason."""

import pytest

from app.domain.evidence import SourceState
from app.domain.household import Exclusion
from app.verification.plan import NOT_CONFIGURED, NOT_SIGNED, SOURCES, packed, plan
from tests.builders import a_consent, a_member, a_request, a_supporter


def test_everybody_is_asked_about_in_all_ten_sources() -> None:
    request = a_request(a_member("m1"), a_member("m3"), a_supporter())
    found = plan(request, SOURCES)
    assert [(one.person, one.source) for one in found] == [
        (ref, source) for ref in ("m1", "m3", "s1") for source in SOURCES
    ]
    assert len(SOURCES) == 10
    assert {one.state for one in found} == {SourceState.PENDING}
    assert not any(one.complete for one in found)


def test_a_source_that_is_not_configured_is_not_asked() -> None:
    found = plan(a_request(), set(SOURCES) - {"vehicle"})
    (one,) = [status for status in found if status.state is SourceState.NOT_ASKED]
    assert (one.source, one.detail, one.is_open) == ("vehicle", NOT_CONFIGURED, True)


def test_a_supporter_who_did_not_sign_is_asked_about_nowhere() -> None:
    request = a_request(a_member("m1"), a_supporter(), consent=a_consent(signatories=("m1",)))
    found = plan(request, SOURCES)
    about = [one for one in found if one.person == "s1"]
    assert {(one.state, one.detail) for one in about} == {(SourceState.NOT_ASKED, NOT_SIGNED)}
    assert {one.state for one in found if one.person == "m1"} == {SourceState.PENDING}


def test_an_excluded_member_is_asked_about_too() -> None:
    """Whether somebody is in prison or missing, the registry may know otherwise."""
    request = a_request(a_member("m1"), a_member("m2", excluded=Exclusion.MISSING))
    found = plan(request, SOURCES)
    assert {one.state for one in found if one.person == "m2"} == {SourceState.PENDING}


def test_sources_beyond_the_ten_are_asked_where_they_are_configured() -> None:
    found = plan(a_request(), (*SOURCES, "disability_register"))
    assert [one.source for one in found][-1] == "disability_register"


@pytest.mark.parametrize(
    ("size", "queries"),
    [(1, (("a",), ("b",), ("c",))), (2, (("a", "b"), ("c",))), (100, (("a", "b", "c"),))],
)
def test_persons_are_packed_into_queries(size: int, queries: tuple[tuple[str, ...], ...]) -> None:
    assert packed(["a", "b", "c"], size) == queries
    assert packed([], size) == ()
