"""The smallest answer 最小必要: what of a source's reply another centre is given. Pure.

Just the records that may be the person's, in our own words: neither the source's own fields, nor
who else owns a home with the person, nor who else stands in a registered household. Whose record
it is is decided by whoever asked, so a record stays where number or name do not exclude it.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, assert_never

from connectors.binding import Bound, bind_each, bound_to
from connectors.contract import AskedPerson, Found, NoRecord, Outcome, Partial, Unknown
from connectors.records import AnyRecord, RegisteredPerson, Subject

_SOMEBODY: Final = Subject()
"""In place of another owner, so that shares stay with whom they belong to."""


def smallest(person: AskedPerson, outcome: Outcome) -> Outcome:
    """The outcome without anybody else."""
    match outcome:
        case Found(records):
            return bind_each(person, _own(person, records), None)
        case Partial(records, gap):
            return bind_each(person, _own(person, records), gap)
        case NoRecord() | Unknown(_):
            return outcome
        case _:
            assert_never(outcome)


def _own(person: AskedPerson, records: Iterable[AnyRecord]) -> tuple[AnyRecord, ...]:
    return tuple(_cut(person, one) for one in records if not _came_with_a_list(one))


def _came_with_a_list(record: AnyRecord) -> bool:
    return isinstance(record, RegisteredPerson) and record.in_household


def _cut(person: AskedPerson, record: AnyRecord) -> AnyRecord:
    subjects = tuple(
        one if bound_to(person, (one,)) is not Bound.NO else _SOMEBODY for one in record.subjects
    )
    if all(one is _SOMEBODY for one in subjects):
        return record  # nobody's that was asked about: it is taken out as a whole, and told of
    return replace(record, subjects=subjects, raw={})
