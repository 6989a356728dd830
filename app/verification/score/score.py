"""A profile's likely totals and all that is uncertain about them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from app.domain.evidence import Evidence, Link, SourceStatus
from app.domain.profile import FEEDS
from app.error_rate.variables import Variable
from app.verification.score.amounts import amounts
from app.verification.score.gaps import gaps
from app.verification.score.known import SCORED, Known, lacks_consent
from app.verification.score.members import members
from app.verification.score.records import contents, identities
from connectors.records import AnyRecord

_CERTAIN = 0.999999


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A profile's base values and all that is uncertain about them.

    `open_by_total` names, for each total, what would settle it: see `Action.subject`.
    """

    base: Mapping[str, float]
    size: int
    variables: tuple[Variable, ...]
    open_by_total: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def groups(evidence: Iterable[Evidence[AnyRecord]], link: Link) -> Iterator[frozenset[str]]:
    """Records that stand or fall together: of one person and source, under one name and number."""
    together: dict[tuple[str, str, str, str], set[str]] = {}
    for row in evidence:
        certain = row.link is Link.ACCEPTED and row.probability >= _CERTAIN
        if row.link is not link or certain:
            continue
        subject = row.record.subjects[row.subject]
        key = (row.person, row.source, subject.name or "", subject.id_number or "")
        together.setdefault(key, set()).add(row.id)
    yield from (frozenset(ids) for ids in together.values())


def score(known: Known) -> Scored:
    """The base is the likely total of what is settled; what else it may be is in the variables."""
    size = known.settled.household_size
    return Scored(
        base=known.base,
        size=max(1, int(size.high or 1)),
        variables=(
            *identities(known),
            *contents(known),
            *gaps(known),
            *amounts(known),
            *members(known),
        ),
        open_by_total=_open_by_total(known),
    )


def _open_by_total(known: Known) -> Mapping[str, tuple[str, ...]]:
    """For each total, what would settle it: sources to ask again, records to review."""
    settle: dict[str, list[str]] = {name: [] for name in (*SCORED, "household_size")}
    for status in known.statuses:
        if status.is_open:
            for name in _fed_by(known, status):
                settle[name].append(f"source:{status.source}:{status.person}")
    for finding in known.profile.findings:
        if finding.code.value in ("identity_uncertain", "identity_mismatch"):
            for name in settle:
                settle[name] += [f"review:{one}" for one in finding.evidence[:3]]
        elif finding.code.value == "business_income_unknown":
            settle["monthly_income"].append(f"declare:business_income:{finding.person}")
    return {name: tuple(dict.fromkeys(items)) for name, items in settle.items()}


def _fed_by(known: Known, status: SourceStatus) -> tuple[str, ...]:
    """The totals that the answer bears on; a supporter's only what he or she has to pay."""
    fed = FEEDS.get(status.source, ())
    if status.person in known.counted:
        return fed
    asked = status.person in known.supporters and not lacks_consent(status)
    return tuple(name for name in fed if asked and name == "monthly_income")
