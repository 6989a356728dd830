"""Answers of the tax office: income, none, faults, and what is no answer."""

from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from connectors.contract import Found, IdType, Months, NoRecord, Outcome, Partial, Unknown
from connectors.failure import FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.records import IncomeEntry, IncomeItem
from connectors.tax.client import MAPPING
from connectors.tax.envelope import SOAP, TAX, question
from connectors.tax.parse import read_reply
from tests.connectors.asked import LI_MING, NAMESAKE, STRANGER, a_person

FIELDS = FieldMap.load(MAPPING)
YEAR = Months(date(2025, 11, 1), date(2026, 10, 31))


def an_item(**changes: str) -> str:
    fields = {
        "xm": "李明",
        "zjhm": LI_MING,
        "sdxmdm": "0101",
        "sre": "2600.00",
        "yjse": "12.50",
        "skssqq": "2026-09-01",
        "skssqz": "2026-09-30",
        "kjywrmc": "长春市某某物业有限公司",
        "kjywrsbh": "91220102MA0Y5X1A2B",
        "gzbz": "0",
        **changes,
    }
    inner = "".join(f"<t:{name}>{escape(value)}</t:{name}>" for name, value in fields.items())
    return f"<t:item>{inner}</t:item>"


def an_answer(*items: str, fhm: str = "000", jls: str | None = None) -> bytes:
    count = str(len(items)) if jls is None else jls
    return an_envelope(
        f"<t:queryIncomeResponse><t:fhm>{fhm}</t:fhm><t:fhxx/><t:jls>{count}</t:jls>"
        f"{''.join(items)}</t:queryIncomeResponse>"
    )


def an_envelope(body: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenv="{SOAP}" '
        f'xmlns:t="{TAX}"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>'
    ).encode()


def a_fault(code: str) -> bytes:
    return an_envelope(
        f"<soapenv:Fault><faultcode>{code}</faultcode><faultstring>李明</faultstring>"
        "</soapenv:Fault>"
    )


NONE = an_answer(fhm="001")


def read(body: bytes) -> Outcome:
    try:
        return read_reply(body, a_person(), FIELDS)
    except SourceError as error:
        return Unknown(error.failure)


def test_an_entry_is_read_in_our_words() -> None:
    outcome = read(an_answer(an_item()))
    assert isinstance(outcome, Found)
    entry = outcome.records[0]
    assert isinstance(entry, IncomeEntry)
    assert (entry.item, entry.correction) == (IncomeItem.WAGES, False)
    assert (entry.gross, entry.tax) == (Decimal("2600.00"), Decimal("12.50"))
    assert (entry.period_from, entry.period_to) == (date(2026, 9, 1), date(2026, 9, 30))
    assert entry.payer_code == "91220102MA0Y5X1A2B"
    assert entry.subjects[0].id_number == LI_MING


def test_corrections_stay_behind_what_they_correct() -> None:
    items = [an_item(), an_item(sre="-2600.00", gzbz="1"), an_item(sre="2500.00", gzbz="1")]
    outcome = read(an_answer(*items))
    assert isinstance(outcome, Found)
    assert [entry.gross for entry in outcome.records if isinstance(entry, IncomeEntry)] == [
        Decimal(2600),
        Decimal(-2600),
        Decimal(2500),
    ]


TAKEN_BACK = {"sre": "-2600.00", "gzbz": "1"}
TWICE_CORRECTED = [
    an_item(),
    an_item(**TAKEN_BACK),
    an_item(sre="2600.00", gzbz="1"),
    an_item(**TAKEN_BACK),
    an_item(sre="2500.00", gzbz="1"),
]


@pytest.mark.parametrize(
    ("items", "total"),
    [
        (TWICE_CORRECTED, 2500),
        ([*TWICE_CORRECTED, *TWICE_CORRECTED], 2500),  # the whole reply twice
        ([an_item(), an_item(), an_item(**TAKEN_BACK)], 0),  # the entry alone came twice
        ([an_item(), an_item(**TAKEN_BACK), an_item(**TAKEN_BACK)], 0),
    ],
)
def test_a_correction_made_twice_is_no_repeat(items: list[str], total: int) -> None:
    outcome = read(an_answer(*items))
    assert isinstance(outcome, Found)
    assert sum(one.gross or 0 for one in outcome.records if isinstance(one, IncomeEntry)) == total


