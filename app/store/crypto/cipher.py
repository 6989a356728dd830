"""Seals and opens fields; makes blind indexes.

A cell is key id, random nonce, text and tag; the associated data names table, column, row and key,
so that a cell moved elsewhere does not open. A blind index is an HMAC with a key of its own per
column: an unkeyed hash of an identity number is as good as plain text.
"""

import os
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidTag

from app.domain.errors import ConfigurationError, Undecipherable
from app.store.crypto.cells import KEY_BYTES, Cell
from app.store.crypto.keyring import KEY_ID_BYTES, FieldKey, FixedKeys, Keyring, Keys
from app.store.crypto.suites import NONCE_BYTES, Aead

Decrypt = Callable[[bytes, bytes, bytes], bytes]
_NONCE_END = KEY_ID_BYTES + NONCE_BYTES


class FieldCipher:
    """Over keys that may change while it works: each cell says which one sealed it."""

    def __init__(self, keys: bytes | Keys, secret: bytes | None = None) -> None:
        """A master key in place of keys stands for those that are derived from it."""
        derived = isinstance(keys, bytes)
        self._keys: Keys = FixedKeys(Keyring.derived(keys)) if derived else keys  # type: ignore[arg-type,assignment]
        self._secret = secret
        self._aeads: dict[bytes, Aead] = {}

    def of(self, secret: bytes) -> "FieldCipher":
        """The cipher of one subject (a household's case): what it seals is gone with `secret`.

        It opens what was sealed before there were secrets, too.
        """
        if len(secret) != KEY_BYTES:
            raise ConfigurationError(f"a subject's secret has {KEY_BYTES} bytes")
        return FieldCipher(self._keys, secret)

    @property
    def key_id(self) -> str:
        """Tells which key seals a field now; stored with every field."""
        return self._id(self._keys.current().active).hex()

    def seal(self, cell: Cell, value: bytes) -> bytes:
        key_id, aead = self._sealing()
        nonce = os.urandom(NONCE_BYTES)
        return key_id + nonce + aead.encrypt(nonce, value, cell.associated(key_id))

    def seal_many(
        self, column: tuple[str, str], rows: Sequence[str], values: Sequence[bytes]
    ) -> list[bytes]:
        """Many cells of one column (table, column), each as `seal` does it."""
        table, name = column
        key_id, aead = self._sealing()
        before = b"\x1f".join((table.encode(), name.encode(), b""))
        after, encrypt = b"\x1f" + key_id, aead.encrypt
        luck = os.urandom(NONCE_BYTES * len(rows))
        sealed = []
        for place, (row, value) in enumerate(zip(rows, values, strict=True)):
            nonce = luck[place * NONCE_BYTES : (place + 1) * NONCE_BYTES]
            sealed.append(key_id + nonce + encrypt(nonce, value, before + row.encode() + after))
        return sealed

    def open(self, cell: Cell, sealed: bytes) -> bytes:
        """Raises `Undecipherable` where the key, the place or the bytes are not the sealed ones."""
        key_id, rest = sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES:]
        decrypt = self._decrypting(key_id, cell.table, cell.column)
        try:
            return decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], cell.associated(key_id))
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            raise Undecipherable(f"{cell.table}.{cell.column}: does not open here") from None

    def open_many(
        self, column: tuple[str, str], rows: Sequence[str], sealed: Sequence[bytes]
    ) -> list[bytes]:
        """Many cells of one column (table, column) at half the cost; fails as `open` does."""
        table, name = column
        before = b"\x1f".join((table.encode(), name.encode(), b""))
        known: dict[bytes, Decrypt] = {}
        opened = []
        try:
            for row, cell in zip(rows, sealed, strict=True):
                key_id = cell[:KEY_ID_BYTES]
                decrypt = known.get(key_id)
                if decrypt is None:
                    decrypt = known[key_id] = self._decrypting(key_id, table, name)
                place = before + row.encode() + b"\x1f" + key_id
                opened.append(decrypt(cell[KEY_ID_BYTES:_NONCE_END], cell[_NONCE_END:], place))
        except (InvalidTag, ValueError):
            raise Undecipherable(f"{table}.{name}: a cell does not open here") from None
        return opened

    def blind(self, column: str, value: str) -> bytes:
        """An index under which an (already normalised) value can be found again."""
        return self._keys.current().index_keys(column)[0].index(column, value)

    def blinds(self, column: str, value: Callable[[int], str | None]) -> tuple[bytes, ...]:
        """By every key of the column, the one that is written first: more while keys rotate.

        `value` gives what is looked for in a normal form (0: that of before), None: not to be had.
        """
        keys = self._keys.current().index_keys(column)
        words = [(key, value(key.form)) for key in keys]
        return tuple(key.index(column, word) for key, word in words if word is not None)

    def blind_before(self, column: str, value: str) -> bytes | None:
        """By the column's key of the form of before, where it is still there."""
        for key in self._keys.current().index_keys(column):
            if key.form == 0:
                return key.index(column, value)
        return None

    def is_rotating(self, column: str) -> bool:
        """Whether some rows may stand under an index of another key than the one that writes."""
        return len(self._keys.current().index_keys(column)) > 1

    def _sealing(self) -> tuple[bytes, Aead]:
        active = self._keys.current().active
        key_id = self._id(active)
        return key_id, self._aead(key_id, active)

    def _id(self, key: FieldKey) -> bytes:
        return key.id if self._secret is None else key.subject_id

    def _decrypting(self, key_id: bytes, table: str, column: str) -> Decrypt:
        """Keys are looked at once more where a cell names one that is not known."""
        opening = self._keys.current().opening
        key = opening.get(key_id) or self._keys.seen_anew(key_id).opening.get(key_id)
        if key is None:
            raise Undecipherable(f"{table}.{column}: sealed with key {key_id.hex()}")
        if key_id == key.subject_id and self._secret is None:
            raise Undecipherable(f"{table}.{column}: sealed with key {key_id.hex()} for a subject")
        return self._aead(key_id, key).decrypt

    def _aead(self, key_id: bytes, key: FieldKey) -> Aead:
        aead = self._aeads.get(key_id)
        if aead is None:
            own = key.key
            if key_id == key.subject_id and self._secret is not None:
                own = key.of(self._secret)
            aead = self._aeads[key_id] = key.suite.aead(own)
        return aead
