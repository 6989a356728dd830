"""Two people field by field: levels, what they weigh, and how they add up."""

import json
import math
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import tables
from matching.identity import Identity, Sex
from matching.levels import Level
from matching.pair import compare, prepare
from matching.weights import WeightsError, load_weights, log_odds, probability_of, weights_from

WEIGHTS = load_weights()
N = "229901198003071236"
PERSON = Identity(
    name="李明",
    id_number=N,
    birth_date=date(1980, 3, 7),
    sex=Sex.MALE,
    address="长春市南关区民康街道平阳街12号3栋2单元501室",
    household_number="220102000001",
    phone="19912345678",
    employer="长春市福兴食品有限公司",
)


def identities() -> st.SearchStrategy[Identity]:
    """People of few values, so that fields agree often."""
    text = st.none() | st.text(max_size=6)
    return st.builds(
        Identity,
        name=st.sampled_from(["李明", "李眀", "黎明", "李?", "王芳", "LI MING", "曲䶮"]) | text,
        former_names=st.sampled_from([(), ("李明",), ("王亮",)]),
        id_number=st.sampled_from([N, "229901800307123", "229901********1236", N[:-1] + "0"])
        | text,
        birth_date=st.none() | st.sampled_from([date(1980, 3, 7), date(1980, 7, 3)]) | st.dates(),
        sex=st.none() | st.sampled_from(list(Sex)),
        address=st.sampled_from(["平阳街12号3-2-501", "平阳街十二号", "幸福村3组61号"]) | text,
        household_number=st.sampled_from(["220102000001", "220102000002"]) | text,
        phone=st.sampled_from(["19912345678", "199****5678", "19912345679"]) | text,
        employer=st.sampled_from(["长春市福兴食品有限公司", "福兴食品厂"]) | text,
    )


@pytest.mark.parametrize(
    ("field", "changed", "level"),
    [
        ("birth_date", {"birth_date": date(1980, 3, 7)}, Level.SAME),
        ("birth_date", {"birth_date": date(1980, 3, 17)}, Level.YEAR_MONTH),
        ("birth_date", {"birth_date": date(1980, 7, 3)}, Level.DAY_MONTH_SWAPPED),
        ("birth_date", {"birth_date": date(1980, 1, 1)}, Level.YEAR_ONLY),
        ("birth_date", {"birth_date": date(1981, 3, 7)}, Level.ONE_PART),
        ("birth_date", {"birth_date": date(1976, 5, 2)}, Level.DIFFERENT),
        ("birth_date", {"birth_date": None}, Level.MISSING),
        ("sex", {"sex": Sex.FEMALE}, Level.DIFFERENT),
        ("sex", {"sex": None}, Level.MISSING),
        ("address", {"address": "平阳街十二号3-2-501"}, Level.SAME_HOME),
        ("address", {"address": "平阳街12号3栋"}, Level.SAME_BUILDING),
        ("address", {"address": "平阳街12号"}, Level.SAME_BUILDING),
        ("address", {"address": "平阳街12号3-2-502"}, Level.OTHER_HOME),
        ("address", {"address": "平阳街14号3-2-501"}, Level.SAME_ROAD),
        ("address", {"address": "卫星路12号3-2-501"}, Level.DIFFERENT),
        ("address", {"address": "不详"}, Level.MISSING),
        ("household_number", {"household_number": " 220102000001"}, Level.SAME),
        ("household_number", {"household_number": "220102000002"}, Level.DIFFERENT),
        ("household_number", {"household_number": ""}, Level.MISSING),
        ("phone", {"phone": "+86 199-1234-5678"}, Level.SAME),
        ("phone", {"phone": "199****5678"}, Level.MASKED_COMPATIBLE),
        ("phone", {"phone": "19912345679"}, Level.ONE_EDIT),
        ("phone", {"phone": "19900000001"}, Level.DIFFERENT),
        ("phone", {"phone": "无"}, Level.MISSING),
        ("employer", {"employer": "福兴食品有限责任公司"}, Level.SAME),
        ("employer", {"employer": "长春市福兴食品厂"}, Level.SIMILAR),
        ("employer", {"employer": "长春市永通物流有限公司"}, Level.DIFFERENT),
        ("employer", {"employer": "91220102MA6CCATRCA"}, Level.MISSING),
        ("name", {"name": "王亮", "former_names": ("李明",)}, Level.FORMER),
        ("name", {"name": None}, Level.MISSING),
    ],
)
def test_the_level_of_a_field(field: str, changed: dict[str, object], level: Level) -> None:
    # Without numbers: a claim whose own number speaks for its date of birth and sex is not asked.
    claim = replace(PERSON, id_number=None, **changed)  # type: ignore[arg-type]  # a table of fields
    found = compare(prepare(PERSON), prepare(claim), WEIGHTS)
    assert found.level(field) is level


