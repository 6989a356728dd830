"""Which faults the sandbox's sources can be told to show, and which of them is due now."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from time import time
from typing import Final

from connectors.sandbox.register import SOURCES


class Fault(StrEnum):
    """One way in which a source's answer goes wrong."""

    # The connection
    REFUSED = "refused"  # nobody listens on the port
    STALL = "stall"  # the request is taken and never answered
    DRIP_HEADERS = "drip_headers"  # headers (or the SSH greeting) byte by byte, without an end
    DRIP_BODY = "drip_body"  # good headers, the body byte by byte
    RESET = "reset"  # the connection is reset instead of an answer
    # The answer as a whole
    HTTP_500 = "http_500"
    HTTP_429 = "http_429"
    HTTP_200_ERROR = "http_200_error"  # the source's own word for failure, under HTTP 200
    GARBAGE = "garbage"
    EMPTY = "empty"
    TRUNCATED_WITH_LENGTH = "truncated_with_length"
    TRUNCATED_WITHOUT_LENGTH = "truncated_without_length"
    WRONG_CONTENT_TYPE = "wrong_content_type"  # a gateway's HTML page in place of the answer
    WRONG_CHARSET = "wrong_charset"  # other bytes than those declared
    TEN_MEGABYTES = "ten_megabytes"
    GZIP_BOMB = "gzip_bomb"
    DEEP_JSON = "deep_json"  # XML sources nest elements as deeply
    XML_ENTITY_BOMB = "xml_entity_bomb"
    LATE = "late"  # a good answer, after the board's `late_seconds`
    # What the answer says
    NAN = "nan"  # NaN or 1e999 where a number belongs
    WRONG_PERSON = "wrong_person"  # records of another person only
    TWO_PERSONS = "two_persons"  # the person's own records and another person's
    DUPLICATE = "duplicate"  # every record twice; a callback twice
    OTHER_REQUEST = "other_request"  # the reply that belongs to another request
    # Of single sources
    SOAP_CLIENT_FAULT = "soap_client_fault"
    JOB_FAILED = "job_failed"
    JOB_EXPIRED = "job_expired"
    TOKEN_WITHDRAWN = "token_withdrawn"  # noqa: S105 - a fault's name
    BAD_SIGNATURE_CALLBACK = "bad_signature_callback"
    OLD_TIMESTAMP_CALLBACK = "old_timestamp_callback"
    UNKNOWN_INQUIRY_CALLBACK = "unknown_inquiry_callback"
    PARTS_OUT_OF_ORDER = "parts_out_of_order"
    DAMAGED_PART = "damaged_part"  # the trailer's MD5 is wrong
    MISSING_OK = "missing_ok"  # the reply lies there without its `.ok`
    REJECTED_REQUEST = "rejected_request"
    BAD_LINE = "bad_line"  # one person's line does not parse
    SQL_ERROR = "sql_error"  # the view is gone
    SQL_SLOW = "sql_slow"  # the view takes longer than any deadline
    BROKEN_WORKBOOK = "broken_workbook"
    MISSING_HEADINGS = "missing_headings"
    ID_AS_NUMBER = "id_as_number"  # identity numbers as 2.29901E+17


class Step(StrEnum):
    """At which of a source's answers a fault shows."""

    TOKEN = "token"  # noqa: S105 - a step's name
    ASK = "ask"
    RESULT = "result"  # the poll of a job or inquiry, the reply file
    CALLBACK = "callback"


CONNECTION: Final = frozenset(
    {Fault.REFUSED, Fault.STALL, Fault.DRIP_HEADERS, Fault.DRIP_BODY, Fault.RESET}
)
WHOLE: Final = frozenset(
    {
        Fault.HTTP_500,
        Fault.HTTP_429,
        Fault.GARBAGE,
        Fault.EMPTY,
        Fault.TRUNCATED_WITH_LENGTH,
        Fault.TRUNCATED_WITHOUT_LENGTH,
        Fault.WRONG_CONTENT_TYPE,
        Fault.WRONG_CHARSET,
        Fault.TEN_MEGABYTES,
        Fault.GZIP_BOMB,
        Fault.DEEP_JSON,
        Fault.XML_ENTITY_BOMB,
        Fault.LATE,
    }
)
"""Faults that replace or spoil a good answer without knowing what it says."""
ANSWER: Final = frozenset(
    {
        Fault.HTTP_200_ERROR,
        Fault.NAN,
        Fault.WRONG_PERSON,
        Fault.TWO_PERSONS,
        Fault.DUPLICATE,
        Fault.OTHER_REQUEST,
    }
)
"""Faults in what an answer says: every source has its own words for them."""
FOREIGN: Final = frozenset({Fault.WRONG_PERSON, Fault.TWO_PERSONS, Fault.OTHER_REQUEST})
"""Faults that bring records of somebody who was not asked for."""

