"""What the file of sources says of agreements, and how long asking takes at the least."""

from datetime import date, timedelta

import pytest

from app.domain.errors import ConfigurationError
from app.verification.terms import Agreement, SourceTerms, agreements_of
from connectors.transport.limits import Limits


def test_what_is_not_said_is_unknown() -> None:
    assert agreements_of({}) == {}
    given = {"agreements": {"tax": {"ends": date(2027, 6, 30), "fresh_days": 31}}}
    assert agreements_of(given) == {"tax": Agreement(ends=date(2027, 6, 30), fresh_days=31)}


def test_institutions_have_names() -> None:
    given = {"agreements": {"bank": {"institutions": {"icbc": "工商银行", 3: "三"}}}}
    assert agreements_of(given)["bank"].institutions == {"icbc": "工商银行", "3": "三"}


@pytest.mark.parametrize(
    "given",
    [
        [1],
        {"tax": "yes"},
        {"tax": {"end": date(2027, 6, 30)}},
        {"tax": {"ends": "2027-06-30"}},
        {"tax": {"fresh_days": -1}},
        {"tax": {"contact": 110}},
        {"bank": {"institutions": ["icbc"]}},
        {"bank": {"institutions": {"icbc": 1}}},
    ],
)
def test_a_fault_is_named(given: object) -> None:
    with pytest.raises(ConfigurationError, match="agreements"):
        agreements_of({"agreements": given})


def test_the_quickest_is_by_the_rate_that_batches_have() -> None:
    terms = SourceTerms(limits=Limits(rate=10.0, interactive_share=0.2), persons_a_query=2)
    assert terms.quickest(1600) == timedelta(seconds=100)
    assert SourceTerms().quickest(1600) is None
