"""Batches, recipients, alerts, subscriptions, and what running processes share."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("verification_id", sa.String(length=40), nullable=False),
        sa.Column("case_reference", sa.String(length=100), nullable=False),
        sa.Column("recipient_id", sa.String(length=40), nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("positive", sa.Boolean(), nullable=False),
        sa.Column("decisive", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Float(), nullable=False),
        sa.Column("fact_index", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("person", sa.String(length=40), nullable=True),
        sa.Column("sealed_alert", sa.LargeBinary(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("explain_until", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("assigned_to", sa.String(length=40), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint(
            "verification_id", "fact_index", name=op.f("uq_alert_verification_id_fact_index")
        ),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_alert_case_reference"), ["case_reference"], unique=False
        )
        batch_op.create_index("ix_alert_fact", ["case_reference", "fact_index"], unique=False)
        batch_op.create_index("ix_alert_queue", ["state", "region", "rank"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_region"), ["region"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_alert_verification_id"), ["verification_id"], unique=False
        )

    op.create_table(
        "alert_step",
        sa.Column("alert_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "number", name=op.f("pk_alert_step")),
    )
    with op.batch_alter_table("alert_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_step_region"), ["region"], unique=False)

    op.create_table(
        "batch",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("idempotency_key", sa.String(length=200), nullable=True),
        sa.Column("body_index", sa.LargeBinary(), nullable=True),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("programmes", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("failure", sa.String(length=64), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("rejected_rows", sa.Integer(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("sealed_callback_url", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("leased_by", sa.String(length=40), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint(
            "client_id", "idempotency_key", name=op.f("uq_batch_client_id_idempotency_key")
        ),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_region"), ["region"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_status"), ["status"], unique=False)

    op.create_table(
        "batch_file",
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("sealed_part", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "part", name=op.f("pk_batch_file")),
    )
    with op.batch_alter_table("batch_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_file_region"), ["region"], unique=False)

    op.create_table(
        "batch_household",
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("case_reference", sa.String(length=100), nullable=False),
        sa.Column("verification_id", sa.String(length=40), nullable=False),
        sa.Column("recipient_id", sa.String(length=40), nullable=True),
        sa.Column("first_row", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("sealed_request", sa.LargeBinary(), nullable=True),
        sa.Column("failure", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("changed", sa.Boolean(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("leased_by", sa.String(length=40), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("pk_batch_household")),
        sa.UniqueConstraint("verification_id", name=op.f("uq_batch_household_verification_id")),
    )
    with op.batch_alter_table("batch_household", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_household_region"), ["region"], unique=False)
        batch_op.create_index("ix_batch_household_recipient", ["recipient_id"], unique=False)
        batch_op.create_index(
            "ix_batch_household_state", ["state", "batch_id", "position"], unique=False
        )
        for name, columns in (
            ("outcome", ["batch_id", "outcome", "changed"]),
            ("done_at", ["batch_id", "done_at"]),
        ):
            known = sa.text(f"{name} IS NOT NULL")
            batch_op.create_index(
                f"ix_batch_household_{name}",
                columns,
                unique=False,
                sqlite_where=known,
                postgresql_where=known,
            )

    op.create_table(
        "batch_row_error",
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_batch_row_error")),
    )
    with op.batch_alter_table("batch_row_error", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_row_error_region"), ["region"], unique=False)

    op.create_table(
        "batch_source",
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("counted_by", sa.String(length=40), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "source", "counted_by", name=op.f("pk_batch_source")),
    )
    op.create_table(
        "batch_unit",
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("leased_by", sa.String(length=40), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("began_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_batch_unit")),
    )
    with op.batch_alter_table("batch_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_unit_region"), ["region"], unique=False)
        batch_op.create_index("ix_batch_unit_state", ["state", "batch_id", "number"], unique=False)

    op.create_table(
        "change",
        sa.Column("verification_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=True),
        sa.Column("decisive", sa.Boolean(), nullable=False),
        sa.Column("sealed_change", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("verification_id", "position", name=op.f("pk_change")),
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_change_region"), ["region"], unique=False)

    op.create_table(
        "duty",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_duty")),
    )
    op.create_table(
        "exchange_file",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("institution", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=True),
        sa.Column("parts_read", sa.String(length=400), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("handed_over_at", sa.BigInteger(), nullable=True),
        sa.Column("consents_seen_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("deadline_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_file")),
    )
    with op.batch_alter_table("exchange_file", schema=None) as batch_op:
        batch_op.create_index("ix_exchange_file_due", ["state", "next_at"], unique=False)
        batch_op.create_index("ix_exchange_file_name", ["source", "name"], unique=False)
        batch_op.create_index(batch_op.f("ix_exchange_file_region"), ["region"], unique=False)

    op.create_table(
        "exchange_part",
        sa.Column("file_id", sa.String(length=40), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("sealed_part", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "part", name=op.f("pk_exchange_part")),
    )
    with op.batch_alter_table("exchange_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exchange_part_region"), ["region"], unique=False)

    op.create_table(
        "exchange_person",
        sa.Column("verification_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("institution", sa.String(length=64), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("file_id", sa.String(length=40), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("deadline_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "verification_id", "person", "source", "institution", name=op.f("pk_exchange_person")
        ),
    )
    with op.batch_alter_table("exchange_person", schema=None) as batch_op:
        batch_op.create_index(
            "ix_exchange_person_due",
            ["source", "institution", "state", "county", "verification_id"],
            unique=False,
        )
        batch_op.create_index("ix_exchange_person_place", ["file_id", "place"], unique=False)
        batch_op.create_index(batch_op.f("ix_exchange_person_region"), ["region"], unique=False)

    op.create_table(
        "recipient",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("case_reference", sa.String(length=100), nullable=False),
        sa.Column("class", sa.String(length=64), nullable=False),
        sa.Column("cadence", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("why_due", sa.String(length=64), nullable=False),
        sa.Column("programmes", sa.String(length=400), nullable=False),
        sa.Column("household_index", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_request", sa.LargeBinary(), nullable=False),
        sa.Column("last_verification_id", sa.String(length=40), nullable=True),
        sa.Column("last_verified_on", sa.Date(), nullable=True),
        sa.Column("consent_until", sa.Date(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient")),
        sa.UniqueConstraint(
            "region", "case_reference", name=op.f("uq_recipient_region_case_reference")
        ),
    )
    with op.batch_alter_table("recipient", schema=None) as batch_op:
        batch_op.create_index("ix_recipient_due", ["state", "due_on"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_recipient_household_index"), ["household_index"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_recipient_region"), ["region"], unique=False)

    op.create_table(
        "recipient_person",
        sa.Column("recipient_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("person_index", sa.LargeBinary(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint(
            "recipient_id", "person", "from_at", name=op.f("pk_recipient_person")
        ),
    )
    with op.batch_alter_table("recipient_person", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_recipient_person_person_index"), ["person_index"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_recipient_person_region"), ["region"], unique=False)

    op.create_table(
        "snapshot",
        sa.Column("verification_id", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("case_reference", sa.String(length=100), nullable=False),
        sa.Column("household_index", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_facts", sa.LargeBinary(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("verification_id", name=op.f("pk_snapshot")),
    )
    with op.batch_alter_table("snapshot", schema=None) as batch_op:
        batch_op.create_index("ix_snapshot_case", ["case_reference", "accepted_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_snapshot_household_index"), ["household_index"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_snapshot_region"), ["region"], unique=False)

    op.create_table(
        "source_pace",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("lane", sa.String(length=64), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "lane", name=op.f("pk_source_pace")),
    )
    op.create_table(
        "source_share",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=False),
        sa.Column("lane", sa.String(length=64), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "holder", name=op.f("pk_source_share")),
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("case_reference", sa.String(length=100), nullable=False),
        sa.Column("events", sa.String(length=200), nullable=False),
        sa.Column("sealed_url", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_subscription_case_reference"), ["case_reference"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_subscription_client_id"), ["client_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_subscription_region"), ["region"], unique=False)

    op.create_table(
        "worker",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "type",
                sa.String(length=64),
                server_default="verification.status_changed",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("batch_id", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("alert_id", sa.String(length=40), nullable=True))
        batch_op.alter_column("verification_id", existing_type=sa.VARCHAR(length=40), nullable=True)
        batch_op.drop_index("ix_outbox_due")
        batch_op.create_index("ix_outbox_due", ["state", "client_id", "next_at"], unique=False)

    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reused_from", sa.String(length=40), nullable=True))

    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("batch_id", sa.String(length=40), nullable=True))

    with op.batch_alter_table("verification", schema=None) as batch_op:
        batch_op.add_column(sa.Column("batch_id", sa.String(length=40), nullable=True))
