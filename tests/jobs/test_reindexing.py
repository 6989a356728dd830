"""Index keys rotate: whoever was found before is found all the time, and counted once."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.errors import Conflict
from app.domain.household import Member
from app.domain.recipient import Cadence, RecipientState, WhyDue
from app.store.case_persons import AskedCase, CasePersons
from app.store.crypto import FieldCipher
from app.store.crypto.keyring import (
    HOUSEHOLD,
    RECIPIENT_PERSON,
    FixedKeys,
    Keyring,
    derived_field_key,
    derived_index_keys,
)
from app.store.data_keys import KeyPurpose, KeyState
from app.store.indexes import household_indexes, person_keys
from app.store.key_making import MADE_ANEW
from app.store.recipient_persons import RecipientPersons
from app.store.recipients import Recipients, StoredRecipient
from app.store.reports import IssuedReport, Reports
from app.store.stored_keys import opened
from app.store.tables import verification
from app.store.tables_facts import case_household, case_person
from app.store.verifications import StoredVerification, Verifications
from matching.idnumber import to_15
from tests import builders
from tests.jobs.rekeying_parts import MASTER, Town
from tests.jobs.test_rekeying import destroy
from tests.new_databases import brought_up
from tests.service_parts import NOON, number

FIRST, SECOND, THIRD = (number(f"229901198{born}0307123") for born in (0, 2, 4))


def a_member(id_number: str, ref: str = "m1") -> Member:
    return builders.a_member(ref, id_number=id_number)


def a_verification(id_: str, *members: Member) -> StoredVerification:
    return StoredVerification(
        id=id_,
        client_id="cl_1",
        status="final",
        request=builders.a_request(*members, case_reference=f"case-{id_}"),
        requested_at=NOON,
        changed_at=NOON,
        final_at=NOON,
        recheck_of=None,
    )


@dataclass
class Office:
    """Writes and looks up as a process with these keys does."""

    town: Town
    cipher: FieldCipher

    def begun(self, id_: str, *members: Member) -> None:
        one = a_verification(id_, *members)
        verifications = Verifications(self.cipher)
        with opened(self.town.url, writing=True) as tx:
            verifications.add(tx, one)
            case = AskedCase(
                verification_id=id_,
                request=one.request,
                household_index=verifications.household_index(one.request),
                requested_at=NOON,
            )
            CasePersons(self.cipher).add(tx, case)

    def received(self, id_: str, *members: Member) -> None:
        request = builders.a_request(*members, case_reference=f"case-{id_}")
        persons, recipients = RecipientPersons(self.cipher), Recipients(self.cipher)
        one = StoredRecipient(
            id=id_,
            region=request.region,
            client_id="cl_1",
            case_reference=request.case_reference,
            class_="A",
            cadence=Cadence.YEARLY,
            state=RecipientState.RECEIVING,
            due_on=date(2027, 1, 1),
            why_due=WhyDue.NEW,
            programmes=("urban_dibao",),
            last_verification_id=None,
            last_verified_on=None,
            consent_until=date(2027, 1, 1),
            created_at=NOON,
            changed_at=NOON,
            request=request,
            household_index=persons.household_index(request),
        )
        with opened(self.town.url, writing=True) as tx:
            recipients.add(tx, [one])
            persons.enter(tx, [(id_, one.region, persons.members(request))], NOON)

    def reported(self, number_: str, code: str) -> None:
        one = IssuedReport(
            number=number_,
            version=1,
            verification_id="vf_1",
            region="220102",
            code=code,
            content_digest="",
            content=b"{}",
            issued_at=NOON,
            valid_until=date(2027, 1, 1),
        )
        with opened(self.town.url, writing=True) as tx:
            Reports(self.cipher).add(tx, one)

    def others(self, *members: Member) -> tuple[str, ...]:
        """Cases of these persons, as a new verification of them finds them."""
        one = a_verification("vf_new", *members)
        with opened(self.town.url) as tx:
            found = Verifications(self.cipher).others_of_many(tx, [one])
        return tuple(place.split()[1] for place in found["vf_new"])


def an_office(town: Town) -> Office:
    return Office(town, FieldCipher(town.keys()))


def counted(town: Town) -> tuple[int, int]:
    """How many different persons and households."""
    with opened(town.url) as tx:
        persons = sa.select(sa.func.count(case_person.c.person_key.distinct()))
        households = sa.select(sa.func.count(case_household.c.household_key.distinct()))
        return tx.execute(persons).scalar_one(), tx.execute(households).scalar_one()


def rotate(town: Town) -> set[str]:
    """Gives the ids of the old keys."""
    with opened(town.url, writing=True) as tx:
        town.maker().rotate_indexes(tx, MADE_ANEW)
    return {one.id for one in town.rows() if one.state is KeyState.RETIRED}


@pytest.mark.promise(22)
async def test_whoever_is_looked_for_is_found_all_the_time(
    database_url: str, record_property: Any
) -> None:
    """After every page, by a process of before and one of after; counts stay as they are.

    Planted: `move_along` left out of `CasePersons.add`: the household that was asked for while
    keys rotated counted twice (5 persons in 3 households, not 3 in 2). Planted: `blinds` gave the
    first key's index alone: the process of before found no other cases any more.
    """
    town = Town(database_url)
    town.begin()
    before, couple = an_office(town), (a_member(FIRST), a_member(SECOND, "m2"))
    for turn in range(12):
        before.begun(f"vf_{turn:02d}", *couple)
    before.begun("vf_20", a_member(THIRD))
    before.received("rc_1", a_member(THIRD))
    before.reported("HD-220102-2026-0000001", "ABCD-EFGH")
    expected = (counted(town), before.others(*couple), before.others(a_member(THIRD)))
    assert expected[0] == (3, 2)
    old, cases = rotate(town), 0
    town.clock.forward(seconds=31)
    after = an_office(town)
    after.begun("vf_21", *couple)
    assert counted(town) == expected[0]
    expected = (expected[0], (*expected[1], "case-vf_21"), expected[2])
    async with town.duty(page_size=3) as duty:
        for _ in range(4):
            while await duty.run():
                for office in (before, after):
                    assert counted(town) == expected[0]
                    assert office.others(*couple) == expected[1]
                    assert office.others(a_member(THIRD)) == expected[2]
                    cases += 1
            town.clock.forward(seconds=61)
    assert cases > 20
    for id_ in old:
        destroy(town, id_)
    office = an_office(town)
    assert office.others(*couple) == expected[1]
    with opened(town.url) as tx:
        assert Reports(office.cipher).by_code(tx, "HD-220102-2026-0000001", "abcdefgh").version
    record_property("cases", cases)


async def test_who_left_keeps_the_index_and_its_key(database_url: str) -> None:
    """Nothing tells any more of whom it is: the key is kept, and he or she is found by it."""
    town = Town(database_url)
    town.begin()
    office = an_office(town)
    office.received("rc_1", a_member(FIRST), a_member(SECOND, "m2"))
    persons = RecipientPersons(office.cipher)
    gone = persons.members(builders.a_request(a_member(FIRST), a_member(THIRD, "m2")))["m2"]
    with opened(town.url, writing=True) as tx:
        persons.enter(tx, [("rc_1", "220102003", {"m9": gone})], NOON)
        persons.leave(tx, [("rc_1", gone)], NOON.replace(day=25))
    rotate(town)
    await town.finish()
    kept = [one for one in town.rows() if one.state is KeyState.RETIRED]
    assert [one.column for one in kept] == [RECIPIENT_PERSON]
    with pytest.raises(Conflict, match="who left"):
        destroy(town, kept[0].id)
    assert an_office(town).others(a_member(THIRD)) == ("case-rc_1",)


@pytest.mark.promise(21)
async def test_a_database_of_before_goes_on_and_learns_the_normal_form(
    database_url: str, record_property: Any
) -> None:
    """One household, written in 15 and in 18 digits, is one from then on; nothing is sealed anew.

    Planted: keys of before were taken over with form 1: 4 of 8 cases were found.
    """
    town = Town(database_url)
    brought_up(town.url)
    ring = Keyring.of(derived_field_key(MASTER), (), derived_index_keys(MASTER, 0))
    before = Office(town, FieldCipher(FixedKeys(ring)))
    written = (FIRST, to_15(FIRST), FIRST.lower(), FIRST.translate(_WIDE))
    for turn, text in enumerate(written):
        before.begun(f"vf_{turn}", a_member(text))
        before.received(f"rc_{turn}", a_member(text))
    assert counted(town) == (3, 3)
    town.begin()
    sealed = _sealed(town)
    office = an_office(town)
    assert len(office.others(a_member(FIRST))) > 0
    await town.finish()
    assert counted(town) == (1, 1)
    assert _sealed(town) == sealed
    office = an_office(town)
    for text in written:
        assert len(office.others(a_member(text))) == 2 * len(written)
    index = {one.column for one in town.rows() if one.purpose is KeyPurpose.INDEX}
    unused = {one.column for one in town.rows() if one.state is KeyState.UNUSED}
    assert unused == index - {"*"}
    record_property("cases", len(written))


_WIDE = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789X"}


def _sealed(town: Town) -> list[bytes]:
    with opened(town.url) as tx:
        query = sa.select(verification.c.sealed_request).order_by(verification.c.id)
        return list(map(bytes, tx.execute(query).scalars()))


async def test_households_without_numbers_are_not_one(database_url: str) -> None:
    """The form of before took all members without a number for the same."""
    town = Town(database_url)
    brought_up(town.url)
    for name in ("李明", "王芳"):
        one = a_verification(f"vf_{name}", builders.a_member("m1", name=name, id_number=""))
        with opened(town.url, writing=True) as tx:
            Verifications(FieldCipher(MASTER)).add(tx, one)
            tx.execute(verification.update().values(household_index=b"of nobody"))
    town.begin()
    await town.finish()
    with opened(town.url) as tx:
        different = sa.func.count(verification.c.household_index.distinct())
        found: int = tx.execute(sa.select(different)).scalar_one()
    assert found == 2


@pytest.mark.promise(21)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FIRST, FIRST.translate(_WIDE)),
        (FIRST, to_15(FIRST)),
        (FIRST, f" {FIRST[:6]} {FIRST[6:]}"),
        (number("22990119700306121"), number("22990119700306121").lower()),
    ],
    ids=["full-width", "15 digits", "blanks", "x and X"],
)
def test_a_number_has_one_index_however_it_is_written(one: str, other: str) -> None:
    """Planted: `person_form` took the number as it came, in capitals: 3 of 4 differed."""
    cipher = FieldCipher(MASTER)
    left, right = a_member(one), a_member(other)
    assert person_keys(cipher, left) == person_keys(cipher, right)
    households = [household_indexes(cipher, builders.a_request(who)) for who in (left, right)]
    assert households[0] == households[1]


@pytest.mark.promise(21)
def test_each_column_has_an_index_of_its_own() -> None:
    """Planted: `IndexKey.index` left the column out of other columns' keys: 6 indexes, not 8."""
    cipher = FieldCipher(MASTER)
    columns = (*MADE_ANEW, "idempotency.body_index", "batch.body_index", "alert.fact_index")
    assert len({cipher.blind(column, FIRST) for column in columns}) == len(columns)
    assert cipher.blind(HOUSEHOLD, FIRST) != FieldCipher(bytes(32)).blind(HOUSEHOLD, FIRST)
