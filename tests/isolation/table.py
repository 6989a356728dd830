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

from collections.abc import Mapping
from typing import Any, Final

from tests.isolation import table_assistance
from tests.isolation.counties import AWAY, County
from tests.isolation.lines import alike, hidden, outside, own
from tests.isolation.table_objections import OBJECTIONS
from tests.isolation.table_reconciliation import BY_PASS, NOTHING_OF_CASES, RECONCILIATION
from tests.isolation.table_registry import REGISTRY, REGISTRY_NAMES, REGISTRY_PUBLIC
from tests.review.audited import an_audit
from tests.review.proofs import a_png
from tests.service_parts import number

_SEEN: Final = {"reason": "seen", "reason_code": "documents_seen"}
_FINDING: Final = {"programme": "urban_dibao", "true_outcome": "confirmed"}
_FOR: Final = {"Hedui-Purpose": "application"}
_V: Final = "/v1/verifications/{verification_id}"
_I: Final = "/v1/review-items/{item_id}"
_A: Final = "/v1/audits/{audit_id}"
_B: Final = "/v1/batches/{batch_id}"
_R: Final = "/v1/recipients/{recipient_id}"
_L: Final = "/v1/alerts/{alert_id}"


def _roster(_: County, value: str) -> Any:
    return {"roster": ("roster.csv", b"case_reference\n", "text/csv")}


def _a_proof(_: County, value: str) -> Any:
    return {"file": ("scan.png", a_png(), "image/png")}


