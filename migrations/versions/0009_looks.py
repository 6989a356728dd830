"""Who may look at which case, and why; the audit trail read by object and by time."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ID = sa.String(length=40)
_CASE = sa.String(length=100)
_WORD = sa.String(length=64)


def upgrade() -> None:
    op.create_table(
        "case_assignment",
        sa.Column("id", _ID, nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("case_reference", _CASE, nullable=False),
        sa.Column("staff_id", _ID, nullable=True),
        sa.Column("role", _WORD, nullable=True),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=True),
        sa.Column("assigned_by", _ID, nullable=False),
        sa.Column("assigned_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", _ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_assignment")),
    )
    op.create_table(
        "look_permission",
        sa.Column("id", _ID, nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("case_reference", _CASE, nullable=False),
        sa.Column("staff_id", _ID, nullable=False),
        sa.Column("purpose", _WORD, nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("state", _WORD, nullable=False),
        sa.Column("decided_by", _ID, nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("until_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_permission")),
    )
    op.create_table(
        "staff_relation",
        sa.Column("id", _ID, nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("staff_id", _ID, nullable=False),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("person_key", sa.BigInteger(), nullable=True),
        sa.Column("other_person_key", sa.BigInteger(), nullable=True),
        sa.Column("address_key", sa.BigInteger(), nullable=True),
        sa.Column("sealed_relation", sa.LargeBinary(), nullable=False),
        sa.Column("registered_by", _ID, nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", _ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_relation")),
    )
    op.create_table(
        "protected_person",
        sa.Column("id", _ID, nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("person_key", sa.BigInteger(), nullable=False),
        sa.Column("other_person_key", sa.BigInteger(), nullable=True),
        sa.Column("sealed_person", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", _ID, nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protected_person")),
    )
    op.create_table(
        "case_address",
        sa.Column("verification_id", _ID, nullable=False),
        sa.Column("address_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("verification_id", "address_key", name=op.f("pk_case_address")),
    )
    _indexes()


def _indexes() -> None:
    for table, columns in (
        ("case_assignment", ["region"]),
        ("look_permission", ["region"]),
        ("staff_relation", ["region"]),
        ("staff_relation", ["staff_id"]),
        ("protected_person", ["region"]),
        ("protected_person", ["person_key"]),
        ("case_address", ["region"]),
    ):
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)
    for name, table, columns in (
        ("ix_case_assignment_case", "case_assignment", ["case_reference", "staff_id"]),
        ("ix_case_assignment_staff", "case_assignment", ["staff_id", "case_reference"]),
        ("ix_look_permission_staff", "look_permission", ["staff_id", "case_reference"]),
        ("ix_case_address_key", "case_address", ["address_key"]),
        ("ix_audit_entry_object", "audit_entry", ["object", "position"]),
        ("ix_audit_entry_at", "audit_entry", ["at"]),
    ):
        op.create_index(name, table, columns)
