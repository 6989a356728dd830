"""The closed words of the DCI registry APIs 1.0.0: statuses, actions, error and refusal codes."""

from enum import StrEnum
from typing import Final

VERSION: Final = "1.0.0"
"""Of the messaging protocol that is spoken here."""

NAMESPACE: Final = "dci"
"""As it stands in signatures."""


class Status(StrEnum):
    """Of a message or of one of its items (`RequestStatus`)."""

    RECEIVED = "rcvd"
    PENDING = "pdng"
    SUCCEEDED = "succ"
    REJECTED = "rjct"


class AckStatus(StrEnum):
    """How a message was taken in (`Ack`).

    NACK: valid, and no callback will come; ERR: not valid.
    """

    ACK = "ACK"
    NACK = "NACK"
    ERR = "ERR"


class Action(StrEnum):
    """What a message is about: `header.action`, usually the address's last word."""

    SEARCH = "search"
    ON_SEARCH = "on-search"
    SUBSCRIBE = "subscribe"
    ON_SUBSCRIBE = "on-subscribe"
    UNSUBSCRIBE = "unsubscribe"
    ON_UNSUBSCRIBE = "on-unsubscribe"
    NOTIFY = "notify"
    TXN_STATUS = "txn-status"
    TXN_ON_STATUS = "txn-on-status"


class QueryType(StrEnum):
    """The three forms of a query."""

    ID = "idtype-value"
    EXPRESSION = "expression"
    PREDICATE = "predicate"


class ErrorCode(StrEnum):
    """Why a message was not taken in at all (`Error.code`)."""

    BAD = "err.request.bad"
    UNAUTHORIZED = "err.request.unauthorized"
    FORBIDDEN = "err.request.forbidden"
    NOT_FOUND = "err.request.not_found"
    TIMEOUT = "err.request.timeout"
    TOO_MANY = "err.request.too_many_requests"
    VERSION = "err.version.not_supported"
    SENDER_ID = "err.sender_id.invalid"
    SENDER_URI = "err.sender_uri.invalid"
    RECEIVER_ID = "err.receiver_id.invalid"
    SIGNATURE_MISSING = "err.signature.missing"
    SIGNATURE = "err.signature.invalid"
    ENCRYPTION = "err.encryption.invalid"
    UNAVAILABLE = "err.service.unavailable"


class HeaderCode(StrEnum):
    """Why a message as a whole was rejected (`header.status_reason_code`)."""

    VERSION = "rjct.version.invalid"
    MESSAGE_ID = "rjct.message_id.duplicate"
    MESSAGE_TS = "rjct.message_ts.invalid"
    ACTION = "rjct.action.invalid"
    ACTION_NOT_SUPPORTED = "rjct.action.not_supported"
    TOTAL_COUNT = "rjct.total_count.invalid"
    TOTAL_COUNT_LIMIT = "rjct.total_count.limit_exceeded"
    TOO_MANY_ERRORS = "rjct.errors.too_many"


class ItemCode(StrEnum):
    """Why one search of a message was rejected (`SearchStatusReasonCode`)."""

    REFERENCE_ID = "rjct.reference_id.invalid"
    REFERENCE_ID_DUPLICATE = "rjct.reference_id.duplicate"
    TIMESTAMP = "rjct.timestamp.invalid"
    SEARCH_CRITERIA = "rjct.search_criteria.invalid"
    FILTER = "rjct.filter.invalid"
    SORT = "rjct.sort.invalid"
    PAGINATION = "rjct.pagination.invalid"
    TOO_MANY_RECORDS = "rjct.search.too_many_records_found"


class SubscribeCode(StrEnum):
    """Why one subscription was rejected (`SubscribeStatusReasonCode`)."""

    REFERENCE_ID = "rjct.reference_id.invalid"
    REFERENCE_ID_DUPLICATE = "rjct.reference_id.duplicate"
    TIMESTAMP = "rjct.timestamp.invalid"
    NOTIFY_TYPES = "rjct.notify_types.invalid"
    NOTIFY_DETAILS = "rjct.notify_details.invalid"
    PERSON_ID = "rjct.person_id.invalid"
    ALREADY = "rjct.event.already_subscribed"


class UnsubscribeCode(StrEnum):
    """Why ending subscriptions was rejected (`UnSubscribeStatusReasonCode`)."""

    REFERENCE_ID = "rjct.reference_id.invalid"
    REFERENCE_ID_DUPLICATE = "rjct.reference_id.duplicate"
    TIMESTAMP = "rjct.timestamp.invalid"
    CODE = "rjct.subscription_code.invalid"
    REQUESTER = "rjct.requester.invalid"
    ALREADY = "rjct.event.already_unsubscribed"
