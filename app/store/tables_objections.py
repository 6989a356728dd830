"""Tables of objections 复核申请, and of what was done about each."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

objection = sa.Table(
    "objection",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("verification_id", ID, nullable=False, index=True),
    region_column(),
    sa.Column("client_id", ID, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("sealed_text", sa.LargeBinary, nullable=False),
    sa.Column("filed_at", Instant, nullable=False),
    sa.Column("recheck_id", ID),
    sa.Column("received_on", sa.Date),
    sa.Column("due_on", sa.Date),
    sa.Column("in_time", sa.Boolean),
    sa.Column("value_kind", WORD),
    sa.Column("proposal", WORD),
    sa.Column("handler", ID),
    sa.Column("decided_by", ID),
    sa.Column("decided_at", Instant),
    sa.Column("sealed_answer", sa.LargeBinary),
    sa.Column("kept_term", sa.Boolean),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
)
"""An objection 复核申请. `state`: `filed`, `in_progress`, `upheld` (the report stands),
`corrected`, `withdrawn`; `proposal`: what the recheck comes to, `uphold` or `correct`; `in_time`:
filed within the term for filing; `kept_term`: decided within that for an answer; `sealed_answer`:
what the household is told."""

objection_step = sa.Table(
    "objection_step",
    metadata,
    sa.Column("objection_id", ID, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("verification_id", ID, nullable=False, index=True),
    region_column(),
    sa.Column("action", WORD, nullable=False),
    sa.Column("actor", ID, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("sealed_words", sa.LargeBinary, nullable=False),
)
