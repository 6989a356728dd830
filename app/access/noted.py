"""What access has to tell the audit trail; the trail itself stands beside this package."""

from collections.abc import Mapping
from typing import Protocol

import sqlalchemy as sa


class Trail(Protocol):
    """Appends in the transaction of what it tells (app/audit/chain.py)."""

    def append(
        self,
        tx: sa.Connection,
        *,
        actor: str,
        action: str,
        about: tuple[str, str],
        details: Mapping[str, str],
    ) -> None:
        """`about` is the object's id and region; `details` never hold personal data."""
        ...
