"""One person against a reply in columns gives what one comparison after the other gives."""

import numpy as np

from matching.pair import compare, prepare
from matching.reply import Against, columns_of
from matching.weights import load_weights
from tests.matching.registers import registers

WEIGHTS = load_weights()


def test_a_reply_in_columns_gives_the_same_odds() -> None:
    made = registers(120, seed=4)
    records = [identity for _, identity in made.right]
    reply = columns_of(records)
    for _, person in made.left[:25]:
        found = Against(person, WEIGHTS).log2_odds(reply)
        one = prepare(person)
        each = [compare(one, prepare(record), WEIGHTS).log_odds for record in records]
        assert np.allclose(found, each, atol=1e-4)


def test_probabilities_carry_the_calibration() -> None:
    made = registers(30, seed=5)
    reply = columns_of([identity for _, identity in made.right])
    doubtful = WEIGHTS.with_calibration(lambda odds: odds / 2)
    person = made.left[0][1]
    plain, corrected = (Against(person, w).probabilities(reply) for w in (WEIGHTS, doubtful))
    assert np.allclose(
        np.log(corrected / (1 - corrected)) * 2, np.log(plain / (1 - plain)), rtol=1e-3
    )
