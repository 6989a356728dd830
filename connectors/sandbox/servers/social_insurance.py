"""Social insurance 社会保险: jobs of at most 100 persons, submitted and then polled."""

import asyncio
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from connectors.sandbox.faults import ANSWER, FOREIGN, Fault, Step
from connectors.sandbox.register import Entry
from connectors.sandbox.servers.credentials import same
from connectors.sandbox.servers.desk import Desk
from connectors.sandbox.servers.fields import as_texts, json_object, json_response, spoilt_numbers
from connectors.sandbox.servers.http_server import HttpServer, Route

LARGEST_JOB: Final = 100
KEPT_SECONDS: Final = 24 * 3600
MONTH_FIELDS: Final = {"PAYMENT": "jfny", "BENEFIT": "ffny"}
AMOUNTS: Final = ("jfjs", "grjfje", "dwjfje", "ffje")


@dataclass(slots=True)
class _Job:
    number: str
    persons: list[tuple[str, str]]
    first: str
    last: str
    ready_at: float
    polls_left: int


class SocialInsurance:
    """Keeps jobs for 24 hours; says RUNNING for a while, then DONE."""

    def __init__(self, desk: Desk, key: str) -> None:
        self._desk = desk
        self._key = key
        self._jobs: dict[str, _Job] = {}
        polled = ANSWER | {Fault.JOB_FAILED, Fault.JOB_EXPIRED}
        self.server = HttpServer(
            desk,
            (
                Route("POST", "/sb/v2/jobs", Step.ASK, self._submit, frozenset()),
                Route("GET", "/sb/v2/jobs/{number}", Step.RESULT, self._poll, polled),
            ),
            lambda: _error(503, "系统维护中"),
        )

    async def _submit(self, request: web.Request, _fault: Fault | None) -> web.Response:
        if not self._knows(request):
            return _error(401, "密钥无效")
        asked = json_object(await request.read()) or {}
        persons = _persons(asked.get("persons"))
        first, last = asked.get("from"), asked.get("to")
        if persons is None or not (_is_month(first) and _is_month(last)):
            return _error(400, "请求参数错误")
        if len(persons) > LARGEST_JOB:
            return _error(400, f"每个作业至多{LARGEST_JOB}人")
        number = self._number()
        pace, now = self._desk.pace, asyncio.get_running_loop().time()
        self._jobs[number] = _Job(
            number, persons, str(first), str(last), now + pace.poll_after, pace.running_polls
        )
        for person in persons:
            self._desk.note(Step.ASK, person, number)
        return json_response({"jobId": number, "pollAfterSeconds": pace.poll_after}, 202)

    async def _poll(self, request: web.Request, fault: Fault | None) -> web.Response:
        if not self._knows(request):
            return _error(401, "密钥无效")
        number, now = request.match_info["number"], asyncio.get_running_loop().time()
        self._desk.note(Step.RESULT, None, number)
        job = self._jobs.get(number)
        if job is None or now - job.ready_at > KEPT_SECONDS or fault is Fault.JOB_EXPIRED:
            self._jobs.pop(number, None)
            return _error(404, "作业不存在或结果已过期")
        if fault is Fault.HTTP_200_ERROR:
            return json_response({"error": "系统维护中"})
        if fault is Fault.JOB_FAILED:
            return json_response({"jobId": number, "state": "FAILED", "error": "作业执行失败"})
        if job.polls_left > 0 or now < job.ready_at:
            job.polls_left -= 1
            waiting = {"state": "RUNNING", "pollAfterSeconds": self._desk.pace.poll_after}
            return json_response({"jobId": number, **waiting})
        told = number if fault is not Fault.OTHER_REQUEST else self._number()
        results = [self._result(place, job, fault) for place in range(len(job.persons))]
        return json_response({"jobId": told, "state": "DONE", "results": results})

    def _result(self, index: int, job: _Job, fault: Fault | None) -> dict[str, object]:
        records = [
            _record(entry, fault)
            for entry in self._desk.entries(*job.persons[index], fault)
            if fault in FOREIGN or _is_within(entry, job)
        ]
        return {"index": index, "found": bool(records), "records": records}

    def _number(self) -> str:
        return f"j-{self._desk.rng.getrandbits(48):012x}"

    def _knows(self, request: web.Request) -> bool:
        return same(request.headers.get("Authorization"), f"Bearer {self._key}")


def _persons(value: object) -> list[tuple[str, str]] | None:
    """The names and numbers asked for, or None where one is not as documented."""
    if not isinstance(value, list) or not value:
        return None
    persons: list[tuple[str, str]] = []
    for person in value:
        if not isinstance(person, dict):
            return None
        name, number = person.get("xm"), person.get("sfzh")
        if not isinstance(name, str) or not isinstance(number, str):
            return None
        persons.append((name, number))
    return persons


def _is_month(value: object) -> bool:
    return isinstance(value, str) and len(value) == len("202601") and value.isdecimal()


def _is_within(entry: Entry, job: _Job) -> bool:
    month = entry.row.get(MONTH_FIELDS.get(entry.kind, ""))
    return not _is_month(month) or job.first <= str(month) <= job.last


def _record(entry: Entry, fault: Fault | None) -> dict[str, object]:
    row = spoilt_numbers(entry.row, AMOUNTS) if fault is Fault.NAN else entry.row
    return {"type": entry.kind, **as_texts(row, "%Y%m")}


def _error(status: int, message: str) -> web.Response:
    return json_response({"error": message}, status)
