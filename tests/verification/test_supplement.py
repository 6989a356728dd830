"""A late reply to a final verification: a supplement, whose report supersedes the issued one."""

from datetime import date
from pathlib import Path

from app.store.evidence import StoredReply
from app.verification.answers import to_stored
from app.verification.clockwork import Clockwork
from app.verification.supplement import Supplements, TakenIn, supplement_id
from app.wiring import new_id
from connectors.contract import Outcome, SourceReply, Unknown
from connectors.failure import Failure, FailureKind
from tests.service_parts import (
    REGION,
    Running,
    ScriptedSource,
    all_ten,
    an_account,
    found,
    running,
)

GAP = Unknown(Failure(FailureKind.TIMED_OUT, "no answer within the source's deadline"))
ACCOUNT = found(an_account("m1", "800.00"))


async def take_in(
    service: Running, id_: str, outcome: Outcome, *, person: str = "m1", raw: bytes = b"late"
) -> TakenIn:
    """A reply of the bank that came after the verification was final."""
    parts = service.parts
    late: StoredReply = to_stored(
        SourceReply(person=person, outcome=outcome, as_of=date(2026, 11, 23), raw=raw),
        where=(id_, REGION),
        source="bank",
        now=parts.now(),
    )
    supplements = Supplements(parts.shelf, parts.audit, Clockwork(parts.now, new_id))
    taken = await parts.shelf.database.write(lambda tx: supplements.take_in(tx, [late]))
    for begun in taken.begun:
        await parts.verifier.run(begun)
    return taken


async def test_it_asks_nothing_and_its_report_supersedes(tmp_path: Path) -> None:
    sources = all_ten()
    async with running(tmp_path, sources) as service:
        first = (await service.post()).json()
        asked = [len(source.asked) for source in sources]
        taken = await take_in(service, first["id"], ACCOUNT)
        [id_] = taken.begun
        new = await service.status_becomes(id_, "final")
        assert new["recheck_of"] == first["id"]
        assert (new["as_of"], new["purpose"]) == (first["as_of"], first["purpose"])
        assert new["report"]["number"] == first["report"]["number"]
        assert (first["report"]["version"], new["report"]["version"]) == (1, 2)
        assert [len(source.asked) for source in sources] == asked
        assert await service.shown(first["id"]) == first, "what was issued stays as it was"
        states = {
            (one["source"], one["person"]): (one["state"], one["records"]) for one in new["sources"]
        }
        assert states["bank", "m1"] == ("answered", 1)
        before = {(one["source"], one["person"]): one for one in first["sources"]}
        assert {key: value for key, value in states.items() if key != ("bank", "m1")} == {
            key: (one["state"], one["records"])
            for key, one in before.items()
            if key != ("bank", "m1")
        }


async def test_what_says_no_more_makes_none(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten()) as service:
        id_ = (await service.post()).json()["id"]
        assert await take_in(service, id_, GAP) == TakenIn()


async def test_the_next_late_reply_supplements_the_supplement(tmp_path: Path) -> None:
    async with running(tmp_path, all_ten()) as service:
        first = (await service.post()).json()
        await take_in(service, first["id"], ACCOUNT)
        again = await take_in(service, first["id"], ACCOUNT)
        assert again == TakenIn(), "the same reply twice changes nothing"
        other = found(an_account("m2", "500.00"))
        taken = await take_in(service, first["id"], other, person="m2", raw=b"m2")
        second = supplement_id(supplement_id(first["id"]))
        assert taken.begun == {second}
        newest = await service.status_becomes(second, "final")
        assert newest["report"]["version"] == 3
        records = {
            one["person"]: one["records"] for one in newest["sources"] if one["source"] == "bank"
        }
        assert (records["m1"], records["m2"]) == (1, 1)


async def test_a_cancelled_verification_takes_nothing_in(tmp_path: Path) -> None:
    bank = ScriptedSource("bank", answers_later=True, ready=False)
    async with running(tmp_path, all_ten(bank)) as service:
        id_ = (await service.post(wait=0)).json()["id"]
        await service.status_becomes(id_, "partial")
        path = f"/v1/verifications/{id_}/cancel"
        await service.http.post(path, headers=service.headers)
        assert await take_in(service, id_, ACCOUNT) == TakenIn()
