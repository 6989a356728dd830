"""The tables of people who sign in 工作人员: accounts, roles, sessions, changes by two persons."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("login", WORD, nullable=False, unique=True),
    region_column(),
    sa.Column("sealed_name", sa.LargeBinary, nullable=False),
    sa.Column("sealed_address", sa.LargeBinary),
    sa.Column("password_hash", sa.String(200)),
    sa.Column("sealed_totp", sa.LargeBinary),
    sa.Column("totp_step", sa.BigInteger),
    sa.Column("enrolment_hash", sa.LargeBinary),
    sa.Column("enrolment_until", Instant),
    sa.Column("oidc_subject", sa.String(255), unique=True),
    sa.Column("state", WORD, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
)
"""`region`: the subtree that the person works for, none: the whole country. `state`: `invited`
(has no password yet), `active`, `disabled`. `totp_step`: the last time step of which a code was
taken, so that none is taken twice."""

staff_role = sa.Table(
    "staff_role",
    metadata,
    sa.Column("staff_id", ID, primary_key=True),
    sa.Column("role", WORD, primary_key=True),
    sa.Column("from_at", Instant, primary_key=True),
    region_column(),
    sa.Column("until_at", Instant),
    sa.Column("granted_by", ID, nullable=False),
    sa.Column("agreed_by", ID, nullable=False),
    sa.Column("source", WORD),
)
"""`source`: the one for which a source's clerk answers. `until_at` moves when a role is ended;
nothing is deleted."""

staff_session = sa.Table(
    "staff_session",
    metadata,
    sa.Column("token_hash", sa.LargeBinary, primary_key=True),
    sa.Column("staff_id", ID, nullable=False, index=True),
    region_column(),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("until_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("why_ended", WORD),
)
"""The cookie's value is kept as SHA-256 alone: it has 256 bits, so nothing is found by trying."""

sign_in_failure = sa.Table(
    "sign_in_failure",
    metadata,
    sa.Column("kind", WORD, primary_key=True),
    sa.Column("key_hash", sa.LargeBinary, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
    sa.Column("locked_until", Instant),
)
"""Wrong sign-ins by login (`account`) and by address (`address`), both as keyed digests, whether or
not there is such an account."""

approval = sa.Table(
    "approval",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("kind", WORD, nullable=False),
    region_column(),
    sa.Column("subject", ID),
    sa.Column("sealed_content", sa.LargeBinary, nullable=False),
    sa.Column("proposed_by", ID, nullable=False),
    sa.Column("proposed_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("decided_by", ID),
    sa.Column("decided_at", Instant),
    sa.Column("sealed_reason", sa.LargeBinary),
    sa.Index("ix_approval_state", "state", "proposed_at"),
)
"""A change that takes two persons 双人复核. `subject`: the member of staff whom it concerns, who
never agrees to it; `state`: `open`, `agreed`, `refused`."""
