"""The registry of beneficiaries (IBR): is somebody enrolled already, and whom partners enrolled."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from app.audit.chain import AuditTrail, Entry
from app.audit.telling import tell
from app.dci import attributes
from app.dci.conditions import Compare
from app.dci.consents import granted, use_once
from app.dci.envelope import id_of
from app.dci.identities import person_of
from app.dci.queries import condition_of
from app.dci.received import Answer, Received
from app.dci.refusals import ItemRefused, MessageRefused
from app.domain.household import Person
from app.domain.instants import rfc3339
from app.store.audit_reads import LIST
from app.store.clients import Clients
from app.store.dci_enrolments import Enrolment, Enrolments, Told
from app.store.session import Database
from connectors.dci.codes import ErrorCode, ItemCode, Status

MOST_BENEFICIARIES: Final = 1_000
_OF_PROGRAMME: Final = ("programme_identifier", "program_identifier", "programme", "program")
_ACTIVE: Final = frozenset({"", "active", "enrolled", "registered", "1", "true"})
_ENDED: Final = frozenset(
    {"inactive", "ended", "exited", "closed", "graduated", "withdrawn", "0", "false"}
)
_MOST_NAME: Final = 100


@dataclass(frozen=True, kw_only=True)
class Enrolling:
    """Answers `enrolled` and takes `enrollment/updates` in."""

    database: Database
    enrolments: Enrolments
    clients: Clients
    trail: AuditTrail
    now: Callable[[], datetime]

    async def enrolled(self, received: Received) -> Answer:
        """Yes or no, and nothing else of anybody. Raises `MessageRefused`."""
        transaction = id_of(received.message, "transaction_id")
        criteria = received.message.get("enrolled_criteria")
        if not isinstance(criteria, Mapping):
            raise MessageRefused(ErrorCode.BAD, "message.enrolled_criteria is missing")
        try:
            who, programme = _asked(criteria)
        except ItemRefused as refused:
            raise MessageRefused(ErrorCode.BAD, f"{refused.code}: {refused.words}") from None
        grant = granted(received.sender, criteria, [who], us=received.us, now=received.at)
        person = person_of(who.attribute, who.values[0])
        region = received.look.region

        def work(tx: sa.Connection) -> list[Enrolment]:
            use_once(tx, self.clients, received, [grant])
            found = self.enrolments.of_person(tx, person, region=region)
            found = [one for one in found if programme in ("", one.programme)]
            details = {
                "kind": received.look.kind,
                "office": region,
                "from": received.look.origin,
                "look": "list",
                "purpose": "own",
                "granted": grant.reference,
                "count": str(len(found)),
            }
            entry = Entry(
                received.look.actor, "enrolment_asked", f"{LIST}enrolled", region, details
            )
            tell(self.trail, tx, entry)
            return found

        found = await self.database.write(work)
        item = {
            "reference_id": str(criteria.get("reference_id") or transaction),
            "timestamp": rfc3339(self.now()),
            "status": Status.SUCCEEDED.value,
            "enrolled_status": "yes" if found else "no",
        }
        return _answer(received, transaction, [item])

    async def updates(self, received: Received) -> Answer:
        """Takes in what a partner tells of its own programmes, each person by itself."""
        transaction = id_of(received.message, "transaction_id")
        updates = received.message.get("enrolled_updates")
        given = updates.get("beneficiaries") if isinstance(updates, Mapping) else None
        if not isinstance(given, list) or not 1 <= len(given) <= MOST_BENEFICIARIES:
            words = f"enrolled_updates.beneficiaries is a list of 1 to {MOST_BENEFICIARIES}"
            raise MessageRefused(ErrorCode.BAD, words)
        told: list[Told] = []
        items = []
        for place, one in enumerate(given, 1):
            try:
                told += list(_told(one))
                items.append(self._item(one, place))
            except ItemRefused as refused:
                why = {
                    "status": Status.REJECTED.value,
                    "status_reason_message": refused.words,
                }
                items.append({**self._item(one, place), **why})
        client = (received.look.actor, received.look.region)

        def work(tx: sa.Connection) -> None:
            self.enrolments.tell(tx, client, told, received.at)
            details = {"kind": received.look.kind, "count": str(len(told))}
            entry = Entry(client[0], "enrolments_told", f"{LIST}enrolled", client[1], details)
            tell(self.trail, tx, entry)

        await self.database.write(work)
        return _answer(received, transaction, items)

    def _item(self, one: object, place: int) -> dict[str, Any]:
        named = one.get("reference_id") or one.get("@id") if isinstance(one, Mapping) else None
        reference = named if isinstance(named, str) and len(named) <= 200 else str(place)
        return {
            "reference_id": reference,
            "timestamp": rfc3339(self.now()),
            "status": Status.SUCCEEDED.value,
        }


def _answer(received: Received, transaction: str, items: list[dict[str, Any]]) -> Answer:
    message = {
        "transaction_id": transaction,
        "correlation_id": received.correlation_id,
        "enrolled_response": items,
    }
    return Answer(message=message, total=len(items), completed=len(items))


def _asked(criteria: Mapping[str, Any]) -> tuple[Compare, str]:
    """Who is asked about, by one identifier, and in which programme (empty: any). Raises
    `ItemRefused`."""
    query_type, query = criteria.get("query_type") or "expression", criteria.get("query")
    programme = ""
    if query_type != "idtype-value" and isinstance(query, Mapping):
        rest = {}
        for name, value in query.items():
            if str(name).rpartition(".")[2] in _OF_PROGRAMME:
                programme = _programme(value)
            else:
                rest[name] = value
        query = rest
    found = condition_of(query_type, query)
    by_person = isinstance(found, Compare) and found.attribute in attributes.OF_PERSONS
    if not isinstance(found, Compare) or not by_person or len(found.values) != 1:
        raise _unreadable("the query names one person by one identifier, and a programme at most")
    return found, programme


def _programme(value: object) -> str:
    if isinstance(value, Mapping):
        value = next(iter(value.values()), None)
    if not isinstance(value, str) or not 0 < len(value) <= _MOST_NAME:
        raise _unreadable("a programme is a text of at most 100 characters")
    return value


def _unreadable(words: str) -> ItemRefused:
    return ItemRefused(ItemCode.SEARCH_CRITERIA, words)


def _told(one: object) -> Iterator[Told]:
    """What is said of one person, a programme each. Raises `ItemRefused`."""
    if not isinstance(one, Mapping):
        raise _unreadable("a beneficiary is an object")
    person = _person(one)
    given = (
        one.get("programme_identifier")
        or one.get("programmes")
        or _member(one).get("programme_identifier")
    )
    several = given if isinstance(given, list) else [given]
    for each in several:
        if not isinstance(each, Mapping):
            raise _unreadable("programme_identifier is missing")
        named = each.get("programme") or each.get("program") or each
        programme = named.get("programme_identifier") if isinstance(named, Mapping) else named
        status = str(each.get("enrolment_status") or "").strip().lower()
        if status not in _ACTIVE | _ENDED:
            raise _unreadable("enrolment_status is Active, or one of the words for ended")
        yield Told(
            person=person,
            programme=_programme(programme),
            since=_day(each.get("enrolment_date")),
            is_active=status in _ACTIVE,
        )


def _member(one: Mapping[str, Any]) -> Mapping[str, Any]:
    found = one.get("member")
    return found if isinstance(found, Mapping) else one


def _below(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = given.get(name)
    return found if isinstance(found, Mapping) else {}


def _person(one: Mapping[str, Any]) -> Person:
    """By the first identifier that is known here, wherever the record has it."""
    member = _member(one)
    info = _below(member, "demographic_info")
    person = _below(info, "person") or info
    places = (person, person.get("identifier"), member.get("member_identifier"))
    for place in places:
        for each in place if isinstance(place, list) else [place]:
            if isinstance(each, Mapping) and each.get("identifier_value"):
                try:
                    attribute = attributes.identifier_of(each.get("identifier_type"))
                    value = attribute.read(each["identifier_value"])
                except (attributes.UnknownAttribute, attributes.UnfitValue):
                    continue
                if attribute.name in attributes.OF_PERSONS:
                    return person_of(attribute.name, value)
    raise _unreadable("the beneficiary has no identifier of a kind that is known here")


def _day(given: object) -> date | None:
    """A day as written by ISO 8601, or as the published examples write it: 02.05.2024."""
    if given in (None, ""):
        return None
    text = str(given)
    parts = text.split(".")
    if len(parts) == 3 and [len(one) for one in parts] == [2, 2, 4]:
        text = "-".join(reversed(parts))
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise _unreadable("enrolment_date is no day") from None
