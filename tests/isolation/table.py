"""What each route takes that may name something stored, and how another county's is refused.

A new route, or a new parameter of one, needs a line here, or the test over the OpenAPI fails:

- `hidden(...)`: an id in the path; another county's is 404, byte for byte as one that never was;
- `alike(...)`: an id in query or body; another county's is answered as one that never was;
- `outside(...)`: a region; another county's is refused or answered with the caller's own alone;
- `own(...)`: a key or place of the caller's; another county's gives the caller's own alone;
- `NAMES_NOTHING`: parameters that name nothing stored, or only within what the path names;
- `PUBLIC`: routes that know no caller, each with why it shows nothing of a county.

The lines run in this order; after the two refused requests its owner sends the same and succeeds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from tests.isolation.counties import AWAY, County
from tests.review.audited import an_audit

Built = Callable[[County, str], Any]
"""From who asks, and the value that stands in the parameter's place."""


class How(StrEnum):
    """What another county's value comes to."""

    HIDDEN = "404, as if it had never been"
    ALIKE = "the same answer as if it had never been"
    OUTSIDE = "refused, or the caller's own"
    OWN = "the caller's own"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One parameter of one route; `names`: which of a county's ids stands in it."""

    route: str
    parameter: str
    names: str
    how: How
    with_: Mapping[str, str] = field(default_factory=dict)
    """Other parameters of the path: which ids of the county that the value is of."""
    mine: Mapping[str, str] = field(default_factory=dict)
    """Other parameters of the path: which ids of the county that asks."""
    body: Built | None = None
    files: Built | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    by_second: bool = False
    """The owner's second client succeeds: the first may not."""
    owner: bool = True
    """Whether the owner's own request is tried, too."""


def hidden(route: str, names: str, body: Any = None, **more: Any) -> Line:
    """The first parameter of the path."""
    parameter = route.partition("{")[2].partition("}")[0]
    made = body if body is None or callable(body) else lambda *_: body
    return Line(route=route, parameter=parameter, names=names, how=How.HIDDEN, body=made, **more)


def alike(route: str, parameter: str, names: str, **more: Any) -> Line:
    return Line(route=route, parameter=parameter, names=names, how=How.ALIKE, **more)


def outside(route: str, parameter: str = "region", **more: Any) -> Line:
    return Line(route=route, parameter=parameter, names="region", how=How.OUTSIDE, **more)


def own(route: str, parameter: str, names: str, **more: Any) -> Line:
    return Line(route=route, parameter=parameter, names=names, how=How.OWN, **more)


_SEEN: Final = {"reason": "seen", "reason_code": "documents_seen"}
_FINDING: Final = {"programme": "urban_dibao", "true_outcome": "confirmed"}
_V: Final = "/v1/verifications/{verification_id}"
_I: Final = "/v1/review-items/{item_id}"
_A: Final = "/v1/audits/{audit_id}"
_B: Final = "/v1/batches/{batch_id}"
_R: Final = "/v1/recipients/{recipient_id}"
_L: Final = "/v1/alerts/{alert_id}"


def _roster(_: County, value: str) -> Any:
    return {"roster": ("roster.csv", b"case_reference\n", "text/csv")}


