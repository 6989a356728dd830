"""Workload and agreement: what counts come to."""

from datetime import timedelta
from typing import Any

import pytest

from app.review.figures import agreement_document, workload_document
from app.store.review_figures import TwoWords, Waiting, WordSaid
from tests.service_parts import NOON


def said(reviewer: str, hours: float, role: str = "first", kind: str = "review_record") -> WordSaid:
    return WordSaid(kind, reviewer, role, NOON, NOON + timedelta(hours=hours))


WORDS = (said("a", 1), said("a", 3, "second"), said("b", 8), said("b", 9, "reversal"))


def test_workload_by_queue_and_person() -> None:
    told = workload_document([Waiting("review_record", 5, 2)], WORDS, {"a": ("李明", [])})
    (queue,) = told["queues"]
    assert queue == {
        "kind": "review_record",
        "open": 5,
        "overdue": 2,
        "done": 3,
        "second": 1,
        "reversed": 1,
        "median_hours": 3.0,
    }
    assert [(one["person"], one["name"], one["done"]) for one in told["persons"]] == [
        ("a", "李明", 2),
        ("b", None, 1),
    ]
    assert told["group"]["persons"] == 2


def test_nobody_is_told_apart_below_supervisors() -> None:
    told = workload_document([], WORDS, None)
    assert told["persons"] is None
    assert "a" not in str({**told, "queues": []}["group"].get("person", ""))


def test_a_queue_where_nothing_was_done_has_no_time() -> None:
    (queue,) = workload_document([Waiting("ask_source", 1, 0)], (), {})["queues"]
    assert (queue["done"], queue["median_hours"]) == (0, None)


@pytest.mark.parametrize(
    ("pairs", "wanted"),
    [
        ((), {"pairs": 0, "agreed": 0, "rate": None, "kappa": None}),
        ((("x", "x"),), {"pairs": 1, "agreed": 1, "rate": 1.0, "kappa": None}),
        (
            (("x", "x"), ("y", "y"), ("x", "x"), ("y", "y")),
            {"pairs": 4, "agreed": 4, "rate": 1.0, "kappa": 1.0},
        ),
        (
            (("x", "x"), ("x", "y"), ("y", "x"), ("y", "y")),
            {"pairs": 4, "agreed": 2, "rate": 0.5, "kappa": 0.0},
        ),
    ],
)
def test_agreement_beyond_chance(
    pairs: tuple[tuple[str, str], ...], wanted: dict[str, Any]
) -> None:
    told = agreement_document([TwoWords("bank", one, other) for one, other in pairs])
    assert {name: told[name] for name in wanted} == wanted
    if pairs:
        assert told["sources"][0]["source"] == "bank"
        assert told["sources"][0]["pairs"] == len(pairs)
