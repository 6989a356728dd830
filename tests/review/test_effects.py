"""What each word on records would change, and which word needs two persons."""

from collections.abc import Mapping
from datetime import date

import pytest

from app.domain.decision import Outcome
from app.domain.errors import Conflict
from app.domain.evidence import Link
from app.domain.review import Choice
from app.review.effects import Effects, effects_of
from connectors.records import AnyRecord
from tests.builders import a_member, a_request
from tests.concluding import Told, knowledge, told
from tests.records import (
    a_registered_person,
    a_tax_entry,
    a_vehicle,
    an_account,
    number,
    subject,
)

NEAR = (subject(id_number=number("22990119800307125")),)
SAME, OTHER = Choice.SAME_PERSON, Choice.ANOTHER_PERSON


def effects(case: Told) -> Effects:
    """Of all records in review, as one group."""
    ids = [row.id for row in case.conclusion().evidence if row.link is Link.IN_REVIEW]
    assert ids
    return effects_of(case.case(), knowledge(), ids, "cl_1")


def outcomes(found: Effects) -> Mapping[Choice, list[Outcome]]:
    return {
        choice: [one.outcome for one in effect.conclusion.decisions]
        for choice, effect in found.by_choice.items()
    }


@pytest.mark.parametrize(
    ("records", "adverse", "changes"),
    [
        pytest.param((an_account("90000.00", subjects=NEAR),), True, True, id="too much money"),
        pytest.param((an_account("90.00", subjects=NEAR),), False, False, id="money that is fine"),
        pytest.param((a_vehicle(subjects=NEAR),), True, True, id="a car"),
        pytest.param((a_tax_entry("60000.00", subjects=NEAR),), True, True, id="much income"),
    ],
)
def test_a_merge_that_refuses_is_adverse(
    records: tuple[AnyRecord, ...], adverse: bool, changes: bool
) -> None:
    found = effects(told(*records))
    assert found.by_choice[SAME].adverse is adverse
    assert found.by_choice[OTHER].adverse is False
    assert found.decisive is changes
    assert outcomes(found)[OTHER] == [Outcome.CONFIRMED]


def test_a_test_more_that_fails_is_adverse_though_the_outcome_stands() -> None:
    """The own car refuses already; the doubtful money would do so by itself."""
    found = effects(told(a_vehicle(), an_account("90000.00", subjects=NEAR)))
    assert set(map(tuple, outcomes(found).values())) == {(Outcome.NOT_CONFIRMED,)}
    assert found.by_choice[SAME].adverse
    assert not found.by_choice[SAME].changes
    assert not found.decisive


def test_whatever_is_said_of_a_death_needs_two() -> None:
    about = subject(name="赵四海", birth_date=date(1971, 2, 14))
    death = a_registered_person("m1", dead=True, subjects=(about,))
    case = Told(
        request=a_request(a_member("m1"), a_member("m2")),
        registered={"m1": [a_registered_person("m1"), death], "m2": [a_registered_person("m2")]},
    )
    found = effects(case)
    assert all(effect.adverse for effect in found.by_choice.values())
    assert found.decisive


def test_the_word_is_on_every_record_of_the_group() -> None:
    wages = tuple(
        a_tax_entry("3000.00", month=date(2026, month, 1), subjects=NEAR) for month in (1, 2, 3)
    )
    found = effects(told(*wages))
    for choice, link in ((SAME, Link.ACCEPTED), (OTHER, Link.REFUSED)):
        effect = found.by_choice[choice]
        judged = [row for row in effect.conclusion.evidence if row.source == "tax"]
        assert [row.link for row in judged] == [link] * 3
        assert {row.decided_by for row in judged} == {"cl_1"}
        assert len(effect.case.judgements) == 3
    assert len({one.record for one in found.seen}) == 3
    for row, seen in zip(found.records, found.seen, strict=True):
        assert seen.probability == row.probability
        assert 2**seen.log2_odds / (1 + 2**seen.log2_odds) == pytest.approx(row.probability)


def test_records_that_are_gone_cannot_be_judged() -> None:
    with pytest.raises(Conflict):
        effects_of(told().case(), knowledge(), ("ev_bank_m1_icbc_9",), "cl_1")
