"""One person known to all ten sources, a namesake and a stranger: what a fault is shown on."""

from typing import Any, Final

from connectors.sandbox.register import SOURCES, Register
from tests.acceptance.five.rows import (
    WINDOW,
    Account,
    Contract,
    Deed,
    Employer,
    Fund,
    Sourced,
    Who,
    banked,
    benefits,
    fund,
    holding,
    insured,
    owned,
    policy,
    registered,
    shop,
    taxed,
    vehicle,
)

KNOWN: Final = Who("徐秀英", "22990819610921232X")
NAMESAKE: Final = Who("徐秀英", "229907195508163528")
STRANGER: Final = Who("欧阳建国", "229909197901201860")
TENANT: Final = Employer("长春市南关区太平山村委会", "54220102MEA7654321")
WORKS: Final = Employer("长春市鑫和建筑劳务有限公司", "91220102MA5T4TQN96")
CLOSED: Final = Employer("长春市南关区秀英杂货店", "92220102MAN6BD0EJC")
SHOP: Final = Employer("长春市南关区某某商店", "92220102MA41RLNG3F")


def _modest(who: Who) -> tuple[Sourced, ...]:
    """A record in each source, and by them all within the limits of the country's standard."""
    return (
        registered(who, "220102000020", "长春市南关区新立镇太平山村6组34号"),
        *(taxed(who, TENANT, "0801", month, "100.00") for month in WINDOW),
        *benefits(who, "05", WINDOW, 19350),
        *owned(
            Deed("长房权证南字第80000034号", "新立镇太平山村6组34号", "63.03", ((who, who.short),))
        ),
        shop(who, CLOSED, "1", state="3"),
        fund(
            who, "徐秀英", Fund("2201337007", WORKS, "4300.00", "500.00", "850.00", "02", "202205")
        ),
        vehicle(who, "吉A74CZP", "M21", plate_kind="07"),
        banked(who, Account("icbc", "6222****7001", "1297.76", kind="02")),
        banked(who, Account("jlrcu", "6228****7002", "300.00")),
        policy(who, Contract("P2201000000777", "2000.00")),
        holding(who, "300883", "股票", "1260.26", "26.88"),
    )


def _rich(who: Who, tag: int, fund_name: str) -> tuple[Sourced, ...]:
    """Enough in each source that a household which it is taken for is refused."""
    address = f"长春市南关区民康街道解放大路{tag}号7栋2单元504室"
    unit = f"220102007051GB17736F3254{tag:04d}"
    paid = Fund(f"22013370{tag}", WORKS, "9000.00", "2000.00", "91000.00")
    deed = Deed(
        f"吉（2021）长春市不动产权第00000{tag}号", address, "99.00", ((who, who.number),), unit
    )
    return (
        registered(who, f"2201021046{tag}", address),
        *(taxed(who, WORKS, "0101", month, "9000.00", "90.00") for month in WINDOW),
        *insured(who, WORKS, WINDOW, 900000),
        *owned(deed),
        shop(who, SHOP, "30"),
        fund(who, fund_name, paid),
        vehicle(who, f"吉ADE5{tag}R", "K33"),
        *(
            banked(who, Account(bank, f"6222****80{tag}", "164000.00"))
            for bank in ("icbc", "abc", "psbc", "jlrcu")
        ),
        policy(who, Contract(f"P22010000008{tag}", "150000.00")),
        holding(who, "600000", "股票", "250000.00", "1.00"),
    )


ENTRIES: Final[tuple[Sourced, ...]] = (
    *_modest(KNOWN),
    *_rich(NAMESAKE, 60, "徐秀英"),
    *_rich(STRANGER, 61, "欧阳建国"),
)


def registers() -> dict[str, Register]:
    """The ten registers: three persons."""
    return {
        source: Register(entry for name, entry in ENTRIES if name == source) for source in SOURCES
    }


APPLICATION: Final[dict[str, Any]] = {
    "case_reference": "220102-2026-000900",
    "region": "220102103",
    "purpose": "application",
    "as_of": "2026-11-24",
    "programmes": ["rural_dibao"],
    "consent": {
        "reference": "SQ-2026-000900",
        "signed_on": "2026-11-20",
        "valid_until": "2027-11-19",
        "document_sha256": "c34a0643045e260834e931cb79e1bc85fbc221a5340462500b6913c0128890e0",
        "signatories": ["m1"],
    },
    "household": {
        "address": "长春市南关区新立镇太平山村6组34号",
        "members": [
            {
                "ref": "m1",
                "name": KNOWN.name,
                "id_type": "resident_id",
                "id_number": KNOWN.number,
                "relationship": "head",
            }
        ],
    },
    "declared": {},
}
"""KNOWN alone: confirmed where all ten sources answer."""
