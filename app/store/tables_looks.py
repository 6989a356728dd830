"""Who may look at which case, and why: assignments, permissions, relations, protected persons."""

import sqlalchemy as sa

from app.store.base import ID, WORD, Instant, metadata, region_column

_CASE = sa.String(100)

case_assignment = sa.Table(
    "case_assignment",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("case_reference", _CASE, nullable=False),
    sa.Column("staff_id", ID),
    sa.Column("role", WORD),
    sa.Column("from_at", Instant, nullable=False),
    sa.Column("until_at", Instant),
    sa.Column("assigned_by", ID, nullable=False),
    sa.Column("assigned_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("ended_by", ID),
    sa.Index("ix_case_assignment_case", "case_reference", "staff_id"),
    sa.Index("ix_case_assignment_staff", "staff_id", "case_reference"),
)
"""A case 个案 is a member of staff's, or the team's that has a role (then `staff_id` is none).

`region`: of the cases that are meant: those of this number in its subtree."""

look_permission = sa.Table(
    "look_permission",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("case_reference", _CASE, nullable=False),
    sa.Column("staff_id", ID, nullable=False),
    sa.Column("purpose", WORD, nullable=False),
    sa.Column("hours", sa.Integer, nullable=False),
    sa.Column("sealed_reason", sa.LargeBinary, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("state", WORD, nullable=False),
    sa.Column("decided_by", ID),
    sa.Column("decided_at", Instant),
    sa.Column("until_at", Instant),
    sa.Index("ix_look_permission_staff", "staff_id", "case_reference"),
)
"""A look at a case that is not assigned: asked for with a reason, agreed to by a second person.

`state`: `asked`, `agreed`, `refused`, `ended`; `until_at`: from then on it does not hold."""

staff_relation = sa.Table(
    "staff_relation",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("staff_id", ID, nullable=False, index=True),
    sa.Column("kind", WORD, nullable=False),
    sa.Column("person_key", sa.BigInteger),
    sa.Column("other_person_key", sa.BigInteger),
    sa.Column("address_key", sa.BigInteger),
    sa.Column("sealed_relation", sa.LargeBinary, nullable=False),
    sa.Column("registered_by", ID, nullable=False),
    sa.Column("registered_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("ended_by", ID),
)
"""Whose cases are out of a member of staff's reach 回避: persons by the keyed numbers of
`case_person` (both forms of a resident number), homes by those of `case_address`."""

protected_person = sa.Table(
    "protected_person",
    metadata,
    sa.Column("id", ID, primary_key=True),
    region_column(),
    sa.Column("person_key", sa.BigInteger, nullable=False, index=True),
    sa.Column("other_person_key", sa.BigInteger),
    sa.Column("sealed_person", sa.LargeBinary, nullable=False),
    sa.Column("added_by", ID, nullable=False),
    sa.Column("added_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
)
"""Persons at whom every look is told of 重点关注: well-known ones, colleagues, victims."""

case_address = sa.Table(
    "case_address",
    metadata,
    sa.Column("verification_id", ID, primary_key=True),
    sa.Column("address_key", sa.BigInteger, primary_key=True, autoincrement=False),
    region_column(),
    sa.Index("ix_case_address_key", "address_key"),
)
"""Homes named in a verification, by keyed number of 64 bits."""
