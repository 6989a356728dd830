"""What other centres asked 异地协查, and how far the answer is."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

assistance = sa.Table(
    "assistance",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("client_id", ID, nullable=False),
    sa.Column("request_id", sa.String(64), nullable=False),
    sa.Column("case_reference", sa.String(100), nullable=False),
    sa.Column("consent_reference", sa.String(100), nullable=False),
    sa.Column("source", WORD, nullable=False),
    sa.Column("purpose", WORD, nullable=False),
    sa.Column("person_key", sa.BigInteger, nullable=False, index=True),
    sa.Column("state", WORD, nullable=False),
    sa.Column("outcome", WORD),
    sa.Column("failure", WORD),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("sealed_question", sa.LargeBinary, nullable=False),
    sa.Column("sealed_answer", sa.LargeBinary),
    sa.Column("sealed_ticket", sa.LargeBinary),
    sa.Column("asked_at", Instant, nullable=False, index=True),
    sa.Column("answered_at", Instant),
    sa.Column("deadline_at", Instant, nullable=False),
    sa.Column("leased_until", Instant),
    sa.UniqueConstraint("client_id", "request_id"),
)
"""One question about one person at one source, of the region where the person is registered.

`case_reference`: a number by which the asking centre tells its cases apart, none of the case's own;
`state`: `asking`, `waiting` (the source answers later), `answered`."""
