"""Which fact of one snapshot is which of another: by key, else by another name of the thing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.alerts.snapshot import Fact, FactKind, Key, Snapshot


@dataclass(frozen=True, slots=True)
class Pair:
    """The same thing before and after; None where it is not there."""

    before: Fact | None
    after: Fact | None

    @property
    def one(self) -> Fact:
        """Whichever there is, the newer first."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a pair is of one fact at least")
        return found


def pairs_of(old: Snapshot, new: Snapshot) -> Iterator[Pair]:
    """Every fact of either, but for the persons; each in one pair."""
    renamed = _renamed(old.facts, new.facts)
    taken = set(renamed.values())
    for key, after in new.facts.items():
        if key[0] is FactKind.PERSON:
            continue
        before = old.facts.get(renamed.get(key, key))
        yield Pair(before, after)
    for key, before in old.facts.items():
        if key[0] is not FactKind.PERSON and key not in new.facts and key not in taken:
            yield Pair(before, None)


def _renamed(old: Mapping[Key, Fact], new: Mapping[Key, Fact]) -> dict[Key, Key]:
    """New key → old key, of facts whose keys differ and that share another name."""
    gone = sorted(key for key, fact in old.items() if fact.aliases and key not in new)
    came = sorted(key for key, fact in new.items() if fact.aliases and key not in old)
    found: dict[Key, Key] = {}
    for key in came if gone else ():
        names = set(new[key].aliases)
        for other in gone:
            same_kind = other[:2] == key[:2] and other not in found.values()
            if same_kind and names.intersection(old[other].aliases):
                found[key] = other
                break
    return found
