"""A programme's file as text, to be made wrong in one place, and its faults."""

from functools import cache
from typing import Final

import pytest

from app.programmes.faults import Fault, FaultyStandards
from app.programmes.standard import Standards

A_DRAFT: Final = """\
programme: a_draft
name: {zh: 测试, en: test}
clause: "3"
area: urban
tests:
  - {test: monthly_income_per_person, comparison: below, limit: [factor, local_standard]}
  - test: homes
    comparison: at_most
    limit: homes_most
parameters:
  factor:
    reference: test
    values: {all: {2014-07-01: "1.1", 2027-01-01: "1.2"}}
  supporter_share:
    reference: test
    unit: share
    values:
      all: {2014-07-01: "0.30"}
      "220102": {2015-01-01: "0.40"}
benefits:
  once: {reference: test, values: {"22": {2014-07-01: "10.00"}}}
"""


@cache
def shipped() -> Standards:
    return Standards.load()


def faults_of(text: str, file: str = "draft.yaml") -> tuple[Fault, ...]:
    """All faults of a draft; it must have some."""
    with pytest.raises(FaultyStandards) as raised:
        shipped().with_draft(text, file=file)
    return raised.value.faults


def line_of(text: str, part: str) -> int:
    """The line in which a part of the text begins."""
    assert text.count(part) == 1, part
    return text[: text.index(part)].count("\n") + 1


def column_of(text: str, part: str) -> int:
    at = text.index(part)
    return at - (text.rfind("\n", 0, at) + 1) + 1
