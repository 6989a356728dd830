"""What a request is answered with: name and number taken out of its bytes, a template filled."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

import orjson

from tests.benchmarks.stub import replies

_JSON: Final = b"application/json"
_JOBS_KEPT: Final = 50_000


class Asked(NamedTuple):
    """What a call is about, for the log: nobody, where it only fetches."""

    source: str
    numbers: tuple[str, ...]
    reference: str = ""


class Answer(NamedTuple):
    """A reply's status line, kind of content and body."""

    status: bytes
    content_type: bytes
    body: bytes
    asked: Asked


Route = Callable[[bytes, bytes], Answer]
"""Target and body to the answer."""


def _ok(body: bytes, asked: Asked, kind: bytes = _JSON) -> Answer:
    return Answer(b"200 OK", kind, body, asked)


@dataclass(slots=True)
class _Kept:
    """Persons of jobs and inquiries that were submitted, the newest ones."""

    jobs: "OrderedDict[bytes, tuple[list[tuple[bytes, bytes]], str]]" = field(
        default_factory=OrderedDict
    )

    def put(self, number: bytes, persons: list[tuple[bytes, bytes]], last: str) -> None:
        self.jobs[number] = (persons, last)
        if len(self.jobs) > _JOBS_KEPT:
            self.jobs.popitem(last=False)


class Answers:
    """All sources over HTTP; the first nine bytes of a request tell which."""

    def __init__(self) -> None:
        self._jobs, self._inquiries = _Kept(), _Kept()
        self._next_job = 0
        self.routes: Final[dict[bytes, Route]] = {
            b"POST /huk": self._registry,
            b"POST /tax": self._tax,
            b"POST /sb/": self._submit,
            b"GET /sb/v": self._poll,
            b"GET /bdc/": self._property,
            b"POST /oau": self._token,
            b"GET /aic/": self._business,
            b"GET /ccgl": self._vehicle,
            b"POST /ins": self._inquire,
            b"GET /ins/": self._inquiry,
        }

    def _registry(self, target: bytes, body: bytes) -> Answer:
        asked = orjson.loads(body)
        if target.endswith(b"household-query"):
            return _ok(replies.registry_household(asked["hh"]), Asked("household_registry", ()))
        number = asked["gmsfhm"]
        reply = replies.registry_person(asked["xm"], number)
        return _ok(reply, Asked("household_registry", (number,)))

    def _tax(self, _target: bytes, body: bytes) -> Answer:
        name, number = _between(body, b"<t:xm>"), _between(body, b"<t:zjhm>")
        last = _between(body, b"<t:skssqz>").decode()
        reply = replies.tax(name, number, last)
        return _ok(reply, Asked("tax", (number.decode(),)), b"text/xml; charset=utf-8")

    def _submit(self, _target: bytes, body: bytes) -> Answer:
        asked = orjson.loads(body)
        persons = [(one["xm"].encode(), one["sfzh"].encode()) for one in asked["persons"]]
        self._next_job += 1
        job = b"j-%012x" % self._next_job
        self._jobs.put(job, persons, asked["to"])
        numbers = tuple(one["sfzh"] for one in asked["persons"])
        told = b'{"jobId": "%s", "pollAfterSeconds": 0}' % job
        return Answer(b"202 Accepted", _JSON, told, Asked("social_insurance", numbers))

    def _poll(self, target: bytes, _body: bytes) -> Answer:
        job = target.rpartition(b"/")[2]
        kept, asked = self._jobs.jobs.get(job), Asked("social_insurance", ())
        if kept is None:
            return Answer(b"404 Not Found", _JSON, b"{}", asked)
        return _ok(replies.social_insurance(job, *kept), asked)

    def _property(self, target: bytes, _body: bytes) -> Answer:
        name, number, page, size = _values(target)
        reply = replies.property_page((name, number), page, size)
        return _ok(reply, Asked("property", (number.decode(),) if page == b"1" else ()))

    def _token(self, _target: bytes, _body: bytes) -> Answer:
        return _ok(replies.TOKEN, Asked("business_registration", ()))

    def _business(self, target: bytes, _body: bytes) -> Answer:
        name, number = _values(target)
        reply = replies.business_registration(name, number)
        return _ok(reply, Asked("business_registration", (number.decode(),)))

    def _vehicle(self, target: bytes, _body: bytes) -> Answer:
        name, number, _licence = _values(target)
        asked = Asked("vehicle", (number.decode(),))
        return _ok(replies.vehicle(name, number), asked, b"text/xml")

    def _inquire(self, _target: bytes, body: bytes) -> Answer:
        asked = orjson.loads(body)
        persons = [(one["xm"].encode(), one["zjhm"].encode()) for one in asked["persons"]]
        inquiry: str = asked["inquiryNo"]
        self._inquiries.put(inquiry.encode(), persons, "")
        numbers = tuple(one["zjhm"] for one in asked["persons"])
        told = b'{"inquiryNo": "%s", "accepted": true}' % inquiry.encode()
        return Answer(b"202 Accepted", _JSON, told, Asked("insurance", numbers, inquiry))

    def _inquiry(self, target: bytes, _body: bytes) -> Answer:
        inquiry = target.rpartition(b"/")[2]
        kept, asked = self._inquiries.jobs.get(inquiry), Asked("insurance", ())
        if kept is None:
            return Answer(b"404 Not Found", _JSON, b"{}", asked)
        return _ok(replies.insurance(inquiry, kept[0]), asked)


def _between(body: bytes, opening: bytes) -> bytes:
    """The text of the first element that opens so."""
    start = body.index(opening) + len(opening)
    return body[start : body.index(b"<", start)]


def _values(target: bytes) -> list[bytes]:
    """The values of the query string, in the order of the source's document."""
    query = target.partition(b"?")[2]
    return [unquote_to_bytes(one.partition(b"=")[2]) for one in query.split(b"&")]
