"""Money is exact: the same yuan whatever unit and form a source writes them in, and back."""

import json
import os
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.interval import Interval
from app.domain.money import as_text
from app.verification.document import money
from connectors.readers import Hints, read_fen, read_ten_thousand_yuan, read_yuan
from connectors.transport.documents import read_json

CASES = 20_000 if os.environ.get("HEDUI_CASES") == "full" else 1_000
NONE = Hints()
fen = st.integers(-(10**12) + 1, 10**12 - 1)
"""Below ten thousand million yuan: more is reported as implausible."""


@pytest.mark.promise(3)
@settings(
    max_examples=CASES,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(fen)
def test_yuan_are_the_same_in_every_form(
    record_property: Callable[[str, object], None], amount: int
) -> None:
    """From the wire to what is shown, to the fen.

    All of them: `HEDUI_CASES=full pytest tests/connectors/test_exact_money.py`.
    Planted: `read_json` left its numbers to the library: floats were in the document.
    """
    record_property("cases", 1)
    yuan = Decimal(amount) / 100
    text = f"{yuan:.2f}"
    ten_thousands = f"{yuan.scaleb(-4):f}"
    document = read_json(f'{{"n": {ten_thousands}, "y": {text}}}'.encode())
    assert isinstance(document, dict)
    assert {type(value) for value in document.values()} <= {int, Decimal}
    forms = [
        read_yuan(text, NONE),
        read_yuan(f"{yuan:,.2f}", NONE),
        read_yuan(document["y"], NONE),
        read_fen(amount, NONE),
        read_fen(str(amount), NONE),
        read_ten_thousand_yuan(ten_thousands, NONE),
        read_ten_thousand_yuan(document["n"], NONE),
    ]
    assert {one.value for one in forms} == {yuan}
    assert {one.problem for one in forms} == {None}
    shown = money(Interval.exactly(abs(yuan)))
    assert shown == as_text(abs(yuan)) == text.removeprefix("-")
    assert Decimal(json.loads(json.dumps(shown))) == abs(yuan)
