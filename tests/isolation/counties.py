"""Two counties in one service with the same shape of data; persons are each county's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import httpx

from app.store.manual_tasks import ManualTask
from app.store.outbox import Notice
from connectors.contract import Found, NoRecord, Outcome, SourceQuery, SourceReply
from connectors.records import Relation, Subject
from tests.batch.rosters import a_row, as_csv
from tests.dci.senders import registered_sender
from tests.isolation.officers import employ
from tests.records import a_vehicle
from tests.review.audited import an_audit, seed, some_decisions
from tests.review.proofs import a_png
from tests.service_parts import (
    Running,
    ScriptedSource,
    a_body,
    an_account,
    number,
    registered,
)

SCOPES = (
    *("verify", "batch", "read", "eligibility", "review", "audit", "erase"),
    *("dci", "dci_wide"),
)
AWAY = "http://127.0.0.1:1/verified"
_SERIALS = {"m1": "7{}1", "m2": "8{}2", "m3": "6{}3", "s1": "5{}1"}
_BIRTHS = {"m1": "19800307", "m2": "19820415", "m3": "20100608", "s1": "19550203"}


def persons_of(digit: str) -> dict[str, str]:
    """Identity numbers of a county's household, by ref."""
    return {ref: number("229901" + _BIRTHS[ref] + _SERIALS[ref].format(digit)) for ref in _SERIALS}


class Telling(ScriptedSource):
    """Tells of whoever is asked about, under the name and number that were asked."""

    holds: Mapping[str, str] = MappingProxyType({})
    """What it holds by ref: `registered`, `car`, `doubtful account`."""

    def _replies(self, query: SourceQuery) -> tuple[SourceReply, ...]:
        return tuple(
            SourceReply(
                person=person.ref,
                institution=institution,
                outcome=self._told(
                    person.ref, Subject(name=person.name, id_number=person.id_number)
                ),
                as_of=date(2026, 11, 23),
                raw=f"{self.name}/{person.ref}/{institution}".encode(),
            )
            for person in query.persons
            for institution in query.institutions or self.institutions
        )

    def _told(self, ref: str, who: Subject) -> Outcome:
        match self.holds.get(ref):
            case "registered":
                relation = {"m1": Relation.HEAD, "m2": Relation.SPOUSE, "m3": Relation.CHILD}[ref]
                return Found((registered(ref, subjects=(who,), relation=relation),))
            case "car":
                return Found((a_vehicle(subjects=(who,)),))
            case "doubtful account":
                near = Subject(name=who.name, id_number=number(f"{(who.id_number or '')[:16]}9"))
                return Found((an_account(ref, "90000.00", subjects=(near,)),))
            case _:
                return NoRecord()


def sources() -> dict[str, Telling]:
    """By name: the registry holds the three of them, others nothing yet."""
    names = ("household_registry", "bank", "vehicle", "tax")
    made = {name: Telling(name) for name in names}
    made["household_registry"].holds = dict.fromkeys(("m1", "m2", "m3"), "registered")
    return made


