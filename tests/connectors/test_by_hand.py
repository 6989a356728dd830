"""A source that clerks answer: its configuration, and what is read of what they typed."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from connectors.by_hand import ByHand, is_by_hand, ticket_by_hand
from connectors.record_forms import TYPES, Owner, Typed, Unfit, differing, forms_of, record_of
from connectors.records import BankAccount, BankAccountKind, Ownership
from connectors.registry import SOURCES, build_sources

ACCOUNT = {"bank": "icbc", "kind": "current", "currency": "CNY", "balance": "1,200.5"}


def typed(type_: str, **texts: str) -> Typed:
    return Typed(type_, "李明", "229901198003071236", texts)


def test_it_is_configured_by_one_word() -> None:
    sources = build_sources({"property": {"manual": True}}, {})
    assert isinstance(sources["property"], ByHand)
    assert is_by_hand(ticket_by_hand("aq_1", ("m1",)))
    with pytest.raises(ValueError, match="url is no setting of a source answered by hand"):
        build_sources({"property": {"manual": True, "url": "http://x"}}, {})


def test_every_source_has_forms() -> None:
    assert TYPES.keys() == SOURCES.keys()
    for source in SOURCES:
        assert all(form.fields for form in forms_of(source))


def test_what_is_typed_is_read_in_our_units() -> None:
    record = record_of("bank", typed("bank_account", **ACCOUNT))
    assert isinstance(record, BankAccount)
    assert (record.balance, record.kind) == (Decimal("1200.50"), BankAccountKind.CURRENT)
    assert (record.branch, record.money_in) == (None, None)  # not told
    assert record.raw["entered_by_hand"] is True
    home = record_of("property", typed("ownership", shares="1/2", area="61.5"))
    assert isinstance(home, Ownership)
    assert (home.shares, home.area) == ((Fraction(1, 2),), Decimal("61.5"))


def test_a_home_in_common_has_all_its_owners() -> None:
    """Whoever was typed first: two clerks who name the others in another order say the same."""
    others = Owner("王芳", "", "1/4"), Owner("王强", "229901199001011234", "1/4")
    homes = [
        record_of("property", replace(typed("ownership", shares="1/2"), others=some))
        for some in (others, others[::-1], others[:1])
    ]
    one, same, fewer = (home for home in homes if isinstance(home, Ownership))
    assert [each.name for each in one.subjects] == ["李明", "王芳", "王强"]
    assert one.shares == (Fraction(1, 2), Fraction(1, 4), Fraction(1, 4))
    assert differing([one], [same]) == ()
    assert differing([one], [fewer]) == ("1/others",)
    faulty = (Owner("", "", "half"),)
    assert record_of("property", replace(typed("ownership"), others=faulty)) == (
        Unfit("others/0/share", "unreadable share"),
        Unfit("others/0/name", "needed"),
    )
    assert record_of("bank", replace(typed("bank_account", **ACCOUNT), others=others)) == (
        Unfit("others", "one owner alone"),
    )


@pytest.mark.parametrize(
    ("texts", "wrong"),
    [
        ({"bank": ""}, ("bank", "needed")),
        ({"balance": "many"}, ("balance", "unreadable amount")),
        ({"balance": "1.005"}, ("balance", "more than two places")),
        ({"kind": "gold"}, ("kind", "not a choice")),
        ({"balance_on": "2026-02-30"}, ("balance_on", "unreadable date")),
        ({"colour": "red"}, ("colour", "no field of this record")),
    ],
)
def test_what_cannot_be_read_is_named(texts: dict[str, str], wrong: tuple[str, str]) -> None:
    assert record_of("bank", typed("bank_account", **{**ACCOUNT, **texts})) == (Unfit(*wrong),)


def test_a_record_of_another_source_is_none() -> None:
    assert record_of("tax", typed("bank_account")) == (Unfit("type", "no record of this source"),)


def test_two_clerks_differ_in_fields_not_in_order_or_spelling() -> None:
    def accounts(*balances: str) -> tuple[Any, ...]:
        return tuple(
            record_of("bank", typed("bank_account", **{**ACCOUNT, "balance": one}))
            for one in balances
        )

    assert differing(accounts("1.00", "2.00"), accounts("2", "1.0")) == ()
    assert differing(accounts("1.00"), accounts("1.01")) == ("1/balance",)
    assert differing(accounts("1.00"), accounts("1.00", "2.00")) == ("records",)
