"""What vouches for the audit trail 审计: its end, signed heads, where they were anchored."""

import sqlalchemy as sa

from app.store.base import WORD, Instant, metadata

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("mac", sa.LargeBinary, nullable=False),
    sa.Column("waiting_since", Instant),
)
"""One row: the newest entry's position and HMAC, and since when an entry waits to be anchored.

Whoever appends locks it. It names no region, so the chain goes on whatever region one works in.
"""

audit_signed_head = sa.Table(
    "audit_signed_head",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("after", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False, unique=True),
    sa.Column("entries", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("previous", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("algorithm", WORD, nullable=False),
    sa.Column("signer", WORD, nullable=False),
    sa.Column("key_id", WORD, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
)
"""Heads: each vouches for the entries after the head before it. `after`: that head's number."""

audit_anchored = sa.Table(
    "audit_anchored",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("anchor", WORD, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("receipt", sa.LargeBinary, nullable=False),
)
"""Which head has been taken by which place outside the database, with what that place said."""
