"""Lists of cases: what they are chosen and put in order by stands in indexes of its own."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("verification", schema=None) as batch_op:
        batch_op.create_index(
            "ix_verification_listed",
            ["region", "id", "status", "purpose", "case_reference", "requested_at", "changed_at"],
            unique=False,
        )
    with op.batch_alter_table("decision_fact", schema=None) as batch_op:
        batch_op.create_index(
            "ix_decision_fact_listed",
            ["region", "programme", "outcome", "verification_id"],
            unique=False,
        )
