"""Who may reconcile which roster by an address of its own 名册比对通行证, and until when."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

roster_pass = sa.Table(
    "roster_pass",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("holder", ID, nullable=False, index=True),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("purpose", WORD),
    sa.Column("reference", sa.String(40), nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("asked", sa.Integer, nullable=False),
    sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("until_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("ended_by", ID),
)
"""`kind`: `client` or `staff`, of the holder. `asked`: rows that were asked about so far. The
address's secret of 256 bits is nowhere: its SHA-256 finds the row."""