def test_a_birth_date_inside_equal_numbers_is_not_counted_again() -> None:
    number_only = Identity(name="李明", id_number=N)
    stated = replace(number_only, birth_date=date(1980, 3, 7), sex=Sex.MALE)
    one, other = prepare(PERSON), [prepare(claim) for claim in (number_only, stated)]
    probabilities = {compare(one, claim, WEIGHTS).probability for claim in other}
    assert len(probabilities) == 1
    fields = {f.field: f for f in compare(one, other[1], WEIGHTS).fields}
    assert fields["birth_date"].level is Level.SAME
    assert fields["birth_date"].weight == 0
    assert "证件号码" in fields["birth_date"].words["zh"]


def test_a_birth_date_that_contradicts_its_own_number_is_counted() -> None:
    claim = Identity(name="李明", id_number=N, birth_date=date(1976, 5, 2))
    fields = {f.field: f for f in compare(prepare(PERSON), prepare(claim), WEIGHTS).fields}
    assert fields["birth_date"].level is Level.DIFFERENT
    assert fields["birth_date"].weight < 0


def test_a_rare_name_weighs_more_than_a_common_one() -> None:
    def weight(name: str) -> float:
        one = prepare(Identity(name=name))
        return compare(one, one, WEIGHTS).fields[0].weight

    assert weight("张伟") < weight("李明") < weight("李明华") < weight("逄䶮")


def test_missing_weighs_nothing() -> None:
    nothing = prepare(Identity())
    found = compare(nothing, prepare(PERSON), WEIGHTS)
    assert {field.level for field in found.fields} == {Level.MISSING}
    assert sum(field.weight for field in found.fields) == 0
    assert found.log_odds == WEIGHTS.prior


@given(identities(), identities())
def test_weights_and_prior_add_up_to_the_log_odds(left: Identity, right: Identity) -> None:
    found = compare(prepare(left), prepare(right), WEIGHTS)
    total = found.prior + sum(field.weight for field in found.fields)
    assert math.isclose(total, found.log_odds, abs_tol=1e-9)
    assert math.isclose(found.probability, probability_of(total), abs_tol=1e-9)
    if 0.001 < found.probability < 0.999:
        assert math.isclose(log_odds(found.probability), total, abs_tol=1e-9)


@given(identities(), identities())
def test_the_comparison_is_symmetric(left: Identity, right: Identity) -> None:
    one, other = prepare(left), prepare(right)
    there, back = compare(one, other, WEIGHTS), compare(other, one, WEIGHTS)
    assert [field.level for field in there.fields] == [field.level for field in back.fields]
    assert math.isclose(there.probability, back.probability, abs_tol=1e-9)


def test_every_weighed_level_has_its_sentence_in_both_languages() -> None:
    for field, levels in WEIGHTS.fields.items():
        for level in (*levels, Level.MISSING):
            words = tables.words()[field][level]
            assert words["zh"]
            assert words["en"]


def test_every_sentence_has_a_weight() -> None:
    for field, levels in tables.words().items():
        if field != "counted":
            for together in (False, True):
                weighed = {(field, Level(level), together) for level in levels}
                assert weighed <= WEIGHTS.fixed.keys()


def test_weights_that_are_not_there_or_not_possible_are_named() -> None:
    with pytest.raises(WeightsError, match="no weights named nowhere"):
        load_weights("nowhere")
    document = json.loads(tables.raw("weights/default.json"))
    document["fields"]["sex"]["same"]["m"] = 1.5
    with pytest.raises(WeightsError, match=r"sex\.same"):
        weights_from(document)
