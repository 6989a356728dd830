"""How good answers are against the truth: whose records were taken, which decisions are right."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from connectors.sandbox.county import County, CountyHousehold
from tests.acceptance.service import DONE, Document
from tests.acceptance.truth import is_entitled
from tests.acceptance.whose import owners_of

SAYS_SO: Final = 0.01
"""From this error rate on a decision counts as saying that it may well be wrong."""


@dataclass(slots=True)
class Tally:
    """What has been counted over all households so far."""

    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    error_rates: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Places of records taken for another's: case, source, rule, probability."""

    def share(self, part: str, *whole: str) -> float | None:
        """One count's share of the sum of others; None where there is nothing to share."""
        total = sum(self.counts[name] for name in whole)
        return self.counts[part] / total if total else None

    @property
    def mean_error_rate(self) -> float | None:
        return sum(self.error_rates) / len(self.error_rates) if self.error_rates else None


def count_lost(tally: Tally, why: str) -> None:
    """A household whose posting got no verification."""
    tally.counts["lost"] += 1
    tally.counts[f"lost: {why}"] += 1


def count(
    tally: Tally,
    county: County,
    household: CountyHousehold,
    answer: tuple[Document, list[Document]],
) -> None:
    """Adds one household's verification and evidence."""
    document, evidence = answer
    tally.counts["households"] += 1
    tally.counts[f"status {document['status']}"] += 1
    tally.counts["hanging"] += document["status"] not in DONE
    for one in document["sources"]:
        tally.counts[f"source {one['state']}"] += 1
    strangers = [row for row in evidence if _count_row(tally, county, household, row)]
    for decision in document["decisions"]:
        _count_decision(tally, household, decision, wrong_records=len(strangers))


def _count_row(tally: Tally, county: County, household: CountyHousehold, row: Document) -> bool:
    """Whether the row was accepted though it is another's."""
    owners = owners_of(county.registers, row)
    if not owners:
        # A fault spoilt what the register holds: nobody can tell whose it was.
        tally.counts["record of no entry"] += 1
        tally.counts["record of no entry, accepted"] += row["accepted"]
        return False
    own = household.refs.get(row["person"]) in owners
    kind = "own" if own else "another's"
    link = "accepted" if row["accepted"] else str(row["link"])
    tally.counts[f"{kind} {link}"] += 1
    if own or not row["accepted"]:
        return False
    case = household.application["case_reference"]
    tally.wrong.append(f"{case} {row['source']} {row['rule']} {row['probability']:.4f}")
    return True


def _count_decision(
    tally: Tally, household: CountyHousehold, decision: Document, *, wrong_records: int
) -> None:
    entitled = is_entitled(household, decision["programme"])
    if entitled is None:
        return
    outcome = decision["outcome"]
    tally.error_rates.append(decision["error_rate"])
    right = (outcome if outcome != "undetermined" else decision["favours"]) == (
        "confirmed" if entitled else "not_confirmed"
    )
    verdict = "right" if right else "wrong"
    tally.counts[f"{outcome} {verdict}"] += 1
    determined = outcome != "undetermined"
    tally.counts[f"{'determined' if determined else 'undetermined'} {verdict}"] += 1
    if wrong_records and determined and decision["error_rate"] < SAYS_SO:
        tally.counts["wrong records in silence"] += wrong_records
        tally.counts["wrong records in silence, wrong decision"] += wrong_records * (not right)
