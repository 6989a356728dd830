"""Look-alikes, and whether the bits of each relation are the chance that they claim to be."""

from collections import defaultdict
from functools import lru_cache
from random import Random

import pytest

from matching import tables
from matching.alike import NameRelation, Unit, match_names, name_score, unit_bits, unit_relation
from matching.frequency import frequencies
from matching.names import Name, parse_name
from tests.matching.name_slips import (
    KINDS,
    a_name,
    families,
    foreign_strangers,
    slipped,
    strangers,
)

SLIPS_PER_KIND = 150
STRANGERS = 3000
FALSE_POSITIVES = 0.01


def name(raw: str) -> Name:
    parsed = parse_name(raw)
    assert parsed is not None
    return parsed


def shares(count: int) -> dict[str, float]:
    """The commonest given-name characters with their shares, made to add up to 1."""
    table = frequencies().given
    common = sorted(table, key=lambda sign: -table[sign])[:count]
    total = sum(table[sign] for sign in common)
    return {sign: table[sign] / total for sign in common}


@pytest.mark.parametrize(
    "pair",
    [
        "未末",
        "己已",
        "日曰",
        "戌戍",
        "祎袆",
        "晴睛",
        "伟玮",
        "情倩",
        "铃玲",
        "扬杨",
        "冶治",
        "菜莱",
    ],
)
def test_known_look_alikes(pair: str) -> None:
    assert pair in tables.look_alikes()
    assert pair[::-1] in tables.look_alikes()


@pytest.mark.parametrize(
    "pair", ["明伟", "建国", "丽英", "志强", "海江", "王李", "玉华", "春兰", "文军", "国庆"]
)
def test_unlike_characters(pair: str) -> None:
    assert pair not in tables.look_alikes()


def test_the_table_is_of_single_characters_and_of_a_size_that_can_be_kept() -> None:
    pairs = tables.look_alikes()
    assert 20_000 <= len(pairs) / 2 <= 30_000
    assert all(len(pair) == 2 and pair[0] != pair[1] for pair in pairs)


def test_most_of_what_pupils_confuse_is_found() -> None:
    """Another list, made by others for schools: every two of a family, in so far as in names."""
    used = frequencies().given
    pairs = {frozenset((a, b)) for a, others in families().items() for b in others if a in used}
    found = sum("".join(pair) in tables.look_alikes() for pair in pairs)
    assert found / len(pairs) > 0.7


def test_look_alikes_leave_little_to_chance() -> None:
    used = shares(1000)
    chance = sum(used.get(p[0], 0) * used.get(p[1], 0) for p in tables.look_alikes())
    assert chance < 1 / 300


@lru_cache(maxsize=1)
def chances() -> dict[Unit, tuple[float, float]]:
    """Unit → its true chance among given-name characters, and what the bits say on average.

    Over the commoner characters, every pair by its share; "on average" is the chance that the bits
    give, over all who have the relation with somebody.
    """
    used = shares(300)
    true: defaultdict[Unit, float] = defaultdict(float)
    by_left: defaultdict[Unit, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one, share in used.items():
        for other, weight in used.items():
            kind = unit_relation(one, other, surname=False)
            if kind is Unit.DIFFERENT:
                continue
            true[kind] += share * weight
            by_left[kind][one].append(2 ** -unit_bits(kind, one, other, surname=False))
    said = {
        kind: sum(used[one] * sum(found) / len(found) for one, found in lefts.items())
        for kind, lefts in by_left.items()
    }
    return {kind: (true[kind], said[kind]) for kind in true}


@pytest.mark.parametrize(
    "kind", [Unit.EQUAL, Unit.HOMOPHONE, Unit.LOOK_ALIKE, Unit.SAME_SYLLABLE, Unit.NEAR]
)
def test_the_bits_of_a_character_are_its_chance(kind: Unit) -> None:
    true, said = chances()[kind]
    assert 1 / 4 < said / true < 4


@pytest.mark.parametrize(
    ("relation", "names", "claims"),
    [
        (NameRelation.PARTIAL, 400, 400),
        (NameRelation.NEAR, 400, 400),
        (NameRelation.MASKED_COMPATIBLE, 400, 400),
    ],
)
def test_the_bits_of_a_name_are_its_chance(relation: NameRelation, names: int, claims: int) -> None:
    """Names of two sets of people, drawn by their shares: who stands so, and what the bits say.

    If 2 ** -bits is the chance of a name, then the mean of 2 ** bits over all pairs that stand so
    is 1 (and less where some names cannot stand so to anybody).
    """
    random = Random(5)
    left = [name(a_name(random)) for _ in range(names)]
    texts = [a_name(random) for _ in range(claims)]
    if relation is NameRelation.MASKED_COMPATIBLE:
        texts = [f"{text[0]}*{text[2:]}" for text in texts]
    right = [name(text) for text in texts]
    found = [match_names(one, other) for one in left for other in right]
    total = sum(2**match.bits for match in found if match.relation is relation) / len(found)
    assert 1 / 4 < total < 4


def test_one_person_ranks_above_two() -> None:
    """Recall at 1 % false positives, over every kind of slip alike; none far below the others."""
    random = Random(11)
    two = [strangers(random) for _ in range(STRANGERS)]
    two += [foreign_strangers(random) for _ in range(STRANGERS // 10)]
    scores = sorted((name_score(name(a), name(b)) for a, b in two), reverse=True)
    limit = scores[int(FALSE_POSITIVES * len(scores))]
    recall = {}
    for kind in KINDS:
        pairs = [slipped(kind, random) for _ in range(SLIPS_PER_KIND)]
        recall[kind] = sum(name_score(name(a), name(b)) > limit for a, b in pairs) / len(pairs)
    assert sum(recall.values()) / len(recall) > 0.95, recall
    assert min(recall.values()) > 0.7, recall
