"""The one error tree of the service: a message gives fact, values and remedy, and no person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


class HeduiError(Exception):
    """Base of every error that the service raises on purpose."""


class InvalidRequest(HeduiError):  # noqa: N818 - the interface speaks of invalid requests
    """A request that cannot be accepted; `errors` says where and what."""

    def __init__(self, errors: "tuple[FieldError, ...]") -> None:
        super().__init__("; ".join(f"{error.pointer}: {error.code}" for error in errors))
        self.errors = errors


class FieldError(HeduiError):
    """One fault of a request: JSON pointer, stable code, words for a person."""

    def __init__(self, pointer: str, code: str, detail: str) -> None:
        super().__init__(f"{pointer}: {code}")
        self.pointer = pointer
        self.code = code
        self.detail = detail


class NotFound(HeduiError):  # noqa: N818
    """Nothing of that name exists in the caller's region (or it is not the caller's to see)."""


class Conflict(HeduiError):  # noqa: N818
    """The thing is not in a state that allows it."""


class Changed(Conflict):
    """The thing is another than it was when it was read."""

    def __init__(self, message: str, changes: "tuple[Change, ...]") -> None:
        super().__init__(message)
        self.changes = changes


@dataclass(frozen=True, slots=True)
class Change:
    """What changed since something was read: when and by whom.

    `by` is None where no person did it, or where who it was is not to be known yet.
    """

    what: str
    at: datetime | None = None
    by: str | None = None
    name: str | None = None


class KeyReused(HeduiError):  # noqa: N818
    """The same idempotency key came with another body."""


class NotAllowed(HeduiError):  # noqa: N818
    """The caller has not the right (scope, region, programme or purpose)."""

    def __init__(self, words: str, *, scopes: Iterable[str] = ()) -> None:
        """`scopes`: one of them would do, where it is that."""
        super().__init__(words)
        self.scopes = tuple(scopes)


class PurposeNeeded(NotAllowed):
    """A look at a person needs to be told what it is for."""


class CaseNotAssigned(NotAllowed):
    """The case is not assigned to the caller, and no permission names it."""


class NotAuthenticated(HeduiError):  # noqa: N818
    """No credentials, or they do not hold."""


class PartnerRefused(HeduiError):  # noqa: N818
    """A partner of the registry interface is refused; `why` says what every client is told."""

    def __init__(self, why: HeduiError) -> None:
        super().__init__(str(why))
        self.why = why


class TokenRefused(HeduiError):  # noqa: N818
    """No access token is given out; `error` is the word of RFC 6749 §5.2 for why."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


class UntrustedProxy(HeduiError):  # noqa: N818
    """A field that only a trusted proxy may set came from elsewhere, or cannot be read."""


class NoStandardInForce(HeduiError):  # noqa: N818
    """No standard of the programme is in force in the region on that day."""


class UnknownProgramme(HeduiError):  # noqa: N818
    """No programme has that key."""


class InvalidStandard(HeduiError):  # noqa: N818
    """A programme file does not hold what it must."""


class DraftCountsOtherwise(HeduiError):  # noqa: N818
    """A draft counts income or assets otherwise: stored totals do not tell what it changes."""


class ConfigurationError(HeduiError):
    """A setting is missing or wrong; the message says which and what to do."""


class StorageUnavailable(HeduiError):  # noqa: N818
    """The database cannot be used just now; nothing was half done."""


class ProviderUnavailable(HeduiError):  # noqa: N818
    """The identity provider cannot be asked just now, or does not answer as it must."""


def is_storage_away(error: BaseException) -> bool:
    """Whether nothing but the database's being away made something fail."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(is_storage_away, error.exceptions))
    return isinstance(error, StorageUnavailable)


class Undecipherable(HeduiError):  # noqa: N818
    """A stored field cannot be read with the keys at hand, or was moved or changed."""


class Erased(HeduiError):  # noqa: N818
    """What was kept of it was erased, by a rule of retention or at the person's request."""


class AuditUnanchored(StorageUnavailable):
    """The trail cannot be vouched for outside the database just now: nothing may be asked."""


class AuditBroken(HeduiError):  # noqa: N818
    """The audit trail does not hold together; the message names the first broken entry."""


class InvalidFile(HeduiError):  # noqa: N818
    """A file that was handed in cannot be used; the message names rows and columns, no value."""


class TooFewAudits(HeduiError):  # noqa: N818
    """What is known of past decisions does not suffice for what was asked."""


class MissingModel(HeduiError):  # noqa: N818
    """A stored result names a version of what judged it that is not here any more."""
