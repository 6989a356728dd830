"""What running processes share: who is alive, who has which duty, what each source still bears."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata

worker = sa.Table(
    "worker",
    metadata,
    sa.Column("name", ID, primary_key=True),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("version", WORD, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("beat_at", Instant, nullable=False),
)
"""A live process; `kind`: `api` (interactive work) or `worker` (batches)."""

duty = sa.Table(
    "duty",
    metadata,
    sa.Column("name", WORD, primary_key=True),
    sa.Column("holder", ID, nullable=False),
    sa.Column("until", Instant, nullable=False),
    sa.Column("fence", sa.Integer, nullable=False),
)
"""What one process does for all: held by a lease."""

source_pace = sa.Table(
    "source_pace",
    metadata,
    sa.Column("source", WORD, primary_key=True),
    sa.Column("lane", WORD, primary_key=True),
    sa.Column("next_at", Instant, nullable=False),
)
"""When the next call of a lane (`interactive`, `batch`) may start."""

source_share = sa.Table(
    "source_share",
    metadata,
    sa.Column("source", WORD, primary_key=True),
    sa.Column("holder", ID, primary_key=True),
    sa.Column("lane", WORD, nullable=False),
    sa.Column("slots", sa.Integer, nullable=False),
    sa.Column("wanted", sa.Integer, nullable=False),
    sa.Column("until", Instant, nullable=False),
)
"""How many calls at once a process may have at a source."""

source_breaker = sa.Table(
    "source_breaker",
    metadata,
    sa.Column("source", WORD, primary_key=True),
    sa.Column("holder", ID, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("until", Instant, nullable=False),
)
"""A process that leaves a source alone after so many failures in a row, at least until then."""

source_order = sa.Table(
    "source_order",
    metadata,
    sa.Column("source", WORD, primary_key=True),
    sa.Column("action", WORD, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("ordered_by", ID, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
"""What every process does next with a source's breaker: `probe` (one call tries it now) or
`restore` (it is asked as if it had not failed); `number` counts the orders."""
