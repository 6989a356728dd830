"""The same seed makes the same county; what its registers say without faults is the truth."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from connectors.sandbox.county import County, HouseholdType, PersonTruth, generate
from connectors.sandbox.county.numbers import AREA_CODES, credit_check, vin
from connectors.sandbox.county.world import window_months
from connectors.sandbox.register import SOURCES, Entry, check_character

AS_OF = date(2026, 11, 24)


@pytest.fixture(scope="module")
def faultless() -> County:
    return generate(5, 60, AS_OF, background=1_500, fault_rate=0)


def truths(county: County) -> dict[str, PersonTruth]:
    return {
        person: truth
        for household in county.households
        for person, truth in household.truth.items()
    }


def kept(county: County, source: str) -> Mapping[str, list[Entry]]:
    by_person: dict[str, list[Entry]] = defaultdict(list)
    for entry in county.registers[source].entries:
        assert entry.person is not None
        by_person[entry.person].append(entry)
    return by_person


def amount(entry: Entry, field: str) -> Decimal:
    value = entry.row[field]
    assert isinstance(value, Decimal)
    return value


def test_the_same_seed_makes_the_same_county() -> None:
    first, second = (generate(3, 25, AS_OF, background=300) for _ in range(2))
    assert first.people == second.people
    assert first.faults == second.faults
    assert [home.application for home in first.households] == [
        home.application for home in second.households
    ]
    for source in SOURCES:
        assert first.registers[source].entries == second.registers[source].entries


def test_another_seed_makes_another_county() -> None:
    first, second = (generate(seed, 3, AS_OF, background=50) for seed in (1, 2))
    assert first.people != second.people


def test_faults_change_the_registers_and_nothing_else() -> None:
    clean, faulty = (generate(3, 25, AS_OF, 200, fault_rate=rate) for rate in (0, 0.3))
    assert clean.people == faulty.people
    assert [home.application for home in clean.households] == [
        home.application for home in faulty.households
    ]
    assert clean.faults == ()
    assert faulty.faults


def test_the_window_is_twelve_whole_months_before_the_month() -> None:
    assert window_months(AS_OF)[0] == "202511"
    assert window_months(AS_OF)[-1] == "202610"
    assert window_months(date(2026, 1, 31)) == tuple(f"2025{month:02d}" for month in range(1, 13))


def test_numbers_are_valid_never_assigned_and_agree_with_the_person(faultless: County) -> None:
    residents = [person for person in faultless.people.values() if person.id_type == "resident_id"]
    assert len({person.id_number for person in residents}) == len(residents)
    for person in residents:
        number = person.id_number
        assert number[:6] in AREA_CODES
        assert number[6:14] == person.birth.strftime("%Y%m%d")
        assert int(number[16]) % 2 == int(person.sex) % 2
        assert number[17] == check_character(number[:17])


def test_credit_codes_and_vins_check(faultless: County) -> None:
    fields = {"tax": "kjywrsbh", "business_registration": "uniscid"}
    for source, field in fields.items():
        for entry in faultless.registers[source].entries:
            code = str(entry.row[field])
            assert code[17] == credit_check(code[:17])
    for entry in faultless.registers["vehicle"].entries:
        if entry.kind == "vehicle":
            number = str(entry.row["clsbdh"])
            assert vin(number[:8], number[9:]) == number


def test_every_type_of_household_applies(faultless: County) -> None:
    assert {household.type for household in faultless.households} == set(HouseholdType)
    assert faultless.households[0].type is HouseholdType.DEMO


def test_balances_in_the_bank_are_the_deposits_in_truth(faultless: County) -> None:
    entries = kept(faultless, "bank")
    for person, truth in truths(faultless).items():
        for currency in ("CNY", "USD", "KRW"):
            found = sum(
                amount(entry, "balance")
                for entry in entries.get(person, [])
                if entry.row["currency"] == currency
                and entry.row["account_kind"] != "09"
                and entry.row["state"] != "9"
            )
            assert found == truth.deposits(currency)


def test_tax_in_the_window_is_what_the_agents_paid(faultless: County) -> None:
    entries = kept(faultless, "tax")
    first = date(2025, 11, 1)
    for person, truth in truths(faultless).items():
        within = [
            entry for entry in entries.get(person, []) if str(entry.row["skssqq"]) >= str(first)
        ]
        paid = sum(wage.gross for job in truth.jobs if job.tax_lines for wage in job.wages) + sum(
            line.amount for line in truth.other_income if line.source == "tax"
        )
        assert sum(amount(entry, "sre") for entry in within) == paid


def test_a_correction_follows_what_it_corrects(faultless: County) -> None:
    corrections = 0
    for entries in kept(faultless, "tax").values():
        for before, entry in pairwise(entries):
            if entry.row["gzbz"] == "1" and amount(entry, "sre") < 0:
                corrections += 1
                assert amount(before, "sre") == -amount(entry, "sre")
                for field in ("sdxmdm", "skssqq", "skssqz", "kjywrsbh"):
                    assert before.row[field] == entry.row[field]
    assert corrections


def test_benefits_in_the_register_are_the_transfers_in_truth(faultless: County) -> None:
    entries = kept(faultless, "social_insurance")
    for person, truth in truths(faultless).items():
        paid = sum(
            int(str(entry.row["ffje"]))
            for entry in entries.get(person, [])
            if entry.kind == "BENEFIT"
        )
        lines = [line for line in truth.other_income if line.source == "social_insurance"]
        assert Decimal(paid) / 100 == sum(line.amount for line in lines)


def test_contribution_bases_keep_floor_and_ceiling(faultless: County) -> None:
    bases = [
        int(str(entry.row["jfjs"]))
        for entry in faultless.registers["social_insurance"].entries
        if entry.kind == "PAYMENT"
    ]
    assert min(bases) == 360_000
    assert max(bases) <= 1_800_000


def test_homes_vehicles_businesses_policies_and_funds_are_all_kept(faultless: County) -> None:
    counted: dict[str, Callable[[PersonTruth], int]] = {
        "vehicle": lambda truth: len(truth.vehicles) + len(truth.vessels),
        "business_registration": lambda truth: len(truth.businesses),
        "insurance": lambda truth: len(truth.policies),
        "housing_fund": lambda truth: len(truth.funds),
        "securities": lambda truth: len(truth.holdings),
        "property": lambda truth: sum(
            (unit.certificate is not None) + (unit.old_certificate is not None)
            for unit in truth.units
        ),
    }
    for source, count in counted.items():
        entries = kept(faultless, source)
        for person, truth in truths(faultless).items():
            assert len(entries.get(person, [])) == count(truth), source


def test_co_owners_share_one_record_and_units_have_28_characters(faultless: County) -> None:
    by_row: dict[int, list[Entry]] = defaultdict(list)
    for entry in faultless.registers["property"].entries:
        by_row[id(entry.row)].append(entry)
    assert any(len(entries) == 2 for entries in by_row.values())
    for entries in by_row.values():
        row = entries[0].row
        assert str(row["qlrmc"]).split("、") == [entry.name for entry in entries]
        assert str(row["qlrzjh"]).split(",") == [entry.id_number for entry in entries]
        assert row["bdcdyh"] is None or len(str(row["bdcdyh"])) == 28


def test_namesakes_exist_and_come_back_for_the_first_household(faultless: County) -> None:
    names = Counter(person.name for person in faultless.people.values())
    assert names.most_common(1)[0][1] >= 3
    refs = faultless.households[0].refs
    head = faultless.people[refs["m1"]]
    strangers = {
        source
        for source, register in faultless.registers.items()
        for entry in register.find(head.name, head.id_number)
        if entry.person != head.id
    }
    assert {"household_registry", "tax", "social_insurance", "property", "vehicle"} <= strangers
    assert {"bank", "insurance"} <= strangers


def test_the_first_household_is_the_one_to_look_at(faultless: County) -> None:
    household = faultless.households[0]
    head, wife = (household.truth[household.refs[ref]] for ref in ("m1", "m2"))
    (home,) = head.units
    assert home.certificate is not None
    assert home.old_certificate is not None
    assert head.jobs[0].wages[0].gross == 2600
    assert {account.bank for account in head.accounts} == {"icbc", "jlrcu"}
    assert head.funds
    assert wife.businesses
    assert wife.policies


def test_a_child_without_a_record_is_in_no_register(faultless: County) -> None:
    unknown = {person.id for person in faultless.people.values() if not person.registered}
    assert unknown
    for source in SOURCES:
        assert not unknown & kept(faultless, source).keys()


def test_who_left_a_household_number_still_stands_under_it(faultless: County) -> None:
    household = next(
        item for item in faultless.households if item.type is HouseholdType.RECENTLY_SPLIT
    )
    parent = faultless.people[household.refs["m1"]]
    assert parent.left_household is not None
    left = faultless.registers["household_registry"].household(parent.left_household)
    assert [entry.row["qczxbs"] for entry in left if entry.person == parent.id] == ["1"]


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        ("tax", ("sre", "yjse")),
        ("housing_fund", ("JCJS", "YJCE", "ZHYE")),
        ("bank", ("balance", "money_in", "money_out")),
        ("insurance", ("ncbf", "ljbf", "xjjz", "nlqje")),
        ("securities", ("市值", "资金余额")),
    ],
)
def test_yuan_have_two_places(faultless: County, source: str, fields: tuple[str, ...]) -> None:
    for entry in faultless.registers[source].entries:
        for field in fields:
            assert amount(entry, field).as_tuple().exponent == -2
