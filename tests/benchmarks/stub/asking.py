"""The requests of one household, written by hand as the sources' documents say (pure)."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote, quote_from_bytes

import orjson

from tests.benchmarks.stub.people import Person, household
from tests.benchmarks.stub.replies import holds

_JSON: Final = "application/json"
_MONTHS: Final = ("2025-11", "2026-10")
_SOAP: Final = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:t="urn:tax:income:v1"><soapenv:Body><t:queryIncome><t:xm>{0}</t:xm>'
    "<t:zjlx>201</t:zjlx><t:zjhm>{1}</t:zjhm><t:skssqq>{2}</t:skssqq><t:skssqz>{3}</t:skssqz>"
    "</t:queryIncome></soapenv:Body></soapenv:Envelope>"
)


class Request(NamedTuple):
    """One call; `target` percent-encoded."""

    method: str
    target: str
    kind: str = ""
    body: bytes = b""

    def raw(self) -> bytes:
        """The whole request as it goes over the wire."""
        head = f"{self.method} {self.target} HTTP/1.1\r\nHost: stub\r\n"
        if self.body:
            head += f"Content-Type: {self.kind}\r\nContent-Length: {len(self.body)}\r\n"
        return head.encode() + b"\r\n" + self.body


class Chain(NamedTuple):
    """Calls one after another at one source about these persons."""

    source: str
    refs: tuple[str, ...]
    calls: tuple[Request, ...]


POLL: Final = "/sb/v2/jobs/"
"""A call to this target alone is completed by the job's number."""


def chains_of(number: int, sources: Sequence[str], *, together: bool) -> Iterator[Chain]:
    """The household's calls; `together` asks sources with jobs about all persons at once."""
    persons = household(number)
    for source in sources:
        if source in ("social_insurance", "insurance"):
            for some in (persons,) if together else ((one,) for one in persons):
                yield Chain(source, tuple(one.ref for one in some), _later(source, some))
        else:
            for one in persons:
                yield Chain(source, (one.ref,), _at_once(source, one))


def _at_once(source: str, one: Person) -> tuple[Request, ...]:
    name, number = one.name, one.id_number
    match source:
        case "household_registry":
            return _registry(one)
        case "tax":
            body = _SOAP.format(name, number, *_MONTHS).encode()
            return (Request("POST", "/tax/services/IncomeQuery", "text/xml; charset=utf-8", body),)
        case "property":
            query = f"name={quote(name)}&certNo={number}&page=1&size=50"
            return (Request("GET", f"/bdc/ownerships?{query}"),)
        case "business_registration":
            query = f"name={quote(name)}&idNo={number}"
            return (Request("GET", f"/aic/v1/persons/interests?{query}"),)
        case "vehicle":
            query = f"xm={quote_from_bytes(name.encode('gbk'))}&sfzmhm={number}&sqm=stub"
            return (Request("GET", f"/ccgl/query?{query}"),)
        case _:
            raise ValueError(f"the stub has no {source}")


def _registry(one: Person) -> tuple[Request, ...]:
    asked = orjson.dumps({"xm": one.name, "gmsfhm": one.id_number})
    first = Request("POST", "/hukou/v1/person-query", _JSON, asked)
    if not holds("household_registry", one.id_number.encode()):
        return (first,)
    others = orjson.dumps({"hh": f"22{one.household:010d}"})
    return first, Request("POST", "/hukou/v1/household-query", _JSON, others)


def _later(source: str, persons: Sequence[Person]) -> tuple[Request, ...]:
    if source == "social_insurance":
        listed = [{"xm": one.name, "sfzh": one.id_number} for one in persons]
        first, last = (month.replace("-", "") for month in _MONTHS)
        body = orjson.dumps({"from": first, "to": last, "persons": listed})
        return Request("POST", "/sb/v2/jobs", _JSON, body), Request("GET", POLL)
    inquiry = f"raw-{persons[0].household}-{persons[0].place}"
    asked = [
        {"seq": seq, "xm": one.name, "zjhm": one.id_number}
        for seq, one in enumerate(persons, start=1)
    ]
    body = orjson.dumps({"inquiryNo": inquiry, "persons": asked})
    submitted = Request("POST", "/ins/v1/inquiries", _JSON, body)
    return submitted, Request("GET", f"/ins/v1/inquiries/{inquiry}")


def job_of(reply: bytes) -> str:
    """The number of the job in the answer to its submission."""
    return reply.partition(b'"jobId": "')[2].partition(b'"')[0].decode()
