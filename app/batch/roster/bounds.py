"""How large a roster may be, and why one cannot be used at all."""

from enum import StrEnum
from typing import Final

MOST_BYTES: Final = 512 * 1024 * 1024
MOST_ROWS: Final = 1_000_000
MOST_RECORDS: Final = 2_000_000  # blank rows included, which are no rows
MOST_LETTERS: Final = 4_000  # of one cell
MOST_PROGRAMMES: Final = 30
MOST_PERSONS: Final = 40  # of one household, as in POST /v1/verifications
MOST_LINE: Final = 256 * 1024  # bytes of a line: of more than all columns at their longest
MOST_HEADER_ROWS: Final = 10  # rows in which the header may stand: titles come before it

# Measured with a million rows of 11 columns: 135 MB and 9 (CSV) to 44 (xlsx) seconds.
MOST_MEMORY: Final = 288 * 1024 * 1024  # bytes of the child's address space
MOST_SECONDS: Final = 100  # of the child's processor time
MOST_SPOOL: Final = 4 * 1024 * 1024 * 1024  # bytes: rows come out longer than they were packed

MOST_MEMBERS: Final = 2_000  # files in a workbook's archive
MOST_UNPACKED: Final = 2 * 1024 * 1024 * 1024  # bytes: a million rows take 0.7 GB
MOST_RATIO: Final = 200  # unpacked to packed: rosters come to 12
MOST_SHARED: Final = 96 * 1024 * 1024  # bytes of texts that a workbook's cells share
MOST_COLUMNS: Final = 200  # what stands further right is not looked at


class Failure(StrEnum):
    """Why a file cannot be used at all."""

    EMPTY = "file.empty"
    NO_ROWS = "file.no_rows"
    NOT_A_ROSTER = "file.not_a_roster"
    ENCRYPTED = "file.encrypted"
    HAS_MACROS = "file.has_macros"
    UNSUPPORTED = "file.unsupported"
    DAMAGED = "file.damaged"
    TOO_LARGE = "file.too_large"
    TOO_COSTLY = "file.too_costly"
    TOO_MANY_ROWS = "file.too_many_rows"
    HEADER_MISSING = "header.missing"
    HEADER_REPEATED = "header.repeated"
    READER_DIED = "file.reader_died"


class Unusable(Exception):  # noqa: N818 - the file is, whoever finds it out
    """The file cannot be used; nothing of it is taken."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure
