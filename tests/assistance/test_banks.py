"""A bank of the place 农村信用社 is asked about there, those of the whole country here."""

from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from app.batch.units import parted
from app.domain.errors import ConfigurationError
from app.verification.query import Due
from app.wiring_sources import answering_of
from connectors.contract import Found
from connectors.records import Subject
from tests.assistance.parts import state_of, two_centres
from tests.records import an_account
from tests.service_parts import NAMES, NUMBERS, ScriptedSource

SPOUSE: Final = Subject(name=NAMES["m2"], id_number=NUMBERS["m2"])
BANKS: Final = ("icbc", "rcu")
ASKED: Final[dict[str, Any]] = {"sources": ["bank"]}


def _bank() -> ScriptedSource:
    """B's: both banks have an account of hers."""
    answers = {
        ("p1", bank): Found((an_account(balance, bank=bank, subjects=(SPOUSE,)),))
        for bank, balance in (("icbc", "100.00"), ("rcu", "4200.00"))
    }
    return ScriptedSource("bank", answers, institutions=BANKS)


async def test_the_one_of_the_place_is_asked_and_counts(tmp_path: Path) -> None:
    """Just that one: B's account at a bank of the whole country is A's own to ask about."""
    there, here = _bank(), ScriptedSource("bank", institutions=("icbc",))
    answering = {"answers_for": ["2299"], "institutions": {"bank": "rcu"}}
    async with two_centres(tmp_path, [there], [here], asked=ASKED, assistance=answering) as two:
        document = await two.verified()
        assert [one.institutions for one in there.queries] == [("rcu",)]
        assert [one.persons[0].name for one in there.queries] == [NAMES["m2"]]
        assert (state_of(document, "bank", "m2")["records"]) == 1
        evidence = (await two.a.get(f"/v1/verifications/{document['id']}/evidence")).json()
        rows = [one for one in evidence["evidence"] if one["institution"] == "centre:2299"]
        assert [Decimal(one["record"]["balance"]) for one in rows] == [4200]


async def test_without_one_that_is_named_it_is_unknown(tmp_path: Path) -> None:
    there = _bank()
    async with two_centres(tmp_path, [there], asked=ASKED) as two:
        told = state_of(await two.verified(), "bank", "m2")
        assert told["state"] == "failed"
        assert "does not ask the source" in told["detail"]
        assert there.queries == []


@pytest.mark.parametrize(
    "institutions", [{"bank": "none"}, {"tax": "x"}, {"insurance": ""}, ["rcu"]], ids=str
)
def test_an_institution_that_is_not_connected_is_named(institutions: object) -> None:
    given = {"answers_for": ["2299"], "institutions": institutions}
    sources = {"bank": _bank(), "insurance": ScriptedSource("insurance")}
    with pytest.raises(ConfigurationError, match="assistance: institutions"):
        answering_of(given, sources)


def test_another_centre_is_never_asked_in_bulk() -> None:
    """A batch's file to the banks holds none whom another centre is asked about."""
    here, there = ("bank", None), ("bank", ("centre:2299",))
    due: Due = {here: ["m1", "m2"], there: ["m2"], ("tax", None): ["m1"]}
    singly, in_bulk = parted(due, {"bank"})
    assert singly == {there: ["m2"], ("tax", None): ["m1"]}
    assert in_bulk == {here: ["m1", "m2"]}
