"""How well predicted error rates hold: thousands of made-up households against their truth.

`python -m tests.acceptance.error_rates gather --seed 202 --households 5000 --folder DIR` asks the
sources about every household and keeps what came; `… measure --training DIR --evaluation DIR`
learns from audits of the first county and predicts for the second.

What the county's faults are drawn from (connectors/sandbox) and what is assumed of them
(app/error_rate/data) share no module and no number; the auditor sees truth and profiles alone.
"""

import argparse
import asyncio
import json
import pickle
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Final, TypeAlias

import yaml
from rich.console import Console

from app.access.consent import is_adult
from app.domain.decision import Decision, Outcome
from app.error_rate.audited import Audited, GroupBy, audited_decisions, size_group
from app.error_rate.calibration import IDENTITY, Calibration, recalibrate
from app.error_rate.diagrams import Language, causes_chart, reliability_diagram
from app.error_rate.holdings import SeenHolding
from app.error_rate.learning import learn
from app.error_rate.monitoring import monitor
from app.error_rate.observed import Observation
from app.error_rate.parameters import SHIPPED, Parameters
from app.programmes.parameters import area_of
from app.verification.conclude import Case, Conclusion, Knowledge, conclude
from app.verification.document import decision_document
from app.verification.score.holdings import holdings_of
from connectors.sandbox.county import County, CountyHousehold, generate
from tests.acceptance.asking import asking, knowledge
from tests.acceptance.auditing import DAY, Audit, observations_of, sizes_of
from tests.acceptance.error_rate_tables import Judged, show
from tests.acceptance.thousand import PACE, Plan, trouble
from tests.acceptance.truth import is_entitled

AS_OF: Final = date(2026, 11, 24)
AT_ONCE: Final = 16
AT_A_TIME: Final = 200
"""Households that are asked about in one opening of the sources."""
Household: TypeAlias = tuple[Case, CountyHousehold, str]
"""What the sources said of a household, its truth, and its head's ethnic group (GB/T 3304)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """Which county to ask about; `part` of `parts` processes that share the work."""

    seed: int
    households: int
    fault_rate: float
    transport_faults: float
    part: int
    parts: int


async def gather(plan: Gathering, folder: Path) -> int:
    """Keeps a file for every few hundred households; gives how many households there are.

    The sources are opened anew for each: their folders would grow, and looking into them with them.
    """
    county = await asyncio.to_thread(
        generate, plan.seed, plan.households, AS_OF, 20_000, plan.fault_rate
    )
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for start in range(plan.part * AT_A_TIME, plan.households, plan.parts * AT_A_TIME):
        found = await _asked(county, plan, range(start, min(start + AT_A_TIME, plan.households)))
        (folder / f"part-{start:06d}.pickle").write_bytes(pickle.dumps(found))
        count += len(found)
    return count


async def _asked(county: County, plan: Gathering, places: range) -> list[Household]:
    turn, found = asyncio.Semaphore(AT_ONCE), list[Household]()
    troubles = Plan(
        plan.households, plan.fault_rate, plan.transport_faults, plan.seed * 100_000 + places.start
    )
    with tempfile.TemporaryDirectory(prefix="hedui-") as scratch:
        async with asking(county.registers, Path(scratch), PACE) as asker:
            trouble_ = asyncio.create_task(trouble(asker.sandbox, troubles))

            async def one(household: CountyHousehold) -> None:
                async with turn:
                    case = await asker.case_of(household)
                head = county.people[household.refs[case.request.household.members[0].ref]]
                found.append((case, household, head.ethnic))

            async with asyncio.TaskGroup() as group:
                for place in places:
                    group.create_task(one(county.households[place]))
            trouble_.cancel()
            with suppress(asyncio.CancelledError):
                await trouble_
    return found


def kept(folder: Path) -> list[Household]:
    """The households of a folder, in one order whatever the parts."""
    found: list[Household] = []
    for path in sorted(folder.glob("part-*.pickle")):
        found += pickle.loads(path.read_bytes())  # noqa: S301 - our own files
    return sorted(found, key=lambda one: one[0].id)


@dataclass(frozen=True, slots=True)
class Model:
    """What predicts: of what judges, the part that changes here, and that goes to processes."""

    parameters: Parameters
    calibration: Calibration = IDENTITY

    @property
    def knowledge(self) -> Knowledge:
        return replace(_shipped(), parameters=self.parameters, calibration=self.calibration)


@cache
def _shipped() -> Knowledge:
    return knowledge()


def _judged(model: Model, household: Household) -> list[Judged]:
    case, truth, ethnic = household
    conclusion = conclude(case, model.knowledge)
    return [
        judged
        for decision in conclusion.decisions
        for judged in _of_decision(case, truth, ethnic, decision)
    ]


def _of_decision(
    case: Case, truth: CountyHousehold, ethnic: str, decision: Decision
) -> Iterator[Judged]:
    entitled = is_entitled(truth, decision.programme)
    if entitled is None:
        return
    request = case.request
    members = request.household.members
    yield Judged(
        case=request.case_reference,
        decision=decision,
        wrong=(decision.favours is Outcome.CONFIRMED) != entitled,
        groups={
            GroupBy.PROGRAMME: decision.programme,
            GroupBy.REGION: request.region[:6],
            GroupBy.AREA: area_of(request.region),
            GroupBy.ETHNIC_GROUP: ethnic,
            GroupBy.HOUSEHOLD_SIZE: size_group(len(members)),
            GroupBy.OUTCOME: decision.outcome.value,
        },
    )


def _told(model: Model, household: Household) -> tuple[list[Observation], list[SeenHolding]]:
    """What an audit of the household shows, and what its members have by complete answers."""
    case, truth, _ = household
    conclusion = conclude(case, model.knowledge)
    audit = Audit(case, conclusion, truth)
    return list(observations_of(audit)), [*_held(case, conclusion), *sizes_of(audit)]


def _held(case: Case, conclusion: Conclusion) -> list[SeenHolding]:
    adults = frozenset(
        one.ref
        for one in case.request.household.members
        if is_adult(one, case.request) is not False
    )
    return list(holdings_of(conclusion.profile, case.statuses, adults))


def audited_of(judged: Iterable[Judged]) -> list[Audited]:
    """The decisions as monitoring and calibration read them."""
    return [
        Audited(
            predicted=one.decision.error.rate,
            wrong=one.wrong,
            interval=one.decision.error.interval,
            case=one.case,
            known_on=DAY,
            groups=one.groups,
        )
        for one in judged
    ]


class Bench:
    """Judges many households on all cores."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def judged(self, model: Model, households: list[Household]) -> list[Judged]:
        work = partial(_judged, model)
        rows = self._pool.map(work, households, chunksize=16)
        return [judged for row in rows for judged in row]

    def learned(self, model: Model, audited: list[Household]) -> Model:
        """Parameters learned from the audits, and from what all members of them have."""
        rows = list(self._pool.map(partial(_told, model), audited, chunksize=16))
        assumed = yaml.safe_load(SHIPPED.read_text("utf-8"))
        found = learn(
            assumed,
            [one for row, _ in rows for one in row],
            [one for _, row in rows for one in row],
        )
        document = {**found.document, "version": "learned", "since": AS_OF}
        return Model(Parameters.of(document, file="learned"))


