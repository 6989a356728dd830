"""Reports are signed, endorsed by two persons, and counted where they are printed."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import raise_walls

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Reports that there are keep no signature: nobody vouches for them afterwards."""
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=64), server_default="verification", nullable=False)
        )
        batch_op.add_column(sa.Column("sm3_digest", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("key_id", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("signature", sa.LargeBinary(), nullable=True))
    _endorsements()
    _prints()
    _signatures()
    raise_walls("report_endorsement", "report_print", "report_signature")


def _endorsements() -> None:
    op.create_table(
        "report_endorsement",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("verification_id", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("prepared_by", sa.String(length=40), nullable=False),
        sa.Column("prepared_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed_preparer", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_checklist", sa.LargeBinary(), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("sealed_signer", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_endorsement")),
    )
    op.create_index(
        "ix_report_endorsement_report", "report_endorsement", ["number", "version"], unique=False
    )
    _indexed("report_endorsement")


def _prints() -> None:
    op.create_table(
        "report_print",
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("verification_id", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("format", sa.String(length=64), nullable=False),
        sa.Column("variant", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("printed_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed_stamp", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", "version", "copy", name=op.f("pk_report_print")),
    )
    _indexed("report_print")


def _signatures() -> None:
    op.create_table(
        "report_signature",
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("verification_id", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("algorithm", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", "version", "key_id", name=op.f("pk_report_signature")),
    )
    _indexed("report_signature")


def _indexed(table: str) -> None:
    for column in ("verification_id", "region"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
