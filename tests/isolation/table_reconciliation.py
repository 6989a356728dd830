"""Rosters: their passes, and whom their rows mean; lines as in `table.py`."""

import json
from collections.abc import Mapping
from typing import Any, Final

from tests.isolation.counties import County
from tests.isolation.lines import alike, hidden, outside, own

_R: Final = "POST /v1/reconcile"


def _queries(_: County, value: str) -> Any:
    query = {"query": value, "type": "household", "properties": [{"pid": "region", "v": "22"}]}
    return {"queries": (None, json.dumps({"q0": query}))}


def _extension(_: County, value: str) -> Any:
    properties = [{"id": "case_reference"}, {"id": "region"}, {"id": "status"}]
    return {"extend": (None, json.dumps({"ids": [value], "properties": properties}))}


RECONCILIATION: Final = (
    alike(_R, "queries", "case", files=_queries),
    own(_R, "extend", "entity", files=_extension),
    alike("GET /v1/reconcile/preview", "id", "entity"),
    outside(
        "POST /v1/roster-passes",
        body=lambda _, at: {"reference": "r-1", "rows": 2, "region": at},
        owner=False,
    ),
    hidden("DELETE /v1/roster-passes/{pass_id}", "roster pass"),
)
_BY: Final = "/v1/reconcile/by/{key}"
BY_PASS: Final[Mapping[str, str]] = dict.fromkeys(
    (
        *(f"GET {_BY}", f"POST {_BY}", f"GET {_BY}/preview"),
        *(f"GET {_BY}/properties", f"GET {_BY}/suggest/{{kind}}"),
    ),
    "by a secret of 256 bits, which sees the region of the pass alone",
)
NOTHING_OF_CASES: Final = frozenset(
    {
        *("GET /v1/reconcile", "GET /v1/reconcile/suggest/{kind}", "GET /v1/reconcile/properties"),
        "GET /v1/roster-passes",
    }
)
"""The manifest, lists of our own words, and one's own passes."""
