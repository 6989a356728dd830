"""Partners of the DCI registry interface, messages that came, enrolments that were told."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import raise_walls

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_ID = sa.String(length=40)
_REGION = sa.String(length=12)
_INSTANT = sa.BigInteger()


def upgrade() -> None:
    op.create_table(
        "dci_sender",
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("region", _REGION, nullable=False),
        sa.Column("sender_id", sa.String(length=200), nullable=False),
        sa.Column("receiver_ids", sa.String(length=1000), nullable=False),
        sa.Column("dialects", sa.String(length=200), nullable=False),
        sa.Column("consent", sa.String(length=64), nullable=False),
        sa.Column("jwks", sa.String(length=20_000), nullable=False),
        sa.Column("jwks_uri", sa.String(length=2000), nullable=False),
        sa.Column("consent_jwks", sa.String(length=20_000), nullable=False),
        sa.Column("sender_uris", sa.String(length=8_000), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_dci_sender")),
        sa.UniqueConstraint("sender_id", name=op.f("uq_dci_sender_sender_id")),
    )
    op.create_table(
        "dci_message",
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("message_index", sa.LargeBinary(), nullable=False),
        sa.Column("region", _REGION, nullable=False),
        sa.Column("body_index", sa.LargeBinary(), nullable=False),
        sa.Column("correlation_id", _ID, nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("client_id", "message_index", name=op.f("pk_dci_message")),
    )
    op.create_table(
        "dci_enrolment",
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("person_index", sa.LargeBinary(), nullable=False),
        sa.Column("programme_identifier", sa.String(length=100), nullable=False),
        sa.Column("region", _REGION, nullable=False),
        sa.Column("enrolled_on", sa.Date(), nullable=True),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint(
            "client_id",
            "person_index",
            "programme_identifier",
            name=op.f("pk_dci_enrolment"),
        ),
    )
    for table, column in (
        ("dci_sender", "region"),
        ("dci_message", "region"),
        ("dci_message", "received_at"),
        ("dci_enrolment", "region"),
        ("dci_enrolment", "person_index"),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)
    raise_walls("dci_sender", "dci_message", "dci_enrolment")