_OWN: Final[dict[Fault, frozenset[str]]] = {
    Fault.SOAP_CLIENT_FAULT: frozenset({"tax"}),
    Fault.JOB_FAILED: frozenset({"social_insurance"}),
    Fault.JOB_EXPIRED: frozenset({"social_insurance"}),
    Fault.TOKEN_WITHDRAWN: frozenset({"business_registration"}),
    Fault.BAD_SIGNATURE_CALLBACK: frozenset({"insurance"}),
    Fault.OLD_TIMESTAMP_CALLBACK: frozenset({"insurance"}),
    Fault.UNKNOWN_INQUIRY_CALLBACK: frozenset({"insurance"}),
    Fault.PARTS_OUT_OF_ORDER: frozenset({"bank", "insurance"}),
    Fault.DAMAGED_PART: frozenset({"bank"}),
    Fault.MISSING_OK: frozenset({"bank", "securities"}),
    Fault.REJECTED_REQUEST: frozenset({"bank"}),
    Fault.BAD_LINE: frozenset({"bank"}),
    Fault.SQL_ERROR: frozenset({"housing_fund"}),
    Fault.SQL_SLOW: frozenset({"housing_fund"}),
    Fault.BROKEN_WORKBOOK: frozenset({"securities"}),
    Fault.MISSING_HEADINGS: frozenset({"securities"}),
    Fault.ID_AS_NUMBER: frozenset({"securities"}),
}
_JSON: Final = frozenset(
    {"household_registry", "social_insurance", "property", "business_registration", "insurance"}
)
_NO_HTTP: Final = "no HTTP status travels over this source's transport"
_ROWS_ARE_CHOSEN: Final = "the asker's own WHERE clause chooses the rows of a view"
_FILE_OF_A_DATABASE: Final = "an SQLite file has neither port nor byte stream; see sql_error"
_REASONS: Final[dict[tuple[str, Fault], str]] = {
    ("bank", Fault.HTTP_429): _NO_HTTP,
    ("securities", Fault.HTTP_429): _NO_HTTP,
    ("bank", Fault.GZIP_BOMB): "bank files are plain text, nothing unpacks them",
    ("bank", Fault.XML_ENTITY_BOMB): "bank files are delimited text, not XML",
    ("bank", Fault.DEEP_JSON): "bank files are delimited text, without nesting",
    ("securities", Fault.DEEP_JSON): "a workbook holds no JSON",
    ("housing_fund", Fault.HTTP_500): _NO_HTTP,
    ("housing_fund", Fault.HTTP_429): _NO_HTTP,
    ("housing_fund", Fault.HTTP_200_ERROR): _NO_HTTP,
    ("housing_fund", Fault.WRONG_CONTENT_TYPE): _NO_HTTP,
    ("housing_fund", Fault.EMPTY): "no row is this source's word for no record",
    ("housing_fund", Fault.GZIP_BOMB): "rows are not compressed",
    ("housing_fund", Fault.DEEP_JSON): "rows are not nested",
    ("housing_fund", Fault.XML_ENTITY_BOMB): "rows are not XML",
    ("housing_fund", Fault.WRONG_PERSON): _ROWS_ARE_CHOSEN,
    ("housing_fund", Fault.TWO_PERSONS): _ROWS_ARE_CHOSEN,
    ("housing_fund", Fault.OTHER_REQUEST): _ROWS_ARE_CHOSEN,
    ("housing_fund", Fault.REFUSED): _FILE_OF_A_DATABASE,
    ("housing_fund", Fault.DRIP_HEADERS): _FILE_OF_A_DATABASE,
    ("housing_fund", Fault.DRIP_BODY): _FILE_OF_A_DATABASE,
    ("housing_fund", Fault.RESET): _FILE_OF_A_DATABASE,
    ("housing_fund", Fault.TRUNCATED_WITH_LENGTH): _FILE_OF_A_DATABASE,
    ("housing_fund", Fault.TRUNCATED_WITHOUT_LENGTH): _FILE_OF_A_DATABASE,
}


