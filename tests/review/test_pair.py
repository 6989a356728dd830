"""A pair side by side: it adds up, differences show, and the blind see no number."""

import math
from datetime import UTC, datetime

import pytest

from app.domain.evidence import Evidence
from app.review.pair import pair_document, pattern_of
from app.verification.answers import Reply
from app.verification.identify import identify
from connectors.contract import Found
from connectors.records import AnyRecord, Subject
from matching.calibration.applied import adjusted
from matching.calibration.sources import without_any
from matching.weights import Weights, load_weights, probability_of
from tests.builders import a_request
from tests.service_parts import HEAD, NAMES, an_account

WEIGHTS = load_weights()


def _row(name: str, number: str, weights: Weights = WEIGHTS) -> Evidence[AnyRecord]:
    record = an_account("m1", "10.00", subjects=(Subject(name=name, id_number=number),))
    reply = Reply(
        source="bank",
        person="m1",
        institution="icbc",
        outcome=Found((record,)),
        raw_digest="sha256:00",
        answered_at=datetime(2026, 11, 24, tzinfo=UTC),
        data_as_of=None,
    )
    (row,) = identify([reply], a_request(), weights, {})
    return row


SWAPPED = HEAD[:15] + HEAD[16] + HEAD[15] + HEAD[17:]
TAUGHT = adjusted(WEIGHTS, without_any(WEIGHTS.date))


@pytest.mark.parametrize("weights", [WEIGHTS, TAUGHT], ids=["plain", "calibrated"])
@pytest.mark.parametrize("name", [NAMES["m1"], "李眀", "李亮"])
def test_prior_weights_and_correction_add_up(name: str, weights: Weights) -> None:
    document = pair_document(_row(name, SWAPPED, weights), weights, blind=False)
    numbers = document["numbers"]
    parts = [numbers["prior"], numbers["correction"], *(f["weight"] for f in document["fields"])]
    assert math.isclose(math.fsum(parts), numbers["log2_odds"], abs_tol=1e-9)
    assert math.isclose(probability_of(numbers["log2_odds"]), numbers["probability"], rel_tol=1e-9)
    low, high = numbers["interval"]
    assert low <= numbers["probability"] + 1e-6
    assert numbers["probability"] <= high + 1e-6


def test_fields_stand_in_their_order_and_differences_show() -> None:
    document = pair_document(_row("李眀", SWAPPED), WEIGHTS, blind=False)
    names = [one["field"] for one in document["fields"]]
    assert names[:8] == [
        "name",
        "rarity",
        "id_number",
        "birth_date",
        "sex",
        "address",
        "phone",
        "employer",
    ]
    number = document["fields"][2]
    assert number["sign"] == "near"
    assert [one["text"] for one in number["left"] if one["differs"]] == [HEAD[15:17]]
    assert "".join(one["text"] for one in number["right"])[6:13] == "*******"
    assert "".join(one["text"] for one in number["left"])[:6] == HEAD[:6]


def test_the_blind_see_no_number() -> None:
    row = _row("李眀", SWAPPED)
    document = pair_document(row, WEIGHTS, blind=True)
    assert document["numbers"] is None
    assert {one["weight"] for one in document["fields"]} == {None}
    rarity = next(one for one in document["fields"] if one["field"] == "rarity")
    assert (rarity["words"], rarity["note"], rarity["sign"]) == ({}, {}, "void")
    assert "1/" not in str([one["full"] for one in document["fields"]])


def test_the_same_two_values_are_the_same_pattern() -> None:
    assert pattern_of(_row("李眀", SWAPPED)) == pattern_of(_row("李眀", SWAPPED))
    assert pattern_of(_row("李眀", SWAPPED)) != pattern_of(_row("李明", SWAPPED))
