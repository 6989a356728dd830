"""What DCI partners are answered later: their messages, their subscriptions, what is to be told."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

dci_task = sa.Table(
    "dci_task",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("client_id", ID, nullable=False),
    region_column(),
    sa.Column("action", WORD, nullable=False),
    sa.Column("message_index", sa.LargeBinary, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("created_at", Instant, nullable=False, index=True),
    sa.Column("answered_at", Instant),
    sa.Column("sealed_message", sa.LargeBinary, nullable=False),
    sa.Column("sealed_answer", sa.LargeBinary),
    sa.Index("ix_dci_task_due", "state", "next_at"),
    sa.Index("ix_dci_task_named", "client_id", "message_index"),
)
"""A message that was acknowledged; `id` is its correlation id, `message_index` the keyed hash of
its transaction's. Answers to searches are not kept: they are made anew for whoever asks again."""

dci_reference = sa.Table(
    "dci_reference",
    metadata,
    sa.Column("item_id", ID, primary_key=True),
    sa.Column("message_index", sa.LargeBinary, primary_key=True),
    region_column(),
    sa.Column("client_id", ID, nullable=False),
    sa.Index("ix_dci_reference_named", "client_id", "message_index"),
)
"""Reference ids of a message's items, as keyed hashes; `item_id`: the message's correlation id."""

dci_subscription = sa.Table(
    "dci_subscription",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("client_id", ID, nullable=False),
    region_column(),
    sa.Column("fact_index", sa.LargeBinary, nullable=False),
    sa.Column("events", sa.String(200), nullable=False),
    sa.Column("is_wide", sa.Boolean, nullable=False),
    sa.Column("starts_at", Instant),
    sa.Column("ends_at", Instant),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("sealed_content", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("client_id", "fact_index"),
)
"""What a partner wants to hear of; `id` is the subscription's code, `fact_index` the keyed hash of
all that it asks for, random once it ended. `is_wide`: it names nobody."""

dci_subscription_key = sa.Table(
    "dci_subscription_key",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    region_column(),
    sa.Column("person_key", sa.BigInteger, index=True),
    sa.Column("case_reference", sa.String(64), index=True),
)
"""Of whom a subscription is to hear: persons by keyed number, households by theirs."""

dci_news = sa.Table(
    "dci_news",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("request_id", ID, nullable=False),
    sa.Column("client_id", ID, nullable=False),
    sa.Column("verification_id", ID, nullable=False, index=True),
    sa.Column("type", WORD, nullable=False),
    sa.Column("refs", sa.String(1000), nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("created_at", Instant, nullable=False, index=True),
    sa.Index("ix_dci_news_due", "state", "next_at"),
)
"""A subscription (`request_id`) is to be told of a verification; `refs`: who joined."""

dci_told = sa.Table(
    "dci_told",
    metadata,
    sa.Column("event_id", ID, primary_key=True),
    sa.Column("verification_id", ID, primary_key=True),
    region_column(),
    sa.Index("ix_dci_told_verification_id", "verification_id"),
)
"""Of which verifications a notice that waits holds records: it goes with any of them."""

dci_bearer = sa.Table(
    "dci_bearer",
    metadata,
    sa.Column("client_id", ID, primary_key=True),
    region_column(),
    sa.Column("sealed_token", sa.LargeBinary, nullable=False),
)
"""The token that a partner asks for where it is called, or where one is to be asked for."""
