"""What other centres ask, and how far the answer is."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import raise_walls

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_ID = sa.String(length=40)
_WORD = sa.String(length=64)
_INSTANT = sa.BigInteger()


def upgrade() -> None:
    op.create_table(
        "assistance",
        sa.Column("id", _ID, nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("case_reference", sa.String(length=100), nullable=False),
        sa.Column("consent_reference", sa.String(length=100), nullable=False),
        sa.Column("source", _WORD, nullable=False),
        sa.Column("purpose", _WORD, nullable=False),
        sa.Column("person_key", sa.BigInteger(), nullable=False),
        sa.Column("state", _WORD, nullable=False),
        sa.Column("outcome", _WORD, nullable=True),
        sa.Column("failure", _WORD, nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sealed_question", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_ticket", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("answered_at", _INSTANT, nullable=True),
        sa.Column("deadline_at", _INSTANT, nullable=False),
        sa.Column("leased_until", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistance")),
        sa.UniqueConstraint(
            "client_id", "request_id", name=op.f("uq_assistance_client_id_request_id")
        ),
    )
    with op.batch_alter_table("assistance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assistance_region"), ["region"], unique=False)
        batch_op.create_index(batch_op.f("ix_assistance_person_key"), ["person_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_assistance_asked_at"), ["asked_at"], unique=False)
    raise_walls("assistance")
