"""Bank files and made-up people for the tests of the bank source."""

from collections.abc import Sequence
from datetime import date
from hashlib import md5

from connectors.contract import AskedPerson, IdType, Months, SourceQuery

NUMBERS = "220102_20261124_0001"
ACCOUNT = "|Y|{name}|{number}|6222****{end}|01|CNY|{balance}|20261124|长春平阳街支行|0|10.00|9.00"

LI = AskedPerson("m1", "李明", IdType.RESIDENT_ID, "229901198003071236")
WANG = AskedPerson("m2", "王芳", IdType.RESIDENT_ID, "229901198204152227")
LI_YU = AskedPerson("m3", "李小雨", IdType.RESIDENT_ID, "229901201006081223")


def a_query(
    *persons: AskedPerson, sequence: int = 1, institutions: tuple[str, ...] | None = None
) -> SourceQuery:
    """A query about the persons (those of the family where none are given)."""
    return SourceQuery(
        reference="rq_1",
        sequence=sequence,
        region="220102003",
        persons=persons or (LI, WANG, LI_YU),
        window=Months(date(2025, 11, 1), date(2026, 10, 31)),
        as_of=date(2026, 11, 24),
        sent_on=date(2026, 11, 24),
        institutions=institutions,
    )


def account(
    sequence: int, person: AskedPerson = LI, *, end: str = "0123", balance: str = "15320.55"
) -> str:
    """A line that tells an account as the bank keeps it for the person."""
    return str(sequence) + ACCOUNT.format(
        name=person.name, number=person.id_number, end=end, balance=balance
    )


def nothing(sequence: int) -> str:
    """A line that tells that there is no account."""
    return f"{sequence}|N" + "|" * 11


def part_name(part: int = 1, of: int = 1, numbers: str = NUMBERS) -> str:
    """The file name of a part."""
    return f"HDRSP_{numbers}_{part}of{of}.txt"


def reply_file(name: str, lines: Sequence[str], *, day: str = "20261125") -> bytes:
    """A part as the interface describes it."""
    header = f"HD|{name.removesuffix('.txt')}|{len(lines)}|{day}"
    before = b"".join(line.encode("gb18030") + b"\r\n" for line in (header, *lines))
    return before + f"TR|{len(lines)}|{md5_hex(before)}\r\n".encode()


def md5_hex(content: bytes) -> str:
    """The check against damage that stands in a trailer."""
    return md5(content, usedforsecurity=False).hexdigest()
