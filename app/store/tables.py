"""The tables. Columns named `sealed_*` hold encrypted fields (see crypto.py)."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

client = sa.Table(
    "client",
    metadata,
    sa.Column("client_id", ID, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    region_column(),
    sa.Column("scopes", sa.String(200), nullable=False),
    sa.Column("secret_hash", sa.String(200), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
    sa.Column("programmes", sa.String(2000), nullable=False, server_default=""),
    sa.Column("purposes", sa.String(200), nullable=False, server_default=""),
    sa.Column("rates", sa.String(400), nullable=False, server_default=""),
)

verification = sa.Table(
    "verification",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("client_id", ID, nullable=False),
    sa.Column("case_reference", sa.String(100), nullable=False, index=True),
    sa.Column("consent_reference", sa.String(100), nullable=False, index=True),
    sa.Column("household_index", sa.LargeBinary, nullable=False, index=True),
    sa.Column("purpose", WORD, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("status", WORD, nullable=False, index=True),
    sa.Column("sealed_request", sa.LargeBinary, nullable=False),
    sa.Column("recheck_of", ID),
    sa.Column("batch_id", ID),
    sa.Column("requested_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("final_at", Instant, index=True),
    sa.Column("leased_by", ID),
    sa.Column("leased_until", Instant),
    sa.Column("fence", sa.Integer, nullable=False, server_default="0"),
    # Few are checked again.
    sa.Index(
        "ix_verification_recheck_of",
        "recheck_of",
        sqlite_where=sa.column("recheck_of").is_not(None),
        postgresql_where=sa.column("recheck_of").is_not(None),
    ),
    # All that lists of cases are chosen and put in order by: the rows themselves are large.
    sa.Index(
        "ix_verification_listed",
        *("region", "id", "status", "purpose", "case_reference", "requested_at", "changed_at"),
    ),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("client_id", ID, primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("body_index", sa.LargeBinary, nullable=False),
    sa.Column("verification_id", ID, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)

consent_withdrawal = sa.Table(
    "consent_withdrawal",
    metadata,
    sa.Column("region", sa.String(12), primary_key=True),
    sa.Column("reference", sa.String(100), primary_key=True),
    sa.Column("withdrawn_at", Instant, nullable=False),
    sa.Column("client_id", ID, nullable=False),
)

source_task = sa.Table(
    "source_task",
    metadata,
    sa.Column("verification_id", ID, primary_key=True),
    sa.Column("person", sa.String(40), primary_key=True),
    sa.Column("source", WORD, primary_key=True),
    region_column(),
    sa.Column("state", WORD, nullable=False),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Column("records", sa.Integer, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("detail", sa.String(400)),
    sa.Column("data_as_of", sa.Date),
    sa.Column("answered_at", Instant),
    sa.Column("reason", WORD),
    sa.Column("by_hand", sa.Boolean, nullable=False, server_default=sa.false()),
)

asking = sa.Table(
    "asking",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("verification_id", ID, nullable=False, index=True),
    region_column(),
    sa.Column("reference", ID, nullable=False, index=True),
    sa.Column("source", WORD, nullable=False),
    sa.Column("persons", sa.Text, nullable=False),
    sa.Column("consent_reference", sa.String(100), nullable=False),
    sa.Column("purpose", WORD, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Index("ix_asking_source_asked", "source", "asked_at"),
)

ticket = sa.Table(
    "ticket",
    metadata,
    sa.Column("reference", ID, primary_key=True),
    sa.Column("verification_id", ID, nullable=False, index=True),
    region_column(),
    sa.Column("source", WORD, nullable=False),
    sa.Column("institutions", sa.Text),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("sent_on", sa.Date, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("sealed_ticket", sa.LargeBinary),
    sa.Column("state", WORD, nullable=False),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("deadline_at", Instant, nullable=False),
    sa.Column("leased_until", Instant),
    sa.Column("batch_id", ID),
    sa.Index("ix_ticket_due", "state", "next_at"),
)

sequence = sa.Table(
    "sequence",
    metadata,
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)

reply = sa.Table(
    "reply",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("verification_id", ID, nullable=False),
    sa.Column("person", sa.String(40), nullable=False),
    sa.Column("source", WORD, nullable=False),
    sa.Column("institution", WORD, nullable=False),
    region_column(),
    sa.Column("state", WORD, nullable=False),
    sa.Column("failure", WORD),
    sa.Column("sealed_outcome", sa.LargeBinary, nullable=False),
    sa.Column("sealed_raw", sa.LargeBinary, nullable=False),
    sa.Column("raw_digest", sa.String(80), nullable=False),
    sa.Column("data_as_of", sa.Date),
    sa.Column("answered_at", Instant, nullable=False),
    sa.Column("reused_from", ID),
    sa.UniqueConstraint("verification_id", "person", "source", "institution"),
    sa.Index("ix_reply_source_answered", "source", "answered_at"),
)

judgement = sa.Table(
    "judgement",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("verification_id", ID, nullable=False, index=True),
    region_column(),
    sa.Column("evidence_id", ID, nullable=False),
    sa.Column("record_index", sa.LargeBinary, nullable=False),
    sa.Column("same_person", sa.Boolean, nullable=False),
    sa.Column("reviewer", ID, nullable=False),
    sa.Column("sealed_reason", sa.LargeBinary, nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    sa.Column("withdraws", ID),
)

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("verification_id", ID, primary_key=True),
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("source", WORD, nullable=False),
    sa.Column("person", sa.String(40), nullable=False),
    sa.Column("link", WORD, nullable=False),
    sa.Column("sealed_evidence", sa.LargeBinary, nullable=False),
    sa.Index("ix_evidence_position", "verification_id", "position"),
)

result = sa.Table(
    "result",
    metadata,
    sa.Column("verification_id", ID, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    region_column(),
    sa.Column("sealed_result", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.String(80), nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("computed_at", Instant, nullable=False),
)

decision = sa.Table(
    "decision",
    metadata,
    sa.Column("verification_id", ID, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("programme", WORD, primary_key=True),
    region_column(),
    sa.Column("standard", sa.String(120), nullable=False),
    sa.Column("outcome", WORD, nullable=False),
    sa.Column("favours", WORD, nullable=False),
    sa.Column("error_rate", sa.Float, nullable=False),
    sa.Column("error_rate_low", sa.Float, nullable=False),
    sa.Column("error_rate_high", sa.Float, nullable=False),
)

report = sa.Table(
    "report",
    metadata,
    sa.Column("number", sa.String(60), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("verification_id", ID, nullable=False, index=True),
    region_column(),
    sa.Column("code_hash", sa.LargeBinary, nullable=False),
    sa.Column("sealed_code", sa.LargeBinary, nullable=False),
    sa.Column("content_digest", sa.String(80), nullable=False),
    sa.Column("sealed_content", sa.LargeBinary, nullable=False),
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("valid_until", sa.Date, nullable=False),
    sa.Column("superseded_at", Instant),
    sa.Column("kind", WORD, nullable=False, server_default="verification"),
    sa.Column("sm3_digest", sa.String(80)),
    sa.Column("key_id", WORD),
    sa.Column("signature", sa.LargeBinary),
)
"""`kind`: of a verification that is final, or of one that was suspended. `signature`: Ed25519 over
the content, by the service; reports of releases before it have none."""

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("event_id", ID, primary_key=True),
    sa.Column("type", WORD, nullable=False, server_default="verification.status_changed"),
    sa.Column("verification_id", ID, index=True),
    sa.Column("batch_id", ID),
    sa.Column("alert_id", ID),
    region_column(),
    sa.Column("client_id", ID, nullable=False),
    sa.Column("sealed_url", sa.LargeBinary, nullable=False),
    sa.Column("sealed_body", sa.LargeBinary, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("delivered_at", Instant),
    sa.Column("last_error", sa.String(200)),
    sa.Index("ix_outbox_due", "state", "client_id", "next_at"),
)

audit_entry = sa.Table(
    "audit_entry",
    metadata,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", ID, nullable=False),
    sa.Column("action", WORD, nullable=False),
    sa.Column("object", sa.String(120), nullable=False),
    sa.Column("region", sa.String(12), nullable=False),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("previous", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("mac", sa.LargeBinary, nullable=False),
    sa.Column("algorithm", WORD, nullable=False, server_default="hmac-sha256"),
    sa.Index("ix_audit_entry_object", "object", "position"),
    sa.Index("ix_audit_entry_at", "at"),
)