def _reason(source: str, fault: Fault) -> str | None:
    """Why the source cannot show the fault, or None where it can."""
    own = _OWN.get(fault)
    if own is not None:
        return None if source in own else f"only {', '.join(sorted(own))} can show it"
    if fault is Fault.XML_ENTITY_BOMB and source in _JSON:
        return "the source answers in JSON"
    return _REASONS.get((source, fault))


NOT_APPLICABLE: Final[dict[tuple[str, Fault], str]] = {
    (source, fault): reason
    for source in SOURCES
    for fault in Fault
    if (reason := _reason(source, fault)) is not None
}
"""Every pair of source and fault that makes no sense, with the reason."""


class FaultNotApplicable(ValueError):  # noqa: N818 - says what it is
    """The source cannot show the fault."""


@dataclass(slots=True)
class _Setting:
    fault: Fault
    rate: float
    left: int | None
    step: Step | None


class FaultBoard:
    """What each source has been told to get wrong, and how slow it is.

    A fault set without a step shows at every answer of the source that can carry it. A rate below
    1 takes its chances from the caller's seeded generator; `times` counts the answers spoilt.
    """

    def __init__(self, *, late_seconds: float = 5.0, drip_seconds: float = 0.05) -> None:
        self.late_seconds = late_seconds
        self.drip_seconds = drip_seconds
        self.caller_clock: Callable[[], float] = time
        """By which callbacks are dated: that of whoever is called back."""
        self._settings: dict[str, _Setting] = {}
        self._latency: dict[str, float] = {}
        self._watchers: dict[str, list[Callable[[], None]]] = {}

    def set(
        self,
        source: str,
        fault: Fault | None,
        rate: float = 1.0,
        times: int | None = None,
        step: Step | None = None,
    ) -> None:
        """From now on the source shows this fault; None heals it. Replaces what was set before."""
        if source not in SOURCES:
            raise KeyError(source)
        if fault is None:
            self._settings.pop(source, None)
        else:
            reason = NOT_APPLICABLE.get((source, fault))
            if reason is not None:
                raise FaultNotApplicable(f"{source} cannot show {fault}: {reason}")
            self._settings[source] = _Setting(fault, rate, times, step)
        self._tell(source)

    def latency(self, source: str, seconds: float) -> None:
        """From now on the source thinks this long before each answer."""
        if source not in SOURCES:
            raise KeyError(source)
        self._latency[source] = seconds

    def latency_of(self, source: str) -> float:
        return self._latency.get(source, 0.0)

    def current(self, source: str) -> Fault | None:
        """The fault that is set, without using it up."""
        setting = self._settings.get(source)
        return None if setting is None else setting.fault

    def always(self, source: str) -> Fault | None:
        """The fault that is set for every answer, without rate, count or step."""
        setting = self._settings.get(source)
        if setting is None or setting.rate < 1 or setting.left is not None or setting.step:
            return None
        return setting.fault

    def choose(
        self,
        source: str,
        rng: Random,
        among: Collection[Fault] | None = None,
        step: Step | None = None,
    ) -> Fault | None:
        """The fault to show now, one of `among` only; one of the `times` is used up."""
        setting = self._settings.get(source)
        if setting is None or (among is not None and setting.fault not in among):
            return None
        if setting.step is not None and step is not None and setting.step is not step:
            return None
        if setting.rate < 1 and rng.random() >= setting.rate:
            return None
        if setting.left is not None:
            setting.left -= 1
            if setting.left <= 0:
                del self._settings[source]
        return setting.fault

    def reset(self) -> None:
        """Heals every source and takes away every latency."""
        told = list(self._settings)
        self._settings.clear()
        self._latency.clear()
        for source in told:
            self._tell(source)

    def watch(self, source: str, watcher: Callable[[], None]) -> None:
        """Calls the watcher whenever the source's fault is set anew."""
        self._watchers.setdefault(source, []).append(watcher)

    def _tell(self, source: str) -> None:
        for watcher in self._watchers.get(source, ()):
            watcher()
