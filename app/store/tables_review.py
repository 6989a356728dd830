"""The tables of the review worklist: items that wait for a person, and what was decided."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

review_item = sa.Table(
    "review_item",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("verification_id", ID, nullable=False, index=True),
    region_column(),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("action", sa.String(200), nullable=False),
    sa.Column("person", sa.String(40)),
    sa.Column("source", WORD),
    sa.Column("expected_reduction", sa.Float, nullable=False),
    sa.Column("error_rate", sa.Float, nullable=False),
    sa.Column("decisive", sa.Boolean, nullable=False),
    sa.Column("two_persons", sa.Boolean, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("locked_by", ID),
    sa.Column("locked_until", Instant),
    sa.UniqueConstraint("verification_id", "action"),
    sa.Index("ix_review_item_order", "state", "expected_reduction"),
)

review_decision = sa.Table(
    "review_decision",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("item_id", ID, nullable=False, index=True),
    sa.Column("verification_id", ID, nullable=False, index=True),
    region_column(),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("choice", WORD, nullable=False),
    sa.Column("reviewer", ID, nullable=False),
    sa.Column("role", WORD, nullable=False),
    sa.Column("sealed_reason", sa.LargeBinary, nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    sa.Column("reversed_at", Instant),
    sa.Column("reversed_by", ID),
    sa.UniqueConstraint("item_id", "version"),
)
