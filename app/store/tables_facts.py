"""The tables that statistics, samples and simulations read: one row a decision, person, count."""

import sqlalchemy as sa

from app.store.base import ID, REGION, WORD, Instant, metadata, region_column

decision_fact = sa.Table(
    "decision_fact",
    metadata,
    sa.Column("verification_id", ID, primary_key=True),
    sa.Column("programme", WORD, primary_key=True),
    region_column(),
    sa.Column("area", WORD, nullable=False),
    sa.Column("purpose", WORD, nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("standard", sa.String(120), nullable=False),
    sa.Column("outcome", WORD, nullable=False),
    sa.Column("favours", WORD, nullable=False),
    sa.Column("error_rate", sa.Float, nullable=False),
    sa.Column("error_rate_low", sa.Float, nullable=False),
    sa.Column("error_rate_high", sa.Float, nullable=False),
    sa.Column("household_index", sa.LargeBinary, nullable=False),
    sa.Column("household_size", sa.Integer, nullable=False),
    sa.Column("status", WORD, nullable=False),
    sa.Column("concluded_at", Instant, nullable=False),
    sa.Column("final_at", Instant),
    sa.Column("current", sa.Boolean, nullable=False),
    sa.Column("stopped", sa.Boolean, nullable=False),
    sa.Column("sealed_totals", sa.LargeBinary, nullable=False),
    sa.Index("ix_decision_fact_period", "programme", "final_at"),
    sa.Index("ix_decision_fact_household", "household_index", "programme"),
    sa.Index("ix_decision_fact_listed", "region", "programme", "outcome", "verification_id"),
)
"""One decision as it stands: `current` once it is final and while no later final one of the
household and programme is there, `stopped` where an earlier one was confirmed and this one is not.
`household_size` counts the members that count. Amounts are sealed."""


def _place_columns() -> tuple[sa.Column[str], ...]:
    """The levels of the region that distinct persons and households are counted by."""
    return (
        sa.Column("city", sa.String(4), nullable=False),
        sa.Column("county", sa.String(6), nullable=False),
    )


case_household = sa.Table(
    "case_household",
    metadata,
    sa.Column("verification_id", ID, primary_key=True),
    sa.Column("region", REGION, nullable=False),
    *_place_columns(),
    sa.Column("household_key", sa.BigInteger, nullable=False),
    sa.Column("requested_at", Instant, nullable=False),
    sa.Index("ix_case_household_key", "household_key", "requested_at", "region"),
    sa.Index("ix_case_household_city", "city", "household_key", "requested_at", "region"),
    sa.Index("ix_case_household_county", "county", "household_key", "requested_at", "region"),
    sa.Index("ix_case_household_time", "requested_at", "household_key", "region"),
)
"""Which household was asked about in which verification, by keyed number of 64 bits."""

case_person = sa.Table(
    "case_person",
    metadata,
    sa.Column("verification_id", ID, primary_key=True),
    sa.Column("ref", sa.String(40), primary_key=True),
    sa.Column("region", REGION, nullable=False),
    *_place_columns(),
    sa.Column("person_key", sa.BigInteger, nullable=False),
    sa.Column("is_member", sa.Boolean, nullable=False),
    sa.Column("requested_at", Instant, nullable=False),
    sa.Index("ix_case_person_key", "person_key", "requested_at", "region"),
    sa.Index("ix_case_person_city", "city", "person_key", "requested_at", "region"),
    sa.Index("ix_case_person_county", "county", "person_key", "requested_at", "region"),
    sa.Index("ix_case_person_time", "requested_at", "person_key", "region"),
)
"""Who was asked about in which verification, by keyed number of 64 bits."""


def _counted(
    name: str, *keys: sa.Column[str] | sa.Column[int], values: tuple[str, ...]
) -> sa.Table:
    """Sums over what happened in a span of time and a region.

    `span` `day`: a day (China's) and a county; `month`: a month (its first day) and a region as
    the cases name it. The two count the same things, so that neither has a row for nearly every
    case: a province reads days of its counties, a county months of its villages.
    """
    return sa.Table(
        name,
        metadata,
        sa.Column("span", sa.String(5), primary_key=True),
        sa.Column("region", REGION, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        *keys,
        *(sa.Column(value, sa.BigInteger, nullable=False) for value in values),
    )


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, WORD, primary_key=True)


case_count = _counted(
    "case_count",
    _word("programme"),
    values=(
        "requested",
        "persons",
        "cancelled",
        "suspended",
        "final",
        "under_declared",
        "not_declared",
        "misdeclared",
        "confirmed",
        "not_confirmed",
        "undetermined",
        "stopped",
        "low",
        "middle",
        "high",
        "low_ppm",
        "middle_ppm",
        "high_ppm",
        "confirmed_ppm",
        "refused_ppm",
    ),
)
"""Verifications, and their decisions by programme (empty: of the verification as a whole).

`…_ppm` are sums of predicted error rates in millionths: by risk band, and by the error's direction.
"""

source_count = _counted(
    "source_count",
    _word("source"),
    values=(
        "answered",
        "no_record",
        "failed",
        "not_asked",
        "records",
        "judged",
        "timed",
        "milliseconds",
    ),
)
"""Persons by what a source said of them, records that came, those that a person had to judge."""

finding_count = _counted("finding_count", _word("code"), values=("households", "decisive"))
"""Households with a finding of a code, and those where it could have changed an outcome."""

term_count = _counted(
    "term_count",
    _word("programme"),
    sa.Column("days", sa.Integer, primary_key=True, autoincrement=False),
    values=("final",),
)
"""Final verifications by the whole days that they took; the last is for all that took longer."""

money_count = sa.Table(
    "money_count",
    metadata,
    sa.Column("region", sa.String(6), primary_key=True),
    sa.Column("month", sa.Date, primary_key=True),
    _word("programme"),
    sa.Column("decisions", sa.BigInteger, nullable=False),
    sa.Column("over_fen", sa.BigInteger, nullable=False),
    sa.Column("under_fen", sa.BigInteger, nullable=False),
)
"""Expected fen a month paid wrongly, of all decisions of a county and month together: sums alone
stand unsealed, never a household's amount."""
