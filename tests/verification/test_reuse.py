"""Answers used again: whose, of what, for how long, under which consent; and never as newer."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.evidence import SourceState, SourceStatus
from app.domain.household import Purpose, VerificationRequest
from app.settings import Settings
from app.store.case_persons import AskedCase, CasePersons
from app.store.evidence import StoredReply
from app.store.tables import asking
from app.store.verifications import StoredVerification
from app.verification.answers import from_stored, to_stored
from app.verification.plan import plan
from app.verification.reuse import Reuse
from app.wiring import Given, Stages, stages
from connectors.contract import Found, NoRecord, Outcome, Partial, SourceReply, Unknown
from connectors.failure import Failure, FailureKind
from tests.builders import a_consent, a_household, a_member, a_request, a_supporter
from tests.service_parts import NOON, Clock, ScriptedSource, an_account, connected
from tests.store.test_verifications import a_verification

BANKS = ("icbc", "abc")
GAP = Failure(FailureKind.TIMED_OUT, "no answer")
DAY = timedelta(days=1)
HOUSEHOLD = a_household(a_member("m1"), a_member("m2"))
CONSENT = a_consent(signed_on=date(2026, 1, 1), signatories=("m1", "m2"))
DAYS = {"tax": 30, "vehicle": 10, "bank": 30}


def asked(**changes: Any) -> VerificationRequest:
    values = {
        "purpose": Purpose.REVERIFICATION,
        "household": HOUSEHOLD,
        "consent": CONSENT,
        **changes,
    }
    return a_request(**values)


@dataclass
class Cases:
    """A service's stages, and the verifications that it had."""

    built: Stages
    clock: Clock

    async def had(
        self,
        id_: str,
        request: VerificationRequest,
        *replies: tuple[str, str, str, Outcome],
        at: datetime = NOON - 5 * DAY,
        status: str = "final",
    ) -> None:
        """(person, source, institution, outcome) that were answered then."""
        new = replace(a_verification(id_, request=request, status=status), requested_at=at)
        rows = [
            to_stored(
                SourceReply(
                    person=ref,
                    institution=institution,
                    outcome=outcome,
                    raw=f"{id_}/{ref}".encode(),
                ),
                where=(id_, request.region),
                source=source,
                now=at,
            )
            for ref, source, institution, outcome in replies
        ]

        def work(tx: sa.Connection) -> None:
            self.add(tx, new)
            self.built.shelf.replies.put(tx, rows)

        await self.built.shelf.database.write(work)

    def add(self, tx: sa.Connection, new: StoredVerification) -> None:
        shelf = self.built.shelf
        shelf.verifications.add(tx, new)
        case = AskedCase(
            verification_id=new.id,
            request=new.request,
            household_index=shelf.verifications.household_index(new.request),
            requested_at=new.requested_at,
        )
        CasePersons(self.built.cipher).add(tx, case)

    async def copied(
        self, request: VerificationRequest, id_: str = "vf_new", **changes: Any
    ) -> set[tuple[str, str]]:
        """Source and person of what a new verification takes over."""
        new = replace(
            a_verification(id_, request=request, status="querying"),
            requested_at=self.clock.now,
            **changes,
        )
        reuse = Reuse(self.built.desk, self.built.cipher)
        statuses = {id_: plan(request, self.built.desk.sources, self.built.desk.gate.needs)}

        def work(tx: sa.Connection) -> set[tuple[str, str, str]]:
            self.add(tx, new)
            return reuse.copy(tx, [new], statuses)

        found = await self.built.shelf.database.write(work)
        assert {one[0] for one in found} <= {id_}
        return {(source, person) for _, source, person in found}

    async def replies(self, id_: str = "vf_new") -> Sequence[StoredReply]:
        shelf = self.built.shelf
        return await shelf.database.read(lambda tx: shelf.replies.all_of(tx, id_))


@asynccontextmanager
async def cases_in(folder: Path, database_url: str) -> AsyncIterator[Cases]:
    clock = Clock()
    sources, patience = connected(
        [
            ScriptedSource("tax"),
            ScriptedSource("vehicle"),
            ScriptedSource("property"),
            ScriptedSource("bank", institutions=BANKS),
        ]
    )
    given = {name: replace(its, reuse_days=DAYS.get(name, 0)) for name, its in patience.items()}
    settings = Settings(data_dir=folder, database_url=database_url)
    async with stages(settings, Given(clock, (sources, given))) as built:
        yield Cases(built, clock)