VERIFICATIONS: Final = (
    outside("POST /v1/verifications", body=lambda who, at: who.body("x", region=f"{at}003")),
    own(
        "POST /v1/verifications",
        "idempotency-key",
        "idempotency key",
        body=lambda who, _: who.body("y"),
        owner=False,
    ),
    hidden(f"GET {_V}", "verification"),
    hidden(f"GET {_V}/evidence", "verification"),
    hidden(f"GET {_V}/report", "verification"),
    hidden(f"POST {_V}/decisions", "verification", {"programmes": ["urban_dibao"]}),
    hidden(
        f"POST {_V}/evidence/{{evidence_id}}/judgement",
        "other open verification",
        {"same_person": False, "reason": "seen"},
        with_={"evidence_id": "evidence"},
    ),
    hidden(f"POST {_V}/cancel", "third open verification"),
    hidden(f"POST {_V}/recheck", "verification"),
    hidden(
        f"POST {_V}/objections", "verification", {"by": "m1", "about": "income", "reason": "no"}
    ),
)
REVIEW: Final = (
    outside("GET /v1/review-items"),
    own("GET /v1/review-items", "after", "place of item"),
    outside("POST /v1/review-items/next"),
    outside("GET /v1/review-items/agreement"),
    hidden(f"GET {_I}", "item"),
    hidden(f"POST {_I}/lock", "item"),
    hidden(f"POST {_I}/decisions", "item", {"choice": "same_person", **_SEEN}),
    hidden(f"POST {_I}/decisions/{{version}}/reverse", "item", _SEEN, with_={"version": "one"}),
)
AUDITS: Final = (
    outside("POST /v1/audits", body=lambda _, at: an_audit(region=at, size=2)),
    own("GET /v1/audits", "after", "audit"),
    hidden(f"GET {_A}", "audit"),
    hidden(f"GET {_A}/worklist", "audit"),
    hidden(
        f"POST {_A}/findings", "audit", owner=False, body=lambda who, _: _finding(who.ids["drawn"])
    ),
    alike(
        f"POST {_A}/findings",
        "verification_id",
        "drawn",
        mine={"audit_id": "audit"},
        body=lambda _, value: _finding(value),
    ),
    hidden(f"GET {_A}/results", "audit"),
    hidden(f"POST {_A}/close", "audit"),
)
BATCHES: Final = (
    own("POST /v1/batches", "idempotency-key", "batch key", files=_roster, owner=False),
    own("GET /v1/batches", "before", "batch"),
    hidden(f"GET {_B}", "batch"),
    hidden(f"GET {_B}/errors", "batch"),
    hidden(f"GET {_B}/results", "batch"),
    hidden(f"GET {_B}/changes", "batch"),
    hidden(f"POST {_B}/pause", "batch"),
    hidden(f"POST {_B}/resume", "batch"),
    hidden(f"POST {_B}/cancel", "batch"),
)
RECIPIENTS: Final = (
    outside(
        "POST /v1/recipients",
        body=lambda who, at: {"class": "C", "verification": who.body("z", region=f"{at}003")},
    ),
    outside("GET /v1/recipients"),
    alike("GET /v1/recipients", "after", "recipient"),
    outside("POST /v1/recipients/reverify", body=lambda _, at: {"region": at, "dry_run": True}),
    hidden(f"GET {_R}", "recipient"),
    hidden(f"PATCH {_R}", "recipient", {"class": "B"}),
    hidden(f"POST {_R}/report-change", "recipient"),
    hidden(f"POST {_R}/suspend", "recipient"),
    hidden(f"POST {_R}/resume", "recipient"),
    hidden(f"POST {_R}/end", "recipient"),
)
ALERTS: Final = (
    outside("GET /v1/alerts"),
    alike("GET /v1/alerts", "case_reference", "case"),
    own("GET /v1/alerts", "after", "place of alert"),
    outside("GET /v1/alerts/counts"),
    alike("GET /v1/alerts/counts", "case_reference", "case"),
    own("GET /v1/alerts/counts", "after", "place of alert"),
    hidden(f"GET {_L}", "alert"),
    alike(
        f"POST {_L}/assign",
        "to",
        "client",
        mine={"alert_id": "alert"},
        owner=False,
        body=lambda _, to: {"version": 1, "to": to},
    ),
    hidden(f"POST {_L}/assign", "alert", {"version": 1}),
    hidden(f"POST {_L}/explanation", "alert", {"version": 2, "words": "it was sold"}),
    hidden(f"POST {_L}/handle", "alert", {"version": 3, "outcome": "no_change", "reason": "so"}),
    hidden(
        f"POST {_L}/check", "alert", {"version": 4, "agrees": True, "reason": "so"}, by_second=True
    ),
)
OTHERS: Final = (
    alike(
        "POST /v1/subscriptions",
        "verification",
        "verification",
        body=lambda _, id_: {"verification": id_, "callback_url": AWAY},
    ),
    alike(
        "POST /v1/subscriptions",
        "case_reference",
        "case",
        body=lambda _, case: {"case_reference": case, "callback_url": AWAY},
    ),
    hidden("DELETE /v1/subscriptions/{subscription_id}", "subscription"),
    outside("GET /v1/statistics/{topic}", mine={"topic": "topic"}),
    outside("POST /v1/consents/withdrawals", body=lambda _, at: {"region": at, "reference": "x"}),
    own("GET /v1/events", "after", "place of event"),
    hidden("GET /v1/events/{event_id}", "event"),
    hidden("POST /v1/events/{event_id}/replay", "event"),
)
LINES: Final = (
    *VERIFICATIONS,
    *REVIEW,
    *AUDITS,
    *BATCHES,
    *RECIPIENTS,
    *ALERTS,
    *OTHERS,
)
LISTS: Final = (
    "/v1/review-items",
    "/v1/review-items?state=open",
    "/v1/review-items/agreement",
    "/v1/audits",
    "/v1/batches",
    "/v1/alerts",
    "/v1/alerts/counts",
    "/v1/subscriptions",
    "/v1/events",
    "/v1/recipients",
    "/v1/recipients?due=true",
    "/v1/notices/key",
    *(
        f"/v1/statistics/{topic}"
        for topic in ("verifications", "sources", "outcomes", "findings", "reviews")
    ),
    *(f"/v1/statistics/{topic}" for topic in ("objections", "timeliness", "error_rates")),
    "/v1/statistics/outcomes?by=region",
)
"""Read before and after the other county has all its data: not a byte is another."""
PUBLIC: Final[Mapping[str, str]] = {
    "POST /oauth/token": "tells a client of itself alone",
    "GET /v1/reports/{number}": "with the report's code; a wrong one and a wrong number are alike",
    "GET /v1/notices/keys": "the service's public key",
    "POST /v1/callbacks/{source}": "for sources, each of which signs; says `received` alone",
    "GET /healthz": "the process is alive",
    "GET /readyz": "names of checks",
}
NOTHING_BUT_A_CALLER: Final = frozenset({"GET /v1/notices/key", "GET /v1/subscriptions"})
"""Routes that take nothing at all; what they show is compared in `LISTS`."""
NAMES_NOTHING: Final = frozenset(
    {
        *("Prefer", "topic", "programme", "programmes", "source", "purpose", "class", "kind"),
        *("as_of", "from", "until", "standard", "callback_url", "roster", "replace", "due_monthly"),
        *("reason", "reason_code", "note", "words", "evidence_reference", "by", "about", "address"),
        *("true_programme", "reference", "document_sha256", "evidence_id", "version"),
        *("POST /v1/verifications case_reference", "POST /v1/recipients case_reference"),
    }
)
"""Values of lists, days, the caller's own words, and what is named within the path's own object. A
case's number in a new verification is the caller's own word: it is kept in the caller's region."""


def _finding(verification: str) -> dict[str, str]:
    return {"verification_id": verification, **_FINDING}
