"""Batches 批量核对: rosters, their households, units of work, and files exchanged in bulk."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

_CASE = sa.String(100)


def _index_where_known(column: str, *columns: str) -> sa.Index:
    """For counting; a household that is still to come costs it nothing."""
    known = sa.text(f"{column} IS NOT NULL")
    name = f"ix_batch_household_{column}"
    return sa.Index(name, *columns, sqlite_where=known, postgresql_where=known)


batch = sa.Table(
    "batch",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("client_id", ID, nullable=False),
    sa.Column("idempotency_key", sa.String(200)),
    sa.Column("body_index", sa.LargeBinary),
    sa.Column("origin", WORD, nullable=False),
    sa.Column("format", WORD, nullable=False),
    sa.Column("purpose", WORD, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("programmes", sa.String(2000), nullable=False, server_default=""),
    sa.Column("status", WORD, nullable=False, index=True),
    sa.Column("failure", WORD),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("rejected_rows", sa.Integer, nullable=False),
    sa.Column("households", sa.Integer, nullable=False),
    sa.Column("sealed_callback_url", sa.LargeBinary),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("started_at", Instant),
    sa.Column("ended_at", Instant),
    sa.Column("leased_by", ID),
    sa.Column("leased_until", Instant),
    sa.Column("held", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("columns", sa.String(400), nullable=False, server_default=""),
    sa.UniqueConstraint("client_id", "idempotency_key"),
)
"""`origin`: `roster` or `recipients`; `status`: `receiving` (the file is not all there yet),
`reading`, `held` (read, and begins once somebody confirms it), `running`, `paused`, `cancelled`,
`done`, `failed` (the file cannot be used: `failure` says why). `held`: it was to be
confirmed; `columns`: those of ours that any row of the file fills, by commas.
 `programmes`: those of households that name none, by commas."""

batch_file = sa.Table(
    "batch_file",
    metadata,
    sa.Column("batch_id", ID, primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),
    region_column(),
    sa.Column("sealed_part", sa.LargeBinary, nullable=False),
)
"""A roster as it came, until it is read."""

batch_row_error = sa.Table(
    "batch_row_error",
    metadata,
    sa.Column("batch_id", ID, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    region_column(),
    sa.Column("row", sa.Integer, nullable=False),
    sa.Column("column", WORD, nullable=False),
    sa.Column("code", WORD, nullable=False),
    sa.Column("detail", sa.String(400), nullable=False),
)

batch_household = sa.Table(
    "batch_household",
    metadata,
    sa.Column("batch_id", ID, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    region_column(),
    sa.Column("case_reference", _CASE, nullable=False),
    sa.Column("verification_id", ID, nullable=False, unique=True),
    sa.Column("recipient_id", ID),
    sa.Column("first_row", sa.Integer),
    sa.Column("state", WORD, nullable=False),
    sa.Column("sealed_request", sa.LargeBinary),
    sa.Column("failure", WORD),
    sa.Column("outcome", WORD),
    sa.Column("changed", sa.Boolean),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("leased_by", ID),
    sa.Column("leased_until", Instant),
    sa.Column("done_at", Instant),
    sa.Index("ix_batch_household_recipient", "recipient_id"),
    sa.Index("ix_batch_household_state", "state", "batch_id", "position"),
    _index_where_known("outcome", "batch_id", "outcome", "changed"),
    _index_where_known("done_at", "batch_id", "done_at"),
)
"""`state`: `todo`, `asking`, `waiting` (for slow sources), `ready` (everything is in), `done`,
`failed`, `cancelled`. The verification's id is fixed from the start: planning it again plans the
same."""

batch_unit = sa.Table(
    "batch_unit",
    metadata,
    sa.Column("batch_id", ID, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    region_column(),
    sa.Column("first", sa.Integer, nullable=False),
    sa.Column("last", sa.Integer, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("fence", sa.Integer, nullable=False, server_default="0"),
    sa.Column("leased_by", ID),
    sa.Column("leased_until", Instant),
    sa.Column("began_at", Instant),
    sa.Column("ended_at", Instant),
    sa.Index("ix_batch_unit_state", "state", "batch_id", "number"),
)
"""Positions `first` to `last` of a batch; `state`: `todo`, `running`, `asked`."""

batch_source = sa.Table(
    "batch_source",
    metadata,
    sa.Column("batch_id", ID, primary_key=True),
    sa.Column("source", WORD, primary_key=True),
    sa.Column("counted_by", ID, primary_key=True),
    sa.Column("asked", sa.Integer, nullable=False),
    sa.Column("answered", sa.Integer, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False),
)
"""Persons by what came of asking a source, of households that are done; each worker adds to rows
of its own, so that none waits for another."""

exchange_person = sa.Table(
    "exchange_person",
    metadata,
    sa.Column("verification_id", ID, primary_key=True),
    sa.Column("person", sa.String(40), primary_key=True),
    sa.Column("source", WORD, primary_key=True),
    sa.Column("institution", WORD, primary_key=True),
    region_column(),
    sa.Column("county", sa.String(6), nullable=False),
    sa.Column("batch_id", ID, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("file_id", ID),
    sa.Column("place", sa.Integer),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("deadline_at", Instant, nullable=False),
    sa.Index(
        "ix_exchange_person_due", "source", "institution", "state", "county", "verification_id"
    ),
    sa.Index("ix_exchange_person_place", "file_id", "place"),
)
"""Whom a file source is still to be asked about, and where in which file he or she stands.

`state`: `todo`, `asked`, `overdue` (an unknown reply is stored, a late one is still taken in),
`answered`."""

exchange_file = sa.Table(
    "exchange_file",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("source", WORD, nullable=False),
    sa.Column("institution", WORD, nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("sent_on", sa.Date, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("persons", sa.Integer, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("digest", sa.String(80)),
    sa.Column("parts_read", sa.String(400), nullable=False, server_default=""),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("handed_over_at", Instant),
    sa.Column("consents_seen_at", Instant),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("deadline_at", Instant, nullable=False),
    sa.Column("leased_until", Instant),
    sa.Column("closed_at", Instant),
    sa.Index("ix_exchange_file_due", "state", "next_at"),
    sa.Index("ix_exchange_file_name", "source", "name"),
)
"""A request file; `state`: `written` (recorded, perhaps not yet there), `handed_over`, `closed`.

`consents_seen_at`: withdrawals 撤回授权 up to then have been followed up; `parts_read`: a bit for
each part, in hexadecimal."""

exchange_part = sa.Table(
    "exchange_part",
    metadata,
    sa.Column("file_id", ID, primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),
    region_column(),
    sa.Column("sealed_part", sa.LargeBinary, nullable=False),
)
"""Parts of replies that came by the source's own call, until the request is closed."""
