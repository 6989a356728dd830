"""One centre that answers, and another centre's way of speaking to it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson

from connectors.centre.messages import ASKING, PATH, TAG, Question
from connectors.contract import Found, Months
from connectors.transport.signatures import MessageSigner, RequestHead, content_digest
from tests.assistance.parts import ELSEWHERE, entry_of, learn_key, signer, written
from tests.client_parts import Known, register
from tests.records import a_tax_entry
from tests.service_parts import NAMES, NUMBERS, Clock, Running, ScriptedSource, running

ROW = a_tax_entry("700.00")
NONCES = (f"{place:032x}" for place in range(1, 1_000))


@dataclass
class Asking:
    """B alone, and another centre's way of speaking to it."""

    b: Running
    known: Known
    tax: ScriptedSource
    headers: dict[str, str]
    by: MessageSigner = field(default_factory=signer)

    async def put(self, body: bytes, **changes: Any) -> httpx.Response:
        """`changes`: `by`, `nonce`, `age`, `sent` (another body than was signed), `headers`."""
        headers = self._signed(RequestHead("POST", PATH, {}), body, changes)
        headers["Content-Type"] = "application/json"
        return await self.b.http.post(PATH, content=changes.get("sent", body), headers=headers)

    async def look(self, id_: str, **changes: Any) -> httpx.Response:
        headers = self._signed(RequestHead("GET", f"{PATH}/{id_}", {}), b"", changes)
        return await self.b.http.get(f"{PATH}/{id_}", headers=headers)

    def _signed(self, head: RequestHead, body: bytes, changes: dict[str, Any]) -> dict[str, str]:
        head.headers["content-digest"] = content_digest(body)
        now = self.b.clock() - changes.get("age", timedelta(0))
        nonce = changes.get("nonce") or next(NONCES)
        changes.get("by", self.by).sign_message(head, now, ASKING, tag=TAG, nonce=nonce)
        return {**head.headers, **changes.get("headers", self.headers)}

    async def asks(self, **changes: Any) -> dict[str, Any]:
        reply = await self.put(a_question(**changes))
        assert reply.status_code in (200, 202), reply.text
        answer: dict[str, Any] = orjson.loads(reply.content)
        return answer

    async def actions(self) -> list[str]:
        """What the trail tells, in order."""
        entries = self.b.parts.audit._entries
        rows = await self.b.parts.shelf.database.read(lambda tx: entries.after(tx, 0, 1_000))
        assert all(self.b.parts.audit.holds(row) for row in rows)
        return [row.action for row in rows if "assistance" in row.action or "asked" in row.action]


def a_question(**changes: Any) -> bytes:
    """About m1's tax; `consent` and `person` take changes of their own."""
    window = Months(date(2025, 11, 1), date(2026, 10, 31))
    consent = {
        "reference": "SQ-1",
        "signed_on": "2026-11-20",
        "valid_until": "2027-11-19",
        "document_sha256": None,
        "guardian": None,
        **changes.pop("consent", {}),
    }
    person = {
        "name": NAMES["m1"],
        "id_type": "resident_id",
        "id_number": NUMBERS["m1"],
        "registered_region": ELSEWHERE,
        **changes.pop("person", {}),
    }
    values = {
        "request_id": "a" * 64,
        "case": "c" * 64,
        "to": "2299",
        "asked_from": "220102",
        "source": "tax",
        "purpose": "application",
        "programmes": ["urban_dibao"],
        "first_day": window.first,
        "last_day": window.last,
        "as_of": "2026-11-24",
    }
    question = Question(**{**values, **changes, "consent": consent, "person": person})
    return question.to_bytes()


@asynccontextmanager
async def asked(
    folder: Path,
    database_url: str = "",
    clock: Clock | None = None,
    also: Sequence[Any] = (),
    **assistance: Any,
) -> AsyncIterator[Asking]:
    """B, which answers for 2299 but names another centre for 229909.

    `also`: sources beside the tax; `assistance`: more of that section.
    """
    tax = ScriptedSource("tax", {"p1": Found((ROW,))})
    other = Known("cl_other", "x")
    centre = {**entry_of("http://127.0.0.1:1", other, signer(2).jwks()), "region": "229909"}
    section = {"answers_for": ["2299"], **assistance}
    path = written(folder / "b.yaml", {"assistance": section, "centres": [centre]})
    more: dict[str, Any] = {"sources": path, "database_url": database_url}
    async with running(folder, [tax, *also], clock=clock or Clock(), **more) as b:
        known = await register(b, secret=True, region="22", scopes=("assist",))
        await learn_key(b, known, signer().jwks())
        yield Asking(b, known, tax, await token_of(b, known))


async def token_of(b: Running, known: Known) -> dict[str, str]:
    client = await b.parts.shelf.database.read(lambda tx: b.parts.clients.get(tx, known.id))
    assert client is not None
    return {"Authorization": f"Bearer {b.parts.tokens.issue(client, ('assist',))}"}
