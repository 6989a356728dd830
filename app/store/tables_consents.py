"""The table of consents 授权 that were taken back in part."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

partial_withdrawal = sa.Table(
    "partial_withdrawal",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("reference", sa.String(100), nullable=False, index=True),
    sa.Column("source", WORD),
    sa.Column("sealed_number", sa.LargeBinary),
    sa.Column("withdrawn_at", Instant, nullable=False),
    sa.Column("client_id", ID, nullable=False),
)
"""Of one person (`sealed_number`: of the document, null: of all) or one source (null: of all)."""
