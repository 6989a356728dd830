"""Structured logs: an event name and fields from a list of those that may leave the process."""

import logging
from collections.abc import MutableMapping
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


def configure() -> None:
    """JSON lines for our events; the libraries' own loggers, which may quote URLs, are hushed."""
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
