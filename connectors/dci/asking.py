"""What is sent to a DCI registry and what its replies say (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from connectors.contract import AskedPerson
from connectors.dci.codes import VERSION, AckStatus, Action, Status
from connectors.dci.encryption import EncryptionInvalid, decrypt, encrypt, is_encrypted
from connectors.dci.party import Party
from connectors.dci.query import query_of
from connectors.dci.signatures import (
    Dialect,
    SignatureInvalid,
    SignatureMissing,
    Signed,
    check,
    sign,
)
from connectors.failure import Failure, FailureKind, SourceError
from connectors.transport.documents import read_json

PAGE_SIZE: Final = 50
MOST_PAGES: Final = 20
UNSIGNED: Final = "unsigned-stub"
_KINDS: Final[Mapping[str, FailureKind]] = {
    "err.request.unauthorized": FailureKind.REFUSED,
    "err.request.forbidden": FailureKind.REFUSED,
    "err.request.timeout": FailureKind.UNAVAILABLE,
    "err.request.too_many_requests": FailureKind.RATE_LIMITED,
    "err.signature.missing": FailureKind.REFUSED,
    "err.signature.invalid": FailureKind.REFUSED,
    "err.sender_id.invalid": FailureKind.REFUSED,
    "err.encryption.invalid": FailureKind.REFUSED,
    "err.service.unavailable": FailureKind.UNAVAILABLE,
    "rjct.search.too_many_records_found": FailureKind.INCOMPLETE,
}
"""What the standard's codes mean here; any other is a request that was refused."""


class NotBelieved(SourceError):  # noqa: N818 - what is wrong, in two words
    """What the registry said is not signed or encrypted as it must be; another token helps not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The parts of a message of ours that differ from one to the next.

    `transaction` is the asking's own reference, the same at every repeat; `message` is new at each.
    """

    message: str
    transaction: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search: records as they came, and how many there are in all (None: untold)."""

    records: tuple[Mapping[str, Any], ...] = field(repr=False)
    total: int | None = None


def reference_of(transaction: str, page: int) -> str:
    """The `reference_id` of a search, by which its answer is known."""
    return f"{transaction}.{page}"[:99]


def search_body(party: Party, envelope: Envelope, person: AskedPerson, page: int) -> bytes:
    """A search for one person, signed and encrypted as is configured."""
    form, query = query_of(party, person)
    criteria: dict[str, Any] = {
        "version": VERSION,
        "reg_type": party["reg_type"],
        "reg_record_type": party["reg_record_type"],
        "query_type": form.value,
        "query": query,
        "pagination": {"page_size": PAGE_SIZE, "page_number": page},
    }
    for name in ("reg_event_type", "response_entity"):
        if party[name]:
            criteria[name] = party[name]
    if party["purpose"]:
        # What the household signed is looked at before each sending: for what, is told.
        purpose = {"code": party["purpose"]}
        criteria["authorize"] = {"ts": stamp(envelope.at), "purpose": purpose}
    item = {
        "reference_id": reference_of(envelope.transaction, page),
        "timestamp": stamp(envelope.at),
        "search_criteria": criteria,
        "locale": party["locale"],
    }
    message = {"transaction_id": envelope.transaction, "search_request": [item]}
    return message_body(party, envelope, Action.SEARCH, message)


def status_body(party: Party, envelope: Envelope) -> bytes:
    """How far the search of this transaction is."""
    asked = {
        "reference_id": reference_of(envelope.transaction, 1),
        "txn_type": "search",
        "attribute_type": "transaction_id",
        "attribute_value": envelope.transaction,
        "locale": party["locale"],
    }
    message = {"transaction_id": envelope.transaction, "txnstatus_request": asked}
    return message_body(party, envelope, Action.TXN_STATUS, message)


def message_body(party: Party, envelope: Envelope, action: Action, message: Any) -> bytes:
    """The whole of a message. Raises `SourceError` where it cannot be encrypted."""
    header: dict[str, Any] = {
        "version": VERSION,
        "message_id": envelope.message,
        "message_ts": stamp(envelope.at),
        "action": action.value,
        "sender_id": party["sender_id"],
        "total_count": 1,
        "is_msg_encrypted": party.encrypt,
    }
    if party["receiver_id"]:
        header["receiver_id"] = party["receiver_id"]
    if party.is_async:
        header["sender_uri"] = party["callback_url"]
    if party.encrypt and party.encryption_key is not None:
        message = encrypt(message, party.encryption_key)
    signature = UNSIGNED
    if party.dialect is not Dialect.NONE and party.key is not None:
        signed = Signed(header, message)
        signature = sign(
            party.dialect, party.key, signed, now=envelope.at, sender=party["sender_id"]
        )
    return orjson.dumps({"signature": signature, "header": header, "message": message})


def stamp(at: datetime) -> str:
    """RFC 3339 with its zone."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_message(party: Party, body: bytes, *, now: datetime) -> tuple[Mapping[str, Any], Any]:
    """Header and message of a reply or a callback, whatever it was declared as.

    Raises `SourceError` (`MALFORMED`), or `NotBelieved` where a signature that is asked for is
    missing or does not hold, or where it cannot be opened.
    """
    reply = _object(read_json(body), "the reply")
    header = reply.get("header")
    message = reply.get("message")
    if party.peer_keys:
        _check_signature(party, body, _object(header, "the reply's header"), now=now)
    if isinstance(message, Mapping) and is_encrypted(message):
        try:
            message = decrypt(message, party.decryption_keys)
        except EncryptionInvalid as error:
            raise NotBelieved.of(FailureKind.REFUSED, str(error)) from None
    return header if isinstance(header, Mapping) else {}, message


