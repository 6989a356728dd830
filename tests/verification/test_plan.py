"""Whom to ask which source, and whom not, with the reason."""

from dataclasses import replace

import pytest

from app.domain.evidence import SourceState, Unasked
from app.domain.household import Exclusion, Scope
from app.programmes.needs import NOT_NEEDED
from app.verification.plan import NOT_CONFIGURED, NOT_SIGNED, SOURCES, packed, plan
from tests.builders import NEEDS, a_consent, a_member, a_request, a_supporter


def test_everybody_is_asked_about_in_all_ten_sources() -> None:
    request = a_request(a_member("m1"), a_member("m3"), a_supporter())
    found = plan(request, SOURCES, NEEDS)
    assert [(one.person, one.source) for one in found] == [
        (ref, source) for ref in ("m1", "m3", "s1") for source in SOURCES
    ]
    assert len(SOURCES) == 10
    assert {one.state for one in found} == {SourceState.PENDING}
    assert not any(one.complete for one in found)


def test_a_source_that_is_not_configured_is_not_asked() -> None:
    found = plan(a_request(), set(SOURCES) - {"vehicle"}, NEEDS)
    (one,) = [status for status in found if status.state is SourceState.NOT_ASKED]
    assert (one.source, one.detail, one.is_open) == ("vehicle", NOT_CONFIGURED.words, True)


def test_a_supporter_who_did_not_sign_is_asked_about_nowhere() -> None:
    request = a_request(a_member("m1"), a_supporter(), consent=a_consent(signatories=("m1",)))
    found = plan(request, SOURCES, NEEDS)
    about = [one for one in found if one.person == "s1"]
    assert {(one.state, one.detail, one.reason) for one in about} == {
        (SourceState.NOT_ASKED, NOT_SIGNED.words, Unasked.SUPPORTER_NOT_SIGNED)
    }
    assert {one.state for one in found if one.person == "m1"} == {SourceState.PENDING}


def test_an_excluded_member_is_asked_about_too() -> None:
    """Whether somebody is in prison or missing, the registry may know otherwise."""
    request = a_request(a_member("m1"), a_member("m2", excluded=Exclusion.MISSING))
    found = plan(request, SOURCES, NEEDS)
    assert {one.state for one in found if one.person == "m2"} == {SourceState.PENDING}


def test_sources_beyond_the_ten_are_asked_where_they_are_configured_and_needed() -> None:
    found = plan(a_request(), (*SOURCES, "disability_register"), NEEDS)
    assert (found[-1].source, found[-1].reason) == ("disability_register", Unasked.NOT_NEEDED)
    cells = {**NEEDS.cells["urban_dibao"], "disability_register": ()}
    wider = replace(NEEDS, cells={"urban_dibao": cells})
    found = plan(a_request(), (*SOURCES, "disability_register"), wider)
    assert (found[-1].source, found[-1].state) == ("disability_register", SourceState.PENDING)


def test_a_source_on_which_no_programme_rests_is_not_asked() -> None:
    found = plan(a_request(programmes=("retrenched_workers",)), SOURCES, NEEDS)
    left_out = {one.source: one.detail for one in found if one.state is SourceState.NOT_ASKED}
    assert left_out == dict.fromkeys(
        ("property", "vehicle", "bank", "securities"), NOT_NEEDED.words
    )
    both = plan(a_request(programmes=("retrenched_workers", "rural_dibao")), SOURCES, NEEDS)
    assert {one.state for one in both} == {SourceState.PENDING}


def test_a_programme_that_nobody_described_asks_nothing() -> None:
    found = plan(a_request(programmes=("of_our_county",)), SOURCES, NEEDS)
    assert {one.reason for one in found} == {Unasked.NOT_NEEDED}


def test_a_source_outside_the_consent_is_not_asked() -> None:
    consent = a_consent(scope=Scope(sources=("household_registry", "tax")))
    found = plan(a_request(consent=consent), SOURCES, NEEDS)
    asked = {one.source for one in found if one.state is SourceState.PENDING}
    assert asked == {"household_registry", "tax"}
    assert {one.reason for one in found} == {None, Unasked.OUT_OF_SCOPE}


@pytest.mark.parametrize(
    ("size", "queries"),
    [(1, (("a",), ("b",), ("c",))), (2, (("a", "b"), ("c",))), (100, (("a", "b", "c"),))],
)
def test_persons_are_packed_into_queries(size: int, queries: tuple[tuple[str, ...], ...]) -> None:
    assert packed(["a", "b", "c"], size) == queries
    assert packed([], size) == ()
