"""CPU of each pure stage of a conclusion, by looking at what runs every few milliseconds.

Looking costs the stages nothing, whereas a clock around every call would be a good part of what is
measured.
"""

import signal
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import app
from app.error_rate.parameters import Parameters
from app.programmes.standard import Standards
from app.verification.conclude import Case, Knowledge, conclude
from app.verification.merge.records import Rates
from matching.weights import load_weights
from tests.benchmarks.households import Measured

STAGES: Final = ("identify", "merge", "score", "decide")
_FOLDER: Final = str(Path(app.__file__).parent / "verification") + "/"
_LOOK: Final = 0.002


def knowledge(rates: Rates) -> Knowledge:
    """What the service concludes with."""
    return Knowledge(
        standards=Standards.load(),
        weights=load_weights(),
        parameters=Parameters.load(),
        rates=rates,
    )


def stage_cpu(
    households: Sequence[Measured], known: Knowledge, *, seconds: float
) -> Mapping[str, float]:
    """Milliseconds of CPU a household by stage; `all` is the conclusion as a whole.

    It is looked for so many seconds of CPU, and at least once through all households.
    """
    cases = [
        Case(
            id=f"vf_bench_{place}",
            request=one.request,
            replies=one.replies,
            statuses=one.statuses,
            judgements={},
        )
        for place, one in enumerate(households)
    ]
    for case in cases:  # what is built at the first use is not a household's
        conclude(case, known)
    looked: Counter[str] = Counter()
    count, begun, used = 0, time.process_time(), 0.0
    with _looking(looked):
        while count == 0 or used < seconds:
            for case in cases:
                conclude(case, known)
            count += len(cases)
            used = time.process_time() - begun
    whole = used / count * 1000
    seen = max(1, looked.total())
    shares = {name: looked[name] / seen * whole for name in (*STAGES, "other")}
    return shares | {"all": whole}


@contextmanager
def _looking(looked: Counter[str]) -> Iterator[None]:
    """Counts the stage that runs, at each tick of the process's CPU clock."""

    def look(_number: int, frame: FrameType | None) -> None:
        looked[_stage(frame)] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, _LOOK, _LOOK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _stage(frame: FrameType | None) -> str:
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(_FOLDER):
            stage = name.removeprefix(_FOLDER).partition("/")[0].removesuffix(".py")
            if stage in STAGES:
                return stage
        frame = frame.f_back
    return "other"
