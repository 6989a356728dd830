"""How somebody is asked for: the three forms of a query (pure)."""

from collections.abc import Mapping
from typing import Any

from connectors.contract import AskedPerson
from connectors.dci.codes import QueryType
from connectors.dci.party import Party
from connectors.failure import FailureKind, SourceError


def query_of(party: Party, person: AskedPerson) -> tuple[QueryType, Any]:
    """The person's document in the query's form; without one, name and birth date if they may be.

    Raises `SourceError` (`REJECTED`) where neither is there: a name alone asks for strangers.
    """
    if person.has_number:
        return party.query_type, _by_number(party, person)
    if not party.by_name or not person.name or person.birth_date is None:
        raise SourceError.of(FailureKind.REJECTED, "the registry is asked by a document's number")
    born = person.birth_date.isoformat()
    wanted = {party.by_name["name"]: person.name, party.by_name["birth_date"]: born}
    return QueryType.EXPRESSION, _expression(party, wanted)


def _by_number(party: Party, person: AskedPerson) -> Any:
    kind = party.id_types[person.id_type.value]
    match party.query_type:
        case QueryType.ID:
            return {"type": kind, "value": person.id_number}
        case QueryType.PREDICATE:
            term = {
                "attribute_name": kind,
                "operator": "eq",
                "attribute_value": person.id_number,
            }
            return [{"seq_num": 1, "expression1": term}]
        case QueryType.EXPRESSION:
            return _expression(party, {kind: person.id_number})


def _expression(party: Party, wanted: Mapping[str, str]) -> Any:
    """Who has all of these values."""
    query = {"$and": [{name: {"$eq": value}} for name, value in wanted.items()]}
    collection = party["response_entity"] or "Member"
    return {
        "type": "ns:org:QueryType:expression",
        "value": {"expression": {"collection": collection, "query": query}},
    }
