"""Who each person is by the registry, and who stands in the household's register besides."""

from datetime import date
from decimal import Decimal

import pytest

from app.domain.household import Exclusion
from app.domain.interval import Interval
from app.domain.profile import IdentityState, RegisteredRelative
from app.verification.merge.profile import merge
from connectors.records import Relation
from tests.builders import (
    a_consent,
    a_material,
    a_member,
    a_request,
    a_supporter,
    accepted,
    in_review,
    refused,
)
from tests.records import a_registered_person, stranger

COUPLE = a_request(a_member("m1"), a_member("m2"))
HEAD = accepted(a_registered_person("m1"))


def test_an_accepted_record_verifies_the_person() -> None:
    (person,) = merge(a_material(HEAD)).persons
    assert (person.identity, person.alive, person.counted) == (IdentityState.VERIFIED, True, True)
    assert person.probability == HEAD.probability


@pytest.mark.parametrize(
    ("rule", "state"),
    [
        ("identity_mismatch", IdentityState.MISMATCH),
        ("name_not_confirmed", IdentityState.UNCERTAIN),
        (None, IdentityState.UNCERTAIN),
    ],
)
def test_a_record_in_review_leaves_the_person_in_doubt(
    rule: str | None, state: IdentityState
) -> None:
    (person,) = merge(a_material(in_review(a_registered_person("m1"), rule=rule))).persons
    assert (person.identity, person.alive, person.counted) == (state, None, True)


@pytest.mark.parametrize("evidence", [(), (refused(a_registered_person("m1")),)])
def test_without_a_record_of_the_person_there_is_none(evidence: tuple[object, ...]) -> None:
    (person,) = merge(a_material(*evidence)).persons  # type: ignore[arg-type]
    assert (person.identity, person.alive) == (IdentityState.NOT_FOUND, None)


def test_a_registry_that_did_not_answer_says_nothing() -> None:
    (person,) = merge(a_material(failed=[("m1", "household_registry")])).persons
    assert (person.identity, person.probability) == (IdentityState.UNCERTAIN, None)


def test_a_death_that_is_in_review_is_no_death() -> None:
    """Scene 4: right number, another name and birth: hold, do not stop."""
    dead = in_review(
        a_registered_person("m1", dead=True, died_on=date(2026, 1, 1)), rule="identity_mismatch"
    )
    profile = merge(a_material(dead))
    (person,) = profile.persons
    assert (person.identity, person.alive, person.counted) == (IdentityState.MISMATCH, None, True)
    assert profile.totals.household_size == Interval(Decimal(0), Decimal(1))


def test_a_doubtful_death_beside_a_living_record_leaves_it_open_who_is_alive() -> None:
    dead = in_review(a_registered_person("m1", dead=True))
    (person,) = merge(a_material(HEAD, dead)).persons
    assert (person.identity, person.alive) == (IdentityState.VERIFIED, None)


def test_all_in_one_register_need_no_word() -> None:
    rows = [HEAD, accepted(a_registered_person("m2"), "m2")]
    composition = merge(a_material(*rows, request=COUPLE)).composition
    assert composition.registered_not_declared == ()
    assert composition.declared_not_registered == ()
    assert composition.known


def test_somebody_registered_and_not_declared_is_shown_by_relation_and_evidence_alone() -> None:
    listed = refused(
        a_registered_person(
            "m3", subjects=(stranger(),), in_household=True, relation=Relation.GRANDPARENT
        ),
        id="ev_listed",
    )
    composition = merge(a_material(HEAD, listed, listed)).composition
    assert composition.registered_not_declared == (
        RegisteredRelative(evidence="ev_listed", relation="grandparent"),
    )


@pytest.mark.parametrize(
    "changes", [{"dead": True}, {"moved_out": True}, {"household_number": "220102777777"}]
)
def test_who_is_dead_moved_out_or_of_another_household_is_not_missing(
    changes: dict[str, object],
) -> None:
    listed = refused(
        a_registered_person("m3", subjects=(stranger(),), in_household=True, **changes)
    )
    assert merge(a_material(HEAD, listed)).composition.registered_not_declared == ()


def test_a_declared_members_own_row_in_the_list_is_no_relative() -> None:
    listed = accepted(a_registered_person("m2", in_household=True), "m2")
    rows = (HEAD, accepted(a_registered_person("m2"), "m2"), listed)
    composition = merge(a_material(*rows, request=COUPLE)).composition
    assert composition.registered_not_declared == ()


def test_a_supporter_in_the_households_register_is_no_declared_member() -> None:
    request = a_request(a_member("m1"), a_supporter("s1"))
    listed = accepted(a_registered_person("s1", in_household=True, relation=Relation.PARENT), "s1")
    composition = merge(a_material(HEAD, listed, request=request)).composition
    assert [one.relation for one in composition.registered_not_declared] == ["parent"]


@pytest.mark.parametrize(
    "rows", [(), (accepted(a_registered_person("m2", household_number="220102777777"), "m2"),)]
)
def test_a_declared_member_of_another_register_is_told(rows: tuple[object, ...]) -> None:
    material = a_material(HEAD, *rows, request=COUPLE)  # type: ignore[arg-type]
    assert merge(material).composition.declared_not_registered == ("m2",)


def test_while_the_registry_is_silent_nobody_is_called_unregistered() -> None:
    material = a_material(HEAD, request=COUPLE, failed=[("m2", "household_registry")])
    composition = merge(material).composition
    assert composition.declared_not_registered == ()
    assert not composition.known


def test_supporters_and_the_excluded_are_persons_with_the_reason() -> None:
    request = a_request(
        a_member("m1"), a_member("m2", excluded=Exclusion.CONSCRIPT), a_supporter(),
        consent=a_consent(),
    )  # fmt: skip
    persons = merge(a_material(HEAD, request=request)).persons
    assert [(one.ref, one.counted, one.why) for one in persons] == [
        ("m1", True, None),
        ("m2", False, "excluded_conscript"),
        ("s1", False, "supporter"),
    ]
