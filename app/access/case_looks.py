"""How a caller stands to a case, and what of lists is within reach, read from the stores."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from pydantic import TypeAdapter

from app.access.looking import Looker, Standing
from app.access.relations import Home, Related, home_of, touches
from app.domain.errors import NotFound
from app.domain.household import VerificationRequest
from app.store.crypto import FieldCipher
from app.store.looks import Assignments, Holder, LookPermissions
from app.store.reach import Reach
from app.store.relations import CaseHomes, Keys, ProtectedPersons, Relations
from app.store.staff import StaffAccounts

RELATED = TypeAdapter(Related)
"""How a relation stands in its sealed field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookDesk:
    """The stores that decide on looks, and the clock."""

    assignments: Assignments
    permissions: LookPermissions
    relations: Relations
    homes: CaseHomes
    protected: ProtectedPersons
    accounts: StaffAccounts
    now: Callable[[], datetime]

    @classmethod
    def over(cls, cipher: FieldCipher, now: Callable[[], datetime]) -> "LookDesk":
        return cls(
            assignments=Assignments(),
            permissions=LookPermissions(cipher),
            relations=Relations(cipher),
            homes=CaseHomes(cipher),
            protected=ProtectedPersons(cipher),
            accounts=StaffAccounts(cipher),
            now=now,
        )

    def standing(self, tx: sa.Connection, look: Looker, request: VerificationRequest) -> Standing:
        """To the case of the request; of a client nothing is kept."""
        if not look.is_staff:
            return Standing(own_purpose=request.purpose)
        holder, case = self._holder(look), (request.case_reference, request.region)
        return Standing(
            own_purpose=request.purpose,
            related=self.is_related(tx, look.actor, request),
            assignment=self.assignments.held(tx, holder, case),
            permissions=self.permissions.held(tx, holder, case),
        )

    def is_related(self, tx: sa.Connection, staff_id: str, request: VerificationRequest) -> bool:
        """Whether the case is out of the reach of this member of staff 回避."""
        return touches(self._related(tx, staff_id), request)

    def related_to(self, tx: sa.Connection, staff_id: str) -> Callable[[VerificationRequest], bool]:
        """Tells of one case after the other whether it is out of reach."""
        related = tuple(self._related(tx, staff_id))
        return lambda request: touches(related, request)

    def reach(self, tx: sa.Connection, look: Looker) -> Reach | None:
        """What of lists a member of staff may see; a client sees its region whole."""
        if not look.is_staff:
            return None
        keys = self.relations.keys_of(tx, look.actor)
        own = {self.homes.key_of(home_of(home)) for home in self._own_home(tx, look.actor)}
        return Reach(
            holder=self._holder(look),
            away_from=Keys(persons=keys.persons, homes=keys.homes | own),
            only_in_hand=not look.sees_whole_lists,
        )

    def _holder(self, look: Looker) -> Holder:
        return Holder(staff_id=look.actor, roles=tuple(sorted(look.roles)), now=self.now())

    def _related(self, tx: sa.Connection, staff_id: str) -> Iterator[Related]:
        for one in self.relations.of_staff(tx, staff_id):
            yield RELATED.validate_json(one.told)
        for home in self._own_home(tx, staff_id):
            yield Related.own_home(home)

    def _own_home(self, tx: sa.Connection, staff_id: str) -> Iterator[Home]:
        """That of the account, where it names one."""
        try:
            account = self.accounts.get(tx, staff_id)
        except NotFound:
            return
        if account.address is not None:
            yield Home(region=account.region, address=account.address)
