"""What would be concluded otherwise, from the same evidence."""

from datetime import date
from decimal import Decimal

import pytest

from app.domain.decision import Outcome
from app.domain.errors import NoStandardInForce, UnknownProgramme
from app.domain.evidence import Link
from app.programmes.standard import Standards
from app.verification.conclude import conclude
from app.verification.identify import record_key
from app.verification.what_if import Answer, Question, what_if, with_words
from connectors.records import BenefitKind
from tests.builders import a_request, shipped
from tests.concluding import Told, knowledge, told
from tests.programmes.drafts import A_DRAFT
from tests.records import WINDOW, a_benefit, a_vehicle, number, subject

NEAR = (subject(id_number=number("22990119800307125")),)


def pension(monthly: str) -> Told:
    """m1 alone, who has nothing but this."""
    return told(*(a_benefit(BenefitKind.OLD_AGE_PENSION, monthly, month) for month in WINDOW))


def answered(
    case: Told, *programmes: str, day: date | None = None, standards: Standards | None = None
) -> Answer:
    question = Question(programmes=programmes, standards=standards or shipped(), day=day)
    return what_if(case.case(), knowledge(), question)


def test_another_programme_is_decided_as_if_it_had_been_asked_for() -> None:
    case = pension("900.00")
    found = answered(case, "dibao_edge", "urban_dibao").decisions
    asked = told(*case.records["m1"], request=a_request(programmes=("dibao_edge", "urban_dibao")))
    assert found == asked.conclusion().decisions
    assert [one.outcome for one in found] == [Outcome.CONFIRMED, Outcome.NOT_CONFIRMED]


def test_for_what_else_the_household_would_be_confirmed() -> None:
    above = answered(pension("900.00"), "urban_dibao")
    assert "dibao_edge" in above.also_confirmed_for
    assert "urban_dibao" not in above.also_confirmed_for
    below = answered(pension("700.00"), "dibao_edge")
    assert "urban_dibao" in below.also_confirmed_for
    assert "rural_dibao" not in below.also_confirmed_for
    asked = told(*pension("700.00").records["m1"], request=a_request(programmes=("dibao_edge",)))
    assert below.also_confirmed_for == asked.conclusion().also_confirmed_for


def test_what_only_the_case_system_knows_is_said() -> None:
    found = answered(pension("700.00"), "urban_dibao")
    assert found.left_to_case_system
    for key in found.also_confirmed_for:
        standard = shipped().in_force(key, a_request().region, a_request().as_of)
        assert found.left_to_case_system.get(key, ()) == standard.left_to_case_system


def test_a_household_in_doubt_is_confirmed_for_nothing_else() -> None:
    open_ = told(failed=[("m1", source) for source in ("tax", "bank", "property", "vehicle")])
    found = answered(open_, "urban_dibao").also_confirmed_for
    assert not [key for key in found if "dibao" in key]


def test_a_draft_judges_in_the_place_of_what_is_in_force() -> None:
    """One and a tenth of the standard: 836.00."""
    standards, key = shipped().with_draft(A_DRAFT)
    [under] = answered(pension("830.00"), key, standards=standards).decisions
    assert (under.outcome, under.standard[-6:]) == (Outcome.CONFIRMED, "+draft")
    [over] = answered(pension("836.00"), key, standards=standards).decisions
    assert over.outcome is Outcome.NOT_CONFIRMED
    assert key in answered(pension("830.00"), "urban_dibao", standards=standards).also_confirmed_for


def test_the_same_evidence_by_the_standards_of_another_day() -> None:
    """760.00 from 2026 on, 371.24 before; months that count and evidence are the same."""
    case = pension("500.00")
    [new] = answered(case, "urban_dibao").decisions
    [old] = answered(case, "urban_dibao", day=date(2025, 6, 1)).decisions
    assert [one.tests[0].limit for one in (new, old)] == [Decimal("760.00"), Decimal("371.24")]
    assert new.tests[0].value == old.tests[0].value
    assert [one.outcome for one in (new, old)] == [Outcome.CONFIRMED, Outcome.NOT_CONFIRMED]
    assert answered(case, "urban_dibao", day=a_request().as_of) == answered(case, "urban_dibao")


def test_what_is_not_there_cannot_be_asked_for() -> None:
    with pytest.raises(UnknownProgramme):
        answered(told(), "no_such_programme")
    with pytest.raises(NoStandardInForce):
        answered(told(), "urban_dibao", day=date(2013, 1, 1))


def test_a_word_is_said_of_the_records_named_and_no_others() -> None:
    case = told(a_vehicle(subjects=NEAR)).case()
    [row] = [one for one in conclude(case, knowledge()).evidence if one.link is Link.IN_REVIEW]
    said = with_words(case, {record_key(row): False}, "cl_1")
    assert said.judgements == {record_key(row): (False, "cl_1")}
    assert case.judgements == {}
    (decision,) = conclude(said, knowledge()).decisions
    assert decision.outcome is Outcome.CONFIRMED
