"""Who receives relief, what changed since the last verification, and the alerts that follow."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

_CASE = sa.String(100)

recipient = sa.Table(
    "recipient",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("client_id", ID, nullable=False),
    sa.Column("case_reference", _CASE, nullable=False),
    sa.Column("class", WORD, nullable=False),
    sa.Column("cadence", WORD, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("why_due", WORD, nullable=False),
    sa.Column("programmes", sa.String(400), nullable=False),
    sa.Column("household_index", sa.LargeBinary, nullable=False, index=True),
    sa.Column("sealed_request", sa.LargeBinary, nullable=False),
    sa.Column("last_verification_id", ID),
    sa.Column("last_verified_on", sa.Date),
    sa.Column("consent_until", sa.Date, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.UniqueConstraint("region", "case_reference"),
    sa.Index("ix_recipient_due", "state", "due_on"),
)
"""A household that receives relief 在保家庭; `state`: `receiving`, `suspended`, `ended`;
`cadence`: `yearly`, `half_yearly`, `quarterly`; `consent_until`: the day on which the first
consent of those who signed ends; `changed_at`: when what is due changed last."""

recipient_person = sa.Table(
    "recipient_person",
    metadata,
    sa.Column("recipient_id", ID, primary_key=True),
    sa.Column("person", sa.String(40), primary_key=True),
    sa.Column("from_at", Instant, primary_key=True, autoincrement=False),
    region_column(),
    sa.Column("person_index", sa.LargeBinary, nullable=False, index=True),
    sa.Column("until_at", Instant),
)
"""Finds one person in two households 重复救助 without telling who it is.

From when to when (None: still) he or she was a member of a household that receives: a verification
that is computed again finds what stood then."""

snapshot = sa.Table(
    "snapshot",
    metadata,
    sa.Column("verification_id", ID, primary_key=True),
    region_column(),
    sa.Column("case_reference", _CASE, nullable=False),
    sa.Column("household_index", sa.LargeBinary, nullable=False, index=True),
    sa.Column("sealed_facts", sa.LargeBinary, nullable=False),
    sa.Column("accepted_at", Instant, nullable=False),
    sa.Index("ix_snapshot_case", "case_reference", "accepted_at"),
)
"""What a final verification found, as facts that can be compared with the next one's."""

change = sa.Table(
    "change",
    metadata,
    sa.Column("verification_id", ID, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    region_column(),
    sa.Column("batch_id", ID, index=True),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("person", sa.String(40)),
    sa.Column("decisive", sa.Boolean, nullable=False),
    sa.Column("sealed_change", sa.LargeBinary, nullable=False),
)

alert = sa.Table(
    "alert",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("verification_id", ID, nullable=False, index=True),
    sa.Column("case_reference", _CASE, nullable=False, index=True),
    sa.Column("recipient_id", ID),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("positive", sa.Boolean, nullable=False),
    sa.Column("decisive", sa.Boolean, nullable=False),
    sa.Column("rank", sa.Float, nullable=False),
    sa.Column("fact_index", sa.LargeBinary, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("outcome", WORD),
    sa.Column("person", sa.String(40)),
    sa.Column("sealed_alert", sa.LargeBinary, nullable=False),
    sa.Column("raised_at", Instant, nullable=False),
    sa.Column("explain_until", Instant),
    sa.Column("due_at", Instant),
    sa.Column("assigned_to", ID),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("repeats", sa.Integer, nullable=False, server_default="0"),
    sa.Column("repeated_at", Instant),
    sa.UniqueConstraint("verification_id", "fact_index"),
    sa.Index("ix_alert_fact", "case_reference", "fact_index"),
    sa.Index("ix_alert_queue", "state", "region", "rank"),
)
"""An alert 预警; `state`: `raised`, `assigned`, `handled`, `checked`; `outcome`: `no_change`,
`adjust`, `stop`, `upgrade`, `false_alert`. It never stops a payment by itself. `repeats`: how often
the same fact was found again while it was open."""

alert_mute = sa.Table(
    "alert_mute",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("until_on", sa.Date, nullable=False),
    sa.Column("sealed_reason", sa.LargeBinary, nullable=False),
    sa.Column("muted_by", ID, nullable=False),
    sa.Column("muted_at", Instant, nullable=False),
    sa.Column("ended_by", ID),
    sa.Column("ended_at", Instant),
)
"""Changes of this kind raise no alert in the region up to and including that day 暂停规则."""

alert_step = sa.Table(
    "alert_step",
    metadata,
    sa.Column("alert_id", ID, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    region_column(),
    sa.Column("action", WORD, nullable=False),
    sa.Column("actor", ID, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("sealed_words", sa.LargeBinary, nullable=False),
)

subscription = sa.Table(
    "subscription",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("client_id", ID, nullable=False, index=True),
    sa.Column("case_reference", _CASE, nullable=False, index=True),
    sa.Column("events", sa.String(200), nullable=False),
    sa.Column("sealed_url", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
)
"""A client wants to hear of a household's changes."""
