"""Partners of the DCI registry interface, what came from them, and whom they say they enrolled."""

from typing import Final

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

MOST_KEYS: Final = 20_000
MOST_ADDRESSES: Final = 8_000
"""Characters of a JWK set, and of all addresses together."""

dci_sender = sa.Table(
    "dci_sender",
    metadata,
    sa.Column("client_id", ID, primary_key=True),
    region_column(),
    sa.Column("sender_id", sa.String(200), nullable=False, unique=True),
    sa.Column("receiver_ids", sa.String(1000), nullable=False),
    sa.Column("dialects", sa.String(200), nullable=False),
    sa.Column("consent", WORD, nullable=False),
    sa.Column("jwks", sa.String(MOST_KEYS), nullable=False),
    sa.Column("jwks_uri", sa.String(2000), nullable=False),
    sa.Column("consent_jwks", sa.String(MOST_KEYS), nullable=False),
    sa.Column("sender_uris", sa.String(MOST_ADDRESSES), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
)
"""One row beside an API client that speaks DCI; lists are parted by spaces, addresses by lines."""

dci_message = sa.Table(
    "dci_message",
    metadata,
    sa.Column("client_id", ID, primary_key=True),
    sa.Column("message_index", sa.LargeBinary, primary_key=True),
    region_column(),
    sa.Column("body_index", sa.LargeBinary, nullable=False),
    sa.Column("correlation_id", ID, nullable=False),
    sa.Column("received_at", Instant, nullable=False, index=True),
)
"""Message ids that came, so that none stands for two messages; their bodies are not kept."""

dci_enrolment = sa.Table(
    "dci_enrolment",
    metadata,
    sa.Column("client_id", ID, primary_key=True),
    sa.Column("person_index", sa.LargeBinary, primary_key=True),
    sa.Column("programme_identifier", sa.String(100), primary_key=True),
    region_column(),
    sa.Column("enrolled_on", sa.Date),
    sa.Column("received_at", Instant, nullable=False),
    sa.Index("ix_dci_enrolment_person_index", "person_index"),
)
"""Whom a partner says it enrolled in a programme of its own, by keyed index; a row goes when the
partner says that it ended."""
