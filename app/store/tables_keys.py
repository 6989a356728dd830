"""Data keys, wrapped by a key that is not here, and how far a rotation has come."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata

data_key = sa.Table(
    "data_key",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("purpose", WORD, nullable=False),
    sa.Column("column", sa.String(120), nullable=False),
    sa.Column("suite", WORD, nullable=False),
    sa.Column("form", sa.Integer, nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("wrapped_by", WORD, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("from_at", Instant, nullable=False),
    sa.Column("until_at", Instant),
)
"""`purpose`: `field` (fields are sealed with it), `index` (keys the blind indexes of `column`,
whose values are taken in the normal `form`), `service` (tokens and notices derive theirs from it).
`state`: `active` (it seals), `retired` (it opens), `unused` (it opens
nothing any more), `destroyed` (nothing of it is left)."""

rekeying = sa.Table(
    "rekeying",
    metadata,
    sa.Column("work", sa.String(80), primary_key=True),
    sa.Column("target", sa.String(200), nullable=False),
    sa.Column("position", sa.String(400), nullable=False),
    sa.Column("began_at", Instant, nullable=False),
    sa.Column("changed", sa.Integer, nullable=False),
    sa.Column("broken", sa.Integer, nullable=False),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("done_at", Instant),
)
"""A round through one table: `target`: the keys that all of it is to have; `position`: the last
row's key; `changed`: what of this round had others, `broken`: what of it does not open, `total`:
what all rounds changed."""
