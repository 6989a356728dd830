"""Content and number of a report: facts found, not verdicts; immutable once issued."""

import secrets
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import orjson
import sqlalchemy as sa

from app.access.consent import china_day
from app.access.masking import masked_name, masked_number
from app.domain.evidence import SourceStatus
from app.domain.household import Member, Person, Supporter
from app.store.reports import IssuedReport, Reports
from app.store.verifications import StoredVerification
from app.store.withdrawals import Withdrawals
from app.verification.consent_state import consent_document
from app.verification.persist import Concluded

_CODE_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's, without I, L, O, U
VALID_MONTHS = 6
NOTES = {
    "zh": (
        "本报告只陈述各信息源反馈的事实，系统建议由救助部门决定。",
        "仅供本行政区域内社会救助审核使用，不做其他用途。",
        "对核对结果有异议的，可在规定期限内申请复核。",
    ),
    "en": (
        "This report states facts found; the relief office decides.",
        "For the review of social relief in this region only.",
        "An objection may be filed within the legal term.",
    ),
}

UNDECLARED = {
    "zh": ("户籍同户有未申报且未授权的人员，未查询其收入和财产，本报告的家庭成员不完整。",),
    "en": (
        "The household is incomplete: somebody registered there was not declared, nor asked about.",
    ),
}


def new_code() -> str:
    """A verification code such as `7K2M-Q9XD`: 40 random bits."""
    signs = [secrets.choice(_CODE_SIGNS) for _ in range(8)]
    return "".join(signs[:4]) + "-" + "".join(signs[4:])


def valid_until(issued: date, months: int = VALID_MONTHS) -> date:
    """The same day some months later (the last of a shorter month)."""
    index = issued.year * 12 + issued.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(issued.day, monthrange(year, month)[1]))


class Issuer:
    """Issues a report in the transaction that makes a verification final."""

    def __init__(
        self,
        reports: Reports,
        withdrawals: Withdrawals,
        *,
        now: Callable[[], datetime],
        public_url: str,
    ) -> None:
        self._reports = reports
        self._withdrawals = withdrawals
        self._now = now
        self._public_url = public_url

    def issue(
        self, tx: sa.Connection, verification: StoredVerification, concluded: Concluded
    ) -> None:
        """A recheck's report is the next version of the earlier one, which it supersedes."""
        now, region = self._now(), verification.request.region
        today = china_day(now)
        earlier = None
        if verification.recheck_of is not None:
            earlier = self._reports.of_verification(tx, verification.recheck_of)
        if earlier is None:
            number, version = self._reports.next_number(tx, region, today.year), 1
        else:
            number = earlier.number
            version = self._reports.last_version(tx, number) + 1
            self._reports.supersede(tx, number, now)
        until = valid_until(today)
        head = {
            "number": number,
            "version": version,
            "valid_until": until.isoformat(),
            "issued_at": now.isoformat(),
            "consent_state": self._consent(tx, verification, now),
        }
        content = content_of(verification, concluded.result.body, concluded.case.statuses, head)
        self._reports.add(
            tx,
            IssuedReport(
                number=number,
                version=version,
                verification_id=verification.id,
                region=region,
                code=new_code(),
                content_digest=f"sha256:{sha256(content).hexdigest()}",
                content=content,
                issued_at=now,
                valid_until=until,
            ),
        )

    def _consent(
        self, tx: sa.Connection, verification: StoredVerification, now: datetime
    ) -> dict[str, Any]:
        request = verification.request
        taken = self._withdrawals.within(tx, request.region, request.consent.references)
        return consent_document(request, taken, now)


def content_of(
    verification: StoredVerification,
    body: bytes,
    statuses: Sequence[SourceStatus],
    head: dict[str, Any],
) -> bytes:
    """Canonical JSON: what the digest covers and every rendering shows."""
    request = verification.request
    document = {
        "head": {
            **head,
            "case_reference": request.case_reference,
            "region": request.region,
            "purpose": request.purpose.value,
            "as_of": request.as_of.isoformat(),
            "programmes": list(request.programmes),
            "consent": request.consent.reference,
        },
        "persons": [_person(one) for one in request.household.persons],
        "sources": [_source(one) for one in statuses],
        "result": orjson.Fragment(body),  # canonical as it is stored
        "notes": _notes(body),
    }
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def _notes(body: bytes) -> dict[str, list[str]]:
    """What stands under every report, and that members are missing where some are."""
    composition = (orjson.loads(body).get("profile") or {}).get("composition", {})
    more = UNDECLARED if composition.get("registered_not_declared") else {}
    return {language: [*notes, *more.get(language, ())] for language, notes in NOTES.items()}


def _person(one: Person) -> dict[str, Any]:
    role = "supporter" if isinstance(one, Supporter) else "member"
    return {
        "ref": one.ref,
        "role": role,
        "name": masked_name(one.name),
        "id_number": masked_number(one.id_number),
        "relationship": one.relationship.value,
        "excluded": one.excluded.value if isinstance(one, Member) and one.excluded else None,
    }


def _source(one: SourceStatus) -> dict[str, Any]:
    return {
        "source": one.source,
        "person": one.person,
        "state": one.state.value,
        "records": one.records,
        "answered_at": None if one.answered_at is None else one.answered_at.isoformat(),
        "data_as_of": None if one.data_as_of is None else one.data_as_of.isoformat(),
        "reason": None if one.reason is None else one.reason.value,
        "detail": one.detail,
    }
