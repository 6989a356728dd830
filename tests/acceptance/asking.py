"""Many households' replies from the ten made-up sources, without the service around them.

For measurements on thousands of households: real HTTP, SFTP and SQL, the connectors' own repeats,
and no database, API or trail of ours.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import orjson

from app.api.schemas.verification import VerificationIn
from app.domain.evidence import SourceState, SourceStatus
from app.domain.household import VerificationRequest
from app.error_rate.parameters import Parameters
from app.programmes.standard import Standards
from app.verification.answers import Reply, from_stored, status_of, to_stored
from app.verification.conclude import Case, Knowledge
from app.verification.errands import query_of
from app.verification.merge.records import Rates
from app.verification.plan import packed, plan
from connectors.contract import Progress, Source, SourceReply, Unknown
from connectors.failure import Failure, FailureKind
from connectors.registry import build_sources
from connectors.sandbox.county import CountyHousehold
from connectors.sandbox.register import SOURCES, Register
from connectors.sandbox.sandbox import PaceOptions, Sandbox, run_sandbox
from matching.weights import load_weights
from tests.acceptance.service import signed_today
from tests.builders import NEEDS

TRIES: Final = 3
LONGEST: Final = 25.0
"""Seconds after which an answer that was to come later counts as not come."""
NOW: Final = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
RATES: Final = Rates({"USD": Decimal("7.10"), "KRW": Decimal("0.0052")})


@dataclass(slots=True)
class Asker:
    """Asks connected sources about households, one after the other or many at once."""

    sandbox: Sandbox
    sources: Mapping[str, Source]
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def case_of(self, household: CountyHousehold) -> Case:
        """All that the sources say of a household, as the service would have stored it."""
        body = VerificationIn.model_validate_json(orjson.dumps(signed_today(household.application)))
        request = body.to_domain()
        id_ = f"vf_{request.case_reference}"
        planned = plan(request, self.sources, NEEDS)
        due: dict[str, list[str]] = {}
        for one in planned:
            if one.state is SourceState.PENDING:
                due.setdefault(one.source, []).append(one.person)
        found = await asyncio.gather(
            *(
                self._replies(request, name, refs)
                for name, all_refs in due.items()
                for refs in packed(all_refs, self.sources[name].persons_a_query)
            )
        )
        replies = [
            from_stored(to_stored(one, where=(id_, request.region), source=name, now=NOW))
            for name, some in found
            for one in some
        ]
        return Case(
            id=id_,
            request=request,
            replies=tuple(replies),
            statuses=tuple(self._status(one, replies) for one in planned),
            judgements={},
        )

    def _status(self, before: SourceStatus, replies: Sequence[Reply]) -> SourceStatus:
        if before.state is SourceState.NOT_ASKED:
            return before
        own = [one for one in replies if (one.source, one.person) == (before.source, before.person)]
        return status_of(before, own, self.sources[before.source].institutions)

    async def _replies(
        self, request: VerificationRequest, name: str, refs: tuple[str, ...]
    ) -> tuple[str, list[SourceReply]]:
        """The newest reply of each person and institution; what never came is unknown."""
        source, found = self.sources[name], dict[tuple[str, str], SourceReply]()
        whom: list[tuple[tuple[str, ...], tuple[str, ...] | None]] = [(refs, None)]
        for attempt in range(TRIES):
            again: dict[str, list[str]] = {}
            for some in whom:
                progress = await self._asked(source, request, some)
                for reply in progress.replies:
                    found[reply.person, reply.institution] = reply
                for one in progress.again:
                    again.setdefault(one.institution, []).append(one.person)
                    gap = Unknown(one.failure)
                    found.setdefault(
                        (one.person, one.institution),
                        SourceReply(person=one.person, institution=one.institution, outcome=gap),
                    )
            whom = [(tuple(them), (body,) if body else None) for body, them in again.items()]
            if not whom or attempt == TRIES - 1:
                break
        missing = Unknown(Failure(FailureKind.TIMED_OUT, "no answer within the longest wait"))
        for ref in refs:
            for body in source.institutions:
                gap_reply = SourceReply(person=ref, institution=body, outcome=missing)
                found.setdefault((ref, body), gap_reply)
        return name, list(found.values())

    async def _asked(
        self,
        source: Source,
        request: VerificationRequest,
        whom: tuple[tuple[str, ...], tuple[str, ...] | None],
    ) -> Progress:
        number = next(self.numbers)
        query = query_of(
            request,
            whom,
            reference=f"aq_{number:08d}",
            sequence=number % 9999 + 1,
            sent_on=date(2026, 11, 24),
        )
        loop = asyncio.get_running_loop()
        end = loop.time() + LONGEST
        progress = await source.ask(query, _permitted)
        replies, again = [*progress.replies], [*progress.again]
        while progress.ticket is not None and loop.time() < end:
            await asyncio.sleep(0.3)
            progress = await source.collect(progress.ticket, query, _permitted)
            replies += progress.replies
            again += progress.again
        return Progress(replies=tuple(replies), again=tuple(again))


async def _permitted() -> None:
    """These applicants have signed; the gate is the service's, and tested there."""


@asynccontextmanager
async def asking(
    registers: Mapping[str, Register], folder: Path, pace: PaceOptions | None = None
) -> AsyncIterator[Asker]:
    """The ten sources over these registers, and connectors to them, until the block is left."""
    limits: dict[str, dict[str, Any]] = {
        name: {"timeout": 4.0, "tries": TRIES, "deadline": 20.0} for name in SOURCES
    }
    async with run_sandbox(registers, folder=folder / "sandbox", **(pace or {})) as sandbox:
        configuration = sandbox.sources_configuration("http://127.0.0.1:9/none", 0.3)
        sources = build_sources(configuration, limits)
        try:
            yield Asker(sandbox, sources)
        finally:
            for source in sources.values():
                await source.aclose()


def knowledge() -> Knowledge:
    """What the service judges by when nothing is configured."""
    return Knowledge(
        standards=Standards.load(),
        weights=load_weights(),
        parameters=Parameters.load(),
        rates=RATES,
    )
