"""Where notices may be sent 回调地址: entries that one person proposes and another agrees to."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata

outgoing_address = sa.Table(
    "outgoing_address",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("pattern", sa.String(300), nullable=False),
    sa.Column("state", WORD, nullable=False, index=True),
    sa.Column("proposed_by", sa.String(100), nullable=False),
    sa.Column("proposed_at", Instant, nullable=False),
    sa.Column("agreed_by", sa.String(100)),
    sa.Column("agreed_at", Instant),
    sa.Column("ended_by", sa.String(100)),
    sa.Column("ended_at", Instant),
)
"""`pattern`: a host, host:port or network; `state`: proposed, agreed, ended."""
