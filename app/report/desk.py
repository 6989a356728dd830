"""The desk where reports are read, issued by two persons 出具, and printed.

The content never changes: an endorsement and a print are rows of their own, and stand on the paper.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import orjson
import sqlalchemy as sa

from app.access.tokens import Caller
from app.domain.errors import Conflict, NotAllowed, NotFound
from app.domain.household import VerificationRequest
from app.domain.instants import china_day, rfc3339
from app.domain.review import STILL_TO_DO
from app.report.checklist import Open, Standing, blocking, checklist
from app.report.genuine import is_whole, state_of
from app.report.glyphs import Printable
from app.report.sheet import Papers, sheet_of
from app.report.signing import ReportKeys
from app.report.variants import Variant
from app.store.clients import Clients
from app.store.crypto import FieldCipher
from app.store.objections import Objections
from app.store.report_papers import (
    OPEN,
    RETURNED,
    SIGNED,
    Endorsement,
    Print,
    ReportPapers,
)
from app.store.reports import IssuedReport, Reports, ReportVersion
from app.store.review_decisions import ReviewDecisions
from app.store.review_items import ReviewItems
from app.store.staff import StaffAccounts
from app.store.withdrawals import Withdrawals
from app.verification.consent_state import consent_document

SIGNERS: Final = frozenset({"county_reviewer"})
"""Roles that sign a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDesk:
    """A report with all that lies beside it."""

    report: IssuedReport
    content: Mapping[str, Any]
    endorsements: Sequence[Endorsement]
    prints: Sequence[Print]
    versions: Sequence[ReportVersion]
    open: Sequence[Open]
    reviewers: frozenset[str]

    @property
    def endorsement(self) -> Endorsement | None:
        """The one that is under way or signed."""
        return next((one for one in self.endorsements if one.state in (OPEN, SIGNED)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """In which form a report is wanted, by whom and from what terminal."""

    who: Caller
    format: str
    variant: Variant
    language: str
    terminal: str


@dataclass(frozen=True, kw_only=True)
class ReportDesk:
    """Queries and changes; each in the caller's transaction."""

    reports: Reports
    papers: ReportPapers
    items: ReviewItems
    decisions: ReviewDecisions
    objections: Objections
    withdrawals: Withdrawals
    accounts: StaffAccounts
    clients: Clients
    keys: ReportKeys
    now: Callable[[], datetime]
    new_id: Callable[[str], str]
    public_url: str

    @classmethod
    def over(cls, cipher: FieldCipher, **given: Any) -> "ReportDesk":
        """On the stores of one database."""
        return cls(
            papers=ReportPapers(cipher),
            items=ReviewItems(),
            decisions=ReviewDecisions(cipher),
            objections=Objections(cipher),
            withdrawals=Withdrawals(cipher),
            accounts=StaffAccounts(cipher),
            clients=Clients(),
            **given,
        )

    def of(self, tx: sa.Connection, verification_id: str) -> IssuedReport:
        """Raises `NotFound` where none is issued yet."""
        found = self.reports.of_verification(tx, verification_id)
        if found is None:
            raise NotFound("no report is issued yet")
        return found

    def looked_up(
        self, tx: sa.Connection, verification_id: str, request: VerificationRequest
    ) -> OnDesk:
        """The report and what is open before it can be issued."""
        report = self.of(tx, verification_id)
        content = orjson.loads(report.content)
        return OnDesk(
            report=report,
            content=content,
            endorsements=self.papers.endorsements(tx, report),
            prints=self.papers.prints(tx, report),
            versions=self.reports.versions(tx, report.number),
            open=checklist(self._standing(tx, report, content, request)),
            reviewers=self.decisions.reviewers_of(tx, verification_id),
        )

    def _standing(
        self,
        tx: sa.Connection,
        report: IssuedReport,
        content: Mapping[str, Any],
        request: VerificationRequest,
    ) -> Standing:
        id_, now = report.verification_id, self.now()
        taken = self.withdrawals.within(tx, request.region, request.consent.references)
        items = self.items.of(tx, id_)
        todo = [one for one in items if one.state in STILL_TO_DO]
        printable = Printable()
        printable.all_of(content)
        return Standing(
            content=content,
            state=state_of(report, china_day(now)),
            is_whole=is_whole(report, self.keys),
            consent=consent_document(request, taken, now)["state"],
            needed_items=[(one.id, one.kind.value) for one in todo if one.needed],
            other_items=[(one.id, one.kind.value) for one in todo if not one.needed],
            objections=self.objections.open_of(tx, id_),
            missing_glyphs=sorted(printable.missing),
        )

    def prepare(self, tx: sa.Connection, who: Caller, found: OnDesk) -> str:
        """The first person; raises `Conflict` where something blocks it, or it is under way."""
        self._must_be_open(found)
        if found.endorsement is not None:
            raise Conflict("the report is prepared already")
        new = Endorsement(
            id=self.new_id("re"),
            state=OPEN,
            prepared_by=who.actor,
            prepared_at=self.now(),
            preparer=self.name_of(tx, who),
            checklist=[one.document() for one in found.open],
        )
        self.papers.prepare(tx, found.report, new)
        return new.id

    def sign(self, tx: sa.Connection, who: Caller, found: OnDesk) -> str:
        """The second person. Raises `NotAllowed` without the role, `Conflict` for the first."""
        if not SIGNERS & who.roles:
            raise NotAllowed("a report is signed by a county reviewer")
        self._must_be_open(found)
        under_way = self._under_way(found)
        if under_way.prepared_by == who.actor:
            raise Conflict("whoever prepared a report does not sign it")
        if who.actor in found.reviewers:
            raise Conflict("whoever decided a match of the case does not sign its report")
        return self._decide(tx, who, found, (under_way, SIGNED))

    def give_back(self, tx: sa.Connection, who: Caller, found: OnDesk) -> str:
        """By who signs, or taken back by who prepared it."""
        under_way = self._under_way(found)
        if not SIGNERS & who.roles and under_way.prepared_by != who.actor:
            raise Conflict("a report is given back by a county reviewer, or by who prepared it")
        return self._decide(tx, who, found, (under_way, RETURNED))

    def _decide(
        self, tx: sa.Connection, who: Caller, found: OnDesk, what: tuple[Endorsement, str]
    ) -> str:
        under_way, state = what
        decided = replace(
            under_way,
            state=state,
            decided_by=who.actor,
            decided_at=self.now(),
            signer=self.name_of(tx, who),
        )
        if not self.papers.decide(tx, found.report, decided):
            raise Conflict("the report was decided on meanwhile")
        return under_way.id

    def _must_be_open(self, found: OnDesk) -> None:
        blocks = blocking(found.open)
        if blocks:
            raise Conflict(f"the report cannot be issued: {', '.join(blocks)}")

    def _under_way(self, found: OnDesk) -> Endorsement:
        under_way = found.endorsement
        if under_way is None or under_way.state != OPEN:
            raise Conflict("no preparation of the report is under way")
        return under_way

    def printed(self, tx: sa.Connection, report: IssuedReport, asked: Asked) -> Print:
        """One more copy: on record before it leaves."""
        signed = self._signed(self.papers.endorsements(tx, report))
        stamp = {
            "name": self.name_of(tx, asked.who),
            "terminal": asked.terminal,
            "endorsed": None if signed is None else signed.id,
            "superseded": report.superseded_at is not None,
        }
        new = Print(
            copy=0,
            actor=asked.who.actor,
            format=asked.format,
            variant=asked.variant.value,
            language=asked.language,
            printed_at=self.now(),
            stamp=stamp,
        )
        return self.papers.add_print(tx, report, new)

    def name_of(self, tx: sa.Connection, who: Caller) -> str:
        """As it is now; a client's is that of the case system."""
        if who.kind == "staff":
            return self.accounts.get(tx, who.actor).name
        client = self.clients.get(tx, who.actor)
        return who.actor if client is None else client.name

    def copied(self, tx: sa.Connection, report: IssuedReport, copy: Print) -> dict[str, Any]:
        """The sheet of a print, the same whenever it is asked for."""
        endorsements = self.papers.endorsements(tx, report)
        stamp = copy.stamp
        endorsed = next((one for one in endorsements if one.id == stamp["endorsed"]), None)
        papers = replace(
            self._papers(report, endorsed),
            superseded=stamp["superseded"],
            stamp={
                "copy": copy.copy,
                "at": copy.printed_at.isoformat(),
                "name": stamp["name"],
                "terminal": stamp["terminal"],
            },
        )
        return sheet_of(orjson.loads(report.content), papers, Variant(copy.variant), copy.language)

    def viewed(
        self, tx: sa.Connection, report: IssuedReport, variant: Variant, language: str
    ) -> dict[str, Any]:
        """The sheet as it stands, on no paper."""
        signed = self._signed(self.papers.endorsements(tx, report))
        papers = self._papers(report, signed)
        return sheet_of(orjson.loads(report.content), papers, variant, language)

    def _signed(self, some: Sequence[Endorsement]) -> Endorsement | None:
        return next((one for one in some if one.state == SIGNED), None)

    def _papers(self, report: IssuedReport, signed: Endorsement | None) -> Papers:
        at = None if signed is None or signed.decided_at is None else rfc3339(signed.decided_at)
        return Papers(
            check_url=f"{self.public_url}/v/{report.number}?code={quote(report.code)}",
            code=report.code,
            preparer=None if signed is None else signed.preparer,
            signer=None if signed is None else signed.signer,
            signed_at=at,
            superseded=report.superseded_at is not None,
        )
