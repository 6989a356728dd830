"""Looks told to the trail: where it cannot be written, nothing is shown."""

import sqlalchemy as sa

from app.audit.chain import AuditTrail, Entry
from app.domain.errors import StorageUnavailable


def tell(trail: AuditTrail, tx: sa.Connection, *entries: Entry) -> None:
    """Raises `StorageUnavailable`: whoever waits for the answer gets none of it."""
    try:
        trail.append_many(tx, entries)
    except sa.exc.DBAPIError:  # its text may quote values
        raise StorageUnavailable("the audit trail cannot be written: nothing is shown") from None
