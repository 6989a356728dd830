"""The tables of erasure 删除: secrets of subjects, what was erased by which rule, who asked."""

import sqlalchemy as sa

from app.store.base import ID, REGION, WORD, Instant, metadata, region_column

subject_key = sa.Table(
    "subject_key",
    metadata,
    sa.Column("subject", ID, primary_key=True),
    sa.Column("region", REGION, nullable=False),
    sa.Column("sealed_secret", sa.LargeBinary),
    sa.Column("destroyed_at", Instant, index=True),
)
"""The secret that a subject's fields are sealed with: of a verification, a recipient, a file.

Destroyed, the row stays without its secret, so that nothing of the subject is ever taken in again.
"""

erasure = sa.Table(
    "erasure",
    metadata,
    sa.Column("subject", ID, primary_key=True),
    region_column(),
    sa.Column("rule", WORD, nullable=False),
    sa.Column("request_id", ID, index=True),
    sa.Column("erased_at", Instant, nullable=False, index=True),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("digest", sa.String(80), nullable=False),
)
"""What was erased of a subject: rows by table in `details`; `digest` over all of it."""

erasure_request = sa.Table(
    "erasure_request",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("case_reference", sa.String(100), nullable=False, index=True),
    sa.Column("basis", WORD, nullable=False),
    sa.Column("document", sa.String(100), nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("why", WORD),
    sa.Column("subjects", sa.Integer, nullable=False),
    sa.Column("requested_by", ID, nullable=False),
    sa.Column("requested_at", Instant, nullable=False),
    sa.Column("decided_by", ID),
    sa.Column("decided_at", Instant),
)
"""A request under PIPL 47; `state`: `requested`, `refused` (`why`: what it is held for), `done`;
`document`: the number of the written request, never its text."""

remains = sa.Table(
    "remains",
    metadata,
    sa.Column("place", WORD, primary_key=True),
    sa.Column("cleaned_at", Instant, nullable=False),
    sa.Column("state", WORD, nullable=False),
)
"""Until when the database's own files were last cleaned of what had been erased."""
