"""Retention as a loop: work rows, what is over by the rules, and the files cleaned of it."""

from dataclasses import dataclass

import structlog

from app.erasure.erasing import Erasing

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Retention:
    """One page at a time, so that nobody waits for it."""

    erasing: Erasing

    async def run(self) -> int:
        """Gives how much went: where nothing did, the files are cleaned of what went before."""
        gone = await self.erasing.forget_work() + await self.erasing.run_page()
        if gone:
            return gone
        state = await self.erasing.clean()
        if state not in (None, "clean"):
            log.warning("remains_left", reason=state)
        return 0
