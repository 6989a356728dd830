"""Writes and opens SOAP envelopes of the tax office 税务 (pure)."""

from collections.abc import Mapping
from typing import Final

from lxml import etree

from connectors.contract import AskedPerson, IdType, Months
from connectors.failure import FailureKind, SourceError
from connectors.transport.documents import read_xml

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
TAX: Final = "urn:tax:income:v1"

_DOCUMENT_KINDS: Final[Mapping[IdType, str]] = {
    IdType.RESIDENT_ID: "201",
    IdType.PASSPORT: "208",
    IdType.HK_MACAU_PERMIT: "210",
    IdType.TAIWAN_PERMIT: "213",
    # Who has no document is looked up by name; the field itself may not be missing.
    IdType.NONE: "201",
}


def question(person: AskedPerson, window: Months) -> bytes:
    """The envelope that asks for a person's income.

    Raises `SourceError` (`REJECTED`) for a name that XML cannot hold.
    """
    fields = {
        "xm": person.name,
        "zjlx": _DOCUMENT_KINDS[person.id_type],
        "zjhm": person.id_number,
        "skssqq": f"{window.first:%Y-%m}",
        "skssqz": f"{window.last:%Y-%m}",
    }
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP, "t": TAX})
    query = etree.SubElement(etree.SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{TAX}}}queryIncome")
    if not _write(query, fields):
        raise SourceError.of(FailureKind.REJECTED, "the name or number holds control characters")
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def _write(query: etree._Element, fields: Mapping[str, str]) -> bool:
    try:
        for name, value in fields.items():
            etree.SubElement(query, f"{{{TAX}}}{name}").text = value
    except ValueError:
        return False
    return True


def answer(body: bytes) -> etree._Element:
    """The `queryIncomeResponse` in the envelope.

    Raises `SourceError`: `UNAVAILABLE` for a fault of theirs, `REJECTED` for one of ours,
    `MALFORMED` for what is no answer.
    """
    root = read_xml(body, "utf-8")
    bodies = root.findall(f"{{{SOAP}}}Body") if root.tag == f"{{{SOAP}}}Envelope" else []
    if len(bodies) != 1 or len(bodies[0]) != 1:
        raise SourceError.of(FailureKind.MALFORMED, "the reply is no SOAP envelope with one body")
    content = bodies[0][0]
    if content.tag == f"{{{SOAP}}}Fault":
        raise _fault(content)
    if content.tag != f"{{{TAX}}}queryIncomeResponse":
        raise SourceError.of(FailureKind.MALFORMED, "the reply is no answer to queryIncome")
    return content


def _fault(fault: etree._Element) -> SourceError:
    """Which side a fault blames; its words stay out, they may quote the question."""
    code = (fault.findtext("faultcode") or "").strip().rpartition(":")[2].partition(".")[0]
    match code:
        case "Server":
            return SourceError.of(FailureKind.UNAVAILABLE, "a fault of the source (Server)")
        case "Client":
            return SourceError.of(FailureKind.REJECTED, "the source refuses the request (Client)")
        case _:
            return SourceError.of(FailureKind.MALFORMED, "a fault with an unknown code")
