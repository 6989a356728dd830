"""Objections that a person decides; questions to a source that clerks answer by hand."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import raise_walls

revision = "0020"
down_revision = "0017"
branch_labels = None
depends_on = None

_ID = sa.String(length=40)
_WORD = sa.String(length=64)
_INSTANT = sa.BigInteger()
_STATES = {"upheld": "corrected", "rejected": "upheld"}
"""Until now a state told of the objection; from now on of the report: it stands, or is another."""


def upgrade() -> None:
    _objections()
    _by_hand()
    raise_walls("objection_step", "manual_task")


def _objections() -> None:
    for column in (
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("in_time", sa.Boolean(), nullable=True),
        sa.Column("value_kind", _WORD, nullable=True),
        sa.Column("proposal", _WORD, nullable=True),
        sa.Column("handler", _ID, nullable=True),
        sa.Column("decided_by", _ID, nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=True),
        sa.Column("kept_term", sa.Boolean(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
    ):
        op.add_column("objection", column)
    stands = sa.table("objection", sa.column("state", sa.String))
    became = sa.case(
        *((stands.c.state == before, after) for before, after in _STATES.items()),
        else_=stands.c.state,
    )
    op.execute(stands.update().where(stands.c.state.in_(_STATES)).values(state=became))
    op.create_table(
        "objection_step",
        sa.Column("objection_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("verification_id", _ID, nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("action", _WORD, nullable=False),
        sa.Column("actor", _ID, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("objection_id", "number", name=op.f("pk_objection_step")),
    )
    with op.batch_alter_table("objection_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objection_step_region"), ["region"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_objection_step_verification_id"), ["verification_id"], unique=False
        )


def _by_hand() -> None:
    op.add_column("staff_role", sa.Column("source", _WORD, nullable=True))
    hand: sa.Column[bool] = sa.Column(
        "by_hand", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("source_task", hand)
    op.create_table(
        "manual_task",
        sa.Column("id", _ID, nullable=False),
        sa.Column("verification_id", _ID, nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("source", _WORD, nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("institution", _WORD, nullable=False),
        sa.Column("state", _WORD, nullable=False),
        sa.Column("why_closed", _WORD, nullable=True),
        sa.Column("made_by", _ID, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("deadline_at", _INSTANT, nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=True),
        sa.Column("first_clerk", _ID, nullable=True),
        sa.Column("second_clerk", _ID, nullable=True),
        sa.Column("sealed_entry", sa.LargeBinary(), nullable=True),
        sa.Column("detail", sa.String(length=400), nullable=True),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_task")),
    )
    with op.batch_alter_table("manual_task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_manual_task_region"), ["region"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_manual_task_verification_id"), ["verification_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_manual_task_due"), ["source", "state", "deadline_at"], unique=False
        )