@pytest.fixture
async def cases(tmp_path: Path) -> AsyncIterator[Cases]:
    async with cases_in(tmp_path, "") as built:
        yield built


@pytest.fixture
async def anywhere(tmp_path: Path, database_url: str) -> AsyncIterator[Cases]:
    """The same on both databases."""
    async with cases_in(tmp_path, database_url) as built:
        yield built


ACCOUNT = Found((an_account("m1", "15320.55"),))
TAX = ("m1", "tax", "", NoRecord())


async def test_a_copy_is_the_same_answer_as_old_as_it_is(anywhere: Cases) -> None:
    at = NOON - 5 * DAY
    await anywhere.had("vf_1", asked(), ("m1", "bank", "icbc", ACCOUNT), TAX, at=at)
    renumbered = a_household(replace(a_member("m2"), ref="a"), replace(a_member("m1"), ref="b"))
    consent = replace(CONSENT, signatories=("a", "b"))
    assert await anywhere.copied(asked(household=renumbered, consent=consent)) == {
        ("bank", "b"),
        ("tax", "b"),
    }
    bank, tax = await anywhere.replies()
    (original, _) = await anywhere.replies("vf_1")
    assert (bank.person, bank.institution, bank.reused_from) == ("b", "icbc", original.id)
    assert (bank.answered_at, bank.raw, bank.raw_digest) == (at, b"vf_1/m1", original.raw_digest)
    assert from_stored(bank).outcome == ACCOUNT
    # A source that names no day told of the day that it answered: so the score sees its age.
    assert (bank.data_as_of, tax.data_as_of) == (date(2026, 11, 19), date(2026, 11, 19))
    rows = await anywhere.built.shelf.database.read(
        lambda tx: tx.execute(sa.select(sa.func.count()).select_from(asking)).scalar_one()
    )
    assert rows == 0


async def test_a_copy_of_a_copy_names_the_first_and_ages_on(cases: Cases) -> None:
    await cases.had("vf_1", asked(), TAX)
    await cases.copied(asked(), "vf_2")
    cases.clock.forward(days=5)
    await cases.copied(asked(), "vf_3")
    (first,), (second,), (third,) = [await cases.replies(f"vf_{nth}") for nth in (1, 2, 3)]
    assert (second.reused_from, third.reused_from) == (first.id, first.id)
    assert third.answered_at == first.answered_at
    cases.clock.forward(days=21)
    assert await cases.copied(asked(as_of=date(2026, 11, 30)), "vf_4") == set()


@pytest.mark.parametrize(
    ("old", "outcome", "status", "found"),
    [
        (asked(), NoRecord(), "final", True),
        (asked(), Found((an_account("m1", "1.00"),)), "in_review", True),
        (asked(), Partial((an_account("m1", "1.00"),), GAP), "final", False),
        (asked(), Unknown(GAP), "final", False),
        (asked(), NoRecord(), "cancelled", False),
        (asked(purpose=Purpose.APPLICATION), NoRecord(), "final", False),
        (asked(region="220104001"), NoRecord(), "final", False),  # another county's
        (asked(region="220102009"), NoRecord(), "final", True),
        (asked(as_of=date(2026, 10, 31)), NoRecord(), "final", False),  # other months
    ],
)
async def test_which_answers_are_used_again(
    cases: Cases, old: VerificationRequest, outcome: Outcome, status: str, found: bool
) -> None:
    await cases.had("vf_1", old, ("m1", "tax", "", outcome), status=status)
    assert await cases.copied(asked()) == ({("tax", "m1")} if found else set())


async def test_what_tells_of_now_does_not_depend_on_the_months(cases: Cases) -> None:
    await cases.had("vf_1", asked(as_of=date(2026, 10, 31)), ("m1", "vehicle", "", NoRecord()))
    assert await cases.copied(asked()) == {("vehicle", "m1")}


