"""Which data keys there are, which of them seals, and by which an index is made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Protocol

from app.store.crypto.cells import derive
from app.store.crypto.suites import AES_256_GCM, Suite

KEY_ID_BYTES: Final = 4
SUBJECT: Final = b"hedui subject"
EVERY_OTHER: Final = "*"
"""The index key of all columns without one of their own."""
HOUSEHOLD: Final = "verification.household_index"
PERSON: Final = "case_person.person_key"
RECIPIENT: Final = "recipient.household_index"
RECIPIENT_PERSON: Final = "recipient_person.person_index"
REPORT_CODE: Final = "report.code_hash"
COLUMNS: Final = (HOUSEHOLD, PERSON, RECIPIENT, RECIPIENT_PERSON, REPORT_CODE, EVERY_OTHER)
"""Indexes with a key of their own: what they are of stands sealed, so that they can be made anew.
"""
FORM: Final = 1
"""The normal form that values have before they are keyed; 0 is that of before 2026-12."""


@dataclass(frozen=True, slots=True)
class FieldKey:
    """Encrypts cells; `subject_id` marks what was sealed for a subject, with its secret, too."""

    key: bytes = field(repr=False)
    suite: Suite
    id: bytes = field(init=False)
    subject_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", sha256(self.key).digest()[:KEY_ID_BYTES])
        of_subjects = sha256(SUBJECT + self.key).digest()[:KEY_ID_BYTES]
        object.__setattr__(self, "subject_id", of_subjects)

    def of(self, secret: bytes) -> bytes:
        """The key of one subject under this one: made of both."""
        return self.suite.mac(self.key, SUBJECT + secret)[: self.suite.key_bytes]


@dataclass(frozen=True, slots=True)
class IndexKey:
    """Keys the index of one column (or of every other); `form`: in which values are taken."""

    column: str
    key: bytes = field(repr=False)
    suite: Suite
    form: int
    id: bytes = field(init=False)

    def __post_init__(self) -> None:
        named = sha256(b"hedui index" + self.column.encode() + self.key)
        object.__setattr__(self, "id", named.digest()[:KEY_ID_BYTES])

    def index(self, column: str, value: str) -> bytes:
        key = self.key
        if self.column == EVERY_OTHER:
            key = self.suite.mac(key, column.encode())
        return self.suite.mac(key, value.encode())


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys that open, and the ones that seal; it never changes, another takes its place."""

    active: FieldKey
    opening: Mapping[bytes, FieldKey]
    """By key id and by the id of what was sealed for subjects."""
    indexes: Mapping[str, tuple[IndexKey, ...]]
    """By column, the one that writes first."""

    @classmethod
    def of(
        cls, active: FieldKey, retired: Iterable[FieldKey], indexes: Iterable[IndexKey]
    ) -> "Keyring":
        """`indexes` in their order: of each column the first one writes."""
        opening: dict[bytes, FieldKey] = {}
        for key in (active, *retired):
            opening |= {key.id: key, key.subject_id: key}
        by_column: dict[str, tuple[IndexKey, ...]] = {}
        for one in indexes:
            by_column[one.column] = (*by_column.get(one.column, ()), one)
        return cls(active, opening, by_column)

    @classmethod
    def derived(cls, master: bytes) -> "Keyring":
        """The keys that a master key alone stands for: those that every database began with."""
        return cls.of(derived_field_key(master), (), derived_index_keys(master, FORM))

    def index_keys(self, column: str) -> tuple[IndexKey, ...]:
        return self.indexes.get(column) or self.indexes[EVERY_OTHER]


class Keys(Protocol):
    """Where a cipher finds its keys, which others may change while it works."""

    def current(self) -> Keyring:
        """The keys as they stand, seen within the last half minute."""
        ...

    def seen_anew(self, key_id: bytes) -> Keyring:
        """The same, looked at just now: a cell names this key, which is not known yet."""
        ...


@dataclass(frozen=True, slots=True)
class FixedKeys:
    """Keys that nobody changes."""

    ring: Keyring

    def current(self) -> Keyring:
        return self.ring

    def seen_anew(self, key_id: bytes) -> Keyring:
        return self.ring


def derived_field_key(master: bytes) -> FieldKey:
    """The data key that fields were sealed with before there was a table of keys."""
    return FieldKey(derive(master, "field encryption"), AES_256_GCM)


def derived_index_keys(master: bytes, form: int) -> tuple[IndexKey, ...]:
    """The same of blind indexes."""
    key = derive(master, "blind index")
    of_columns = [
        IndexKey(column, AES_256_GCM.mac(key, column.encode()), AES_256_GCM, form)
        for column in COLUMNS
        if column != EVERY_OTHER
    ]
    return (*of_columns, IndexKey(EVERY_OTHER, key, AES_256_GCM, form))
