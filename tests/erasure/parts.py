"""A household that leaves a trace in every table, and the search for what is left of it."""

import base64
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from httpx import codes

from tests.service_parts import (
    HEAD,
    NAMES,
    NUMBERS,
    Running,
    ScriptedSource,
    a_body,
    all_ten,
    an_account,
    found,
    registry,
)

ADDRESS = a_body()["household"]["address"]
ACCOUNT = "62220000000112345679"
BALANCE = "3654321.98"
WORDS = "存款是向邻居借的九千元"
KNOWN = (*NAMES.values(), *NUMBERS.values(), ADDRESS, ACCOUNT, BALANCE, WORDS)
"""All that is known of the household, in the forms in which it came."""


def a_bank() -> ScriptedSource:
    return ScriptedSource("bank", {"m1": found(an_account("m1", BALANCE, account=ACCOUNT))})


def sources() -> list[ScriptedSource]:
    return all_ten(a_bank(), registry())


async def verified(service: Running, case: str = "220102-2026-000123", **more: Any) -> str:
    """A verification that is final or waits for a person; gives its id."""
    body = a_body(case_reference=case, **more)
    reply = await service.post(body)
    assert reply.status_code in (codes.CREATED, codes.ACCEPTED), reply.text
    return str(reply.json()["id"])


async def objected(service: Running, id_: str) -> str:
    """An objection in the household's words; gives its recheck once that is final."""
    text = {"by": "m1", "about": "存款", "reason": WORDS}
    path = f"/v1/verifications/{id_}/objections"
    filed = await service.http.post(path, json=text, headers=service.headers)
    assert filed.status_code == codes.CREATED, filed.text
    recheck = str(filed.json()["recheck"])
    await service.status_becomes(recheck, "final", "in_review")
    return recheck


def forms(value: str) -> Iterator[bytes]:
    """The value as it may stand in a file: plain in three encodings, in hex and in base64."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        plain = value.encode(encoding)
        yield plain
        yield plain.hex().encode()
        yield plain.hex().upper().encode()
        for shift in range(3):  # wherever it may begin within a group of three bytes
            encoded = base64.b64encode(b"\0" * shift + plain)
            yield encoded[(0, 2, 3)[shift] : (shift + len(plain)) * 8 // 6]
    yield value.encode("unicode_escape")


PATTERNS = tuple({form for value in KNOWN for form in forms(value) if len(form) >= len("李明")})


def reads_in(content: bytes) -> list[bytes]:
    """What of the household can be read in these bytes."""
    return [pattern for pattern in PATTERNS if pattern in content]


def rows_of(tx: sa.Connection, table: sa.Table) -> list[dict[str, Any]]:
    return [dict(row) for row in tx.execute(sa.select(table)).mappings()]


assert HEAD in NUMBERS.values()
