"""Members as variables: who was left out, with means or without, and who may be gone."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import pytest

from app.domain.decision import Cause
from app.domain.evidence import Evidence
from app.error_rate.variables import Chance, Heads, Hidden, Variable
from app.verification.score.known import Known
from app.verification.score.members import members
from connectors.records import AnyRecord, Relation
from tests.builders import a_member, a_request, accepted, in_review, refused
from tests.records import a_registered_person, stranger, subject
from tests.verification.score.knowing import (
    FAILED,
    NOT_CONNECTED,
    UNSIGNED,
    actions_of,
    as_set,
    causes_of,
    known_of,
    priors,
)

COUPLE: Final = a_request(a_member("m1"), a_member("m2"))


def listed(relation: Relation | None, id_: str, name: str = "赵四海") -> Evidence[AnyRecord]:
    """Somebody in m1's registered household whom nobody declared."""
    about = stranger() if name == "赵四海" else subject("m4", name=name)
    record = a_registered_person("m3", subjects=(about,), in_household=True, relation=relation)
    return refused(record, "m1", id=id_)


def registered(*rows: Evidence[AnyRecord], **changes: Any) -> Known:
    return known_of(accepted(a_registered_person("m1")), *rows, **changes)


def by_group(variables: Sequence[Variable]) -> dict[str, list[Variable]]:
    found: dict[str, list[Variable]] = {}
    for one in variables:
        assert not isinstance(one, (Heads, Hidden)) or one.group
        found.setdefault(getattr(one, "group", ""), []).append(one)
    return found


def newcomers(known: Known) -> list[Variable]:
    return [one for one in members(known) if getattr(one, "change", 1) > 0]


def test_somebody_left_out_has_means_or_not_and_never_both_in_one_event() -> None:
    groups = by_group(newcomers(registered()))
    able, unable = groups["undeclared with means"], groups["undeclared without means"]
    assert len(groups) == 2
    assert [type(one) for one in unable] == [Heads]
    assert [type(one) for one in able] == [Heads, Hidden, Hidden]
    amounts = [one for one in able if isinstance(one, Hidden)]
    assert {one.total: (one.median, one.sigma) for one in amounts} == {
        "monthly_income": (priors().newcomer.income.median, priors().newcomer.income.sigma),
        "financial_assets": (priors().newcomer.assets.median, priors().newcomer.assets.sigma),
    }
    assert causes_of([*able, *unable]) == {Cause.COMPOSITION}
    assert actions_of([*able, *unable]) == {"household:members"}


@pytest.mark.parametrize(
    ("relation", "key"),
    [
        (Relation.SPOUSE, "spouse"),
        (Relation.CHILD, "child"),
        (Relation.SIBLING, "other"),
        (None, "other"),
    ],
)
def test_who_is_registered_and_not_declared_belongs_by_the_relation(
    relation: Relation | None, key: str
) -> None:
    groups = by_group(newcomers(registered(listed(relation, "ev_9"))))
    heads = {name: one for name, rows in groups.items() for one in rows if isinstance(one, Heads)}
    assert len(heads) == len(groups) == 4
    chance = sum(
        one.probability.mean for name, one in heads.items() if name.startswith("registered")
    )
    assert chance == pytest.approx(priors().registered_member[key].mean)
    means = heads["registered ev_9 with means"].probability.mean
    assert means == pytest.approx(chance * priors().newcomer.means.mean)


def test_the_order_of_the_register_changes_nothing() -> None:
    rows = [listed(Relation.SPOUSE, "ev_8"), listed(Relation.CHILD, "ev_9", "李小小")]
    one, other = registered(*rows), registered(*reversed(rows))
    assert len(one.profile.composition.registered_not_declared) == 2
    assert as_set(members(one)) == as_set(members(other))


# Who may be gone


def gone(known: Known) -> list[Heads]:
    return [one for one in members(known) if isinstance(one, Heads) and one.change < 0]


@pytest.mark.parametrize(
    ("state", "action"),
    [
        (FAILED, "source:household_registry:m1"),
        (UNSIGNED, "household:consent:m1"),
        (NOT_CONNECTED, ""),
    ],
)
def test_of_whom_the_registry_did_not_tell_may_be_dead(state: dict[str, Any], action: str) -> None:
    (one,) = gone(known_of(states={("m1", "household_registry"): state}))
    assert one.probability == Chance(0.01, 20.0)
    assert (one.cause, one.change, one.action) == (Cause.COMPOSITION, -1, action)


def test_whom_the_registry_knows_doubtfully_is_likelier_gone() -> None:
    about = subject(name="赵四海", birth_date=date(1971, 2, 14))
    row = in_review(a_registered_person("m1", subjects=(about,)), rule="identity_mismatch")
    (one,) = gone(known_of(row))
    assert one.probability == Chance(0.05, 20.0)
    assert one.action == ""


@pytest.mark.parametrize(
    "rows",
    [
        [accepted(a_registered_person("m1"))],
        [accepted(a_registered_person("m1", dead=True))],  # does not count any more
        [],  # the registry answered and does not know the person
    ],
)
def test_who_lives_is_dead_or_stands_in_no_registry_is_not_counted_out(
    rows: list[Evidence[AnyRecord]],
) -> None:
    assert gone(known_of(*rows)) == []


def test_each_member_may_be_gone_by_an_event_of_its_own() -> None:
    states = {(ref, "household_registry"): FAILED for ref in ("m1", "m2")}
    both = gone(known_of(request=COUPLE, states=states))
    assert [one.action for one in both] == [
        "source:household_registry:m1",
        "source:household_registry:m2",
    ]
    assert {one.group for one in both} == {""}
