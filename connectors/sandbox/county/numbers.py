"""Numbers the county gives out: identity, credit code, plate, VIN, certificate, account, policy."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Final

from connectors.sandbox.register import check_character

COUNTY: Final = "220102"
AREA_CODES: Final = tuple(f"2299{area:02d}" for area in range(1, 13))
"""Never assigned, so that no number can be a real person's."""

_CREDIT_CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_BODY_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_PLATE_CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_VIN_VALUES: Final = dict(
    zip(
        "0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
        [*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)],
        strict=True,
    )
)
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


@dataclass(slots=True)
class Numbers:
    """Gives each number once."""

    rng: Random
    given: set[str] = field(default_factory=set)
    serial: int = 0

    def next(self) -> int:
        """A running number of the county, from 1."""
        self.serial += 1
        return self.serial

    def identity(self, birth: date, sex: str) -> str:
        """An 18-character identity number (GB 11643); the 17th digit is odd for men."""
        day = birth.strftime("%Y%m%d")
        while True:
            sequence = self.rng.randrange(500) * 2 + (1 if sex == "1" else 0)
            body = f"{self.rng.choice(AREA_CODES)}{day}{sequence:03d}"
            # Free in both forms: two people of one 15-digit number are a fault, not a habit.
            if body[:6] + body[8:] not in self.given:
                self.given.add(body[:6] + body[8:])
                return body + check_character(body)

    def passport(self) -> str:
        """A foreign passport's number."""
        return self._once(lambda: f"M{self.rng.randrange(10**8):08d}")

    def credit_code(self, prefix: str) -> str:
        """A unified social credit code (GB 32100); prefix 91 a company, 92 a sole trader."""
        return self._once(lambda: credit_code(prefix, self._characters(_CREDIT_CHARACTERS, 6)))

    def plate(self, *, new_energy: bool = False) -> str:
        """A number plate of the city (吉A)."""
        lead = "吉AD" if new_energy else "吉A"
        return self._once(lambda: lead + self._characters(_PLATE_CHARACTERS, 5))

    def vin(self) -> str:
        """A vehicle identification number with a true check digit in place 9."""
        return vin("LFV" + f"{self.rng.randrange(10**5):05d}", f"A{self.next():07d}")

    def unit(self) -> str:
        """A unit number of an immovable, 28 characters (不动产单元号)."""
        zone = f"{COUNTY}{self.rng.randrange(1, 12):03d}{self.rng.randrange(100):03d}"
        return f"{zone}GB{self.rng.randrange(10**5):05d}F{self.next() % 10**8:08d}"

    def account(self) -> str:
        """A masked account number."""
        lead = self.rng.choice(("6222", "6228", "6210", "6217"))
        return f"{lead}****{self.rng.randrange(10**4):04d}"

    def _characters(self, alphabet: str, count: int) -> str:
        return "".join(self.rng.choices(alphabet, k=count))

    def _once(self, draw: Callable[[], str]) -> str:
        while True:
            value = draw()
            if value not in self.given:
                self.given.add(value)
                return value


def credit_code(prefix: str, tail: str) -> str:
    """The code to a prefix (91, 92, 93) and six characters of the body, both checks put in."""
    organisation = "MA" + tail
    total = sum(
        weight * int(character, 36)
        for weight, character in zip(_BODY_WEIGHTS, organisation, strict=True)
    )
    code = prefix + COUNTY + organisation + "0123456789X0"[11 - total % 11]
    return code + credit_check(code)


def credit_check(body: str) -> str:
    """The 18th character of a unified social credit code to its first 17 (GB 32100)."""
    total = sum(
        weight * _CREDIT_CHARACTERS.index(character)
        for weight, character in zip(_CREDIT_WEIGHTS, body, strict=True)
    )
    return _CREDIT_CHARACTERS[-total % 31]


def vin(lead: str, tail: str) -> str:
    """The VIN of eight leading and eight trailing characters."""
    body = f"{lead}0{tail}"
    total = sum(
        weight * _VIN_VALUES[character]
        for weight, character in zip(_VIN_WEIGHTS, body, strict=True)
    )
    return f"{lead}{'0123456789X'[total % 11]}{tail}"


def fifteen(id_number: str) -> str:
    """The 15-digit form of an 18-character number of somebody born before 2000."""
    return id_number[:6] + id_number[8:17]
