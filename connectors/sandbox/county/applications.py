"""The request body a household applies with, written from the truth and what it hides."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from pathlib import Path
from typing import Final

from connectors.sandbox.county.county import County
from connectors.sandbox.county.households import Draft, HouseholdType, Member, Supporter
from connectors.sandbox.county.money import FOREIGN_UNITS
from connectors.sandbox.county.receipts import ODD_JOBS
from connectors.sandbox.county.truth import Person, PersonTruth
from connectors.sandbox.county.world import World

_CENT: Final = Decimal("0.01")
_TENS: Final = Decimal("1E1")
_HUNDREDS: Final = Decimal("1E2")
_MONTHS: Final = 12
_ACCOUNT_KINDS: Final = {"01": "deposit", "02": "deposit", "03": "wealth_product", "04": "deposit"}

Refs = Mapping[str, str]


def application(world: World, draft: Draft, number: int) -> tuple[dict[str, object], Refs]:
    """The request body of the county's household `number` (from 1), and ref to person id."""
    members = {f"m{place}": member for place, member in enumerate(draft.members, 1)}
    supporters = {f"s{place}": person for place, person in enumerate(draft.supporters, 1)}
    signed = [ref for ref, member in members.items() if world.adult(member.person)]
    signed += [ref for ref, supporter in supporters.items() if supporter.signed]
    reference = f"{world.as_of.year}-{number:06d}"
    body: dict[str, object] = {
        "case_reference": f"220102-{reference}",
        "region": draft.place.region,
        "purpose": "application",
        "as_of": world.as_of.isoformat(),
        "programmes": _programmes(draft),
        "consent": _consent(world.as_of, reference, signed),
        "household": {
            "address": draft.place.address,
            "members": [_member(ref, member) for ref, member in members.items()],
            "supporters": _supporters(members, supporters),
        },
        "declared": _declared(world, draft, members),
    }
    people = {ref: member.person.id for ref, member in members.items()}
    return body, people | {ref: supporter.person.id for ref, supporter in supporters.items()}


def write_applications(county: County, folder: Path) -> list[Path]:
    """One JSON file a household, named by its case reference; returns the files in order."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for household in county.households:
        path = folder / f"{household.application['case_reference']}.json"
        text = json.dumps(household.application, ensure_ascii=False, indent=2)
        path.write_text(text + "\n", encoding="utf-8")
        written.append(path)
    return written


def _programmes(draft: Draft) -> list[str]:
    own = "rural_dibao" if draft.place.rural else "urban_dibao"
    if draft.type is HouseholdType.ELDERLY_ALONE:
        return [own, "special_support", "dibao_edge"]
    return [own, "dibao_edge"]


def _consent(as_of: date, reference: str, signed: list[str]) -> dict[str, object]:
    day = as_of - timedelta(days=4)
    return {
        "reference": f"SQ-{reference}",
        "signed_on": day.isoformat(),
        "valid_until": (day + timedelta(days=364)).isoformat(),
        "document_sha256": sha256(reference.encode()).hexdigest(),
        "signatories": signed,
    }


def _identity(ref: str, person: Person, relationship: str) -> dict[str, object]:
    return {
        "ref": ref,
        "name": person.name,
        "id_type": person.id_type,
        "id_number": person.id_number,
        "relationship": relationship,
    }


def _member(ref: str, member: Member) -> dict[str, object]:
    body = _identity(ref, member.person, member.relationship)
    if member.relationship == "head":
        body |= {"address": None, "phone": None}
    return body | ({"in_school": True} if member.in_school else {})


def _supporters(
    members: Mapping[str, Member], supporters: Mapping[str, Supporter]
) -> list[dict[str, object]]:
    refs = {member.person.id: ref for ref, member in members.items()}
    bodies = []
    for ref, supporter in supporters.items():
        body = _identity(ref, supporter.person, supporter.relationship)
        body["supports"] = [refs[person] for person in supporter.supports]
        body["household_size"] = supporter.household_size
        payment = supporter.declared_payment
        body["declared_payment_monthly"] = None if payment is None else _money(payment)
        bodies.append(body)
    return bodies


def _declared(world: World, draft: Draft, members: Mapping[str, Member]) -> dict[str, object]:
    income: list[dict[str, object]] = []
    assets: list[Mapping[str, object]] = []
    expenses: list[dict[str, object]] = []
    homes_listed: set[str] = set()
    for ref, member in members.items():
        truth = world.truth(member.person)
        if truth.alive and world.adult(member.person):
            income.extend(_income(draft, ref, truth))
            assets.extend(_assets(draft, ref, truth, homes_listed))
    if draft.medical is not None:
        cost = draft.medical.quantize(_HUNDREDS, ROUND_HALF_UP)
        expenses.append({"person": "m1", "kind": "medical", "yearly": _money(cost), "proven": True})
    return {"income": income, "assets": assets, "expenses": expenses}


def _income(draft: Draft, ref: str, truth: PersonTruth) -> Iterable[dict[str, object]]:
    wage = truth.net_wages() / _MONTHS * draft.honesty
    if draft.wage_declared is not None and ref == "m1":
        wage = draft.wage_declared
    if wage > 0:
        yield _line(ref, "wage", wage.quantize(_TENS, ROUND_HALF_UP))
    for kind in ("wage", "business", "property", "transfer"):
        lines = [line for line in truth.other_income if line.kind == kind]
        odd = sum((line.amount for line in lines if line.code == ODD_JOBS), Decimal(0))
        shown = sum((line.amount for line in lines if line.code != ODD_JOBS), Decimal(0))
        if odd:
            yield _line(ref, kind, odd / _MONTHS) | {"basis": ODD_JOBS}
        if shown and kind not in draft.hidden:
            yield _line(ref, kind, shown / _MONTHS)


def _line(ref: str, kind: str, monthly: Decimal) -> dict[str, object]:
    return {"person": ref, "kind": kind, "monthly": _money(monthly)}


def _assets(
    draft: Draft, ref: str, truth: PersonTruth, homes_listed: set[str]
) -> Iterable[Mapping[str, object]]:
    for kind, value in _money_assets(draft, truth):
        if kind not in draft.hidden:
            yield {"person": ref, "kind": kind, "value": _money(value)}
    for unit in truth.units:
        first = not homes_listed
        if unit.in_force and unit.code not in homes_listed:
            homes_listed.add(unit.code)
            if first or "second_home" not in draft.hidden:
                yield {"person": ref, "kind": "home"}
    if "vehicle" not in draft.hidden:
        yield from ({"person": ref, "kind": "vehicle"} for car in truth.vehicles if car.counts)
    if "business" not in draft.hidden:
        yield from ({"person": ref, "kind": "business"} for _ in truth.businesses)


def _money_assets(draft: Draft, truth: PersonTruth) -> Iterable[tuple[str, Decimal]]:
    for account in truth.accounts:
        value = account.balance / FOREIGN_UNITS.get(account.currency, Decimal(1))
        if account.is_asset and value > 0 and account.number not in draft.hidden:
            yield _ACCOUNT_KINDS[account.kind], value
    for policy in truth.policies:
        if policy.role == "投保人" and policy.state == "有效" and policy.cash_value > 0:
            yield "insurance", policy.cash_value
    for fund in truth.funds:
        yield "housing_fund", fund.balance


def _money(amount: Decimal) -> str:
    return str(amount.quantize(_CENT, ROUND_HALF_UP))