def measure(training: Path, evaluation: Path, audits: int, pictures: Path | None) -> None:
    """Three predictions of the same decisions: assumed, learned, learned and calibrated.

    The pictures are the last one's reliability, and the causes of one decision of many causes.
    """
    console, model = Console(), Model(Parameters.load())
    sample = kept(training)
    drawn = Random("audit").sample(sample, min(audits, len(sample)))
    households = kept(evaluation)
    console.print(f"{len(drawn)} of {len(sample)} training households audited")
    with ProcessPoolExecutor() as pool:
        bench = Bench(pool)
        show(console, "as assumed", bench.judged(model, households))
        taught = bench.learned(model, drawn)
        show(console, "parameters learned", bench.judged(taught, households))
        calibration = _calibration(bench.judged(taught, drawn))
        whole = replace(taught, calibration=calibration)
        judged = bench.judged(whole, households)
    show(console, "learned and calibrated", judged, groups=True)
    if pictures is not None:
        _draw(judged, pictures)


def _draw(judged: list[Judged], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    table = monitor(audited_decisions(audited_of(judged))).table
    told = max(judged, key=lambda one: (len(one.decision.error.causes), one.case)).decision
    document = decision_document(told)
    for language in Language:
        reliability = reliability_diagram(table, language)
        (folder / f"reliability.{language}.svg").write_text(reliability, "utf-8")
        causes = causes_chart(document, language)
        (folder / f"causes.{language}.svg").write_text(causes, "utf-8")
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    (folder / "decision.json").write_text(text, "utf-8")


def _calibration(judged: list[Judged]) -> Calibration:
    rows = audited_decisions(audited_of(judged))
    found = recalibrate(rows, version="audits", since=AS_OF, parameters="learned")
    return found.calibration


def main() -> int:
    """Gathers, or measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    kinds = parser.add_subparsers(dest="work", required=True)
    gathering = kinds.add_parser("gather")
    gathering.add_argument("--seed", type=int, default=202)
    gathering.add_argument("--households", type=int, default=5000)
    gathering.add_argument("--fault-rate", type=float, default=0.02)
    gathering.add_argument("--transport-faults", type=float, default=0.02)
    gathering.add_argument("--part", type=int, default=0)
    gathering.add_argument("--parts", type=int, default=1)
    gathering.add_argument("--folder", type=Path, required=True)
    measuring = kinds.add_parser("measure")
    measuring.add_argument("--training", type=Path, required=True)
    measuring.add_argument("--evaluation", type=Path, required=True)
    measuring.add_argument("--audits", type=int, default=800)
    measuring.add_argument("--pictures", type=Path)
    given = parser.parse_args()
    if given.work == "gather":
        plan = Gathering(
            seed=given.seed,
            households=given.households,
            fault_rate=given.fault_rate,
            transport_faults=given.transport_faults,
            part=given.part,
            parts=given.parts,
        )
        Console().print(f"{asyncio.run(gather(plan, given.folder))} households kept")
    else:
        measure(given.training, given.evaluation, given.audits, given.pictures)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