VERIFICATIONS: Final = (
    outside("POST /v1/verifications", body=lambda who, at: who.body("x", region=f"{at}003")),
    own(
        "POST /v1/verifications",
        "idempotency-key",
        "idempotency key",
        body=lambda who, _: who.body("y"),
        owner=False,
    ),
    outside("GET /v1/verifications"),
    alike("GET /v1/verifications", "q", "case"),
    own("GET /v1/verifications", "after", "verification"),
    hidden(f"GET {_V}", "verification"),
    hidden(f"GET {_V}/profile", "verification"),
    hidden(f"GET {_V}/progress", "verification"),
    hidden(f"GET {_V}/history", "verification"),
    hidden(
        f"GET {_V}/evidence/{{evidence_id}}",
        "other open verification",
        with_={"evidence_id": "evidence"},
    ),
    hidden(
        f"POST {_V}/reveals",
        "verification",
        {"person": "m1", "purpose": "application", "fields": ["name"]},
        by="county_checker",
        headers={"Hedui-Purpose": "application"},
    ),
    hidden(f"GET {_V}/evidence", "verification"),
    hidden(f"GET {_V}/report", "verification"),
    hidden(f"GET {_V}/report/view", "verification"),
    hidden(f"GET {_V}/report/papers", "verification"),
    # Its owner cannot: it has an objection by now (tests/api/test_report_papers.py shows who can).
    hidden(
        f"POST {_V}/report/preparation",
        "verification",
        by="county_checker",
        headers=_FOR,
        owner=False,
    ),
    hidden(
        f"POST {_V}/report/signature",
        "verification",
        by="county_reviewer",
        headers=_FOR,
        owner=False,
    ),
    hidden(
        f"POST {_V}/report/return",
        "verification",
        by="county_checker",
        headers=_FOR,
        owner=False,
    ),
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
    hidden(
        f"POST {_V}/manual-entry", "verification", {"source": "tax", "reason": "x"}, owner=False
    ),
)
_OWNED: Final = {"owner_kind": "review_item", "owner": "ri_none"}
PROOFS: Final = (
    hidden(f"POST {_V}/proofs", "verification", files=_a_proof, query=_OWNED, owner=False),
    alike(
        f"POST {_V}/proofs",
        "owner",
        "item",
        mine={"verification_id": "open verification"},
        files=_a_proof,
        query=_OWNED,
    ),
    hidden(f"GET {_V}/proofs", "verification", query=_OWNED),
    alike(
        f"GET {_V}/proofs",
        "owner",
        "item",
        mine={"verification_id": "open verification"},
        query=_OWNED,
    ),
    hidden(f"GET {_V}/proofs/{{proof_id}}", "open verification", with_={"proof_id": "proof"}),
    alike(
        f"GET {_V}/proofs/{{proof_id}}",
        "proof_id",
        "proof",
        mine={"verification_id": "open verification"},
    ),
)
REVIEW: Final = (
    outside("GET /v1/review-items"),
    own("GET /v1/review-items", "after", "place of item"),
    outside("POST /v1/review-items/next"),
    outside("GET /v1/review-items/agreement"),
    hidden(f"GET {_I}", "item"),
    hidden(f"POST {_I}/lock", "item"),
    hidden(f"DELETE {_I}/lock", "item"),
    hidden(f"GET {_I}/pair", "item"),
    outside("GET /v1/review-items/desk"),
    hidden(f"POST {_I}/decisions", "item", {"choice": "same_person", **_SEEN}),
    hidden(f"POST {_I}/decisions/{{version}}/reverse", "item", _SEEN, with_={"version": "one"}),
)
AUDITS: Final = (
    outside(
        "POST /v1/audits",
        body=lambda _, at: an_audit(region=at, size=2),
        headers={"Idempotency-Key": "of another audit"},
    ),
    own(
        "POST /v1/audits",
        "idempotency-key",
        "audit key",
        body=lambda who, _: an_audit(region=who.region, size=2),
        owner=False,
    ),
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
    hidden(f"GET {_B}/sample", "batch"),
    hidden(f"GET {_B}/preview", "batch", owner=False),
    hidden(f"POST {_B}/confirm", "batch", owner=False),
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
    outside("GET /v1/figures/workload"),
    outside("GET /v1/figures/agreement"),
    outside("GET /v1/figures/calibration"),
    outside("POST /v1/consents/withdrawals", body=lambda _, at: {"region": at, "reference": "x"}),
    own("GET /v1/events", "after", "place of event"),
    hidden("GET /v1/events/{event_id}", "event"),
    hidden("POST /v1/events/{event_id}/replay", "event"),
)
_ASKED: Final = {"purpose": "spot_check", "reason": "a complaint came in"}
LOOKS: Final = (
    alike("GET /v1/assignments", "case_reference", "case", by="county_reviewer"),
    outside(
        "POST /v1/assignments",
        by="county_reviewer",
        body=lambda who, at: _assigned(who, "case-x", who.ids["county_checker account"], at),
    ),
    alike(
        "POST /v1/assignments",
        "staff",
        "county_checker account",
        by="county_reviewer",
        body=lambda who, staff: _assigned(who, "case-y", staff, who.region),
    ),
    own(
        "POST /v1/assignments",
        "case_reference",
        "case",
        by="county_reviewer",
        body=lambda who, case: _assigned(who, case, who.ids["county_checker account"], who.region),
    ),
    alike("GET /v1/assignments", "staff", "county_checker account", by="county_reviewer"),
    own("GET /v1/assignments", "after", "assignment", by="county_reviewer"),
    hidden("DELETE /v1/assignments/{assignment_id}", "assignment", by="county_reviewer"),
    own(
        "POST /v1/look-permissions",
        "case_reference",
        "case",
        by="county_checker",
        body=lambda _, case: {"case_reference": case, **_ASKED},
    ),
    own("GET /v1/look-permissions", "after", "permission", by="county_reviewer"),
    hidden(
        "POST /v1/look-permissions/{permission_id}/decision",
        "permission",
        {"agrees": True},
        by="county_reviewer",
    ),
    hidden("DELETE /v1/look-permissions/{permission_id}", "permission", by="county_checker"),
    alike(
        "POST /v1/relations",
        "staff",
        "county_checker account",
        by="county_reviewer",
        body=lambda who, staff: {"kind": "spouse", "staff": staff, "id_number": _number(who, 1)},
    ),
    own(
        "POST /v1/relations",
        "region",
        "region",
        by="county_checker",
        body=lambda _, at: {"kind": "household", "region": at, "address": "平阳街12号"},
    ),
    alike("GET /v1/relations", "staff", "county_checker account", by="county_reviewer"),
    hidden("DELETE /v1/relations/{relation_id}", "relation", by="county_reviewer"),
    hidden(f"GET {_V}/eligibility", "verification"),
)
TRAIL: Final = (
    alike("GET /v1/audit-entries", "actor", "client", by="audit_admin"),
    alike("GET /v1/audit-entries", "object", "verification", by="audit_admin"),
    alike("GET /v1/audit-entries", "case", "erased case", by="audit_admin"),
    own("GET /v1/audit-entries", "action", "an action", by="audit_admin"),
    own(
        "POST /v1/access-reports",
        "id_number",
        "a person",
        by="audit_admin",
        body=lambda _, at: {"id_number": at, "identity_checked": "in_person"},
    ),
    own(
        "POST /v1/unusual-access/protected-persons",
        "id_number",
        "a person",
        by="audit_admin",
        body=lambda _, at: {"id_number": at, "reason": "so"},
    ),
    hidden(
        "DELETE /v1/unusual-access/protected-persons/{person_id}", "protected", by="audit_admin"
    ),
)
_S: Final = "/v1/staff/{staff_id}"
STAFF: Final = (
    outside(
        "POST /v1/staff",
        by="system_admin",
        body=lambda who, at: {"login": f"new{who.digit}", "name": "王五", "region": at},
    ),
    own("GET /v1/staff", "after", "clerk", by="system_admin"),
    hidden(f"GET {_S}", "clerk", by="system_admin"),
    hidden(f"POST {_S}/reset", "clerk", by="system_admin"),
    hidden(f"POST {_S}/link", "clerk", {"subject": "them"}, by="system_admin"),
    hidden(f"POST {_S}/roles", "clerk", {"role": "township_clerk"}, by="security_admin"),
    hidden(f"POST {_S}/roles/end", "clerk", {"role": "township_clerk"}, by="security_admin"),
    hidden(f"POST {_S}/disable", "clerk", by="system_admin"),
    hidden("GET /v1/approvals/{approval_id}", "approval", by="system_admin"),
    hidden("POST /v1/approvals/{approval_id}/agree", "approval", by="system_admin", by_second=True),
    hidden(
        "POST /v1/approvals/{approval_id}/refuse",
        "other approval",
        {"reason": "no"},
        by="system_admin",
    ),
)
_E: Final = "/v1/erasures/{erasure_id}"
ERASURES: Final = (
    alike(
        "POST /v1/erasures",
        "case_reference",
        "erased case",
        owner=False,
        body=lambda _, case: {"case_reference": case, "basis": "unlawful", "document": "S-1"},
    ),
    own("GET /v1/erasures", "after", "erasure"),
    hidden(f"GET {_E}", "erasure"),
    hidden(f"POST {_E}/refusal", "other erasure"),
    hidden(f"POST {_E}/approval", "erasure", by_second=True),
)
LINES: Final = (
    *VERIFICATIONS,
    *OBJECTIONS,
    *PROOFS,
    *REVIEW,
    *AUDITS,
    *BATCHES,
    *RECIPIENTS,
    *RECONCILIATION,
    *ALERTS,
    *OTHERS,
    *LOOKS,
    *TRAIL,
    *STAFF,
    *(*ERASURES, *REGISTRY),
)
LISTS: Final = (
    "/v1/verifications",
    "/v1/review-items",
    "/v1/review-items?state=open",
    "/v1/review-items/agreement",
    "/v1/audits",
    "/v1/audits/readings",
    "/v1/batches",
    "/v1/alerts",
    "/v1/alerts/counts",
    "/v1/alerts?facts=true",
    "/v1/alert-rules",
    "/v1/objections",
    "/v1/subscriptions",
    "/v1/events",
    "/v1/recipients",
    *("/v1/recipients?due=true", "/v1/roster-passes"),
    *("/v1/erasures", "/v1/sources"),
    "/v1/sources/vehicle",
    "/v1/notices/key",
    *(
        f"/v1/statistics/{topic}"
        for topic in ("verifications", "sources", "outcomes", "findings", "reviews")
    ),
    *(f"/v1/statistics/{topic}" for topic in ("objections", "timeliness", "error_rates")),
    "/v1/statistics/outcomes?by=region",
)
"""Read before and after the other county has all its data: not a byte is another."""
LISTS_OF_STAFF: Final = (
    ("county_reviewer", "/v1/assignments"),
    ("county_reviewer", "/v1/look-permissions"),
    ("county_reviewer", "/v1/alert-rules/assignees"),
    ("county_checker", "/v1/relations"),
    ("county_reviewer", "/v1/reveal-counts"),
    ("system_admin", "/v1/staff"),
    ("system_admin", "/v1/approvals"),
    ("security_admin", "/v1/approvals"),
    ("audit_admin", "/v1/unusual-access?day=2026-12-24"),
)
"""The same, read by somebody signed in. The trail is not among them: each reading of it is an entry
of it, and positions are of the whole installation; what it shows is looked at in its lines."""
PUBLIC: Final[Mapping[str, str]] = {
    **BY_PASS,
    "POST /oauth/token": "tells a client of itself alone",
    "GET /v1/reports/{number}": "with the report's code; a wrong one and a wrong number are alike",
    "GET /v1/reports/keys": "the service's public keys",
    "GET /v1/notices/keys": "the service's public key",
    "GET /v1/assistance/keys": "the service's public key",
    "POST /v1/callbacks/{source}": "for sources, each of which signs; says `received` alone",
    "GET /healthz": "the process is alive",
    "GET /readyz": "names of checks",
    "GET /.well-known/jwks.json": "the service's public keys",
    **REGISTRY_PUBLIC,
    "POST /v1/session": "whoever it is, a wrong word is answered alike",
    "POST /v1/session/enrolment": "by a token that is used once",
    "GET /v1/session/oidc": "sends a browser to the identity provider",
    "GET /v1/session/oidc/return": "by what the identity provider signed",
}
NOTHING_BUT_A_CALLER: Final = NOTHING_OF_CASES | frozenset(
    {
        *("GET /v1/notices/key", "GET /v1/subscriptions", "GET /v1/approvals"),
        *("GET /v1/session", "DELETE /v1/session", "POST /v1/session/password"),
        *("GET /v1/audits/readings", "GET /v1/unusual-access", "GET /v1/alert-rules"),
        "GET /v1/sources",
        *("GET /v1/alert-rules/assignees", "GET /v1/workload", "GET /v1/workload/own"),
        *("GET /v1/audit-entries/chain", "GET /v1/colleagues", "GET /v1/reveal-counts"),
        *("GET /v1/sources/{source}", "POST /v1/sources/{source}/probe"),
        *("POST /v1/sources/{source}/restore", "POST /v1/alert-rules/{kind}/mute"),
        *("POST /v1/alert-rules/{kind}/unmute", *table_assistance.ROUTES),
    }
)
"""Routes that take nothing, or a word of a closed list; what they show is compared in `LISTS`."""
NAMES_NOTHING: Final = frozenset(
    {
        *("Prefer", "topic", "programme", "programmes", "source", "purpose", "class", "kind"),
        *("as_of", "from", "until", "standard", "callback_url", "roster", "replace", "due_monthly"),
        *("reason", "reason_code", "note", "words", "evidence_reference", "by", "about", "address"),
        *("option", "amount", "explanation", "proofs", "prefix", "type"),
        *("true_programme", "reference", "document_sha256", "evidence_id", "version"),
        *("variant", "language", "copy"),
        *("POST /v1/verifications case_reference", "POST /v1/recipients case_reference"),
        *("POST /v1/session/password password", "POST /v1/session/password new_password"),
        *("POST /v1/staff name", "POST /v1/staff login", "subject", "document"),
        *("status", "outcome", "since", "open_items", "sort", "export", "person", "fields"),
        *("POST /v1/consents/withdrawals id_number", "POST /v1/relations id_number"),
        *("answer", f"POST {_V}/objections id", *REGISTRY_NAMES, *table_assistance.NAMES),
        *("POST /v1/batches hold", "GET /v1/batches/{batch_id}/changes after"),
    }
)
"""Values of lists, days, the caller's own words, and what is named within the path's own object. A
case's number in a new verification is the caller's own word: it is kept in the caller's region.
Logins and subjects are one namespace of the installation: whoever makes accounts anywhere can tell
that a login is taken, and no more."""


def _assigned(_: County, case: str, staff: str, region: str) -> dict[str, str]:
    return {"case_reference": case, "staff": staff, "region": region}


def _number(who: County, serial: int) -> str:
    return number(f"229901197{serial}0101411"[:16] + who.digit)


def _finding(verification: str) -> dict[str, str]:
    return {"verification_id": verification, **_FINDING}
