"""Resident identity numbers (GB 11643) of unassigned areas, and how they are miswritten."""

from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

WEIGHTS: Final = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int64)
MARKS: Final = "10X98765432"
NEIGHBOURS: Final = {  # keys that lie beside each other on a number pad
    "0": "12", "1": "024", "2": "1350", "3": "26", "4": "157",
    "5": "2468", "6": "359", "7": "48", "8": "579", "9": "68",
}  # fmt: skip

Ints = NDArray[np.int64]


def numbers(areas: Ints, dates: Ints, orders: Ints) -> list[str]:
    """Valid 18-character numbers; dates as the integer yyyymmdd."""
    bodies = (areas * 10**8 + dates) * 1000 + orders
    digits = bodies[:, None] // 10 ** np.arange(16, -1, -1, dtype=np.int64) % 10
    checks = (digits * WEIGHTS).sum(axis=1) % 11
    return [
        f"{body}{MARKS[check]}"
        for body, check in zip(bodies.tolist(), checks.tolist(), strict=True)
    ]


def is_valid(number: str) -> bool:
    """18 characters with the right check character."""
    if len(number) != 18 or not number[:17].isdecimal():
        return False
    total = sum(int(d) * w for d, w in zip(number[:17], WEIGHTS.tolist(), strict=True))
    return MARKS[total % 11] == number[17]


def fifteen(number: str, dice: Random) -> str:
    """As on the cards before 1999; a person born later never had one."""
    return number[:6] + number[8:17] if number[6:8] == "19" else number.lower()


def spaced(number: str, dice: Random) -> str:
    """Right, but in another form: blanks, full width, a small x, an apostrophe of a spreadsheet."""
    match dice.randrange(4):
        case 0:
            return f"{number[:6]} {number[6:14]} {number[14:]}"
        case 1:
            return "".join(chr(ord(mark) + 0xFEE0) for mark in number)
        case 2:
            return f"'{number}"
        case _:
            return f"{number.lower()} "


def mis_keyed(number: str, dice: Random) -> str:
    """One digit is the key beside it."""
    at = dice.randrange(17)
    return number[:at] + dice.choice(NEIGHBOURS[number[at]]) + number[at + 1 :]


def transposed(number: str, dice: Random) -> str:
    """Two neighbouring digits have changed places."""
    places = [at for at in range(16) if number[at] != number[at + 1]]
    at = dice.choice(places)
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


def masked(number: str, dice: Random) -> str:
    """The middle is hidden, by one of four habits."""
    first, last = dice.choice(((6, 4), (3, 4), (10, 2), (1, 1)))
    return number[:first] + "*" * (18 - first - last) + number[-last:]
