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
    sa.Column("person", sa.String(40)),
    sa.Column("source", WORD),
    sa.Column("programmes", sa.String(1200), nullable=False),
    sa.Column("expected_reduction", sa.Float, nullable=False),
    sa.Column("error_rate", sa.Float, nullable=False),
    sa.Column("needed", sa.Boolean, nullable=False),
    sa.Column("decisive", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("probability", sa.Float),
    sa.Column("difference", sa.String(400)),
    sa.Column("due_at", Instant),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("why_closed", WORD),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("first_reviewer", ID),
    sa.Column("second_reviewer", ID),
    sa.Column("locked_by", ID),
    sa.Column("locked_until", Instant),
    sa.Index("ix_review_item_order", "state", "expected_reduction", "id", "region"),
    sa.Index("ix_review_item_difference", "difference", "source", "state"),
    sa.Index("ix_review_item_locked_by", "locked_by"),
)
"""One thing that a person could do for one verification. `needed`: it must be decided whatever it
is worth; `decisive`: an outcome turns on it; `probability`: that the records are the person's, by
the model; `difference`: which fields differ and how, without any value; `programmes`: keys between
spaces; `details`: the action's subject, what each programme gains, and which item waits for this
one. The reviewers are those of the round that is under way."""

review_decision = sa.Table(
    "review_decision",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("item_id", ID, nullable=False, index=True),
    sa.Column("verification_id", ID, nullable=False, index=True),
    region_column(),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("choice", WORD, nullable=False),
    sa.Column("role", WORD, nullable=False),
    sa.Column("reviewer", ID, nullable=False),
    sa.Column("reason_code", WORD, nullable=False),
    sa.Column("sealed_reason", sa.LargeBinary, nullable=False),
    sa.Column("adverse", sa.Boolean, nullable=False),
    sa.Column("judged", sa.Boolean, nullable=False),
    sa.Column("reverses", sa.Integer),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    sa.UniqueConstraint("item_id", "version"),
    sa.Index("ix_review_decision_reviewer", "reviewer", "decided_at"),
)
"""One reviewer's word on an item, never changed afterwards. `adverse`: by the effects as they were,
it needed two persons; `judged`: it became a judgement; `reverses`: the version that it takes back;
`details`: the records that it was about, with what the model thought of each."""