@pytest.mark.parametrize(
    ("source", "days", "found"),
    [
        ("tax", 23, True),
        ("vehicle", 10, True),
        ("vehicle", 10.01, False),
        ("property", 1, False),  # its answers are never used again
    ],
)
async def test_each_source_has_its_own_days(
    cases: Cases, source: str, days: float, found: bool
) -> None:
    at = NOON - timedelta(days=days)
    await cases.had("vf_1", asked(), ("m1", source, "", NoRecord()), at=at)
    assert bool(await cases.copied(asked())) is found


@pytest.mark.parametrize(
    "changes",
    [
        {"purpose": Purpose.OBJECTION},
        {"household": a_household(a_member("m1", name="李鸣"), a_member("m2"))},
        {"household": a_household(a_member("m2"))},
        {"consent": replace(CONSENT, signatories=("m2",))},
        {"consent": replace(CONSENT, valid_until=date(2026, 11, 23))},
    ],
)
async def test_not_for_an_objection_another_person_or_without_consent(
    cases: Cases, changes: dict[str, Any]
) -> None:
    await cases.had("vf_1", asked(), TAX)
    await cases.had("vf_2", asked(purpose=Purpose.OBJECTION), TAX)
    assert await cases.copied(asked(**changes)) == set()


async def test_not_for_a_recheck(cases: Cases) -> None:
    await cases.had("vf_1", asked(), TAX)
    assert await cases.copied(asked(), recheck_of="vf_1") == set()


@pytest.mark.parametrize(
    ("reference", "region", "found"),
    [
        ("SQ-old", "220102003", False),
        ("SQ-old", "22", False),
        ("SQ-old", "2202", True),  # not above it
        ("SQ-2026-000123", "220102", False),
        ("SQ-other", "220102", True),
    ],
)
async def test_a_withdrawn_consent_ends_reuse(
    cases: Cases, reference: str, region: str, found: bool
) -> None:
    """Of the answer as well as of the new question."""
    old = replace(CONSENT, reference="SQ-old")
    await cases.had("vf_1", asked(consent=old), TAX)
    desk = cases.built.desk
    await desk.database.write(
        lambda tx: desk.askings.withdraw(
            tx, region=region, reference=reference, client_id="cl_1", now=NOON
        )
    )
    assert bool(await cases.copied(asked())) is found


async def test_the_newest_that_may_be_used_is_taken_of_each_institution(anywhere: Cases) -> None:
    other = asked(purpose=Purpose.APPLICATION)
    for id_, request, days in (("vf_1", asked(), 9), ("vf_2", asked(), 3), ("vf_3", other, 1)):
        bank = ("m1", "bank", "icbc", ACCOUNT)
        await anywhere.had(id_, request, bank, at=NOON - days * DAY)
    await anywhere.had("vf_4", asked(), ("m1", "bank", "abc", Unknown(GAP)), at=NOON - DAY)
    assert await anywhere.copied(asked()) == {("bank", "m1")}
    (copy,) = await anywhere.replies()  # of the other bank nothing: it is asked
    assert (copy.institution, copy.answered_at) == ("icbc", NOON - 3 * DAY)


async def test_a_supporters_answers_too_once_he_or_she_has_signed(cases: Cases) -> None:
    household = a_household(a_member("m1"), a_supporter("s1"))
    consent = replace(CONSENT, signatories=("m1", "s1"))
    old = asked(household=household, consent=consent)
    await cases.had("vf_1", old, ("s1", "tax", "", NoRecord()))
    assert await cases.copied(old) == {("tax", "s1")}
    unsigned = asked(household=household, consent=replace(CONSENT, signatories=("m1",)))
    assert await cases.copied(unsigned, "vf_2") == set()


async def test_only_what_is_still_to_be_asked(cases: Cases) -> None:
    await cases.had("vf_1", asked(), TAX)
    new = replace(a_verification("vf_new", request=asked()), requested_at=NOON)
    done = SourceStatus(source="tax", person="m1", state=SourceState.ANSWERED, complete=True)
    reuse, database = Reuse(cases.built.desk, cases.built.cipher), cases.built.shelf.database
    assert await database.write(lambda tx: reuse.copy(tx, [new], {"vf_new": [done]})) == set()
    assert await database.write(lambda tx: reuse.copy(tx, [], {})) == set()
