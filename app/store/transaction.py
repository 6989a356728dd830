"""What runs in a transaction, and what is told of a database that is away."""

from collections.abc import Callable
from typing import Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

T = TypeVar("T")
Work = Callable[[sa.Connection], T]
GONE: Final = (OperationalError, InterfaceError, PoolTimeout)


def name_of(error: BaseException) -> str:
    """The kind of a database error, never its text (it may quote values)."""
    original = error.orig if isinstance(error, DBAPIError) else None
    return type(original or error).__name__
