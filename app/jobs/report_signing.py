"""A provider's signatures on reports 密码机签名: made after they are issued, by one process."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from app.domain.errors import AuditUnanchored
from app.report.desk import ReportDesk
from app.report.signing import Provider
from app.store.report_papers import ProviderSignature
from app.store.reports import IssuedReport
from app.store.session import Database

log = structlog.get_logger()
_AT_ONCE: Final = 50


@dataclass
class ProviderSigning:
    """One round after another; what fails is tried again in the next one."""

    database: Database
    desk: ReportDesk
    provider: Provider
    now: Callable[[], datetime]
    _trouble: str | None = field(default=None, init=False)

    async def run(self) -> int:
        """A page of reports that the provider has not signed; gives how many it signed."""
        key_id = self.provider.signer.key_id
        waiting = await self.database.read(
            lambda tx: self.desk.papers.unsigned(tx, key_id, _AT_ONCE)
        )
        done = 0
        for number, version in waiting:
            report = await self._report(number, version)
            if report is None:
                continue
            try:
                signature = await self.provider.signer.sign(report.content)
            except AuditUnanchored as error:
                self._tell(str(error))
                return done
            await self._keep(report, signature)
            done += 1
        self._tell(None)
        return done

    async def _report(self, number: str, version: int) -> IssuedReport | None:
        return await self.database.read(
            lambda tx: self.desk.reports.of_version(tx, number, version)
        )

    async def _keep(self, report: IssuedReport, signature: bytes) -> None:
        signer = self.provider.signer
        new = ProviderSignature(
            key_id=signer.key_id,
            algorithm=signer.name,
            signature=signature,
            signed_at=self.now(),
        )
        await self.database.write(lambda tx: self.desk.papers.add_signature(tx, report, new))

    def _tell(self, trouble: str | None) -> None:
        """Once when it comes, once when it is over."""
        if trouble == self._trouble:
            return
        if trouble is None:
            log.info("reports_signed")
        else:
            log.error("reports_not_signed", reason=trouble)
        self._trouble = trouble
