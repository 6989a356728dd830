"""Queues that are judged blind are named by their sources."""

import pytest

from app.domain.errors import ConfigurationError
from app.review.blind import BlindQueues


def test_queues_are_named_by_commas() -> None:
    assert BlindQueues.of(" bank, tax,", {"bank", "tax"}).sources == {"bank", "tax"}
    assert BlindQueues.of("all", {"bank"}).sources == {"all"}
    assert BlindQueues.of("", {"bank"}).sources == frozenset()


def test_a_name_that_is_no_source_is_refused() -> None:
    """`banks` left the queue of the bank open to see, and nobody was told."""
    with pytest.raises(ConfigurationError, match="banks is no source"):
        BlindQueues.of("bank,banks", {"bank", "tax"})
