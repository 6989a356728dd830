"""Whose record it is: all are kept, judged against the person asked about, in a fixed order."""

from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.evidence import Evidence, Link
from app.domain.household import VerificationRequest
from app.verification.answers import Reply
from app.verification.identify import identify, record_key
from connectors.contract import Found, NoRecord, Partial, Unknown
from connectors.records import AnyRecord, Relation, Subject
from tests.builders import a_member, a_request, a_supporter
from tests.concluding import GAP, a_reply, knowledge
from tests.records import (
    PEOPLE,
    STRANGER,
    a_home,
    a_registered_person,
    a_tax_entry,
    a_vehicle,
    an_account,
    number,
    shares,
    stranger,
    subject,
)

COUPLE = a_request(a_member("m1"), a_member("m2"))
NAME, NUMBER = PEOPLE["m1"]
SHORT = NUMBER[:6] + NUMBER[8:17]
MISMATCHED = Subject(name="赵四海", id_number=NUMBER)
SLIP = f"{NUMBER[:10]}1{NUMBER[11:]}"


def judged(
    *replies: Reply,
    request: VerificationRequest = COUPLE,
    judgements: dict[str, tuple[bool, str]] | None = None,
) -> tuple[Evidence[AnyRecord], ...]:
    return identify(replies, request, knowledge().weights, judgements or {})


def of(source: str, *records: AnyRecord, person: str = "m1", bank: str = "") -> Reply:
    return a_reply(source, person, Found(records), bank)


def link_of(about: Subject) -> tuple[Link, str | None]:
    (row,) = judged(of("bank", an_account(subjects=(about,)), bank="icbc"))
    return row.link, row.rule


@pytest.mark.parametrize(
    ("about", "link", "rule"),
    [
        (Subject(name=NAME, id_number=NUMBER), Link.ACCEPTED, "number_and_name"),
        (Subject(name=NAME, id_number=SHORT), Link.ACCEPTED, "number_and_name"),
        (Subject(name="李　明", id_number=NUMBER), Link.ACCEPTED, "number_and_name"),
        (Subject(name="赵四海", id_number=NUMBER), Link.IN_REVIEW, "identity_mismatch"),
        (Subject(name=NAME, id_number=STRANGER[1]), Link.REFUSED, "contradicting_number"),
        (stranger(), Link.REFUSED, "contradicting_number"),
        (Subject(), Link.REFUSED, "name_only"),
    ],
)
def test_the_hard_rules_decide(about: Subject, link: Link, rule: str) -> None:
    assert link_of(about) == (link, rule)


def test_a_name_alone_links_nothing() -> None:
    link, rule = link_of(Subject(name=NAME))
    assert link is not Link.ACCEPTED
    assert rule == "name_only"


def test_a_slip_in_the_number_is_never_linked_without_a_person() -> None:
    """One digit of the month is another, and the check character does not fit any more."""
    link, rule = link_of(Subject(name=NAME, id_number=SLIP))
    assert link is not Link.ACCEPTED
    assert rule == "mistyped_number"


def test_every_record_is_kept_with_its_comparison() -> None:
    replies = (
        of("tax", a_tax_entry(), a_tax_entry("1.00", subjects=(stranger(),))),
        a_reply("vehicle", "m1", Partial((a_vehicle(),), GAP)),
        a_reply("securities", "m1", NoRecord()),
        a_reply("insurance", "m1", Unknown(GAP)),
    )
    rows = judged(*replies)
    assert [(row.id, row.link) for row in rows] == [
        ("ev_tax_m1_1", Link.ACCEPTED),
        ("ev_tax_m1_2", Link.REFUSED),
        ("ev_vehicle_m1_1", Link.ACCEPTED),
    ]
    for row in rows:
        assert {"name", "id_number"} <= {part.field for part in row.comparison}
        assert all({"zh", "en"} <= set(part.words) for part in row.comparison)
        assert 0.0 <= row.probability <= 1.0
        assert row.decided_by == "rule"
        assert row.raw_digest == replies[("tax", "vehicle").index(row.source)].raw_digest


def test_records_of_two_banks_have_ids_of_their_own() -> None:
    rows = judged(
        of("bank", an_account(), bank="icbc"), of("bank", an_account(bank="abc"), bank="abc")
    )
    assert [row.id for row in rows] == ["ev_bank_m1_abc_1", "ev_bank_m1_icbc_1"]


