"""What somebody sees whose right ends at some programmes 用途与范围: sources, fields, totals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.access.tokens import Caller
from app.domain.errors import NotAllowed, NotFound
from app.domain.household import VerificationRequest
from app.programmes.needs import Needs

_IDENTITY: Final = "household_registry"
_TOTAL_OF: Final[Mapping[str, str]] = {
    "deposit": "financial_assets",
    "wealth_product": "financial_assets",
    "security": "financial_assets",
    "fund": "financial_assets",
    "insurance": "financial_assets",
    "home": "homes",
    "vehicle": "vehicles",
    "vessel": "vessels",
    "business": "business_capital",
    "housing_fund": "housing_fund_balance",
}
"""The total by which an asset comes into a test; one of another kind is in none."""
_OPEN_FINDINGS: Final = frozenset({"deceased", "identity_mismatch", "identity_uncertain"})
"""Findings on who a person is; what others rest on is looked up by their evidence."""
_NUMBERS_OF_A_DECISION: Final[Mapping[str, Any]] = {
    "tests": [],
    "missing": [],
    "next_actions": [],
    "money_error": None,
    "benefit": {},
}


def must_concern(who: Caller, request: VerificationRequest) -> None:
    """Raises `NotFound`, as for what is nowhere, where it is for none of the caller's programmes.

    Or for a purpose that is none of the caller's.
    """
    foreign = bool(who.programmes) and not set(who.programmes) & set(request.programmes)
    if foreign or (who.purposes and request.purpose not in who.purposes):
        raise NotFound("no such verification")


def must_see_all(who: Caller, needs: Needs, request: VerificationRequest) -> None:
    """Raises `NotAllowed`: for documents that are issued as a whole."""
    if who.programmes and not Limited(needs, who, request).sees_all:
        raise NotAllowed("this shows more than the caller's programmes need")


@dataclass(frozen=True, slots=True)
class Limited:
    """The view of one verification; without programmes of his own a caller sees all of it."""

    needs: Needs
    who: Caller
    request: VerificationRequest

    @property
    def programmes(self) -> tuple[str, ...]:
        """Those of the request that are the caller's."""
        return tuple(one for one in self.request.programmes if one in self.who.programmes)

    @property
    def sees_all(self) -> bool:
        """The caller decides on every programme of the request and sees records for each."""
        return set(self.request.programmes) <= set(self.who.programmes) and all(
            self.needs.shown((one,), _IDENTITY) for one in self.request.programmes
        )

    def shows(self, source: str) -> bool:
        return bool(self.needs.shown(self.programmes, source))

    def evidence(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """A record with the fields that are shown; None where none is.

        The comparison and its words quote the person's particulars: they go with the identity.
        """
        shown = self.needs.shown(self.programmes, row["source"])
        if not shown:
            return None
        record = {name: value for name, value in row["record"].items() if name in shown}
        identity = set(self.needs.fields.get(row["source"], {}).get("identity", ()))
        comparison = row["comparison"] if identity <= shown else []
        return {**row, "record": record, "problems": [], "comparison": comparison}

    def verification(
        self, document: Mapping[str, Any], source_of: Mapping[str, str]
    ) -> dict[str, Any]:
        """The interface's document; `source_of`: the source of each record of evidence."""
        own = [one for one in document["decisions"] if one["programme"] in self.programmes]
        tested = {_total(test["test"]) for one in own for test in one["tests"]}
        seen = frozenset(id_ for id_, source in source_of.items() if self.shows(source))
        also = document["also_confirmed_for"]
        profile = document["profile"]
        if profile is not None:
            profile = self._profile(profile, tested, seen) if self.shows(_IDENTITY) else None
        return {
            **document,
            "sources": [one for one in document["sources"] if self.shows(one["source"])],
            "profile": profile,
            "findings": [one for one in document["findings"] if _rests_on(one, seen)],
            "decisions": [self._decision(one) for one in own],
            "also_confirmed_for": [one for one in also if one in self.who.programmes],
            "report": document["report"] if self.sees_all else None,
        }

    def _decision(self, one: Mapping[str, Any]) -> dict[str, Any]:
        if self.needs.shown((one["programme"],), _IDENTITY):
            return dict(one)
        return {**one, **_NUMBERS_OF_A_DECISION}

    def _profile(
        self, profile: Mapping[str, Any], tested: set[str], seen: frozenset[str]
    ) -> dict[str, Any]:
        totals = {
            name: value
            for name, value in profile["totals"].items()
            if name == "household_size" or _total(name) in tested
        }
        income = profile["income"] if "monthly_income" in tested else []
        assets = [one for one in profile["assets"] if _TOTAL_OF.get(one["kind"]) in tested]
        return {
            **profile,
            "income": [one for one in income if self._line(one, seen)],
            "assets": [one for one in assets if self._line(one, seen)],
            "totals": totals,
        }

    def _line(self, one: Mapping[str, Any], seen: frozenset[str]) -> bool:
        """A line is of what is shown throughout, or it is not shown."""
        return all(map(self.shows, one["sources"])) and set(one["evidence"]) <= seen


def _total(test: str) -> str:
    return test.removesuffix("_per_person")


def _rests_on(finding: Mapping[str, Any], seen: Iterable[str]) -> bool:
    if not finding["evidence"]:
        return finding["code"] in _OPEN_FINDINGS
    return set(finding["evidence"]) <= set(seen)
