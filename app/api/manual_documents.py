"""Tasks of clerks as the interface shows them, and what they send as the service takes it."""

from typing import Any

from app.access.looking import Looker
from app.access.masking import masked_name, masked_number
from app.api.schemas.manual_tasks import EntryIn, RecordIn
from app.domain.errors import FieldError, InvalidRequest
from app.domain.household import Person
from app.domain.instants import rfc3339
from app.domain.period import Window
from app.store.manual_tasks import OPEN, SECOND, ManualTask
from app.store.verifications import StoredVerification
from app.verification.by_hand import Entry, person_of
from connectors.record_forms import Owner, RecordForm, Typed, Unfit, forms_of, record_of
from connectors.records import AnyRecord


def turn_of(who: Looker, task: ManualTask) -> str:
    """Whether the caller may enter it now, as the first or as the second."""
    if task.state == OPEN:
        return "first"
    return "second" if task.state == SECOND and task.first_clerk != who.actor else "none"


def row_document(
    who: Looker, task: ManualTask, of: StoredVerification, *, masked: bool = True
) -> dict[str, Any]:
    """As a list has it."""
    return {
        "id": task.id,
        "source": task.source,
        "institution": task.institution or None,
        "person": _person(person_of(of, task), masked=masked),
        "purpose": of.request.purpose.value,
        "state": task.state,
        "why_closed": task.why_closed,
        "turn": turn_of(who, task),
        "went_back": task.state == OPEN and task.detail is not None,
        "created_at": rfc3339(task.created_at),
        "deadline_at": rfc3339(task.deadline_at),
        "version": task.version,
    }


def _person(person: Person, *, masked: bool) -> dict[str, Any]:
    return {
        "name": masked_name(person.name) if masked else person.name,
        "id_type": person.id_type.value,
        "id_number": masked_number(person.id_number) if masked else person.id_number,
        "masked": masked,
    }


def task_document(who: Looker, task: ManualTask, of: StoredVerification) -> dict[str, Any]:
    """What the question would hold; plain for whoever is to look the person up, and no longer."""
    is_turn = turn_of(who, task) != "none"
    window = Window.before(of.request.as_of)
    return {
        **row_document(who, task, of, masked=not is_turn),
        "months": {"first": window.start.isoformat(), "last": window.end.isoformat()},
        "as_of": of.request.as_of.isoformat(),
        "consent": "valid" if task.waits else task.why_closed or task.state,
        "differences": task.detail.split(",") if task.detail and task.state == OPEN else [],
        "forms": [_form(one) for one in forms_of(task.source)] if is_turn else [],
    }


def _form(form: RecordForm) -> dict[str, Any]:
    return {
        "type": form.type,
        "fields": [
            {
                "name": one.name,
                "kind": one.kind,
                "unit": one.unit,
                "choices": list(one.choices),
                "required": one.required,
            }
            for one in form.fields
        ],
    }


def entry_of(body: EntryIn, task: ManualTask, person: Person) -> Entry:
    """What a clerk sends, read. Raises InvalidRequest naming each field, never its value."""
    faults = list(_of_outcome(body))
    records: list[AnyRecord] = []
    for index, one in enumerate(body.records):
        read = record_of(task.source, _typed(one, person))
        if isinstance(read, tuple):
            place = f"/records/{index}"
            faults += [
                FieldError(f"{place}/{_place(wrong)}", "entry.unfit", wrong.problem)
                for wrong in read
            ]
        else:
            records.append(read)
    if faults:
        raise InvalidRequest(tuple(faults))
    return Entry(
        outcome=body.outcome,
        records=tuple(records),
        reason=body.reason,
        data_as_of=body.data_as_of,
    )


def _place(wrong: Unfit) -> str:
    return wrong.field if wrong.field.startswith("others") else f"fields/{wrong.field}"


def _of_outcome(body: EntryIn) -> list[FieldError]:
    faults = []
    if (body.outcome == "found") != bool(body.records):
        words = "records are entered where there are any, and only then"
        faults.append(FieldError("/records", "entry.records", words))
    if (body.outcome == "unavailable") != (body.reason is not None):
        words = "a reason is given where the source could not be searched, and only then"
        faults.append(FieldError("/reason", "entry.reason", words))
    return faults


def _typed(one: RecordIn, person: Person) -> Typed:
    """Whom the record names: what the clerk typed, or whom was asked about."""
    same = one.name is None
    return Typed(
        type=one.type,
        name=person.name if one.name is None else one.name,
        id_number=person.id_number if same else (one.id_number or "").strip().upper(),
        texts=one.fields,
        others=tuple(
            Owner(each.name, each.id_number.strip().upper(), each.share) for each in one.others
        ),
    )