@given(st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_order_of_replies_changes_nothing(random: Random) -> None:
    replies = [
        of("household_registry", a_registered_person("m1")),
        of("household_registry", a_registered_person("m2"), person="m2"),
        of("tax", a_tax_entry()),
        of("tax", a_tax_entry(subjects=(subject("m2"),)), person="m2"),
        of("bank", an_account(), bank="icbc"),
        of("bank", an_account(bank="abc"), bank="abc"),
    ]
    ordered = judged(*replies)
    random.shuffle(replies)
    assert judged(*replies) == ordered


def test_other_records_do_not_change_whose_one_is() -> None:
    alone = judged(of("bank", an_account(), bank="icbc"))
    beside = judged(
        of("bank", an_account(), bank="icbc"),
        of("tax", a_tax_entry(subjects=(stranger(),)), a_tax_entry()),
    )
    assert [row for row in beside if row.source == "bank"] == list(alone)


# Co-owners


def test_of_co_owners_the_one_that_fits_is_the_person() -> None:
    home = a_home("m1", "m2", shares=shares("1/4", "3/4"))
    rows = judged(of("property", home), of("property", home, person="m2"))
    assert [(row.person, row.subject, row.link) for row in rows] == [
        ("m1", 0, Link.ACCEPTED),
        ("m2", 1, Link.ACCEPTED),
    ]


# The registry


def test_what_the_registry_tells_of_a_person_helps_elsewhere() -> None:
    """A former name: the vehicle register still has it."""
    old_name = Subject(name="赵小明", id_number=NUMBER)
    vehicle = of("vehicle", a_vehicle(subjects=(old_name,)))
    (before,) = judged(vehicle)
    assert before.link is Link.IN_REVIEW
    renamed = a_registered_person("m1", subjects=(subject("m1", former_name="赵小明"),))
    (after,) = [
        row for row in judged(vehicle, of("household_registry", renamed)) if row.source == "vehicle"
    ]
    assert (after.link, after.rule) == (Link.ACCEPTED, "number_and_name")


def test_a_registry_record_in_doubt_helps_nowhere() -> None:
    stranger_renamed = a_registered_person(
        "m1", subjects=(Subject(name="赵四海", id_number=NUMBER, former_name="赵小明"),)
    )
    vehicle = of("vehicle", a_vehicle(subjects=(Subject(name="赵小明", id_number=NUMBER),)))
    rows = judged(vehicle, of("household_registry", stranger_renamed))
    assert {row.link for row in rows} == {Link.IN_REVIEW}


@pytest.mark.parametrize(
    ("about", "link"),
    [
        ({}, Link.ACCEPTED),
        ({"birth_date": None}, Link.ACCEPTED),  # the full number has it
        ({"birth_date": date(1971, 2, 14)}, Link.IN_REVIEW),
        ({"name": "赵四海"}, Link.IN_REVIEW),
        ({"name": "李鸣"}, Link.IN_REVIEW),  # a homophone will do for money, not for a death
    ],
)
def test_a_death_needs_full_number_exact_name_and_birth(
    about: dict[str, object], link: Link
) -> None:
    born = date(1980, 3, 7)
    record = a_registered_person(
        "m1", dead=True, subjects=(subject("m1", **{"birth_date": born, **about}),)
    )
    (row,) = judged(of("household_registry", record))
    assert row.link is link


def test_a_row_of_the_households_list_is_held_against_all_declared_persons() -> None:
    listed = [
        a_registered_person("m2", in_household=True),
        a_registered_person("s1", in_household=True, relation=Relation.PARENT),
        a_registered_person("m3", in_household=True, subjects=(stranger(),)),
    ]
    request = a_request(a_member("m1"), a_member("m2"), a_supporter())
    rows = judged(of("household_registry", a_registered_person("m1"), *listed), request=request)
    assert [(row.person, row.link) for row in rows] == [
        ("m1", Link.ACCEPTED),
        ("m2", Link.ACCEPTED),
        ("s1", Link.ACCEPTED),
        ("m1", Link.REFUSED),  # nobody's: kept with whom it came
    ]


# A reviewer's word


@pytest.mark.parametrize(("same", "link"), [(True, Link.ACCEPTED), (False, Link.REFUSED)])
def test_a_reviewers_word_stands_above_rule_and_model(same: bool, link: Link) -> None:
    reply = of(
        "bank", an_account(subjects=(Subject(name="赵四海", id_number=NUMBER),)), bank="icbc"
    )
    (row,) = judged(reply)
    assert row.link is Link.IN_REVIEW
    (decided,) = judged(reply, judgements={record_key(row): (same, "u_17")})
    assert (decided.link, decided.decided_by) == (link, "u_17")
    assert decided.probability == (1.0 if same else 0.0)


def test_a_word_on_one_reply_is_no_word_on_another() -> None:
    reply = of(
        "bank", an_account(subjects=(Subject(name="赵四海", id_number=NUMBER),)), bank="icbc"
    )
    (row,) = judged(reply)
    (other,) = judged(reply, judgements={f"{row.id}/sha256:00": (True, "u_17")})
    assert other.link is Link.IN_REVIEW


def test_the_numbers_of_the_tests_are_of_an_area_that_is_never_assigned() -> None:
    numbers = [id_number for _, id_number in (*PEOPLE.values(), STRANGER)]
    assert all(one.startswith("2299") and one == number(one[:17]) for one in numbers)


def test_what_a_person_has_to_judge_names_its_differences_masked() -> None:
    wages, car = a_tax_entry(subjects=(MISMATCHED,)), a_vehicle(subjects=(subject("m1"),))
    held, taken = judged(of("tax", wages), of("vehicle", car))
    assert (held.link, taken.link) == (Link.IN_REVIEW, Link.ACCEPTED)
    fields = {one.field: one for one in held.comparison}
    assert [part.kind for part in fields["id_number"].differences] == ["same"]
    assert fields["id_number"].differences[0].left == f"{NUMBER[:6]}{'*' * 12}"
    assert "赵四海" in fields["name"].words["zh"]
    assert "赵" not in repr(held)
    assert all(one.differences == () for one in taken.comparison)
