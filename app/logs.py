"""Structured logs: an event name and fields from a list of those that may leave the process."""

import logging
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import structlog

ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "source",
        "reason",
        "since",
        "institution",
        "kind",
        "attempts",
        "verification",
        "status",
        "worker",
        "count",
        "seconds",
        "error",
        "method",
        "code",
        "version",
        "address",
        "batch",
        "unit",
        "duty",
        "households",
        "rows",
        "file",
        "route",
        "duration",
        "client",
        "event_id",
    }
)
"""Names of fields that may be logged; everything else is dropped, whatever it holds."""


def only_allowed(
    _logger: object, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop every field that is not on the list."""
    return {name: value for name, value in event.items() if name in ALLOWED}


def told(error: BaseException) -> str:
    """Where it was raised and of what kind; its text may quote values, so it is left out."""
    frames = traceback.format_tb(error.__traceback__)
    return "".join([*frames, type(error).__name__])


def without_texts(record: logging.LogRecord) -> bool:
    """What a library says of an exception, without the exception's text; never drops a record."""
    error = record.exc_info[1] if record.exc_info else None
    record.exc_info, record.exc_text = None, None
    if error is not None:
        # asyncio shows the task, and with it the exception, in the lines after the first.
        record.msg, record.args = record.getMessage().partition("\n")[0], None
        record.exc_text = told(error)
    return True


def _ended(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    """The interpreter's last word."""
    sys.stderr.write(f"{told(error)}\n")


def configure() -> None:
    """JSON lines for our events; the libraries' own loggers, which may quote URLs, are hushed."""
    sys.excepthook = _ended
    for name in ("uvicorn.error", "asyncio"):
        logging.getLogger(name).addFilter(without_texts)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(),
    )
    for name in (
        "httpx",
        "httpcore",
        "aiohttp",
        "asyncssh",
        "sqlalchemy",
        "dbos",
        "aiosqlite",
        "opentelemetry",
        "urllib3",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True


@contextmanager
def quiet() -> Iterator[None]:
    """Errors alone, until the block is left."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        yield
    finally:
        structlog.configure(wrapper_class=before)
