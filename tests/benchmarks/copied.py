"""A county's cases as copies of a few that the service verified: each its own, sealed anew.

Every copy has what lists, counts and profiles read. What is only ever read of one verification
(replies, evidence, tasks, askings) stands for the open copies alone.
"""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, Protocol, TypeAlias

import psycopg
import sqlalchemy as sa

from app.domain.review import STILL_TO_DO, ItemState
from app.store.crypto import KEY_BYTES, FieldCipher
from app.store.review_items import item_id
from app.store.schema import metadata
from app.store.tables import verification
from app.store.tables_erasure import subject_key
from app.store.tables_looks import case_assignment

COUNTY: Final = "220102"
_STREETS: Final = tuple(f"{COUNTY}{number:03d}" for number in range(3, 15))
_OF_ONE: Final = frozenset({"reply", "evidence", "source_task", "asking"})
_NOT_COPIED: Final = frozenset({"idempotency", "outbox", "ticket"})
_TIMES: Final = frozenset({"requested_at", "changed_at", "final_at", "created_at", "concluded_at"})
_KEYS: Final = frozenset({"household_key", "person_key", "address_key"})
_OPEN: Final = frozenset(one.value for one in STILL_TO_DO)
_STEP: Final = 240_000_000
"""Microseconds between two requests: 100,000 come in three quarters of a year."""
_CHUNK: Final = 1_000
Row: TypeAlias = tuple[Any, ...]
Named: TypeAlias = Mapping[str, Any]


class Sink(Protocol):
    """Where rows go, in the order of the table's columns."""

    def put(self, table: sa.Table, rows: Sequence[Row]) -> None: ...


@dataclass(frozen=True, slots=True)
class LiteSink:
    """SQLite; whoever has the connection commits."""

    connection: sa.Connection

    def put(self, table: sa.Table, rows: Sequence[Row]) -> None:
        names, places = _names(table), ", ".join("?" * len(table.c))
        insert = f"INSERT INTO {table.name} ({names}) VALUES ({places})"  # noqa: S608 - our own table
        self.connection.exec_driver_sql(insert, list(rows))


@dataclass(frozen=True, slots=True)
class PostgresqlSink:
    """PostgreSQL by COPY, as a superuser: the walls between counties are for others."""

    connection: "psycopg.Connection[Row]"

    def put(self, table: sa.Table, rows: Sequence[Row]) -> None:
        copied = f"COPY {table.name} ({_names(table)}) FROM STDIN"
        with self.connection.cursor() as cursor, cursor.copy(copied) as copy:
            for row in rows:
                copy.write_row(row)


def _names(table: sa.Table) -> str:
    """Of its columns, which a migrated database has in another order."""
    return ", ".join(f'"{column.name}"' for column in table.c)


@dataclass(frozen=True, slots=True)
class Place:
    """Which copy: the cipher is its own; `ago`: microseconds by which it is older."""

    number: int
    id: str
    case: str
    region: str
    cipher: FieldCipher = field(repr=False)
    ago: int


