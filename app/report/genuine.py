"""The public check: is this report genuine and unchanged? Shows no personal data."""

from datetime import date
from hashlib import sha256
from typing import Any

from app.domain.instants import rfc3339
from app.store.reports import IssuedReport


def check(report: IssuedReport, today: date) -> dict[str, Any]:
    """Number, version, dates, state, and whether the content still has its digest."""
    digest = f"sha256:{sha256(report.content).hexdigest()}"
    return {
        "number": report.number,
        "version": report.version,
        "issued_at": rfc3339(report.issued_at),
        "valid_until": report.valid_until.isoformat(),
        "state": state_of(report, today),
        "genuine": digest == report.content_digest,
        "content_digest": report.content_digest,
    }


def state_of(report: IssuedReport, today: date) -> str:
    """`valid`, `expired` or `superseded`."""
    if report.superseded_at is not None:
        return "superseded"
    return "expired" if today > report.valid_until else "valid"
