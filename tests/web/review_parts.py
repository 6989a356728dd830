"""Cases whose records are in doubt, for the review screens: each household has its own people."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from app.store.staff import Account
from app.wiring import new_id
from connectors.contract import Found, NoRecord, Outcome, SourceQuery, SourceReply
from connectors.records import AnyRecord, Subject
from tests.looks.parts import assigned_to
from tests.records import a_vehicle
from tests.service_parts import (
    ScriptedSource,
    a_body,
    all_ten,
    an_account,
    number,
    registered,
)
from tests.staff_parts import session_of, with_roles
from tests.web.conftest import Site

ADDRESS: Final = "长春市南关区民康街道平阳街12号3栋2单元501室"
NAMES: Final = ("金善姬", "赵建国", "李明", "朴贞姬", "王秀兰", "孙玉梅", "崔浩", "周芳", "刘淑英")
_VARIANTS: Final = {"姬": "姫", "国": "囯", "兰": "蘭", "刘": "劉"}


def swapped(id_number: str) -> str:
    """Two digits of the order, one for the other: the check character is then wrong."""
    return id_number[:15] + id_number[16] + id_number[15] + id_number[17:]


def varied(name: str) -> str:
    return "".join(_VARIANTS.get(sign, sign) for sign in name)


@dataclass
class NearlySource(ScriptedSource):
    """Holds records of everybody who is asked about, under a mistyped number."""

    refs: tuple[str, ...] = ("m1",)
    balance: str = "58460.20"

    def _replies(self, query: SourceQuery) -> tuple[SourceReply, ...]:
        return tuple(
            SourceReply(
                person=one.ref,
                institution=institution,
                outcome=self._of(one),
                as_of=date(2026, 11, 23),
                raw=f"{self.name}/{one.ref}/{institution}".encode(),
            )
            for one in query.persons
            for institution in query.institutions or self.institutions
        )

    def _of(self, one: Any) -> Outcome:
        if one.ref not in self.refs:
            return NoRecord()
        subject = Subject(
            name=varied(one.name),
            id_number=swapped(one.id_number),
            address="长春市南关区平阳街12号 3-2-501",
        )
        return Found((self._record(one.ref, subject),))

    def _record(self, ref: str, subject: Subject) -> AnyRecord:
        if self.name == "vehicle":
            return a_vehicle(subjects=(subject,))
        return an_account(
            "m1",
            self.balance,
            subjects=(subject,),
            raw={"khmc": subject.name, "zjhm": subject.id_number, "ye": self.balance},
        )


@dataclass
class Registry(ScriptedSource):
    """Knows everybody as they are written."""

    def _replies(self, query: SourceQuery) -> tuple[SourceReply, ...]:
        return tuple(
            SourceReply(
                person=one.ref,
                institution=institution,
                outcome=Found((self._row(one),)),
                as_of=date(2026, 11, 23),
                raw=f"{self.name}/{one.ref}".encode(),
            )
            for one in query.persons
            for institution in query.institutions or self.institutions
        )

    def _row(self, one: Any) -> AnyRecord:
        subject = Subject(name=one.name, id_number=one.id_number)
        row = registered("m1", subjects=(subject,), raw={"xm": one.name, "gmsfhm": one.id_number})
        return replace(row, household_number=f"22010200{one.id_number[10:16]}")


def doubtful_sources() -> list[ScriptedSource]:
    return all_ten(
        Registry("household_registry"),
        NearlySource("bank"),
        NearlySource("vehicle", refs=("m2",)),
    )


def a_household(place: int) -> dict[str, Any]:
    """A couple of their own; the first name of the list is the first household's."""
    name = NAMES[place % len(NAMES)]
    body = a_body(programmes=["urban_dibao", "dibao_edge"])
    body["case_reference"] = f"220102-2026-{place + 1:06d}"
    household = body["household"]
    household["supporters"] = []
    household["members"] = household["members"][:2]
    for index, member in enumerate(household["members"]):
        day = f"19{65 + place % 30}{1 + place % 12:02d}{10 + place % 18}"
        order = (place * 7 + index * 2 + 1) % 1000
        member["id_number"] = number(f"229901{day}{order:03d}")
        member["name"] = name if index == 0 else f"{NAMES[(place + 3) % len(NAMES)][0]}小凤"
    body["consent"] = {**body["consent"], "reference": new_id("SQ")}
    return body


@dataclass
class Reviewed:
    """Cases on the worklist, and staff to whom they are assigned."""

    site: Site
    cases: list[str]
    ids: list[str]

    async def checker(self, *roles: str) -> tuple[Account, dict[str, str]]:
        """Somebody new who has all cases, with a session."""
        service = self.site.service
        account = await with_roles(service, *(roles or ("county_checker",)))
        headers = await session_of(service, account)
        await self.assigned(account.id)
        return account, headers

    async def assigned(self, staff_id: str) -> None:
        """All cases are this person's as well."""
        for case in self.cases:
            await assigned_to(self.site.service, case, staff_id)


async def reviewed(site: Site, count: int) -> Reviewed:
    """So many households, each with a bank account and a vehicle in doubt."""
    cases, ids = [], []
    for place in range(count):
        body = a_household(place)
        site.service.headers = await site.service.client()
        reply = await site.service.post(body)
        assert reply.status_code in (201, 202), reply.text
        cases.append(body["case_reference"])
        ids.append(reply.json()["id"])
    return Reviewed(site, cases, ids)