Change: TypeAlias = Callable[[Place], Any]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A row of a verification that is copied: what is its own in each copy, by place in the row."""

    table: str
    values: Row = field(repr=False)
    changes: Sequence[tuple[int, Change]] = field(repr=False)
    seals: Sequence[tuple[int, tuple[str, str], Change, Change]] = field(repr=False)
    """Place, column, the key of the row, and what is to be sealed."""

    def row(self, place: Place) -> Row:
        row = list(self.values)
        for at, change in self.changes:
            row[at] = change(place)
        for at, column, key, text in self.seals:
            row[at] = place.cipher.seal_many(column, [key(place)], [text(place)])[0]
        return tuple(row)


@dataclass(frozen=True, slots=True)
class Original:
    """A verification as it was stored: its case and region, and patterns of all its rows."""

    case: str
    id: str
    open_items: int
    of_open: Sequence[Pattern]
    of_closed: Sequence[Pattern]


@dataclass(frozen=True, slots=True)
class _Stored:
    """Its rows as the driver gives them, what is sealed in them opened."""

    id: str
    case: str
    region: str
    rows: Mapping[str, Sequence[Named]] = field(repr=False)

    def patterns(self, *, is_open: bool) -> list[Pattern]:
        return [
            self._pattern(name, row, is_open=is_open)
            for name, rows in self.rows.items()
            if is_open or name not in _OF_ONE
            for row in rows
        ]

    def _pattern(self, name: str, row: Named, *, is_open: bool) -> Pattern:
        table = metadata.tables[name]
        values = {column.name: row[column.name] for column in table.c}
        if name == "review_item" and not is_open and row["state"] in _OPEN:
            values["state"] = ItemState.DECIDED.value
        changes: dict[str, Change] = {}
        for column, value in values.items():
            change = self._change(column, value)
            if change is not None:
                changes[column] = change
        if name in _IDS:
            changes["id"] = _IDS[name](values)
        keys = [part.name for part in table.primary_key]
        own = [(changes.get(key), str(values[key])) for key in keys]

        def key(place: Place) -> str:
            return "/".join(text if change is None else str(change(place)) for change, text in own)

        names = list(values)
        seals = [
            (names.index(one), (name, one), key, changes.get(one) or _same(values[one]))
            for one in names
            if one.startswith("sealed_") and values[one] is not None
        ]
        plain = [(names.index(one), change) for one, change in changes.items()]
        plain = [one for one in plain if not names[one[0]].startswith("sealed_")]
        return Pattern(name, tuple(values.values()), plain, seals)

    def _change(self, column: str, value: Any) -> Change | None:
        """None where every copy has the same."""
        if value is None:
            return None
        if isinstance(value, str):
            return self._worded(value)
        if column.startswith("sealed_"):
            return self._worded_bytes(value)
        if column in _TIMES:
            return lambda place: value - place.ago
        if column in _KEYS:
            return lambda place: (value ^ place.number * 0x9E3779B97F4A7C15) % 2**64 - 2**63
        if column == "household_index":
            size = len(value)
            return lambda place: sha256(value + place.number.to_bytes(8)).digest()[:size]
        if column == "expected_reduction":
            return lambda place: value * (0.5 + place.number * 7919 % 1000 / 1000)
        return None

    def _worded(self, value: str) -> Change | None:
        words = [(old, new) for old, new in self._words() if old in value]
        if not words:
            return None

        def changed(place: Place) -> str:
            text = value
            for old, new in words:
                text = text.replace(old, new(place))
            return text

        return changed

    def _worded_bytes(self, value: bytes) -> Change | None:
        words = [(old.encode(), new) for old, new in self._words() if old.encode() in value]
        if not words:
            return None

        def changed(place: Place) -> bytes:
            text = value
            for old, new in words:
                text = text.replace(old, new(place).encode())
            return text

        return changed

    def _words(self) -> Iterator[tuple[str, Callable[[Place], str]]]:
        yield self.id, lambda place: place.id
        yield self.case, lambda place: place.case
        yield self.region, lambda place: place.region
        for number in {row["number"] for row in self.rows["report"]}:
            yield number, lambda place: f"HD-{place.number:012d}"


def _same(value: Any) -> Change:
    return lambda _: value


def _reply_id(row: Named) -> Change:
    rest = "\n".join(("", row["person"], row["source"], row["institution"]))
    return lambda place: sha256((place.id + rest).encode()).hexdigest()[:40]


def _asking_id(row: Named) -> Change:
    own = row["id"][-12:]
    return lambda place: f"aq_{place.number:020d}_{own}"


def _item_id(row: Named) -> Change:
    subject = json.loads(row["details"])["subject"]
    return lambda place: item_id(place.id, subject)


_IDS: Final[Mapping[str, Callable[[Named], Change]]] = {
    "reply": _reply_id,
    "asking": _asking_id,
    "review_item": _item_id,
}


def original(tx: sa.Connection, cipher: FieldCipher, id_: str) -> Original:
    """The verification of that id, with everything that names it."""
    (mine,) = _rows(tx, verification, "id", id_)
    (key,) = _rows(tx, subject_key, "subject", id_)
    (secret,) = cipher.open_many(("subject_key", "sealed_secret"), [id_], [key["sealed_secret"]])
    own = cipher.of(secret)
    found = {verification.name: [mine]}
    for table in metadata.sorted_tables:
        if "verification_id" in table.c and table.name not in _NOT_COPIED:
            found[table.name] = _rows(tx, table, "verification_id", id_)
    opened = {
        name: [_opened(metadata.tables[name], row, own) for row in rows]
        for name, rows in found.items()
    }
    stored = _Stored(id_, mine["case_reference"], mine["region"], opened)
    items = sum(row["state"] in _OPEN for row in opened["review_item"])
    whole, closed = (stored.patterns(is_open=is_open) for is_open in (True, False))
    return Original(stored.case, id_, items, whole, closed)


def _rows(tx: sa.Connection, table: sa.Table, column: str, value: str) -> list[Named]:
    query = f"SELECT {_names(table)} FROM {table.name} WHERE {column} = '{value}'"  # noqa: S608 - our own id
    return [dict(row._mapping) for row in tx.exec_driver_sql(query)]


def _opened(table: sa.Table, row: Named, cipher: FieldCipher) -> Named:
    key = "/".join(str(row[part.name]) for part in table.primary_key)
    return {
        name: cipher.open_many((table.name, name), [key], [bytes(value)])[0]
        if name.startswith("sealed_") and value is not None
        else value
        for name, value in row.items()
    }


@dataclass(slots=True)
class Copying:
    """Puts so many cases, of which the newest are open until there are so many open items.

    Cases are the team's that has the role `role`. The same for the same numbers.
    """

    cipher: FieldCipher
    sink: Sink
    cases: int
    items: int
    role: str
    first: int = 0
    """The number of the first case, where some were put before."""
    waiting: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def put(self, of_open: Sequence[Original], of_closed: Sequence[Original]) -> int:
        """Gives the number of open items that it put."""
        for one in () if self.first else (*of_open, *of_closed):
            self._assigned(one.case, one.id)
        open_cases, items = 0, 0
        while items < self.items:
            items += of_open[open_cases % len(of_open)].open_items
            open_cases += 1
        for number in range(self.cases):
            place, back = self._place(self.first + number), self.cases - number
            is_open = back <= open_cases
            some = of_open if is_open else of_closed
            source = some[(back - 1 if is_open else number) % len(some)]
            for pattern in source.of_open if is_open else source.of_closed:
                self.waiting[pattern.table].append(pattern.row(place))
            if number % _CHUNK == _CHUNK - 1:
                self._flush()
        self._flush()
        return items

    def _place(self, number: int) -> Place:
        """With a secret and an assignment."""
        id_, secret = f"vf_{number:026d}", os.urandom(KEY_BYTES)
        region = _STREETS[number % len(_STREETS)]
        case = f"{COUNTY}-2025-{number:06d}"
        sealed = self.cipher.seal_many(("subject_key", "sealed_secret"), [id_], [secret])
        self.waiting[subject_key.name].append((id_, region, sealed[0], None))
        self._assigned(case, id_)
        ago = (self.first + self.cases - number) * _STEP
        return Place(number, id_, case, region, self.cipher.of(secret), ago)

    def _assigned(self, case: str, id_: str) -> None:
        """To the team, since 1970."""
        to = (None, self.role, 1, None)
        row = (f"as_{id_[3:]}", COUNTY, case, *to, "st_bench", 1, None, None)
        self.waiting[case_assignment.name].append(row)

    def _flush(self) -> None:
        for table in metadata.sorted_tables:
            rows = self.waiting.pop(table.name, None)
            if rows:
                self.sink.put(table, rows)
