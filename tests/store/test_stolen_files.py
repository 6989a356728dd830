"""Whoever takes the database's files reads nothing about anybody in them."""

import base64
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from app.store.base import metadata
from connectors.records import Subject
from tests.service_parts import (
    Running,
    ScriptedSource,
    a_body,
    all_ten,
    an_account,
    found,
    number,
    registered,
    running,
)

HOUSEHOLDS = 13
_SURNAMES = "赵钱孙李周吴郑王冯陈"
_GIVEN = "瑾瑜珩琛瑶璟璇珏琪瑄珂瑛"


def _forms(value: str) -> Iterator[tuple[str, bytes]]:
    """The value as it may stand in a file: plain in both encodings, in hex and in base64."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        plain = value.encode(encoding)
        yield encoding, plain
        yield f"{encoding} in hex", plain.hex().encode()
        yield f"{encoding} in HEX", plain.hex().upper().encode()
        for shift in range(3):  # wherever it may begin within a group of three bytes
            encoded = base64.b64encode(b"\0" * shift + plain)
            whole = slice((0, 2, 3)[shift], (shift + len(plain)) * 8 // 6)
            yield f"{encoding} in base64+{shift}", encoded[whole]
    yield "escaped as in JSON", value.encode("unicode_escape")


class People:
    """Made-up households, and everything that is known of them."""

    def __init__(self) -> None:
        self._random = Random(7)
        self.known: list[str] = []
        self._count = 0

    def _keep(self, value: str) -> str:
        self.known.append(value)
        return value

    def _name(self) -> str:
        given = "".join(self._random.sample(_GIVEN, 2))
        return self._keep(self._random.choice(_SURNAMES) + given)

    def _number(self, born: int) -> str:
        self._count += 1
        return self._keep(number(f"229901{born}0308{self._count:03d}"))

    def amount(self) -> str:
        return self._keep(
            f"{self._random.randrange(10**6, 10**7)}.{self._random.randrange(10, 99)}"
        )

    def household(self) -> tuple[dict[str, Any], ScriptedSource, ScriptedSource]:
        """A body, the bank and the registry that know these people."""
        body = a_body(case_reference=f"case-{self._count}")
        body["household"]["address"] = self._keep(f"长春市玉华路{self._random.randrange(10**8)}号")
        persons = [*body["household"]["members"], *body["household"]["supporters"]]
        for person, born in zip(persons, (1980, 1982, 2010, 1955), strict=True):
            person.update(name=self._name(), id_number=self._number(born))
            person["phone"] = self._keep(f"139{self._random.randrange(10**7, 10**8)}")
        body["consent"]["signatories"] = ["m1", "m2", "s1"]
        body["declared"]["income"][0]["monthly"] = self.amount()
        about = {
            one["ref"]: (Subject(name=one["name"], id_number=one["id_number"]),) for one in persons
        }
        account = an_account(
            "m1",
            self.amount(),
            subjects=about["m1"],
            account=self._keep(f"62220{self._random.randrange(10**13)}"),
        )
        registry = {ref: found(registered(ref, subjects=who)) for ref, who in about.items()}
        return body, ScriptedSource("bank", {"m1": found(account)}), ScriptedSource("", registry)


async def test_the_files_hold_none_of_what_is_known(tmp_path: Path) -> None:
    people = People()
    bank, registry = ScriptedSource("bank"), ScriptedSource("household_registry")
    async with running(tmp_path, all_ten(bank, registry)) as service:
        for turn in range(HOUSEHOLDS):
            body, its_bank, its_registry = people.household()
            bank.answers, registry.answers = its_bank.answers, its_registry.answers
            id_ = await _verified(service, body)
            if turn % 4 == 0:
                await _dispute(service, id_, people)
        files = _files(tmp_path)  # of a service that is running: with its log
        assert {"hedui.sqlite3", "hedui.sqlite3-wal"} <= set(files)
        assert len(set(people.known)) >= 200
        found_in = [
            (name, form, value)
            for value in set(people.known)
            for form, pattern in _forms(value)
            for name, content in files.items()
            if pattern in content
        ]
    assert found_in == []


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def _verified(service: Running, body: dict[str, Any]) -> str:
    reply = await service.post(body)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


async def _dispute(service: Running, id_: str, people: People) -> None:
    said, name = people.known[-1], people.known[0]
    text = {"by": "m1", "about": f"the account {said}", "reason": f"{name} 的存款"}
    path = f"/v1/verifications/{id_}/objections"
    filed = await service.http.post(path, json=text, headers=service.headers)
    assert filed.status_code == 201
    await service.status_becomes(filed.json()["recheck"], "final")


def _column(tx: sa.Connection, column: sa.Column[Any]) -> list[Any]:
    return list(tx.execute(sa.select(column)).scalars())


async def test_equal_values_are_stored_differently(tmp_path: Path) -> None:
    """The same household twice: no sealed cell of one is that of the other."""
    async with running(tmp_path, all_ten()) as service:
        for _ in range(2):
            assert (await service.post()).status_code == 201

        def cells(tx: sa.Connection) -> list[bytes]:
            return [
                bytes(cell)
                for table in metadata.tables.values()
                for column in table.c
                if column.name.startswith("sealed_")
                for cell in _column(tx, column)
                if cell is not None
            ]

        stored = await service.parts.shelf.database.read(cells)
    assert len(stored) > 100
    assert len(set(stored)) == len(stored)
