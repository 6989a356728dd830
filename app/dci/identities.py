"""A person as an identifier names him or her: what keyed indexes are made of. Pure."""

from collections.abc import Mapping
from typing import Final

from app.dci import attributes
from app.dci.conditions import Value
from app.domain.household import IdType, Person, Relationship

_KINDS: Final[Mapping[str, IdType]] = {
    attributes.NATIONAL_ID: IdType.RESIDENT_ID,
    attributes.PASSPORT: IdType.PASSPORT,
    attributes.HK_MACAU_PERMIT: IdType.HK_MACAU_PERMIT,
    attributes.TAIWAN_PERMIT: IdType.TAIWAN_PERMIT,
}


def person_of(kind: str, value: Value) -> Person:
    """Nothing but the document is known; `kind` is one of `attributes.OF_PERSONS`."""
    return Person(
        ref="sought",
        name="",
        id_type=_KINDS[kind],
        id_number=str(value),
        relationship=Relationship.OTHER,
    )
