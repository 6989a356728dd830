"""Banks over a real SFTP server: what is put, what is read, what is asked again."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from connectors.bank.client import BankSource
from connectors.contract import Found, NoRecord, Outcome, Partial, Progress, Ticket, Unknown
from connectors.failure import FailureKind, NotPermitted
from connectors.transport.limits import Gate, Limits
from tests.connectors.bank.builders import (
    LI,
    LI_YU,
    WANG,
    a_query,
    account,
    nothing,
    part_name,
    reply_file,
)
from tests.connectors.sftp_server import SftpServer, sftp_server

LIMITS = Limits(concurrency=1, timeout=5.0, tries=1, max_bytes=100_000)
QUERY = a_query(LI, WANG, LI_YU)


class Consent:
    """A permit that counts, and refuses from the given time on."""

    def __init__(self, refuses_after: int = 1000) -> None:
        self.asked = 0
        self._refuses_after = refuses_after

    async def __call__(self) -> None:
        self.asked += 1
        if self.asked > self._refuses_after:
            raise NotPermitted("withdrawn")


@asynccontextmanager
async def banks(
    root: Path, *names: str, missing: tuple[str, ...] = (), **config: Any
) -> AsyncIterator[tuple[BankSource, SftpServer]]:
    """The source on a server with folders for the banks, but for the missing ones."""
    for name in names:
        if name not in missing:
            (root / name / "in").mkdir(parents=True)
            (root / name / "out").mkdir(parents=True)
    async with sftp_server(root) as server:
        values = server.config(banks=list(names), poll_seconds=0, **config)
        source = BankSource.from_config("bank", values, Gate("bank", LIMITS))
        try:
            yield source, server
        finally:
            await source.aclose()


def said(progress: Progress) -> Mapping[str, Outcome]:
    return {reply.person: reply.outcome for reply in progress.replies}


def why(outcome: Outcome) -> FailureKind | None:
    return outcome.gap.kind if isinstance(outcome, (Partial, Unknown)) else None


def ticket_of(progress: Progress) -> Ticket:
    assert progress.ticket is not None
    return progress.ticket


async def test_each_bank_gets_its_file_after_its_own_permit(tmp_path: Path) -> None:
    consent = Consent()
    async with banks(tmp_path, "icbc", "abc") as (source, _):
        progress = await source.ask(QUERY, consent)
        assert progress.replies == ()
        assert ticket_of(progress).persons == ("m1", "m2", "m3")
    assert consent.asked == 2
    for bank in ("icbc", "abc"):
        names = sorted(file.name for file in (tmp_path / bank / "in").iterdir())
        assert names == ["HDREQ_220102_20261124_0001.ok", "HDREQ_220102_20261124_0001.txt"]


async def test_a_bank_that_takes_no_file_does_not_hold_up_the_others(tmp_path: Path) -> None:
    async with banks(tmp_path, "icbc", "abc", missing=("icbc",)) as (source, _):
        progress = await source.ask(QUERY, Consent())
        assert {(r.institution, why(r.outcome)) for r in progress.replies} == {
            ("icbc", FailureKind.UNAVAILABLE)
        }
        assert len(progress.replies) == 3
        assert list(_outstanding(progress)) == ["abc"]


def _outstanding(progress: Progress) -> Mapping[str, Any]:
    payload = ticket_of(progress).payload["banks"]
    assert isinstance(payload, dict)
    return payload


async def test_without_consent_nothing_leaves(tmp_path: Path) -> None:
    async with banks(tmp_path, "icbc", "abc") as (source, _):
        with pytest.raises(NotPermitted):
            await source.ask(QUERY, Consent(refuses_after=0))
    assert list((tmp_path / "icbc" / "in").iterdir()) == []


async def test_consent_withdrawn_between_two_banks_keeps_the_first_ones_ticket(
    tmp_path: Path,
) -> None:
    async with banks(tmp_path, "icbc", "abc") as (source, _):
        progress = await source.ask(QUERY, Consent(refuses_after=1))
        assert list(_outstanding(progress)) == ["icbc"]
        assert {why(reply.outcome) for reply in progress.replies} == {FailureKind.NOT_PERMITTED}
    assert list((tmp_path / "abc" / "in").iterdir()) == []


async def test_only_the_banks_of_the_query_are_asked(tmp_path: Path) -> None:
    async with banks(tmp_path, "icbc", "abc") as (source, _):
        query = a_query(LI, institutions=("abc", "gone"))
        progress = await source.ask(query, Consent())
        assert list(_outstanding(progress)) == ["abc"]
        assert {(r.institution, why(r.outcome)) for r in progress.replies} == {
            ("gone", FailureKind.REJECTED)
        }


async def test_found_and_none_and_left_out(tmp_path: Path) -> None:
    async with banks(tmp_path, "icbc") as (source, server):
        ticket = ticket_of(await source.ask(QUERY, Consent()))
        name = part_name()
        server.put(f"icbc/out/{name}", reply_file(name, [account(1), nothing(2)]))
        progress = await source.collect(ticket, QUERY, Consent())
        outcomes = said(progress)
        assert isinstance(outcomes["m1"], Found)
        assert outcomes["m2"] == NoRecord()
        assert why(outcomes["m3"]) is FailureKind.INCOMPLETE
        assert isinstance(outcomes["m3"], Unknown)
        assert progress.ticket is None
        assert progress.replies[0].institution == "icbc"
        assert str(progress.replies[0].as_of) == "2026-11-25"


@pytest.mark.parametrize(
    "file",
    [
        "HDRSP_220102_20261123_0001_1of1.txt",
        "HDRSP_220102_20261124_0002_1of1.txt",
        "HDRSP_220103_20261124_0001_1of1.txt",
        "notes.txt",
    ],
)
async def test_other_files_change_nothing(tmp_path: Path, file: str) -> None:
    async with banks(tmp_path, "icbc") as (source, server):
        ticket = ticket_of(await source.ask(QUERY, Consent()))
        server.put(f"icbc/out/{file}", reply_file(file, [nothing(1), nothing(2), nothing(3)]))
        assert await source.collect(ticket, QUERY, Consent()) == Progress(ticket=ticket)


async def test_a_file_without_ok_is_not_read(tmp_path: Path) -> None:
    async with banks(tmp_path, "icbc") as (source, server):
        ticket = ticket_of(await source.ask(QUERY, Consent()))
        server.put(f"icbc/out/{part_name()}", reply_file(part_name(), []), ok=False)
        assert await source.collect(ticket, QUERY, Consent()) == Progress(ticket=ticket)


async def test_a_server_out_of_reach_leaves_the_ticket_as_it_is(tmp_path: Path) -> None:
    async with banks(tmp_path, "icbc") as (source, _):
        ticket = ticket_of(await source.ask(QUERY, Consent()))
        (tmp_path / "icbc" / "out").rmdir()
        assert await source.collect(ticket, QUERY, Consent()) == Progress(ticket=ticket)


PARTS = {
    1: [account(1), account(2, WANG, end="1111")],
    2: [account(2, WANG, end="2222")],
    3: [nothing(3)],
}


@pytest.mark.parametrize("order", list(permutations(PARTS)))
async def test_parts_in_any_order_give_the_same_answers(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    outcomes: dict[str, Outcome] = {}
    async with banks(tmp_path, "icbc") as (source, server):
        ticket: Ticket | None = ticket_of(await source.ask(QUERY, Consent()))
        for place in order:
            assert ticket is not None
            name = part_name(place, 3)
            server.put(f"icbc/out/{name}", reply_file(name, PARTS[place]))
            progress = await source.collect(ticket, QUERY, Consent())
            outcomes |= said(progress)
            ticket = progress.ticket
    assert ticket is None
    assert {person: type(outcome) for person, outcome in outcomes.items()} == {
        "m1": Found,
        "m2": Found,
        "m3": NoRecord,
    }
    both = outcomes["m2"]
    assert isinstance(both, Found)
    assert len(both.records) == 2


async def test_an_answered_person_is_not_answered_twice(tmp_path: Path) -> None:
    async with banks(tmp_path, "icbc") as (source, server):
        ticket = ticket_of(await source.ask(QUERY, Consent()))
        server.put(f"icbc/out/{part_name(1, 2)}", reply_file(part_name(1, 2), [nothing(1)]))
        first = await source.collect(ticket, QUERY, Consent())
        again = await source.collect(ticket_of(first), QUERY, Consent())
        assert (set(said(first)), again) == ({"m1"}, Progress(ticket=first.ticket))
        lines = [nothing(2), nothing(3)]
        server.put(f"icbc/out/{part_name(2, 2)}", reply_file(part_name(2, 2), lines))
        assert set(said(await source.collect(ticket_of(first), QUERY, Consent()))) == {"m2", "m3"}


async def test_a_damaged_part_is_asked_again_for_those_it_left_open(tmp_path: Path) -> None:
    async with banks(tmp_path, "icbc") as (source, server):
        ticket = ticket_of(await source.ask(QUERY, Consent()))
        damaged = reply_file(part_name(2, 2), [nothing(2), nothing(3)]).replace(b"|N|", b"|Y|")
        server.put(f"icbc/out/{part_name(2, 2)}", damaged)
        waiting = await source.collect(ticket, QUERY, Consent())
        assert (waiting.replies, waiting.again) == ((), ())
        server.put(f"icbc/out/{part_name(1, 2)}", reply_file(part_name(1, 2), [nothing(1)]))
        progress = await source.collect(ticket_of(waiting), QUERY, Consent())
        assert said(progress) == {"m1": NoRecord()}
        assert [(again.person, again.institution) for again in progress.again] == [
            ("m2", "icbc"),
            ("m3", "icbc"),
        ]
        assert {again.failure.kind for again in progress.again} == {FailureKind.MALFORMED}
        assert progress.ticket is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (reply_file(part_name(numbers="220102_20261101_0007"), []), FailureKind.MISMATCHED),
        (b"x" * 100_001, FailureKind.TOO_LARGE),
    ],
    ids=["of-another-request", "too-large"],
)
async def test_what_asking_again_would_not_help_is_unknown(
    tmp_path: Path, body: bytes, kind: FailureKind
) -> None:
    async with banks(tmp_path, "icbc") as (source, server):
        ticket = ticket_of(await source.ask(QUERY, Consent()))
        server.put(f"icbc/out/{part_name()}", body)
        progress = await source.collect(ticket, QUERY, Consent())
        assert {why(reply.outcome) for reply in progress.replies} == {kind}
        assert (len(progress.replies), progress.again, progress.ticket) == (3, (), None)


async def test_parts_together_are_no_larger_than_one_file_may_be(tmp_path: Path) -> None:
    half = reply_file(part_name(1, 2), [nothing(1), "x" * 60_000])
    async with banks(tmp_path, "icbc") as (source, server):
        ticket = ticket_of(await source.ask(QUERY, Consent()))
        server.put(f"icbc/out/{part_name(1, 2)}", half)
        server.put(f"icbc/out/{part_name(2, 2)}", reply_file(part_name(2, 2), ["y" * 60_000]))
        progress = await source.collect(ticket, QUERY, Consent())
    assert {person: why(outcome) for person, outcome in said(progress).items()} == {
        "m1": None,
        "m2": FailureKind.TOO_LARGE,
        "m3": FailureKind.TOO_LARGE,
    }


async def test_a_refused_request_is_rejected_and_its_reason_stays_in_raw(tmp_path: Path) -> None:
    reason = "文件格式错误：李明".encode("gb18030")
    async with banks(tmp_path, "icbc") as (source, server):
        ticket = ticket_of(await source.ask(QUERY, Consent()))
        server.put("icbc/out/HDREJ_220102_20261124_0001.txt", reason, ok=False)
        progress = await source.collect(ticket, QUERY, Consent())
    assert {why(reply.outcome) for reply in progress.replies} == {FailureKind.REJECTED}
    assert "李明" not in repr(progress.replies)
    assert progress.replies[0].raw == reason


async def test_banks_answer_each_in_its_own_time(tmp_path: Path) -> None:
    async with banks(tmp_path, "icbc", "abc") as (source, server):
        ticket = ticket_of(await source.ask(a_query(LI), Consent()))
        server.put(f"abc/out/{part_name()}", reply_file(part_name(), [nothing(1)]))
        progress = await source.collect(ticket, a_query(LI), Consent())
        assert [reply.institution for reply in progress.replies] == ["abc"]
        assert list(_outstanding(progress)) == ["icbc"]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"banks": []}, "banks"),
        ({"banks": ["../etc"]}, "banks"),
        ({"banks": ["icbc", "icbc"]}, "banks"),
        ({"limit_only": {"other": "1"}}, "limit_only"),
        ({"limit_only": {"icbc": "much"}}, "limit_only"),
        ({"limit_only": {"icbc": "NaN"}}, "limit_only"),
        ({"colour": "red"}, "colour"),
        ({"host_key": None}, "host_key"),
    ],
)
async def test_a_wrong_configuration_names_the_key(
    tmp_path: Path, change: Mapping[str, Any], names: str
) -> None:
    async with sftp_server(tmp_path) as server:
        config = {**server.config(banks=["icbc"]), **change}
        with pytest.raises(ValueError, match=names):
            BankSource.from_config("bank", config, Gate("bank", LIMITS))
