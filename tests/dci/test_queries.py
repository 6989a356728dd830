"""The three query forms as one tree: what they mean, what they refuse, and that none is a fault."""

import contextlib
import json
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dci.attributes import ATTRIBUTES
from app.dci.conditions import AllOf, AnyOf, Compare, Condition, Known, Not, Operator, holds, needed
from app.dci.criteria import read_searches
from app.dci.envelope import document_of, read_envelope
from app.dci.queries import condition_of
from app.dci.refusals import ItemRefused, MessageRefused
from app.domain.interval import Truth
from tests.dci.parts import by_expression, by_id, by_predicates, compares

LESS: Final = Compare("poverty_score", Operator.LESS, (Decimal(5),))
YOUNG: Final = Compare("age", Operator.LESS, (Decimal(25),))
WOMAN: Final = Compare("sex", Operator.EQUAL, ("female",))
PASSPORT: Final = Compare("passport", Operator.EQUAL, ("E1",))


def of(criteria: dict[str, Any]) -> Condition:
    return condition_of(criteria["query_type"], criteria["query"])


def row(*expressions: Any, condition: str | None = None, number: Any = 1) -> dict[str, Any]:
    made = {f"expression{place}": one for place, one in enumerate(expressions, 1)}
    return made | {"seq_num": number} | ({} if condition is None else {"condition": condition})


SCORE, AGE = compares("poverty_score", "lt", "5"), compares("age", "lt", 25)
SEX = compares("gender", "eq", "F")
MEANT: Final = [
    (by_id("PASSPORT", "e1"), PASSPORT),
    (by_id("idtype-value", {"id_type": "passport", "id_value": "E1"}), PASSPORT),
    (by_id("ns:org:IdType:PASSPORT", {"value": "E1"}), PASSPORT),
    (by_expression({"$and": [{"poverty_score": {"$lt": 5}}]}), AllOf((LESS,))),
    (by_expression({"poverty_score": {"lt": "5"}, "age": {"$lt": 25}}), AllOf((LESS, YOUNG))),
    (by_expression({"$or": [{"sex": "female"}, {"age": {"$lt": 25}}]}), AnyOf((WOMAN, YOUNG))),
    (by_expression({"sex": {"$ne": "female"}}), Not(WOMAN)),
    (by_expression({"$not": {"sex": "f"}}), Not(WOMAN)),
    (by_expression({"demographic_info.person.sex": {"$in": ["2"]}}), WOMAN),
    ({"query_type": "expression", "query": {"sex": {"eq": "female"}}}, WOMAN),
    (by_predicates(row(SCORE)), LESS),
    (by_predicates(row(SCORE, AGE, condition="and")), AllOf((LESS, YOUNG))),
    (by_predicates(row(SCORE, AGE, SEX, condition="or")), AnyOf((LESS, YOUNG, WOMAN))),
    (by_predicates(row(SEX, condition="not")), Not(WOMAN)),
    (by_predicates(row(AGE, number=2), row(SCORE, number="1")), AllOf((LESS, YOUNG))),
    (by_predicates(row(SCORE, condition="or"), row(AGE, number=2)), AnyOf((LESS, YOUNG))),
    ({"query_type": "expression", "query": [row(SCORE, "", condition="")]}, LESS),
    ({"query_type": "predicate", "query": {"type": "p", "value": [row(SCORE)]}}, LESS),
]


@pytest.mark.parametrize(("criteria", "tree"), MEANT, ids=lambda one: str(one)[:60])
def test_a_query_means(criteria: dict[str, Any], tree: Condition) -> None:
    assert of(criteria) == tree


