"""Who each person is by the registry, and the registered household against the declared one."""

from collections.abc import Iterator

from app.domain.evidence import Evidence, Link
from app.domain.household import Member, Supporter
from app.domain.profile import Composition, IdentityState, PersonProfile, RegisteredRelative
from app.verification.merge.records import Material
from connectors.records import AnyRecord, RegisteredPerson

REGISTRY = "household_registry"
_NAME_DIFFERS = "identity_mismatch"


def persons_of(material: Material) -> tuple[PersonProfile, ...]:
    return tuple(_person(material, person) for person in material.request.household.persons)


def _person(material: Material, person: Member | Supporter) -> PersonProfile:
    rows = list(registry_rows(material, person.ref))
    state, probability = _identity(material, person.ref, rows)
    why = material.why_not_counted(person.ref)
    return PersonProfile(
        ref=person.ref,
        identity=state,
        probability=probability,
        alive=_alive(rows, state),
        counted=why is None,
        why=why,
    )


def registry_rows(material: Material, ref: str) -> Iterator[Evidence[AnyRecord]]:
    """The registry's own records for a person (not the household's list)."""
    for row in material.evidence:
        record = row.record
        about = row.source == REGISTRY and row.person == ref
        if about and isinstance(record, RegisteredPerson) and not record.in_household:
            yield row


def _identity(
    material: Material, ref: str, rows: list[Evidence[AnyRecord]]
) -> tuple[IdentityState, float | None]:
    accepted = [row for row in rows if row.accepted]
    in_review = [row for row in rows if row.link is Link.IN_REVIEW]
    if ref in material.dead:
        return IdentityState.DECEASED, max(row.probability for row in accepted)
    if accepted:
        return IdentityState.VERIFIED, max(row.probability for row in accepted)
    if in_review:
        best = max(in_review, key=lambda row: row.probability)
        differs = best.rule == _NAME_DIFFERS
        state = IdentityState.MISMATCH if differs else IdentityState.UNCERTAIN
        return state, best.probability
    if material.is_open(ref, REGISTRY):
        return IdentityState.UNCERTAIN, None
    return IdentityState.NOT_FOUND, None


def _alive(rows: list[Evidence[AnyRecord]], state: IdentityState) -> bool | None:
    if state is IdentityState.DECEASED:
        return False
    doubts = any(
        isinstance(row.record, RegisteredPerson)
        and row.record.dead is not False
        and row.link is Link.IN_REVIEW
        for row in rows
    )
    return True if state is IdentityState.VERIFIED and not doubts else None


def composition_of(material: Material) -> Composition:
    """Registered and not declared: relation and evidence only, for they have not consented."""
    declared = {member.ref for member in material.request.household.members}
    extra: dict[str, RegisteredRelative] = {}
    for row in material.evidence:
        record = row.record
        if not isinstance(record, RegisteredPerson) or not record.in_household:
            continue
        elsewhere = record.dead is True or record.moved_out is True
        if (row.accepted and row.person in declared) or elsewhere or not _of_head(material, record):
            continue
        key = record.subjects[0].id_number or row.id
        relation = None if record.relation is None else record.relation.value
        extra.setdefault(key, RegisteredRelative(evidence=row.id, relation=relation))
    return Composition(
        registered_not_declared=tuple(extra.values()),
        declared_not_registered=_not_registered(material),
        known=not any(material.is_open(ref, REGISTRY) for ref in sorted(declared)),
    )


def _number_of(material: Material, ref: str) -> str | None:
    for row in registry_rows(material, ref):
        if row.accepted and isinstance(row.record, RegisteredPerson):
            return row.record.household_number
    return None


def _of_head(material: Material, record: RegisteredPerson) -> bool:
    """In a household number under which a declared member is registered."""
    numbers = {_number_of(material, one.ref) for one in material.request.household.members}
    return record.household_number in numbers - {None}


def _not_registered(material: Material) -> tuple[str, ...]:
    """Declared members whom the registry does not know in the first member's household."""
    members = material.request.household.members
    home = _number_of(material, members[0].ref)
    away = []
    for member in members[1:]:
        if material.is_open(member.ref, REGISTRY):
            continue
        number = _number_of(material, member.ref)
        if number is None or (home is not None and number != home):
            away.append(member.ref)
    return tuple(away)
