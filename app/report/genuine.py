"""The public check: is this report genuine and unchanged? Shows no personal data."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from app.domain.instants import rfc3339
from app.report.signing import ALGORITHM, ReportKeys, sha256_digest, sm3_digest
from app.store.report_papers import ProviderSignature
from app.store.reports import IssuedReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What lies beside a report: the last version of its number, what providers signed of it, and
    whether two persons issued it."""

    newest: int = 0
    provided: Sequence[ProviderSignature] = ()
    endorsed: bool = False


ALONE: Final = Beside()


def check(
    report: IssuedReport,
    today: date,
    keys: ReportKeys,
    beside: Beside = ALONE,
) -> dict[str, Any]:
    """Number, version, dates, state; whether digests and signatures hold over the content.

    Takes as long as a provider's program.
    """
    return {
        "number": report.number,
        "version": report.version,
        "newest_version": max(beside.newest, report.version),
        "kind": report.kind,
        "issued_at": rfc3339(report.issued_at),
        "valid_until": report.valid_until.isoformat(),
        "state": state_of(report, today),
        "genuine": is_whole(report, keys),
        "endorsed": beside.endorsed,
        "content_digest": report.content_digest,
        "sm3_digest": report.sm3_digest,
        "signatures": [
            *_own(report, keys),
            *(_theirs(report, keys, one) for one in beside.provided),
        ],
    }


def is_whole(report: IssuedReport, keys: ReportKeys) -> bool:
    """The content has its digests, and where it is signed, the signature of a key known here."""
    digests = sha256_digest(report.content) == report.content_digest
    if report.sm3_digest is not None:
        digests = digests and sm3_digest(report.content) == report.sm3_digest
    is_signed = report.signature is not None
    right = keys.right(report.key_id, report.content, report.signature)
    return digests and (right is True or not is_signed)


def _own(report: IssuedReport, keys: ReportKeys) -> list[dict[str, Any]]:
    if report.signature is None:
        return []
    return [
        {
            "algorithm": ALGORITHM,
            "key_id": report.key_id,
            "value": b64encode(report.signature).decode(),
            "valid": keys.right(report.key_id, report.content, report.signature),
        }
    ]


def _theirs(report: IssuedReport, keys: ReportKeys, one: ProviderSignature) -> dict[str, Any]:
    valid = None
    if keys.provider is not None and keys.provider.signer.key_id == one.key_id:
        valid = keys.provider.right(one.key_id, report.content, one.signature)
    return {
        "algorithm": one.algorithm,
        "key_id": one.key_id,
        "value": b64encode(one.signature).decode(),
        "valid": valid,
    }


def state_of(report: IssuedReport, today: date) -> str:
    """`valid`, `expired` or `superseded`."""
    if report.superseded_at is not None:
        return "superseded"
    return "expired" if today > report.valid_until else "valid"
