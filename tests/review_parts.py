"""A household with records in doubt, and reviewers who speak to the service about them."""

from dataclasses import dataclass, field
from typing import Any

import httpx
from pydantic import BaseModel

from app.domain.decision import ActionKind
from app.domain.review import Choice, ReasonCode, Role
from app.store.review_decisions import RecordSeen, ReviewDecision
from app.store.review_items import Gain, ReviewItem
from connectors.records import AnyRecord, Subject
from tests.builders import NOON, REGION
from tests.records import a_vehicle
from tests.service_parts import (
    NAMES,
    NUMBERS,
    Running,
    ScriptedSource,
    all_ten,
    an_account,
    found,
    number,
    registered,
)

NEAR = {"m1": number("22990119800307125"), "m2": number("22990119820415224")}
"""Numbers a digit from the persons' own: whose a record under one is, somebody must say."""
WHY = {"reason_code": "documents_seen", "reason": "the card was seen"}


def nearly(ref: str) -> tuple[Subject, ...]:
    return (Subject(name=NAMES[ref], id_number=NEAR[ref]),)


def a_doubtful_account(balance: str, ref: str = "m1") -> AnyRecord:
    return an_account(ref, balance, subjects=nearly(ref))


def a_doubtful_car(ref: str = "m2") -> AnyRecord:
    return a_vehicle(subjects=nearly(ref))


def a_death(ref: str = "m1") -> AnyRecord:
    """A death under the person's number and another's name."""
    return registered(ref, dead=True, subjects=(Subject(name="赵四海", id_number=NUMBERS[ref]),))


def holding(**records: tuple[AnyRecord, ...]) -> list[ScriptedSource]:
    """All ten sources; those named hold these records, each its owner's by `m1_bank=(…)`."""
    sources: dict[str, dict[str, Any]] = {}
    for name, some in records.items():
        ref, source = name.split("_", maxsplit=1)
        sources.setdefault(source, {})[ref] = found(*some)
    return all_ten(*(ScriptedSource(name, answers) for name, answers in sources.items()))


RECORD = RecordSeen(
    record="ev_1/sha256:00", source="bank", person="m1", log2_odds=1.5, probability=0.7
)


def an_item(**changes: Any) -> ReviewItem:
    values: dict[str, Any] = {
        "verification_id": "vf_1",
        "region": REGION,
        "subject": "review:ev_1",
        "kind": ActionKind.REVIEW_RECORD,
        "person": "m1",
        "source": "bank",
        "gains": (),
        "needed": True,
        "created_at": NOON,
        "changed_at": NOON,
    }
    return ReviewItem(**{**values, **changes})


def a_word(version: int, choice: Choice, by: str, **changes: Any) -> ReviewDecision:
    values: dict[str, Any] = {
        "id": f"rd_{version}",
        "item_id": "ri_1",
        "verification_id": "vf_1",
        "region": REGION,
        "version": version,
        "choice": choice,
        "role": Role.FIRST,
        "reviewer": by,
        "reason_code": ReasonCode.OTHER,
        "reason": "seen",
        "adverse": True,
        "records": (RECORD,),
        "decided_at": NOON,
    }
    return ReviewDecision(**{**values, **changes})


def a_gain(reduction: float, programme: str = "urban_dibao") -> Gain:
    return Gain(
        programme=programme, error_rate=0.5, expected_rate=0.5 - reduction, reduction=reduction
    )


def assert_shaped(model: type[BaseModel], answer: Any) -> None:
    """Nothing is missing, of another type, or there without being documented."""
    shown = model.model_validate(answer).model_dump(mode="json", by_alias=True, exclude_unset=True)
    assert shown == answer, sorted(set(answer) ^ set(shown))


@dataclass
class Reviewer:
    """One client that may review, and what it asks of the service."""

    service: Running
    headers: dict[str, str] = field(repr=False)

    async def get(self, path: str = "", **query: Any) -> httpx.Response:
        path = f"/v1/review-items{path}"
        return await self.service.http.get(path, headers=self.headers, params=query)

    async def post(self, path: str, body: Any = None, **query: Any) -> httpx.Response:
        path = f"/v1/review-items{path}"
        return await self.service.http.post(path, headers=self.headers, json=body, params=query)

    async def items(self, **query: Any) -> list[dict[str, Any]]:
        reply = await self.get("", **query)
        assert reply.status_code == httpx.codes.OK, reply.text
        found_items: list[dict[str, Any]] = reply.json()["items"]
        return found_items

    async def records(self, **query: Any) -> list[dict[str, Any]]:
        """The items that ask whose records are."""
        return await self.items(kind="review_record", **query)

    async def shown(self, item: str) -> dict[str, Any]:
        reply = await self.get(f"/{item}")
        assert reply.status_code == httpx.codes.OK, reply.text
        document: dict[str, Any] = reply.json()
        return document

    async def says(self, item: str, choice: str, **why: str) -> httpx.Response:
        return await self.post(f"/{item}/decisions", {"choice": choice, **WHY, **why})

    async def reverses(self, item: str, version: int) -> httpx.Response:
        body = {"reason": "the wrong household"}
        return await self.post(f"/{item}/decisions/{version}/reverse", body)


async def reviewers(service: Running, count: int = 3) -> list[Reviewer]:
    return [Reviewer(service, await service.client()) for _ in range(count)]


async def digest(service: Running, id_: str) -> str:
    """Of the newest result."""
    shelf = service.parts.shelf
    result = await shelf.database.read(lambda tx: shelf.results.newest(tx, id_))
    assert result is not None
    return result.digest
