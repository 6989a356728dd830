"""Households in which sources differ, and whoever settles what holds."""

from typing import Any

from connectors.records import AnyRecord
from tests.records import WINDOW, a_fund_account, a_tax_entry, an_account
from tests.review_parts import Reviewer, holding, reviewers
from tests.service_parts import Running, ScriptedSource, a_body

LITTLE, MUCH = "1200.00", "9000.00"


def wages(gross: str = LITTLE, base: str = MUCH) -> tuple[tuple[AnyRecord, ...], AnyRecord]:
    """A year of wages at the tax office, and the base that the housing fund has of them."""
    return tuple(a_tax_entry(gross, month) for month in WINDOW), a_fund_account(base)


def differing(gross: str = LITTLE, base: str = MUCH, **more: Any) -> list[ScriptedSource]:
    """Sources that differ about m1's wages so far that the outcome hangs on it."""
    taxed, funded = wages(gross, base)
    return holding(m1_tax=taxed, m1_housing_fund=(funded,), **more)


def undeclared_money(balance: str = "90000.00") -> list[ScriptedSource]:
    """An account of which the household declared less."""
    return holding(m1_bank=(an_account(balance),))


def anomalous() -> list[ScriptedSource]:
    """A balance that is far beyond what anybody has who asks for relief."""
    return holding(m1_bank=(an_account("9000000.00"),))


async def began(service: Running, **changes: Any) -> str:
    """A verification that waits for a person."""
    document = (await service.post(a_body(**changes))).json()
    assert document["status"] == "in_review", document["status"]
    return str(document["id"])


async def the_item(reviewer: Reviewer, kind: str) -> dict[str, Any]:
    [item] = await reviewer.items(kind=kind)
    return item


async def stands(service: Running, id_: str) -> None:
    """The verification comes to its end: nobody accepts what was declared otherwise."""
    document = await service.status_becomes(id_, "final", "in_review")
    if document["status"] == "in_review":
        one, two, _ = await reviewers(service)
        for item in await one.items(kind="declared"):
            if item["verification"] == id_:
                given = await settled(one, item["id"], "not_accept")
                if given["item"]["state"] == "awaiting_second":
                    await settled(two, item["id"], "not_accept")
        await service.status_becomes(id_, "final")


async def settled(
    reviewer: Reviewer, item: str, choice: str, status: int = 201, **more: Any
) -> dict[str, Any]:
    """The answer to a decision."""
    body = {"choice": choice, "reason_code": "documents_seen", "reason": "seen", **more}
    reply = await reviewer.post(f"/{item}/decisions", body)
    assert reply.status_code == status, reply.text
    document: dict[str, Any] = reply.json()
    return document
