"""What DCI partners are answered later: messages, subscriptions, news, tokens of theirs."""

import sqlalchemy as sa
from alembic import op

from migrations.walls import raise_walls

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_ID = sa.String(length=40)
_REGION = sa.String(length=12)
_WORD = sa.String(length=64)
_INSTANT = sa.BigInteger()
_TABLES = (
    *("dci_task", "dci_reference", "dci_subscription", "dci_subscription_key"),
    *("dci_news", "dci_told", "dci_bearer"),
)


def upgrade() -> None:
    _messages()
    _subscriptions()
    op.create_table(
        "dci_told",
        sa.Column("event_id", _ID, nullable=False),
        sa.Column("verification_id", _ID, nullable=False),
        sa.Column("region", _REGION, nullable=False),
        sa.PrimaryKeyConstraint("event_id", "verification_id", name=op.f("pk_dci_told")),
    )
    op.create_table(
        "dci_bearer",
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("region", _REGION, nullable=False),
        sa.Column("sealed_token", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_dci_bearer")),
    )
    indexes = {
        "ix_dci_task_due": ("dci_task", ["state", "next_at"]),
        "ix_dci_task_named": ("dci_task", ["client_id", "message_index"]),
        "ix_dci_task_created_at": ("dci_task", ["created_at"]),
        "ix_dci_reference_named": ("dci_reference", ["client_id", "message_index"]),
        "ix_dci_subscription_key_person_key": ("dci_subscription_key", ["person_key"]),
        "ix_dci_subscription_key_case_reference": ("dci_subscription_key", ["case_reference"]),
        "ix_dci_news_due": ("dci_news", ["state", "next_at"]),
        "ix_dci_news_created_at": ("dci_news", ["created_at"]),
        "ix_dci_news_verification_id": ("dci_news", ["verification_id"]),
        "ix_dci_told_verification_id": ("dci_told", ["verification_id"]),
        **{f"ix_{table}_region": (table, ["region"]) for table in _TABLES},
    }
    for name, (table, columns) in indexes.items():
        op.create_index(op.f(name), table, columns, unique=False)
    raise_walls(*_TABLES)


def _messages() -> None:
    op.create_table(
        "dci_task",
        sa.Column("id", _ID, nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("region", _REGION, nullable=False),
        sa.Column("action", _WORD, nullable=False),
        sa.Column("message_index", sa.LargeBinary(), nullable=False),
        sa.Column("state", _WORD, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", _INSTANT, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("answered_at", _INSTANT, nullable=True),
        sa.Column("sealed_message", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dci_task")),
    )
    op.create_table(
        "dci_reference",
        sa.Column("item_id", _ID, nullable=False),
        sa.Column("message_index", sa.LargeBinary(), nullable=False),
        sa.Column("region", _REGION, nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.PrimaryKeyConstraint("item_id", "message_index", name=op.f("pk_dci_reference")),
    )


def _subscriptions() -> None:
    op.create_table(
        "dci_subscription",
        sa.Column("id", _ID, nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("region", _REGION, nullable=False),
        sa.Column("fact_index", sa.LargeBinary(), nullable=False),
        sa.Column("events", sa.String(length=200), nullable=False),
        sa.Column("is_wide", sa.Boolean(), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=True),
        sa.Column("ends_at", _INSTANT, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dci_subscription")),
        sa.UniqueConstraint(
            "client_id", "fact_index", name=op.f("uq_dci_subscription_client_id_fact_index")
        ),
    )
    op.create_table(
        "dci_subscription_key",
        sa.Column("id", _ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("region", _REGION, nullable=False),
        sa.Column("person_key", sa.BigInteger(), nullable=True),
        sa.Column("case_reference", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", "place", name=op.f("pk_dci_subscription_key")),
    )
    op.create_table(
        "dci_news",
        sa.Column("id", _ID, nullable=False),
        sa.Column("region", _REGION, nullable=False),
        sa.Column("request_id", _ID, nullable=False),
        sa.Column("client_id", _ID, nullable=False),
        sa.Column("verification_id", _ID, nullable=False),
        sa.Column("type", _WORD, nullable=False),
        sa.Column("refs", sa.String(length=1000), nullable=False),
        sa.Column("state", _WORD, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", _INSTANT, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dci_news")),
    )
