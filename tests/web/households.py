"""A household with something of everything: for tests of a case's pages."""

from decimal import Decimal
from typing import Any, Final

from app.wiring import new_id
from connectors.contract import Outcome, Unknown
from connectors.failure import Failure, FailureKind
from tests.looks.parts import Person, assigned, somebody
from tests.records import (
    WINDOW,
    a_business_interest,
    a_contribution,
    a_fund_account,
    a_home,
    a_tax_entry,
    subject,
)
from tests.service_parts import (
    NAMES,
    NUMBERS,
    SUPPORTER,
    Running,
    ScriptedSource,
    a_body,
    all_ten,
    an_account,
    found,
    registered,
    registry,
)

PHONE: Final = "13812345521"
HOUSE: Final = "平阳街12号3栋2单元501室"
RARE: Final = {
    "m1": "李䶮",
    "m2": "阿卜杜拉·买买提",
    "m3": "<script>alert(1)</script>",
    "m4": "김민준",
    "m5": "王𬱖",
}


def timed_out() -> Outcome:
    return Unknown(Failure(FailureKind.TIMED_OUT, "no answer in time"))


def sources() -> list[ScriptedSource]:
    """Wages by three sources, money at a bank, a home, a business; one source fails for m2."""
    raw = {"xm": NAMES["m1"], "zjhm": NUMBERS["m1"], "sre": "2600.00"}
    taxed = [a_tax_entry("2600.00", month, raw=raw) for month in WINDOW]
    insured = [
        a_contribution("3800.00", month, raw={"xm": NAMES["m1"], "sfzh": NUMBERS["m1"]})
        for month in WINDOW
    ]
    fund = a_fund_account(
        "2600.00",
        raw={"XM": NAMES["m1"], "ZJHM": NUMBERS["m1"], "GRZH": "220133700112345"},
        balance=Decimal("4200.00"),
    )
    home = a_home(raw={"qlrmc": NAMES["m1"], "qlrzjh": NUMBERS["m1"], "zl": f"南关区{HOUSE}"})
    shop = a_business_interest(
        subjects=(subject("m2"),),
        enterprise=f"南关区{NAMES['m2']}小吃店",
        raw={"personName": NAMES["m2"], "idNo": NUMBERS["m2"]},
    )
    account = found(an_account("m1", "15320.55"))
    older = registered("s1", household_number="220102009077")
    return all_ten(
        ScriptedSource(
            "household_registry",
            {**registry().answers, "s1": found(older)},
        ),
        ScriptedSource("tax", {"m1": found(*taxed)}),
        ScriptedSource("social_insurance", {"m1": found(*insured)}),
        ScriptedSource("housing_fund", {"m1": found(fund), "m2": timed_out()}),
        ScriptedSource("bank", {("m1", "icbc"): account}, ("icbc", "ccb")),
        ScriptedSource("property", {"m1": found(home)}),
        ScriptedSource("business_registration", {"m2": found(shop)}),
    )


def body(**changes: Any) -> dict[str, Any]:
    """Two programmes; the supporter has signed."""
    made = a_body(programmes=["urban_dibao", "rigid_expenditure_hardship"], **changes)
    made["consent"]["signatories"] = ["m1", "m2", "s1"]
    head = made["household"]["members"][0]
    head["phone"], head["address"] = PHONE, f"长春市南关区民康街道{HOUSE}"
    made["household"]["supporters"][0]["declared_payment_monthly"] = "200.00"
    made["declared"]["income"].append(
        {"person": "m2", "kind": "wage", "monthly": "300.00", "basis": "odd_jobs"}
    )
    made["declared"]["assets"].append({"person": "m1", "kind": "home"})
    return made


def rare_body() -> dict[str, Any]:
    """Names that fonts, masks and templates stumble over."""
    made = body()
    made["household"]["supporters"] = []
    made["consent"]["signatories"] = ["m1", "m2"]
    members = made["household"]["members"]
    for ref, name in RARE.items():
        if ref in NAMES:
            next(one for one in members if one["ref"] == ref)["name"] = name
        else:
            members.append(
                {
                    "ref": ref,
                    "name": name,
                    "id_type": "none",
                    "id_number": "",
                    "relationship": "other",
                    "birth_date": "2012-03-04",
                }
            )
    return made


async def a_file(
    service: Running, made: dict[str, Any] | None = None, *roles: str
) -> tuple[str, Person]:
    """A verification and somebody to whom it is assigned."""
    wanted = {**(made or body()), "case_reference": new_id("case")}
    case = wanted["case_reference"]
    service.headers = await service.client()
    reply = await service.post(wanted, wait=0)
    assert reply.status_code in (201, 202), reply.text
    id_ = str(reply.json()["id"])
    await service.status_becomes(id_, "final", "in_review", "partial")
    person = await somebody(service, *(roles or ("county_checker",)))
    await assigned(service, case, person)
    return id_, person


HIDDEN: Final = (
    *(name for name in NAMES.values()),
    *(one for one in NUMBERS.values()),
    *(one[6:14] for one in NUMBERS.values()),
    SUPPORTER,
    PHONE,
    PHONE[3:7],
    HOUSE,
    "220133700112345",
    "62220000000",
)
"""What no page may hold before it is revealed."""
