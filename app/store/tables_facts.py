"""The tables that statistics, samples and simulations read: one row a decision, person, count."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

decision_fact = sa.Table(
    "decision_fact",
    metadata,
    sa.Column("verification_id", ID, primary_key=True),
    sa.Column("programme", WORD, primary_key=True),
    region_column(),
    sa.Column("area", WORD, nullable=False),
    sa.Column("purpose", WORD, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("standard", sa.String(120), nullable=False),
    sa.Column("outcome", WORD, nullable=False),
    sa.Column("favours", WORD, nullable=False),
    sa.Column("error_rate", sa.Float, nullable=False),
    sa.Column("error_rate_low", sa.Float, nullable=False),
    sa.Column("error_rate_high", sa.Float, nullable=False),
    sa.Column("household_index", sa.LargeBinary, nullable=False),
    sa.Column("household_size", sa.Integer, nullable=False),
    sa.Column("status", WORD, nullable=False),
    sa.Column("concluded_at", Instant, nullable=False),
    sa.Column("final_at", Instant),
    sa.Column("current", sa.Boolean, nullable=False),
    sa.Column("stopped", sa.Boolean, nullable=False),
    sa.Column("sealed_totals", sa.LargeBinary, nullable=False),
    sa.Index("ix_decision_fact_period", "programme", "final_at"),
    sa.Index("ix_decision_fact_household", "household_index", "programme"),
)
"""One decision as it stands: `current` while no later final one of the household and programme is
there, `stopped` where an earlier one was confirmed and this one is not. Amounts are sealed."""

case_person = sa.Table(
    "case_person",
    metadata,
    sa.Column("verification_id", ID, primary_key=True),
    sa.Column("ref", sa.String(40), primary_key=True),
    region_column(),
    sa.Column("person_index", sa.LargeBinary, nullable=False, index=True),
    sa.Column("is_member", sa.Boolean, nullable=False),
    sa.Column("requested_at", Instant, nullable=False),
)
"""Who was asked about in which verification, by keyed index of the number."""

statistic_count = sa.Table(
    "statistic_count",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("region", sa.String(12), primary_key=True),
    sa.Column("programme", WORD, primary_key=True),
    sa.Column("source", WORD, primary_key=True),
    sa.Column("measure", WORD, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
    sa.Index("ix_statistic_count_measure", "measure", "day"),
)
"""What was counted on a day (China's), summed as it happens; empty programme or source: of none."""
