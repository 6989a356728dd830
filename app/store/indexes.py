"""Blind indexes of persons and households, by every key that rows may stand under.

The first is the one that is written. While keys rotate there are others: rows are looked for under
all of them, and whatever is written moves what stands under an older one along.
"""

from app.domain.household import Person, VerificationRequest
from app.store.crypto import FieldCipher
from app.store.crypto.keyring import HOUSEHOLD, PERSON, RECIPIENT, RECIPIENT_PERSON
from app.store.person_forms import household_form, person_form


def household_indexes(cipher: FieldCipher, request: VerificationRequest) -> tuple[bytes, ...]:
    """Of all members of a verification's household, those who do not count too."""
    members = request.household.members
    return cipher.blinds(HOUSEHOLD, lambda form: household_form(members, form))


def person_keys(cipher: FieldCipher, person: Person) -> tuple[int, ...]:
    """64 bits of a keyed index: of a million persons, two have the same with a chance of 1 in 37
    million."""
    return tuple(map(number_of, cipher.blinds(PERSON, lambda form: person_form(person, form))))


def receiving(cipher: FieldCipher, person: Person) -> tuple[bytes, ...]:
    """Of a member of a household that receives relief."""
    return cipher.blinds(RECIPIENT_PERSON, lambda form: person_form(person, form))


def receiving_households(cipher: FieldCipher, request: VerificationRequest) -> tuple[bytes, ...]:
    """Of the members who count of a household that receives relief."""
    members = [member for member in request.household.members if member.excluded is None]

    def words(form: int) -> str | None:
        if form:
            return household_form(members, form)
        of_members = [
            cipher.blind_before(RECIPIENT_PERSON, person_form(member, form)) for member in members
        ]
        there = [index for index in of_members if index is not None]
        return b"".join(sorted(there)).hex() if len(there) == len(members) else None

    return cipher.blinds(RECIPIENT, words)


def number_of(index: bytes) -> int:
    """The first 64 bits."""
    return int.from_bytes(index[:8], signed=True)