@dataclass
class County:
    """A county, its clients and the ids of all that is stored of it."""

    service: Running
    asking: Mapping[str, Telling]
    digit: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    second: dict[str, str] = field(default_factory=dict, repr=False)
    """Another client of the county: what needs two persons."""
    staff: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    """Headers of who is signed in, by role; `… 2`: a second one of the role."""
    ids: dict[str, str] = field(default_factory=dict)
    seeded: tuple[str, ...] = ()
    """Decisions that were stored, for audits."""
    below: str = ""
    """The three digits of a township, where that is all there is of it."""

    @property
    def region(self) -> str:
        return f"22010{self.digit}{self.below}"

    @property
    def township(self) -> str:
        return self.region if self.below else f"{self.region}003"

    @property
    def needles(self) -> tuple[str, ...]:
        """Whatever of these another county is shown was told too much."""
        persons = persons_of(self.digit).values()
        shared = ("evidence", "one", "topic", "an action")
        ids = (id_ for name, id_ in self.ids.items() if name not in shared)
        return (self.region, *ids, *persons)

    def body(self, case: str, **changes: Any) -> dict[str, Any]:
        """As sent to POST /v1/verifications."""
        named = {"case_reference": f"{self.region}-2026-{case}", "region": self.township}
        made = a_body(**{**named, **changes})
        made["consent"]["reference"] = f"SQ-{self.region}-{case}"
        numbers = persons_of(self.digit)
        for person in (*made["household"]["members"], *made["household"]["supporters"]):
            person["id_number"] = numbers[person["ref"]]
        return made

    async def sign_in(self) -> None:
        self.headers = await self.service.client(self.region, SCOPES)
        self.second = await self.service.client(self.region, SCOPES)
        self.ids["client"] = self._actor(self.headers)
        self.ids["second client"] = self._actor(self.second)
        await registered_sender(self.service, self.ids["client"], self.region)

    def _actor(self, headers: dict[str, str]) -> str:
        token = headers["Authorization"].removeprefix("Bearer ")
        return self.service.parts.tokens.check(token).actor

    async def sends(self, method: str, path: str, **given: Any) -> Any:
        """A request that must succeed; gives its document."""
        by = given.pop("by", None)
        own = self.headers if by is None else self.staff[by]
        headers = {**own, **given.pop("headers", {})}
        reply = await self.service.http.request(method, path, headers=headers, **given)
        assert reply.is_success, (method, path, reply.text)
        return reply.json() if "json" in reply.headers.get("content-type", "") else reply.text

    async def verified(self, case: str, **changes: Any) -> dict[str, Any]:
        headers = {"Idempotency-Key": f"key-{self.region}-{case}", "Prefer": "wait=20"}
        document: dict[str, Any] = await self.sends(
            "POST", "/v1/verifications", json=self.body(case, **changes), headers=headers
        )
        return document

    async def begins(self) -> None:
        """A household that was verified once, and decisions for an audit."""
        await self.sign_in()
        first = await self.verified("1")
        assert first["status"] == "final", first
        self.ids["first verification"] = first["id"]
        decisions = some_decisions(4, start=9000 + 100 * int(self.digit), regions=(self.township,))
        self.seeded = tuple(one.id for one in decisions)
        await seed(self.service, decisions)

    async def goes_on(self) -> None:
        """All else: what changed, what is in doubt, batches, recipients, audits, subscriptions."""
        await self.sign_in()
        self.asking["vehicle"].holds = {"m2": "car"}
        final = await self.verified("1-again", case_reference=f"{self.region}-2026-1")
        self.asking["vehicle"].holds = {}
        self.ids |= {
            "verification": final["id"],
            "case": final["case_reference"],
            "report": final["report"]["number"],
            "code": final["report"]["verification_code"],
        }
        await self._doubts()
        await self._many()
        await self._audited()
        await employ(self)
        objected = await self.sends(
            "POST",
            f"/v1/verifications/{self.ids['first verification']}/objections",
            json={"by": "m1", "about": "income", "reason": "not mine"},
        )
        self.service.headers = self.headers
        await self.service.status_becomes(objected["recheck"], "final")
        told = await self.sends(
            "POST", "/v1/subscriptions", json={"verification": final["id"], "callback_url": AWAY}
        )
        self.ids |= {"subscription": told["id"], "objection": objected["id"]}
        disputed = await self.sends(
            "POST",
            f"/v1/verifications/{final['id']}/objections",
            json={"by": "m1", "about": "vehicle", "reason": "sold"},
        )
        await self.service.status_becomes(disputed["recheck"], "final")
        self.ids |= {
            "other objection": disputed["id"],
            "other recheck": disputed["recheck"],
            "place of objection": f"{objected['due_on']}~{objected['id']}",
        }
        await self._by_hand()
        self.ids |= {"recheck": objected["recheck"], "idempotency key": f"key-{self.region}-2"}
        self.ids |= {
            "batch key": f"batch-{self.region}",
            "audit key": f"audit-{self.region}",
            "one": "1",
            "topic": "outcomes",
        }
        await self._noticed()
        await self._places()

    async def _by_hand(self) -> None:
        """Two questions that wait for a clerk of one source."""
        now = self.service.clock()
        tasks = [
            ManualTask(
                id=f"aq_{self.region}_{number}",
                verification_id=self.ids["fourth open verification"],
                region=self.township,
                source="property",
                person=person,
                institution="",
                made_by="service",
                created_at=now,
                deadline_at=now + timedelta(days=9),
                changed_at=now,
            )
            for number, person in enumerate(("m1", "m2"))
        ]
        parts = self.service.parts
        await parts.shelf.database.write(lambda tx: parts.desk.manual.add(tx, tasks))
        first, second = tasks
        self.ids |= {
            "task": first.id,
            "other task": second.id,
            "place of task": f"{first.deadline_at.isoformat()}~{first.id}",
        }

    async def _noticed(self) -> None:
        """Two notices to this client that are not due for a day."""
        shelf = self.service.parts.shelf
        new = [
            Notice(
                event_id=f"ev_{self.region}_{number}",
                type="batch.finished",
                batch_id=self.ids["batch"],
                region=self.region,
                client_id=self.ids["client"],
                url=AWAY,
                body=b'{"type": "batch.finished"}',
                created_at=self.service.clock() + timedelta(days=1),
            )
            for number in range(2)
        ]
        await shelf.database.write(lambda tx: shelf.outbox.add_all(tx, new))

    async def _places(self) -> None:
        """The first of what is listed, and its place in the list."""
        for name, path, key in (
            ("alert", "/v1/alerts", "id"),
            ("event", "/v1/events", "event_id"),
            ("item", "/v1/review-items", "id"),
        ):
            page = await self.sends("GET", path, params={"limit": 1})
            [(some, [first])] = [
                one for one in page.items() if one[0] in ("alerts", "events", "items")
            ]
            assert page["next"] is not None, some
            self.ids.setdefault(name, first[key])
            self.ids[f"place of {name}"] = httpx.URL(page["next"]).params["after"]

    async def _doubts(self) -> None:
        self.asking["bank"].holds = {"m1": "doubtful account"}
        for case, name in (
            ("2", "open"),
            ("3", "other open"),
            ("4", "third open"),
            ("5", "fourth open"),
        ):
            doubtful = await self.verified(case)
            assert doubtful["status"] == "in_review", doubtful["status"]
            self.ids[f"{name} verification"] = doubtful["id"]
        self.asking["bank"].holds = {}
        id_ = self.ids["open verification"]
        rows = (await self.sends("GET", f"/v1/verifications/{id_}/evidence"))["evidence"]
        self.ids["evidence"] = next(one["id"] for one in rows if one["source"] == "bank")
        items = (await self.sends("GET", "/v1/review-items?kind=review_record"))["items"]
        [self.ids["item"]] = [one["id"] for one in items if one["verification"] == id_]
        proof = await self.sends(
            "POST",
            f"/v1/verifications/{id_}/proofs",
            params={"owner_kind": "review_item", "owner": self.ids["item"]},
            files={"file": ("scan.png", a_png(), "image/png")},
        )
        self.ids["proof"] = proof["id"]

    async def _many(self) -> None:
        rows = [
            a_row(
                case_reference=f"{self.region}-2026-9",
                region=self.township,
                id_number=persons_of(self.digit)["m1"],
                consent_reference=f"SQ-{self.region}-9",
            ),
            a_row(case_reference=f"{self.region}-2026-10", region=self.township, id_number="1"),
        ]
        batch = await self.sends(
            "POST",
            "/v1/batches",
            files={"roster": ("roster.csv", as_csv(rows), "text/csv")},
            headers={"Idempotency-Key": f"batch-{self.region}"},
        )
        self.ids["batch"] = batch["id"]
        while await self.service.parts.batching.reading.read_due():
            pass
        taken = await self.sends(
            "POST", "/v1/recipients", json={"class": "C", "verification": self.body("7")}
        )
        self.ids["recipient"] = taken["id"]

    async def _audited(self) -> None:
        drawn = await self.sends(
            "POST",
            "/v1/audits",
            json=an_audit(region=self.region, size=2),
            headers={"Idempotency-Key": f"audit-{self.region}"},
        )
        self.ids["audit"] = drawn["id"]
        read = await self.sends("GET", f"/v1/audits/{drawn['id']}/worklist")
        drawn_ids = [one["verification_id"] for one in read["decisions"]]
        self.ids["drawn"] = drawn_ids[0]
        others = [one for one in self.seeded if one not in drawn_ids]
        self.ids |= {"not drawn": others[0], "not drawn either": others[1]}
        self.ids |= {"a person": persons_of(self.digit)["m1"], "an action": "verification_accepted"}


async def two_counties(service: Running, asking: Mapping[str, Telling]) -> tuple[County, County]:
    """Both with a first verification; the second of them has no more than that yet."""
    a, b = County(service, asking, "2"), County(service, asking, "3")
    await a.begins()
    await b.begins()
    service.clock.forward(days=30)
    await a.goes_on()
    return a, b
