"""The tables of audit samples 抽查: samples, their items, findings, and what sources got wrong."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

audit_sample = sa.Table(
    "audit_sample",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("client_id", ID, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("frame_digest", sa.String(80), nullable=False),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("drawn_at", Instant, nullable=False),
    sa.Column("closed_at", Instant),
)

audit_item = sa.Table(
    "audit_item",
    metadata,
    sa.Column("sample_id", ID, primary_key=True),
    sa.Column("verification_id", ID, primary_key=True),
    sa.Column("programme", WORD, primary_key=True),
    sa.Column("part", WORD, primary_key=True),
    region_column(),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("stratum", sa.String(120), nullable=False),
    sa.Column("probability", sa.Float, nullable=False),
    sa.Column("inclusion", sa.Float, nullable=False),
    sa.Column("predicted", sa.Float, nullable=False),
    sa.Column("second_probability", sa.Float),
)
"""A decision in one part of a sample (random or risk): `probability` with which that part drew it,
`inclusion` with which any part did, `second_probability` with which it came among those that a
second reader reads, null where it did not."""

audit_finding = sa.Table(
    "audit_finding",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("sample_id", ID, nullable=False, index=True),
    sa.Column("verification_id", ID, nullable=False, index=True),
    sa.Column("programme", WORD, nullable=False),
    region_column(),
    sa.Column("reading", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("reviewer", ID, nullable=False),
    sa.Column("true_outcome", WORD, nullable=False),
    sa.Column("sealed_finding", sa.LargeBinary, nullable=False),
    sa.Column("found_at", Instant, nullable=False),
    sa.UniqueConstraint("sample_id", "verification_id", "programme", "reading", "version"),
)

known_outcome = sa.Table(
    "known_outcome",
    metadata,
    sa.Column("verification_id", ID, primary_key=True),
    sa.Column("programme", WORD, primary_key=True),
    sa.Column("origin", WORD, primary_key=True),
    region_column(),
    sa.Column("true_outcome", WORD, nullable=False),
    sa.Column("probability", sa.Float, nullable=False),
    sa.Column("known_at", Instant, nullable=False),
)
"""What a decision should have been, as an audit, an upheld objection or a correction showed, and
the probability with which the decision came to be looked at (1 where it came by itself)."""

source_observation = sa.Table(
    "source_observation",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("verification_id", ID, nullable=False, index=True),
    sa.Column("source", WORD, nullable=False),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("hits", sa.Integer, nullable=False),
    sa.Column("trials", sa.Integer, nullable=False),
    sa.Column("months", sa.Float),
    sa.Column("log_ratio", sa.Float),
    sa.Column("origin", WORD, nullable=False),
    sa.Column("observed_at", Instant, nullable=False),
)
"""What was learned of a source: records missed, wrong, changed since (`hits` of `trials`), and the
logarithm of a true amount by the told one."""