def test_no_record_is_the_documents_own_empty_answer() -> None:
    assert read(NONE) == NoRecord()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (a_fault("soapenv:Server"), FailureKind.UNAVAILABLE),
        (a_fault("soapenv:Client"), FailureKind.REJECTED),
        (a_fault("soapenv:MustUnderstand"), FailureKind.MALFORMED),
        (an_answer(fhm="900"), FailureKind.UNAVAILABLE),
        (an_answer(fhm="000"), FailureKind.MALFORMED),
        (an_answer(fhm="000", jls="2"), FailureKind.INCOMPLETE),
        (an_answer(fhm="001", jls="1"), FailureKind.MALFORMED),
        (an_answer(an_item(), fhm="001"), FailureKind.MALFORMED),
        (an_answer(an_item(), jls=""), FailureKind.MALFORMED),
        (an_answer(an_item(), jls="-1"), FailureKind.MALFORMED),
        (an_answer(an_item(), jls="１"), FailureKind.MALFORMED),
        (an_answer("<t:item><t:xm>a</t:xm><t:xm>b</t:xm></t:item>"), FailureKind.MALFORMED),
        (an_answer("<t:item><xm>a</xm></t:item>"), FailureKind.MALFORMED),
        (an_answer(an_item(xm="王芳", zjhm=STRANGER)), FailureKind.MISMATCHED),
        (an_envelope(""), FailureKind.MALFORMED),
        (an_envelope("<t:other/>"), FailureKind.MALFORMED),
        (an_envelope("<t:queryIncomeResponse/>"), FailureKind.MALFORMED),
        (b"<a/>", FailureKind.MALFORMED),
        (b"", FailureKind.MALFORMED),
        (NONE.replace(b"soap/envelope/", b"soap/other/"), FailureKind.MALFORMED),
        (NONE.replace(b"urn:tax", b"urn:xat"), FailureKind.MALFORMED),
        (an_answer(an_item()).decode().encode("gbk"), FailureKind.MALFORMED),
        (an_answer(an_item()).decode().encode("utf-16"), FailureKind.MALFORMED),
    ],
)
def test_a_failure_is_unknown_and_never_no_record(body: bytes, kind: FailureKind) -> None:
    outcome = read(body)
    assert isinstance(outcome, Unknown)
    assert outcome.gap.kind is kind
    assert "李明" not in outcome.gap.detail


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (an_answer(an_item(), jls="3"), FailureKind.INCOMPLETE),
        (an_answer(an_item(), "<t:item><t:xm/><t:xm/></t:item>", jls="2"), FailureKind.MALFORMED),
        (an_answer(an_item(sdxmdm="0102")), FailureKind.UNMAPPED),
        (an_answer(an_item(sre="NaN")), FailureKind.UNMAPPED),
        (an_answer(an_item(sre="1e999")), FailureKind.UNMAPPED),
        (an_answer(an_item(), an_item(xm="王芳", zjhm=STRANGER)), FailureKind.MISMATCHED),
    ],
)
def test_what_can_be_read_stays_beside_the_gap(body: bytes, kind: FailureKind) -> None:
    outcome = read(body)
    assert isinstance(outcome, Partial)
    assert (outcome.gap.kind, len(outcome.records)) == (kind, 1)


def test_namesakes_stay_and_repeated_entries_do_not() -> None:
    outcome = read(an_answer(an_item(), an_item(zjhm=NAMESAKE), an_item()))
    assert isinstance(outcome, Found)
    assert [record.subjects[0].id_number for record in outcome.records] == [LI_MING, NAMESAKE]


@pytest.mark.parametrize(
    ("id_type", "kind"),
    [
        (IdType.RESIDENT_ID, "201"),
        (IdType.PASSPORT, "208"),
        (IdType.HK_MACAU_PERMIT, "210"),
        (IdType.TAIWAN_PERMIT, "213"),
        (IdType.NONE, "201"),
    ],
)
def test_the_question_holds_what_the_document_asks_for(id_type: IdType, kind: str) -> None:
    body = question(a_person("李 <&> 明", id_type=id_type), YEAR)
    query = etree.fromstring(body)[0][0]
    assert query.tag == f"{{{TAX}}}queryIncome"
    assert {etree.QName(child).localname: child.text for child in query} == {
        "xm": "李 <&> 明",
        "zjlx": kind,
        "zjhm": LI_MING,
        "skssqq": "2025-11",
        "skssqz": "2026-10",
    }


def test_a_name_that_xml_cannot_hold_is_rejected_without_quoting_it() -> None:
    with pytest.raises(SourceError) as caught:
        question(a_person("李\x01明"), YEAR)
    assert caught.value.failure.kind is FailureKind.REJECTED
    assert "李" not in str(caught.value)


@given(st.integers(0, len(NONE) - 1), st.binary(max_size=3))
def test_a_damaged_empty_answer_is_not_the_empty_answer(place: int, other: bytes) -> None:
    damaged = NONE[:place] + other
    assert isinstance(read(damaged), Unknown) or damaged == NONE
