"""The three query forms of DCI, and what callers send in their place, as one tree. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.dci.attributes import (
    Attribute,
    UnfitValue,
    UnknownAttribute,
    attribute_of,
    identifier_of,
)
from app.dci.conditions import AllOf, AnyOf, Compare, Condition, Not, Operator, joined, leaves
from app.dci.refusals import ItemRefused
from connectors.dci.codes import ItemCode, QueryType

MOST_LEAVES: Final = 50
MOST_DEPTH: Final = 8
MOST_VALUES: Final = 100
_OPERATORS: Final = {
    "eq": Operator.EQUAL,
    "=": Operator.EQUAL,
    "lt": Operator.LESS,
    "<": Operator.LESS,
    "gt": Operator.MORE,
    ">": Operator.MORE,
    "le": Operator.AT_MOST,
    "lte": Operator.AT_MOST,
    "<=": Operator.AT_MOST,
    "ge": Operator.AT_LEAST,
    "gte": Operator.AT_LEAST,
    ">=": Operator.AT_LEAST,
    "in": Operator.EQUAL,
}
_OPPOSITES: Final = {"ne": "eq", "neq": "eq", "nin": "in"}
_WRAPPED: Final = frozenset({"idtype-value", "idtypevalue"})


def condition_of(query_type: object, query: object) -> Condition:
    """The tree. Raises `ItemRefused`: `rjct.search_criteria.invalid` where the form is none of the
    three, `rjct.filter.invalid` where an attribute, an operator or a value is not known.
    """
    forms = [one.value for one in QueryType]
    if query_type not in forms:
        raise _criteria(f"query_type is one of {', '.join(forms)}")
    # The published examples call a predicate list an expression: what it is, is seen by its form.
    if isinstance(query, list):
        if query_type == QueryType.ID:
            raise _criteria("an identifier is asked for by type and value")
        found = _predicates(query)
    elif not isinstance(query, Mapping):
        raise _criteria("query is missing")
    elif query_type == QueryType.ID:
        found = _identifier(query)
    elif query_type == QueryType.PREDICATE and isinstance(query.get("value"), list):
        found = _predicates(query["value"])
    else:
        found = _expression(query)
    if not 1 <= leaves(found) <= MOST_LEAVES:
        raise _criteria(f"a query has 1 to {MOST_LEAVES} comparisons")
    return found


def _criteria(words: str) -> ItemRefused:
    return ItemRefused(ItemCode.SEARCH_CRITERIA, words)


def _filter(words: str) -> ItemRefused:
    return ItemRefused(ItemCode.FILTER, words)


def _identifier(query: Mapping[str, Any]) -> Condition:
    """`{type, value}`; also with the pair as the value, as OpenSPP and OpenG2P write it."""
    kind, value = query.get("type"), query.get("value")
    if isinstance(value, Mapping):
        inner = value.get("id_type") or value.get("identifier_type") or value.get("type")
        kind = inner if inner is not None else kind
        value = next(
            (value[name] for name in ("id_value", "identifier_value", "value") if name in value),
            None,
        )
    try:
        attribute = identifier_of(kind)
        return Compare(attribute.name, Operator.EQUAL, (attribute.read(value),))
    except UnknownAttribute:
        raise _criteria("the identifier's type is not known here") from None
    except UnfitValue:
        raise _criteria("the identifier's value is missing") from None


def _expression(query: Mapping[str, Any]) -> Condition:
    """`{type, value: {expression: {collection, query}}}`, or what stands inside it alone."""
    found: object = query
    for name in ("value", "expression", "query"):
        if isinstance(found, Mapping) and name in found:
            found = found[name]
    if isinstance(found, list):
        return _predicates(found)
    if found is query and "type" in query:
        raise _criteria("the expression has no value")
    return _node(found, MOST_DEPTH)


def _node(given: object, depth: int) -> Condition:
    """An object of a Mongo-like query: all that stands in it holds."""
    if not isinstance(given, Mapping) or not given or depth == 0:
        raise _criteria("an expression is an object, not empty, of at most 8 levels")
    parts: list[Condition] = []
    for name, value in given.items():
        match name:
            case "$and" | "$or":
                if not isinstance(value, list) or not value:
                    raise _criteria("$and and $or take a list of expressions")
                below = tuple(_node(one, depth - 1) for one in value)
                parts.append(AllOf(below) if name == "$and" else AnyOf(below))
            case "$not":
                parts.append(Not(_node(value, depth - 1)))
            case _:
                parts.append(_field(_named(name), value, depth - 1))
    return joined(parts)


def _named(name: object) -> Attribute:
    try:
        return attribute_of(name)
    except UnknownAttribute:
        raise _filter("an attribute of the query is not known here") from None


def _field(attribute: Attribute, value: object, depth: int) -> Condition:
    """One attribute: a plain value, or an object of operators that must all hold."""
    if not isinstance(value, Mapping):
        return _comparison(attribute, "in" if isinstance(value, list) else "eq", value)
    if not value or depth == 0:
        raise _filter("an attribute is compared with a value or by operators")
    parts: list[Condition] = []
    for name, operand in value.items():
        word = str(name).removeprefix("$").lower()
        if word == "not":
            parts.append(Not(_field(attribute, operand, depth - 1)))
        elif word in _OPPOSITES:
            parts.append(Not(_comparison(attribute, _OPPOSITES[word], operand)))
        else:
            parts.append(_comparison(attribute, word, operand))
    return joined(parts)


def _comparison(attribute: Attribute, word: object, given: object) -> Compare:
    operator = _OPERATORS.get(word) if isinstance(word, str) else None
    if operator is None or not attribute.takes(operator):
        raise _filter(f"{attribute.name} is not compared in this way")
    several: Sequence[object] = [given]
    if word == "in":
        several = given.split(",") if isinstance(given, str) else given  # type: ignore[assignment]
        if not isinstance(several, list) or not 1 <= len(several) <= MOST_VALUES:
            raise _filter(f"`in` takes a list of 1 to {MOST_VALUES} values")
    try:
        return Compare(attribute.name, operator, tuple(map(attribute.read, several)))
    except UnfitValue:
        raise _filter(f"a value is none of {attribute.name}") from None


def _predicates(given: Sequence[object]) -> Condition:
    """A list of predicates by their numbers: each holds, unless an `or` joins it to the next."""
    if not 1 <= len(given) <= MOST_LEAVES or not all(isinstance(one, Mapping) for one in given):
        raise _criteria("a predicate query is a list of objects")
    rows = sorted((one for one in given if isinstance(one, Mapping)), key=_place)
    found: Condition | None = None
    joins = "and"
    for row in rows:
        part, after = _row(row)
        if found is None:
            found = part
        else:
            found = AnyOf((found, part)) if joins == "or" else AllOf((found, part))
        joins = after
    if found is None or joins == "or":
        raise _criteria("a predicate is missing after `or`")
    return found


def _place(row: Mapping[str, Any]) -> float:
    number = row.get("seq_num")
    if isinstance(number, int | float) and not isinstance(number, bool):
        return float(number)
    if isinstance(number, str) and number.isascii() and number.isdigit() and len(number) < 10:
        return float(number)
    return float("inf")


def _row(row: Mapping[str, Any]) -> tuple[Condition, str]:
    """One predicate, and what joins it to the next one."""
    written = [row[f"expression{place}"] for place in range(1, 10) if row.get(f"expression{place}")]
    if not row.get("expression1"):
        raise _criteria("expression1 is missing")
    parts = [_predicate(one) for one in written]
    word = row.get("condition") or "and"
    if word not in ("and", "or", "not"):
        raise _criteria("a condition is and, or, not")
    if word == "not":
        if len(parts) > 1:
            raise _criteria("`not` stands before one expression alone")
        return Not(parts[0]), "and"
    if len(parts) == 1:
        return parts[0], word
    return (AllOf(tuple(parts)) if word == "and" else AnyOf(tuple(parts))), "and"


def _predicate(given: object) -> Condition:
    if not isinstance(given, Mapping):
        raise _criteria("an expression is an object")
    attribute = _named(given.get("attribute_name"))
    word = given.get("operator")
    word = word.lower() if isinstance(word, str) else word
    return _comparison(attribute, word, given.get("attribute_value"))
