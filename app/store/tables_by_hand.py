"""The table of questions that a source's clerks answer by hand 人工录入."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

manual_task = sa.Table(
    "manual_task",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("verification_id", ID, nullable=False, index=True),
    region_column(),
    sa.Column("source", WORD, nullable=False),
    sa.Column("person", sa.String(40), nullable=False),
    sa.Column("institution", WORD, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("why_closed", WORD),
    sa.Column("made_by", ID, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("deadline_at", Instant, nullable=False),
    sa.Column("asked_at", Instant),
    sa.Column("first_clerk", ID),
    sa.Column("second_clerk", ID),
    sa.Column("sealed_entry", sa.LargeBinary),
    sa.Column("detail", sa.String(400)),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_manual_task_due", "source", "state", "deadline_at"),
)
"""One question about one person to one institution; its id is the reference of the ticket that
waits for it. `state`: `open`, `second` (one clerk has entered), `done`, `closed`; `asked_at`: when
a clerk first saw whom it is about; `sealed_entry`: the first clerk's, until a second has said the
same; `detail`: the fields in which two entries differed."""
