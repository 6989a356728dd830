"""Lines of the table of routes: objections, and what clerks enter by hand."""

from typing import Final

from tests.isolation.lines import hidden, outside, own

_O: Final = "/v1/objections/{objection_id}"
_SO: Final = {"version": 1, "reason": "so"}
OBJECTIONS: Final = (
    outside("GET /v1/objections"),
    own("GET /v1/objections", "after", "place of objection"),
    hidden(f"GET {_O}", "objection"),
    hidden(f"POST {_O}/take", "objection", {"version": 1}),
    hidden(f"POST {_O}/requery", "objection", {"version": 2, "reason": "new proof"}),
    hidden(f"POST {_O}/release", "objection", {"version": 3, "reason": "away"}),
    hidden(
        f"POST {_O}/decision",
        "objection",
        {"version": 1, "decision": "uphold", "answer": "it stands"},
        owner=False,
    ),
    hidden(f"POST {_O}/withdraw", "other objection", _SO),
    own("GET /v1/manual-tasks", "after", "place of task", by="source_clerk"),
    hidden("GET /v1/manual-tasks/{task_id}", "task", by="source_clerk"),
    hidden(
        "POST /v1/manual-tasks/{task_id}/entries",
        "task",
        {"version": 2, "outcome": "no_record"},
        by="source_clerk",
    ),
)
