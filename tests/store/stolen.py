"""What a thief looks for: known values, in every form in which they may stand in a file."""

import base64
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import Any, Final

import numpy as np

from connectors.contract import Found
from connectors.records import Subject
from tests.service_parts import ScriptedSource, a_body, an_account, found, number, registered

ACCOUNTS: Final = 32
"""Of each household: an account number and an amount each."""
_SURNAMES = "赵钱孙李周吴郑王冯陈"
_GIVEN = "瑾瑜珩琛瑶璟璇珏琪瑄珂瑛"
_FEW_DIGITS: Final = 12
_HEX: Final = b"0123456789abcdef"
_WINDOW: Final = 6
"""Bytes that are looked at together: the shortest form, a name in UTF-16."""


def forms(value: str) -> Iterator[tuple[str, bytes]]:
    """The value as it may stand in a file: plain in three encodings, in hex and in base64."""
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
    if "." in value:
        yield "in fen", value.replace(".", "").encode()


class Searched:
    """Many patterns at once: windows of a file that begin a pattern, then the pattern itself."""

    def __init__(self, values: Iterable[str]) -> None:
        self._patterns: dict[int, list[tuple[str, str, bytes]]] = defaultdict(list)
        for value in set(values):
            for form, pattern in forms(value):
                assert len(pattern) >= _WINDOW, (form, "is too short to be told from chance")
                start = int.from_bytes(pattern[:_WINDOW], "little")
                self._patterns[start].append((form, value, pattern))
        self._starts = np.sort(np.fromiter(self._patterns, dtype=np.uint64))

    def found_in(self, content: bytes) -> list[tuple[str, str]]:
        """Form and value of everything that stands there."""
        found = []
        for place, start in self._candidates(content):
            for form, value, pattern in self._patterns[start]:
                end = place + len(pattern)
                if content[place:end] == pattern and not _is_chance(content, place, end):
                    found.append((form, value))
        return found

    def _candidates(self, content: bytes, block: int = 4_000_000) -> Iterator[tuple[int, int]]:
        for at in range(0, len(content), block):
            octets = np.frombuffer(content[at : at + block + _WINDOW - 1], dtype=np.uint8)
            count = len(octets) - _WINDOW + 1
            if count <= 0:
                continue
            windows = np.zeros(count, dtype=np.uint64)
            for place in range(_WINDOW):
                windows |= octets[place : place + count].astype(np.uint64) << np.uint64(8 * place)
            nearest = np.searchsorted(self._starts, windows).clip(max=len(self._starts) - 1)
            for hit in np.nonzero(self._starts[nearest] == windows)[0]:
                yield at + int(hit), int(windows[hit])

    def in_files(self, files: Mapping[str, bytes]) -> list[tuple[str, str, str]]:
        return [(name, *one) for name, content in files.items() for one in self.found_in(content)]


def _is_chance(content: bytes, start: int, end: int) -> bool:
    """A few digits in the midst of hexadecimal: a dump writes ciphertext so, by the megabyte."""
    around = content[start - 1 : start] + content[end : end + 1]
    short = end - start <= _FEW_DIGITS and content[start:end].isdigit()
    return short and len(around) == len(b"ab") and all(one in _HEX for one in around)


class People:
    """Made-up households, and everything that is known of them."""

    def __init__(self, seed: int = 7) -> None:
        self._random = Random(seed)
        self.known: list[str] = []
        self._count = 0

    def keep(self, value: str) -> str:
        self.known.append(value)
        return value

    def name(self) -> str:
        given = "".join(self._random.sample(_GIVEN, 2))
        return self.keep(self._random.choice(_SURNAMES) + given)

    def number(self, born: int) -> str:
        self._count += 1
        return self.keep(number(f"229901{born}0308{self._count:03d}"))

    def amount(self) -> str:
        return self.keep(f"{self._random.randrange(10**6, 10**7)}.{self._random.randrange(10, 99)}")

    def account(self) -> str:
        return self.keep(f"62220{self._random.randrange(10**12, 10**13)}")

    def phone(self) -> str:
        return self.keep(f"139{self._random.randrange(10**7, 10**8)}")

    def address(self) -> str:
        return self.keep(f"长春市玉华路{self._random.randrange(10**7, 10**8)}号")

    def household(self) -> tuple[dict[str, Any], Mapping[str, Found], Mapping[str, Found]]:
        """A body, what the bank and what the registry know of these people."""
        body = a_body(case_reference=f"case-{self._count}")
        body["household"]["address"] = self.address()
        persons = [*body["household"]["members"], *body["household"]["supporters"]]
        for person, born in zip(persons, (1980, 1982, 2010, 1955), strict=True):
            person.update(name=self.name(), id_number=self.number(born), phone=self.phone())
        body["consent"]["signatories"] = ["m1", "m2", "s1"]
        body["declared"]["income"][0]["monthly"] = self.amount()
        about = {
            one["ref"]: (Subject(name=one["name"], id_number=one["id_number"]),) for one in persons
        }
        accounts = [
            an_account("m1", self.amount(), subjects=about["m1"], account=self.account())
            for _ in range(ACCOUNTS)
        ]
        registry = {ref: found(registered(ref, subjects=who)) for ref, who in about.items()}
        return body, {"m1": found(*accounts)}, registry


def scripted() -> tuple[ScriptedSource, ScriptedSource]:
    return ScriptedSource("bank"), ScriptedSource("household_registry")
