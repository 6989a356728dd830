"""Keys of API clients, assertions that were used up, and what was asked for in a window of time."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata

client_key = sa.Table(
    "client_key",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("client_id", ID, nullable=False, index=True),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("kid", sa.String(200), nullable=False),
    sa.Column("value", sa.String(2000), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("until", Instant),
    sa.Column("revoked_at", Instant),
)
"""`kind`: `secret` (its hash), `jwk` (the public key), `certificate` (its SHA-256 thumbprint)."""

client_assertion = sa.Table(
    "client_assertion",
    metadata,
    sa.Column("client_id", ID, primary_key=True),
    sa.Column("jti_digest", sa.String(64), primary_key=True),
    sa.Column("until", Instant, nullable=False, index=True),
)
"""Assertions of RFC 7523 that gave a token: none gives a second one while it holds."""

rate_count = sa.Table(
    "rate_count",
    metadata,
    sa.Column("bucket", sa.String(120), primary_key=True),
    sa.Column("until", Instant, nullable=False, index=True),
    sa.Column("taken", sa.Integer, nullable=False),
)
"""What all processes together have taken of a bucket in the window that ends then."""
