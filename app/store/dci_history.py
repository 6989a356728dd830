"""What was known of a household before a verification: its last final one, and who was in it."""

import sqlalchemy as sa

from app.store.base import in_region
from app.store.tables import verification
from app.store.tables_facts import case_person

_COUNTY = 6
_OF = verification.c


class DciHistory:
    """Queries over verifications of one case."""

    def earlier(self, tx: sa.Connection, id_: str, region: str, case_reference: str) -> str | None:
        """The case's last final verification in the county before this one."""
        query = (
            sa.select(_OF.id)
            .where(
                _OF.case_reference == case_reference,
                in_region(_OF.region, region[:_COUNTY]),
                _OF.status == "final",
                _OF.id != id_,
            )
            .order_by(_OF.requested_at.desc(), _OF.id.desc())
            .limit(1)
        )
        return tx.execute(query).scalar_one_or_none()

    def joined(self, tx: sa.Connection, id_: str, earlier: str) -> list[str]:
        """Members, by ref, who are in this one and were not in the earlier one."""
        now, before = case_person.alias().c, case_person.alias().c
        known = sa.select(before.person_key).where(
            before.verification_id == earlier, before.is_member.is_(True)
        )
        query = sa.select(now.ref).where(
            now.verification_id == id_, now.is_member.is_(True), now.person_key.not_in(known)
        )
        return sorted(tx.execute(query).scalars())
