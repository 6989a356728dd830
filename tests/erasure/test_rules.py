"""Who is kept and who goes: endings, terms, holds, as a table; the file of terms."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.audit.chain import AuditTrail
from app.domain.errors import ConfigurationError
from app.erasure.erasing import Erasing
from app.erasure.rules import ENDINGS, SHIPPED, RetentionRules
from app.store.assistance import Assistances
from app.store.audit_entries import AuditEntries
from app.store.crypto import FieldCipher
from app.store.erasures import Erasures
from app.store.session import Database, connect
from app.store.tables import audit_entry, decision, verification
from app.store.tables_erasure import erasure
from app.store.tables_relief import alert, recipient
from tests.service_parts import NOON, REGION

DAYS = {"cancelled": 100, "refused": 200, "granted": 1_000, "recipient": 2_000, "work": 30}
RULES = RetentionRules({name: {date(2020, 1, 1): days} for name, days in DAYS.items()})


@dataclass(frozen=True)
class Situation:
    """One verification, ended so many days ago, and what else there is of its case."""

    name: str
    goes: str | None
    ended: int
    status: str = "final"
    outcomes: tuple[str, ...] = ("not_confirmed",)
    versions: tuple[str, ...] = ()
    on_roster: tuple[str, int] | None = None
    alert: str | None = None
    running: bool = False


TABLE = [
    Situation("cancelled, term over", "cancelled", 101, "cancelled", ()),
    Situation("cancelled, within the term", None, 99, "cancelled", ()),
    Situation("refused, term over", "refused", 201),
    Situation("refused, within the term", None, 199),
    Situation("undetermined is no confirmation", "refused", 201, outcomes=("undetermined",)),
    Situation("never decided", "refused", 201, outcomes=()),
    Situation("open, however old", None, 5_000, "in_review"),
    Situation("one programme of two confirmed", None, 201, outcomes=("not_confirmed", "confirmed")),
    Situation("confirmed, archive term over", "granted", 1_001, outcomes=("confirmed",)),
    Situation("confirmed, within the archive term", None, 999, outcomes=("confirmed",)),
    Situation(
        "confirmed once, refused in the newest version",
        "refused",
        201,
        versions=("confirmed", "not_confirmed"),
    ),
    Situation(
        "confirmed in the newest version", None, 201, versions=("not_confirmed", "confirmed")
    ),
    Situation("receives", None, 5_000, outcomes=("confirmed",), on_roster=("receiving", 4_000)),
    Situation("refused, yet receives", None, 5_000, on_roster=("receiving", 4_000)),
    Situation("suspended", None, 5_000, outcomes=("confirmed",), on_roster=("suspended", 4_000)),
    Situation(
        "relief ended long ago",
        "granted",
        5_000,
        outcomes=("confirmed",),
        on_roster=("ended", 1_001),
    ),
    Situation(
        "relief ended just now", None, 5_000, outcomes=("confirmed",), on_roster=("ended", 999)
    ),
    Situation("refused, and relief ended just now", None, 5_000, on_roster=("ended", 999)),
    Situation("an alert is open", None, 201, alert="handled"),
    Situation("an alert is closed", "refused", 201, alert="checked"),
    Situation("the case runs again", None, 201, running=True),
]


@pytest.fixture
async def erasing(tmp_path: Path, database_url: str) -> AsyncIterator[Erasing]:
    database, cipher = connect(database_url), FieldCipher(bytes(range(32)))
    trail = AuditTrail(bytes(32), AuditEntries(), lambda: NOON)
    yield Erasing(
        database=database,
        url=database_url,
        erasures=Erasures(cipher),
        asked=Assistances(cipher),
        trail=trail,
        rules=RULES,
        now=lambda: NOON,
    )
    await database.aclose()


def _ago(days: int) -> datetime:
    return NOON - timedelta(days=days)


def _verification(id_: str, case: str, status: str, ended: int) -> dict[str, object]:
    closed = status in ("final", "cancelled")
    return {
        "id": id_, "region": REGION, "client_id": "cl_1", "case_reference": case,
        "consent_reference": "x", "household_index": id_.encode(), "purpose": "application",
        "as_of": NOON.date(), "status": status, "sealed_request": b"sealed", "fence": 0,
        "requested_at": _ago(ended + 5), "changed_at": _ago(ended),
        "final_at": _ago(ended) if closed else None,
    }  # fmt: skip


def _recipient(case: str, state: str, changed: int) -> dict[str, object]:
    return {
        "id": f"rc_{case}", "region": REGION, "client_id": "cl_1", "case_reference": case,
        "class": "A", "cadence": "yearly", "state": state, "due_on": NOON.date(),
        "why_due": "new", "programmes": "urban_dibao", "household_index": b"x",
        "sealed_request": b"sealed", "consent_until": NOON.date(), "created_at": _ago(6_000),
        "changed_at": _ago(changed),
    }  # fmt: skip


def _put(tx: sa.Connection, one: Situation, number: int) -> str:
    id_, case = f"vf_{number:03d}", f"case-{number}"
    tx.execute(verification.insert().values(_verification(id_, case, one.status, one.ended)))
    versions = one.versions or one.outcomes
    for place, outcome in enumerate(versions):
        tx.execute(
            decision.insert().values(
                verification_id=id_, version=place + 1 if one.versions else 1, region=REGION,
                programme="p0" if one.versions else f"p{place}", standard="x", outcome=outcome,
                favours="x", error_rate=0.0, error_rate_low=0.0, error_rate_high=0.0,
            )
        )  # fmt: skip
    if one.on_roster is not None:
        tx.execute(recipient.insert().values(_recipient(case, *one.on_roster)))
    if one.alert is not None:
        tx.execute(
            alert.insert().values(
                id=f"al_{number}", region=REGION, verification_id=id_, case_reference=case,
                kind="new_vehicle", positive=False, decisive=True, rank=1.0, fact_index=b"x",
                state=one.alert, sealed_alert=b"x", raised_at=NOON, changed_at=NOON, version=1,
            )
        )  # fmt: skip
    if one.running:
        tx.execute(verification.insert().values(_verification(f"{id_}r", case, "querying", 1)))
    return id_


async def _erased(database: Database) -> dict[str, str]:
    query = sa.select(erasure.c.subject, erasure.c.rule)
    rows = await database.read(lambda tx: tx.execute(query).all())
    return {row.subject: row.rule for row in rows}


@pytest.mark.promise(23)
async def test_who_is_kept_and_who_goes(
    erasing: Erasing, record_property: Callable[[str, object], None]
) -> None:
    """Each situation beside all others; the plan said it before, and a second run finds nothing.

    Planted: `recipient.c.changed_at >= before` dropped; "relief ended just now" went. Planted: the
    hold of alerts dropped; "an alert is open" went.
    """
    record_property("cases", len(TABLE))
    ids = await erasing.database.write(
        lambda tx: {one.name: _put(tx, one, number) for number, one in enumerate(TABLE)}
    )
    plan = {one.ending: one.due for one in await erasing.plan()}
    assert await _erased(erasing.database) == {}
    await erasing.run()
    gone = await _erased(erasing.database)
    assert {one.name: gone.get(ids[one.name]) for one in TABLE} == {
        one.name: one.goes for one in TABLE
    }
    for ending in ENDINGS:
        assert plan[ending] == sum(rule == ending for rule in gone.values())
    assert await erasing.run() == 0


async def test_the_plan_tells_what_is_held(erasing: Erasing) -> None:
    held = Situation("held", None, 201, alert="raised")
    await erasing.database.write(lambda tx: _put(tx, held, 1))
    (refused,) = [one for one in await erasing.plan() if one.ending == "refused"]
    assert (refused.due, refused.held) == (0, 1)
    (elsewhere,) = [one for one in await erasing.plan("220103") if one.ending == "refused"]
    assert (elsewhere.due, elsewhere.held) == (0, 0)


async def test_a_recipient_goes_when_relief_has_long_ended(erasing: Erasing) -> None:
    """Each by its own term; those who still receive, or not for long enough, stay."""
    households = (("ended", 2_001), ("ended", 1_999), ("receiving", 5_000))
    rows = [_recipient(f"c{number}", *one) for number, one in enumerate(households)]
    await erasing.database.write(lambda tx: tx.execute(recipient.insert(), rows))
    await erasing.run()
    assert await _erased(erasing.database) == {"rc_c0": "recipient"}
    left = await erasing.database.read(lambda tx: tx.execute(sa.select(recipient.c.id)).all())
    assert sorted(row.id for row in left) == ["rc_c1", "rc_c2"]


async def test_each_erasure_is_told_of(erasing: Erasing) -> None:
    id_ = await erasing.database.write(lambda tx: _put(tx, TABLE[2], 2))
    await erasing.run()
    told = await erasing.database.read(lambda tx: tx.execute(sa.select(audit_entry)).all())
    row = await erasing.database.read(lambda tx: tx.execute(sa.select(erasure)).one())
    assert [(one.action, one.object, one.actor) for one in told] == [("erased", id_, "retention")]
    assert row.digest in told[0].details
    assert '"verification":1' in row.details
    disk = await erasing.on_disk()
    lite = erasing.database.dialect == "sqlite"  # PostgreSQL's account lacks the rights here
    assert (disk.is_clean, disk.state) == ((True, "clean") if lite else (False, "log_kept"))


def test_the_shipped_terms_are_examples_with_references() -> None:
    rules = RetentionRules.load()
    assert rules.example
    assert set(rules.terms) == {*ENDINGS, "work"}
    with pytest.raises(ConfigurationError, match="the first starts 2014-07-01"):
        rules.term("refused", date(2014, 6, 30))


def test_a_term_holds_from_its_day(tmp_path: Path) -> None:
    path = tmp_path / "retention.yaml"
    text = SHIPPED.read_text("utf-8").replace(
        "{2014-07-01: 183}", "{2014-07-01: 90, 2027-01-01: 365}"
    )
    path.write_text(text, "utf-8")
    rules = RetentionRules.load(path)
    days = [rules.term("refused", day).days for day in (date(2026, 12, 31), date(2027, 1, 1))]
    assert days == [90, 365]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("days: {2014-07-01: 30}", "days: {2014-07-01: 0}", "terms.work.days"),
        ("days: {2014-07-01: 30}", "days: {}", "terms.work.days"),
        ("days: {2014-07-01: 30}", "days: {soon: 30}", "terms.work.days"),
        ("{2014-07-01: 183}", "{2014-07-01: 59}", "at least 60 days"),
        ("  work:", "  werk:", "missing or unknown"),
        ("example: true", "exmaple: true", "exmaple"),
        ("terms:", "terms: [", "not YAML"),
    ],
)
def test_a_wrong_file_says_where(tmp_path: Path, before: str, after: str, words: str) -> None:
    path = tmp_path / "retention.yaml"
    path.write_text(SHIPPED.read_text("utf-8").replace(before, after), "utf-8")
    with pytest.raises(ConfigurationError, match=words):
        RetentionRules.load(path)
