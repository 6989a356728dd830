"""Builds a worker of batches: the stages, with the loops that take units and conclude."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from app.audit.look_rules import load_look_rules
from app.batch.concluding import Concluding
from app.batch.exchange.desk import ExchangeDesk
from app.batch.exchange.exchange import Exchange
from app.batch.finished import Finished
from app.batch.running import BatchWork
from app.batch.service import Batching
from app.batch.service import Surroundings as BatchSurroundings
from app.batch.units import UnitWork
from app.jobs.breakers import PAUSE, BreakerKeeper
from app.jobs.observing import shown
from app.jobs.presence import BEAT, Presence
from app.jobs.rekeying import Rekeying
from app.jobs.report_signing import ProviderSigning
from app.jobs.retention import Retention
from app.jobs.shares import BATCH
from app.jobs.timekeeping import ServiceClock
from app.jobs.trail_reading import TrailReading
from app.jobs.worker import Loop, Worker
from app.observe.metrics import Observed
from app.observe.traces import traces_to
from app.recipients.relief import Relief
from app.recipients.relief import Surroundings as ReliefSurroundings
from app.recipients.rules import Rules as RecipientRules
from app.report.desk import ReportDesk
from app.settings import Settings
from app.store.exchange_files import ExchangeFiles
from app.store.exchange_persons import ExchangePersons
from app.store.source_breakers import SourceBreakers
from app.store.subject_ciphers import by_subject
from app.store.workers import Workers
from app.verification.clockwork import Clockwork
from app.verification.reuse import Reuse
from app.verification.run import Verifier
from app.verification.supplement import Supplements
from app.wiring_sources import Clock, Sources, new_id, system_clock
from app.wiring_stages import Given, Stages, stages

WORKER = "worker"
"""Kind of process: batches."""
_KEYS_SEEN = 2.0  # seconds until every process seals with a new data key
_UNITS_AT_ONCE = 3
"""Units under way in one worker: while one waits for its slowest source, others ask."""


def presence_of(built: Stages, settings: Settings, kind: str) -> Presence:
    """This process among the others."""
    return Presence(
        database=built.shelf.database,
        workers=Workers(),
        verifications=built.shelf.verifications,
        units=built.shelf.batch_units,
        name=settings.worker,
        kind=kind,
        started_at=built.clock(),
        now=built.clock,
    )


def common_loops(built: Stages, presence: Presence) -> list[Loop]:
    """What every process does: it shows that it lives, keeps time, and sees who died."""
    loops = [
        Loop("beat", presence.beat, BEAT),
        Loop("reap", presence.elected("reap", presence.reap), BEAT),
        Loop("breakers", _breakers(built, presence).keep, PAUSE),
        Loop("keys", partial(built.keys.look, built.shelf.database), _KEYS_SEEN),
        Loop("rekeying", presence.elected("rekeying", rekeying_of(built).run), BEAT),
        Loop("anchor", presence.elected("anchor", built.anchoring.run), 1.0),
    ]
    if isinstance(built.clock, ServiceClock):
        loops.append(Loop("clock", partial(_correct, built.clock, built), BEAT))
    return loops


def _breakers(built: Stages, presence: Presence) -> BreakerKeeper:
    return BreakerKeeper(
        database=built.shelf.database,
        breakers=SourceBreakers(),
        gates=built.gates,
        holder=presence.name,
        now=built.clock,
    )


def rekeying_of(built: Stages) -> Rekeying:
    """Brings what is stored to the newest data keys."""
    return Rekeying(
        database=built.shelf.database,
        keys=built.keys,
        cipher=built.cipher,
        now=built.clock,
        cipher_of=by_subject(built.cipher),
    )


async def _correct(clock: ServiceClock, built: Stages) -> None:
    await clock.correct(built.shelf.database)


def observed_of(settings: Settings) -> Observed:
    """What this process shows of itself."""
    traces = traces_to(settings.otlp_endpoint, version=version("hedui"), worker=settings.worker)
    return Observed(traces)


def shown_of(
    observed: Observed, built: Stages, settings: Settings
) -> AbstractAsyncContextManager[int]:
    """It is seen as long as the block lasts."""
    return shown(
        observed,
        built.shelf.database,
        built.clock,
        sources=built.desk.sources,
        address=(settings.host, settings.metrics_port),
    )


def batching_of(built: Stages, settings: Settings) -> Batching:
    """Batches asked for, read, watched."""
    given = BatchSurroundings(
        standards=built.standards,
        folder=_spool(settings),
        terms=built.terms,
        worker=settings.worker,
    )
    return Batching.over(built.shelf, built.desk, built.verifier.end, built.cipher, given=given)


def relief_of(built: Stages, settings: Settings, batching: Batching) -> Relief:
    """Who receives relief, and their re-verification by batches."""
    given = ReliefSurroundings(
        rules=RecipientRules.load(settings.recipients),
        standards=built.standards,
        folder=_spool(settings),
    )
    create = batching.control.create_from_households
    return Relief.over(built.desk, built.cipher, create, given)


def _spool(settings: Settings) -> Path:
    """Where files in work are, for the time that they are."""
    folder = settings.data_dir / "spool"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def exchange_of(built: Stages) -> Exchange:
    """Files and inquiries about many persons; what comes late makes supplements."""
    shelf, desk = built.shelf, built.desk
    return Exchange(
        ExchangeDesk(
            desk=desk,
            persons=ExchangePersons(),
            files=ExchangeFiles(built.cipher),
            ready=shelf.batch_households,
        ),
        Supplements(shelf, desk.audit, Clockwork(desk.now, new_id)),
        Concludes(built.verifier),
    )


@dataclass(frozen=True, slots=True)
class Concludes:
    """What a late reply sets going."""

    verifier: Verifier

    async def begin(self, id_: str) -> None:
        """A supplement: nothing is asked, it is concluded from what was carried over."""
        await self.verifier.run(id_)

    async def renew(self, id_: str) -> None:
        """A verification that is still open has an answer more."""
        await self.verifier.settle(id_)


@asynccontextmanager
async def batch_worker(
    settings: Settings, clock: Clock = system_clock, sources: Sources | None = None
) -> AsyncIterator[Stages]:
    """A worker with its loops running; at the end, what it holds is given back."""
    observed = observed_of(settings)
    given = Given(clock=clock, sources=sources, lane=BATCH, watch=observed.sources)
    async with stages(settings, given) as built, AsyncExitStack() as closing:
        await closing.enter_async_context(shown_of(observed, built, settings))
        presence = presence_of(built, settings, WORKER)
        await presence.begin()
        closing.push_async_callback(presence.leave)
        closing.push_async_callback(built.anchoring.finish)
        loops = Worker([*common_loops(built, presence), *batch_loops(built, settings, presence)])
        loops.start()
        closing.push_async_callback(loops.stop)
        yield built


def batch_loops(built: Stages, settings: Settings, presence: Presence) -> list[Loop]:
    """What a worker does beside showing that it lives."""
    shelf, desk, worker = built.shelf, built.desk, settings.worker
    exchange = exchange_of(built)
    units = UnitWork(shelf, desk, bulk=exchange, reuse=Reuse(desk, built.cipher))
    batching = batching_of(built, settings)
    relief = relief_of(built, settings, batching)
    unusual = TrailReading.over(
        shelf.database, built.cipher, load_look_rules(settings.looks), desk.audit, desk.now
    ).unusual
    retention = Retention(built.erasing)
    work = BatchWork(
        shelf,
        desk,
        units,
        holder=(worker, presence.held),
        on_finished=Finished(desk, built.cipher).tell,
    )
    concluding = Concluding(shelf, desk, built.verifier.keeper, built.knowledge, worker=worker)
    return [
        Loop("units", work.take_unit, 0.5, at_once=_UNITS_AT_ONCE),
        Loop("conclude", concluding.run, 0.2),
        Loop("tickets", work.collect_due, 0.5),
        Loop("exchange_write", presence.elected("exchange_write", exchange.write_due), 1.0),
        Loop("exchange_read", presence.elected("exchange_read", exchange.read_due), 1.0),
        Loop("roster", batching.reading.read_due, 0.5),
        Loop("cancel", presence.elected("cancel", batching.control.cancel_due), 2.0),
        Loop("reverify", presence.elected("reverify", relief.reverify_due.run), 60.0),
        Loop("unusual_access", presence.elected("unusual_access", unusual.run), 3600.0),
        Loop("retention", presence.elected("retention", retention.run), 3600.0),
        Loop("settle", presence.elected("settle", work.settle_left), 5.0),
        Loop("finish", presence.elected("finish", work.finish), 1.0),
    ]


def report_desk_of(built: Stages, settings: Settings) -> ReportDesk:
    """Where reports are read, issued and printed."""
    return ReportDesk.over(
        built.cipher,
        reports=built.reports,
        keys=built.report_keys,
        now=built.clock,
        new_id=new_id,
        public_url=settings.public_url,
    )


def report_loops(built: Stages, settings: Settings, presence: Presence) -> list[Loop]:
    """A provider signs what was issued, where one is named."""
    provider = built.report_keys.provider
    if provider is None:
        return []
    desk = report_desk_of(built, settings)
    signing = ProviderSigning(built.shelf.database, desk, provider, built.clock)
    return [Loop("report_signatures", presence.elected("report_signatures", signing.run), 30.0)]
