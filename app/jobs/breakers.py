"""This process's breakers among the others': what is open is told, what is ordered is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
import structlog

from app.store.session import Database
from app.store.source_breakers import OpenBreaker, Order, SourceBreakers
from connectors.transport.limits import Gate

log = structlog.get_logger()
PAUSE = 1.0
"""Seconds between two rounds: so soon an order is done everywhere."""


class Action(StrEnum):
    """What may be ordered of a source's breaker."""

    PROBE = "probe"  # 试探
    RESTORE = "restore"  # 恢复


@dataclass(kw_only=True)
class BreakerKeeper:
    """`keep` is a round of a loop; the first one takes note of old orders without doing them."""

    database: Database
    breakers: SourceBreakers
    gates: Mapping[str, Gate]
    holder: str
    now: Callable[[], datetime]
    _done: dict[str, int] | None = None
    _told: frozenset[str] = field(default_factory=frozenset)

    async def keep(self) -> None:
        orders = await self.database.read(self.breakers.orders)
        if self._done is None:
            self._done = {name: one.number for name, one in orders.items()}
            await self._tell(frozenset())
        for order in orders.values():
            self._do(order, self._done)
        open_ = frozenset(name for name, gate in self.gates.items() if gate.breaker is not None)
        if open_ or self._told:
            await self._tell(open_)

    def _do(self, order: Order, done: dict[str, int]) -> None:
        gate = self.gates.get(order.source)
        if order.number <= done.get(order.source, 0) or gate is None:
            return
        done[order.source] = order.number
        log.info("breaker_ordered", source=order.source, action=order.action)
        if order.action == Action.PROBE:
            gate.probe()
        else:
            gate.restore()

    async def _tell(self, open_: frozenset[str]) -> None:
        rows = []
        for name in sorted(open_):
            state = self.gates[name].breaker
            if state is not None:
                until = self.now() + timedelta(seconds=state.seconds_left)
                rows.append(
                    OpenBreaker(
                        source=name, holder=self.holder, failures=state.failures, until=until
                    )
                )

        def work(tx: sa.Connection) -> None:
            self.breakers.put(tx, self.holder, rows)

        await self.database.write(work)
        self._told = open_