REFUSED: Final = [
    (by_id("MOBILE", "1"), "rjct.search_criteria.invalid"),
    (by_id("UIN", ""), "rjct.search_criteria.invalid"),
    (by_expression({}), "rjct.search_criteria.invalid"),
    (by_expression({"name": "x"}), "rjct.filter.invalid"),
    (by_expression({"sex": {"$lt": "m"}}), "rjct.filter.invalid"),
    (by_expression({"age": {"$lt": "old"}}), "rjct.filter.invalid"),
    (by_expression({"age": {"$regex": "1"}}), "rjct.filter.invalid"),
    (by_expression({"age": {"$in": []}}), "rjct.filter.invalid"),
    (by_expression({"age": {"$lt": "1e999999"}}), "rjct.filter.invalid"),
    (by_predicates(), "rjct.search_criteria.invalid"),
    (by_predicates(row(SCORE, condition="or")), "rjct.search_criteria.invalid"),
    (by_predicates(row(SCORE, AGE, condition="not")), "rjct.search_criteria.invalid"),
    (by_predicates(*[row(SCORE)] * 60), "rjct.search_criteria.invalid"),
    ({"query_type": "graphql", "query": {}}, "rjct.search_criteria.invalid"),
    ({"query_type": "expression", "query": None}, "rjct.search_criteria.invalid"),
]


@pytest.mark.parametrize(("criteria", "code"), REFUSED, ids=lambda one: str(one)[:60])
def test_a_query_is_refused_by_its_code(criteria: dict[str, Any], code: str) -> None:
    with pytest.raises(ItemRefused) as refused:
        of(criteria)
    assert refused.value.code == code


def test_what_is_not_known_fulfils_nothing_and_no_opposite() -> None:
    def nothing(_: str) -> Known:
        return None

    for tree in (LESS, Not(LESS), AllOf((LESS, Not(LESS))), AnyOf((LESS, Not(LESS)))):
        assert holds(tree, nothing) is Truth.OPEN


NAMES: Final = sorted(ATTRIBUTES)
VALUES: Final = st.none() | st.lists(
    st.decimals(-9, 9, places=0) | st.sampled_from(["female", "E1"]), max_size=2
).map(tuple)
LEAVES: Final = st.builds(
    lambda name, operator, value: Compare(name, operator, (value,)),
    st.sampled_from(NAMES),
    st.sampled_from(list(Operator)),
    st.decimals(-9, 9, places=0) | st.sampled_from(["female", "E1"]),
)
TREES: Final = st.recursive(
    LEAVES,
    lambda below: (
        st.builds(Not, below)
        | st.lists(below, min_size=1, max_size=3).map(tuple).map(AllOf)
        | st.lists(below, min_size=1, max_size=3).map(tuple).map(AnyOf)
    ),
    max_leaves=8,
)


@settings(max_examples=40)
@given(TREES, st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_what_a_tree_needs_holds_where_it_holds(tree: Condition, known: dict[str, Known]) -> None:
    """What the database goes by takes nothing away that fits; a double denial denies nothing."""
    truth = holds(tree, known.get)
    assert holds(Not(Not(tree)), known.get) is truth
    if truth is Truth.YES:
        assert all(holds(one, known.get) is Truth.YES for one in needed(tree))


JSONS: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
    max_leaves=12,
)
FIELDS: Final = (
    *("message_id", "message_ts", "action", "sender_id", "receiver_id", "total_count"),
    *("version", "is_msg_encrypted", "meta", "sender_uri"),
)


@settings(max_examples=40)
@given(st.data())
def test_no_document_is_more_than_refused(data: st.DataObject) -> None:
    """Any JSON is an envelope or a refusal of ours, whatever stands in its parts."""
    whole = data.draw(JSONS)
    parts = {
        "header": data.draw(st.dictionaries(st.sampled_from(FIELDS), JSONS)),
        "message": data.draw(JSONS),
        "signature": data.draw(JSONS),
    }
    for document in (whole, parts):
        body = json.dumps(document).encode("utf-8", "surrogatepass")
        for callback in (False, True):
            with contextlib.suppress(MessageRefused):
                read_envelope(document_of(body), callback=callback)


@settings(max_examples=40)
@given(JSONS, JSONS, st.sampled_from(["idtype-value", "expression", "predicate"]), JSONS)
def test_no_search_is_more_than_refused(query: Any, sort: Any, kind: str, page: Any) -> None:
    """Every item is a search or a reason, and they come in the order of the items."""
    criteria = {"query_type": kind, "query": query, "sort": sort, "pagination": page}
    at = "2026-11-24T04:00:00Z"
    items = [{"reference_id": name, "timestamp": at, "search_criteria": criteria} for name in "abc"]
    read = read_searches([*items, query])
    names = [one[0] if isinstance(one, tuple) else one.reference_id for one in read]
    assert names[:3] == ["a", "b", "c"]
    assert len(read) == 4
