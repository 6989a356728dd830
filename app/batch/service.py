"""The parts of batches together, as the interface and workers are handed them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from app.batch.control import Control, End
from app.batch.preview import Preview
from app.batch.progress import Progress
from app.batch.results import ResultFiles
from app.batch.roster.programmes import programme_names
from app.batch.roster.reading import RosterReading
from app.programmes.standard import Standards
from app.store.batch_progress import BatchProgress
from app.store.batch_results import BatchResults
from app.store.batch_rosters import BatchRosters
from app.store.batches import Batches, reader_of
from app.store.changes import Changes
from app.store.clients import Clients
from app.store.crypto import FieldCipher
from app.verification.errands import Desk
from app.verification.persist import Shelf
from app.verification.terms import SourceTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """Batches asked for, read, watched, looked at."""

    batches: Batches
    rosters: BatchRosters
    control: Control
    reading: RosterReading
    progress: Progress
    counts: BatchProgress
    files: ResultFiles
    preview: Preview

    @classmethod
    def over(
        cls, shelf: Shelf, desk: Desk, end: End, cipher: FieldCipher, *, given: "Surroundings"
    ) -> "Batching":
        batches, rosters, counts = Batches(cipher), BatchRosters(cipher), BatchProgress()
        results = BatchResults()
        return cls(
            batches=batches,
            rosters=rosters,
            counts=counts,
            control=Control(
                database=shelf.database,
                batches=batches,
                rosters=rosters,
                shelf=shelf,
                end=end,
                results=results,
                audit=desk.audit,
                now=desk.now,
            ),
            reading=RosterReading(
                database=shelf.database,
                batches=batches,
                rosters=rosters,
                clients=Clients(),
                audit=desk.audit,
                names=partial(programme_names, given.standards),
                in_force=given.standards.in_force,
                now=desk.now,
                new_id=lambda _: reader_of(given.worker),
                folder=given.folder,
            ),
            progress=Progress(counts),
            files=ResultFiles(
                database=shelf.database,
                rows=results,
                results=shelf.results,
                changes=Changes(cipher),
                verifications=shelf.verifications,
            ),
            preview=Preview(
                households=shelf.batch_households,
                withdrawals=desk.gate.withdrawals,
                progress=counts,
                terms=given.terms,
                now=desk.now,
            ),
        )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What batches need besides the stores: the standards in force, a folder for files in work."""

    standards: Standards
    folder: Path
    terms: Mapping[str, SourceTerms] = field(default_factory=dict)
    worker: str = "reader"
    """Whose reading it is: what a dead worker was reading is free at once."""