def _check_signature(
    party: Party, body: bytes, header: Mapping[str, Any], *, now: datetime
) -> None:
    # Numbers as Python reads them: the digests of two dialects are made of them written anew.
    plain = orjson.loads(body)
    signed = Signed(plain["header"], plain.get("message"))
    sender = str(header.get("sender_id") or party["receiver_id"])
    try:
        check(plain.get("signature") or "", signed, party.peer_keys, now=now, sender=sender)
    except (SignatureInvalid, SignatureMissing) as error:
        raise NotBelieved.of(FailureKind.REFUSED, f"the registry's signature: {error}") from None


def read_page(
    header: Mapping[str, Any], message: object, *, transaction: str, page: int
) -> Page | None:
    """The answer to a search; None where the registry has not finished yet.

    Raises `SourceError`: rejected, malformed, or belonging to another search (`MISMATCHED`).
    """
    _raise_rejected(header)
    found = _object(message, "the reply's message")
    _raise_error(found)
    if found.get("transaction_id") not in {transaction, None, ""}:
        raise SourceError.of(FailureKind.MISMATCHED, "the answer is about another search")
    items = found.get("search_response")
    if not isinstance(items, list):
        raise SourceError.of(FailureKind.MALFORMED, "the reply has no search_response")
    return _page(header, items, reference_of(transaction, page))


def _page(header: Mapping[str, Any], items: Sequence[object], reference: str) -> Page | None:
    """The item that is about our search; OpenCRVS leaves it out where it holds nothing."""
    own = [
        one for one in items if isinstance(one, Mapping) and one.get("reference_id") == reference
    ]
    if len(own) > 1 or (items and not own):
        raise SourceError.of(FailureKind.MISMATCHED, "the answer is about another search")
    if not own:
        if header.get("status") == Status.SUCCEEDED:
            return Page((), 0)
        raise SourceError.of(FailureKind.MALFORMED, "the reply answers no search")
    _raise_rejected(own[0])
    records = _records(own[0].get("data"))
    if own[0].get("status") == Status.PENDING and not records:
        return None
    if own[0].get("status") == Status.RECEIVED and not records:
        return None
    return Page(records, _total(own[0].get("pagination")))


def _records(data: object) -> tuple[Mapping[str, Any], ...]:
    """Of `data.reg_records`; some send a list in the place of `data`, some one record."""
    given = data.get("reg_records") if isinstance(data, Mapping) else data
    if given is None:
        return ()
    listed = [given] if isinstance(given, Mapping) else given
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise SourceError.of(FailureKind.MALFORMED, "reg_records are no records")
    return tuple(listed)


def _total(pagination: object) -> int | None:
    total = pagination.get("total_count") if isinstance(pagination, Mapping) else None
    if isinstance(total, str) and total.isascii() and total.isdigit():
        return int(total)
    return total if isinstance(total, int) and not isinstance(total, bool) else None


def read_ack(message: object) -> None:
    """That a search was taken in. Raises `SourceError` where it was not."""
    found = _object(message, "the reply's message")
    status = str(found.get("ack_status", ""))
    # OpenSPP's own acknowledgement says `rcvd` where the standard says `ACK`.
    if status.upper() != AckStatus.ACK and status != Status.RECEIVED:
        _raise_error(found)
        raise SourceError.of(FailureKind.REJECTED, "the registry did not take the search in")


def _raise_rejected(part: Mapping[str, Any]) -> None:
    if part.get("status") == Status.REJECTED:
        raise SourceError(failure_of(part.get("status_reason_code")))


def _raise_error(message: Mapping[str, Any]) -> None:
    error = message.get("error")
    if isinstance(error, Mapping) and error.get("code"):
        raise SourceError(failure_of(error["code"]))


def failure_of(code: object) -> Failure:
    """What a code of the standard says; never the words beside it, which may quote a person."""
    known = str(code) if isinstance(code, str) and len(code) < 60 and code.isascii() else ""
    kind = _KINDS.get(known, FailureKind.REJECTED)
    pause = timedelta(seconds=1) if kind is FailureKind.RATE_LIMITED else None
    shown = known if known.startswith(("err.", "rjct.")) else "a code of its own"
    return Failure(kind, f"the registry says {shown}", pause)


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise SourceError.of(FailureKind.MALFORMED, f"{what} is no JSON object")
    return value
