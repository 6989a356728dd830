"""What is open before two persons issue a report 出具前检查; what blocks it is named. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.domain.decision import RISK_CUTS, Outcome
from app.domain.profile import IdentityState
from app.report.content import SUSPENSION

_ENDED: Final = ("withdrawn", "expired")


@dataclass(frozen=True, slots=True)
class Open:
    """One thing that is open, and how often; `blocks`: the report is not issued before.

    `items`: id and kind of review items.
    """

    code: str
    blocks: bool
    count: int = 1
    items: tuple[tuple[str, str], ...] = ()

    def document(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "blocks": self.blocks,
            "count": self.count,
            "items": [{"id": id_, "kind": kind} for id_, kind in self.items],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a report stands just now."""

    content: Mapping[str, Any]
    state: str
    is_whole: bool
    """Digest and signature hold."""
    consent: str
    needed_items: Sequence[tuple[str, str]] = ()
    other_items: Sequence[tuple[str, str]] = ()
    """Id and kind of what waits in review."""
    objections: int = 0
    missing_glyphs: Sequence[str] = ()


def checklist(standing: Standing) -> list[Open]:
    """What blocks comes first."""
    found = [*_of_report(standing), *_of_case(standing)]
    if standing.content["head"].get("kind") != SUSPENSION:
        found += _of_content(standing.content)
    return sorted(found, key=lambda one: not one.blocks)


def blocking(items: Iterable[Open]) -> list[str]:
    return [one.code for one in items if one.blocks]


def _of_report(standing: Standing) -> Iterator[Open]:
    if standing.state == "superseded":
        yield Open("superseded", blocks=True)
    elif standing.state == "expired":
        yield Open("term_over", blocks=True)
    if not standing.is_whole:
        yield Open("content_changed", blocks=True)
    if standing.missing_glyphs:
        yield Open("glyphs_missing", blocks=False, count=len(standing.missing_glyphs))


def _of_case(standing: Standing) -> Iterator[Open]:
    if standing.needed_items:
        yield _in_review("review_open", standing.needed_items, blocks=True)
    if standing.other_items:
        yield _in_review("review_optional", standing.other_items, blocks=False)
    if standing.objections:
        yield Open("objection_open", blocks=True, count=standing.objections)
    if standing.consent in _ENDED:
        yield Open("consent_ended", blocks=True)
    elif standing.consent == "narrowed":
        yield Open("consent_narrowed", blocks=False)


def _in_review(code: str, items: Sequence[tuple[str, str]], *, blocks: bool) -> Open:
    return Open(code, blocks=blocks, count=len(items), items=tuple(items))


def _of_content(content: Mapping[str, Any]) -> Iterator[Open]:
    missing = (content.get("coverage") or {}).get("missing") or ()
    if missing:
        yield Open("sources_missing", blocks=False, count=len(missing))
    result = content.get("result") or {}
    profile = result.get("profile") or {}
    undeclared = (profile.get("composition") or {}).get("registered_not_declared") or ()
    if undeclared:
        yield Open("members_undeclared", blocks=False, count=len(undeclared))
    unsure = [one for one in profile.get("persons", ()) if _is_unsure(one, content)]
    if unsure:
        yield Open("identity_open", blocks=False, count=len(unsure))
    decisions = result.get("decisions", ())
    open_ = [one for one in decisions if one["outcome"] == Outcome.UNDETERMINED.value]
    if open_:
        yield Open("undetermined_outcome", blocks=False, count=len(open_))
    high = [one for one in decisions if one["error_rate"] > RISK_CUTS[1]]
    if high:
        yield Open("error_rate_high", blocks=False, count=len(high))


def _is_unsure(one: Mapping[str, Any], content: Mapping[str, Any]) -> bool:
    members = {person["ref"] for person in content["persons"] if person["role"] == "member"}
    return one["ref"] in members and one["identity"]["state"] != IdentityState.VERIFIED.value
