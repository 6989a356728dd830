"""The tables beside reports: who endorsed one, who printed it, which providers signed it."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

report_endorsement = sa.Table(
    "report_endorsement",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("number", sa.String(60), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("verification_id", ID, nullable=False, index=True),
    region_column(),
    sa.Column("state", WORD, nullable=False),
    sa.Column("prepared_by", ID, nullable=False),
    sa.Column("prepared_at", Instant, nullable=False),
    sa.Column("sealed_preparer", sa.LargeBinary, nullable=False),
    sa.Column("sealed_checklist", sa.LargeBinary, nullable=False),
    sa.Column("decided_by", ID),
    sa.Column("decided_at", Instant),
    sa.Column("sealed_signer", sa.LargeBinary),
    sa.Index("ix_report_endorsement_report", "number", "version"),
)
"""Two persons issue a report 出具: one prepares it, another signs it or gives it back; at most one
is open or signed at a time. Names are those that they had then."""

report_print = sa.Table(
    "report_print",
    metadata,
    sa.Column("number", sa.String(60), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("copy", sa.Integer, primary_key=True),
    sa.Column("verification_id", ID, nullable=False, index=True),
    region_column(),
    sa.Column("actor", ID, nullable=False),
    sa.Column("format", WORD, nullable=False),
    sa.Column("variant", WORD, nullable=False),
    sa.Column("language", WORD, nullable=False),
    sa.Column("printed_at", Instant, nullable=False),
    sa.Column("sealed_stamp", sa.LargeBinary, nullable=False),
)
"""One print or download: stored before it leaves. `sealed_stamp`: the name and what stood on it,
so that the same copy is the same again."""

report_signature = sa.Table(
    "report_signature",
    metadata,
    sa.Column("number", sa.String(60), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("key_id", WORD, primary_key=True),
    sa.Column("verification_id", ID, nullable=False, index=True),
    region_column(),
    sa.Column("algorithm", WORD, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    sa.Column("signed_at", Instant, nullable=False),
)
"""A provider's signature (SM2 of an HSM, for one) over the content, beside the service's own."""
