"""A bank of the place 农村信用社 is asked about there, those of the whole country here."""

from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from app.batch.units import parted
from app.domain.errors import ConfigurationError
from app.verification.query import Due
from app.wiring_sources import answering_of
from connectors.bank.client import BankSource
from connectors.contract import AskedPerson, Found, IdType
from connectors.records import Subject
from connectors.transport.limits import Gate, Limits
from tests.assistance.asking import asked
from tests.assistance.parts import state_of, two_centres
from tests.connectors.bank.builders import account, reply_file
from tests.connectors.sftp_server import sftp_server
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


async def test_files_lie_in_that_banks_folder_alone(tmp_path: Path) -> None:
    """By SFTP, as banks are asked: a request for the one, whose reply comes a day later."""
    (tmp_path / "banks").mkdir()
    for bank in BANKS:
        for way in ("in", "out"):
            (tmp_path / "banks" / bank / way).mkdir(parents=True)
    async with sftp_server(tmp_path / "banks") as server:
        values = server.config(banks=list(BANKS), poll_seconds=0)
        source = BankSource.from_config("bank", values, Gate("bank", Limits()))
        async with asked(tmp_path, also=[source], institutions={"bank": "rcu"}) as asking:
            first = await asking.asks(source="bank")
            assert first["state"] == "pending"
            put = list((tmp_path / "banks").rglob("HDREQ_*.txt"))
            assert [one.parent.parent.name for one in put] == ["rcu"]
            name = put[0].name.replace("HDREQ", "HDRSP").replace(".txt", "_1of1.txt")
            her = AskedPerson("p1", NAMES["m1"], IdType.RESIDENT_ID, NUMBERS["m1"])
            server.put(f"rcu/out/{name}", reply_file(name, [account(1, her)]))
            answer = (await asking.look(first["id"])).json()
            assert answer["state"] == "found"
            assert Decimal(answer["records"][0]["balance"]) == Decimal("15320.55")


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
