"""Asks the property register 不动产登记: page after page for each person.

The document puts name and identity number into the address; it may stand in no log and no error.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from connectors.config import texts_of
from connectors.contract import AskedPerson, Outcome, SourceQuery
from connectors.failure import Failure, FailureKind, SourceError
from connectors.property.parse import Layout, Page, is_whole, outcome_of, read_page
from connectors.transport.asking import Asking, AtOnceSource
from connectors.transport.http import HttpCall, HttpReply, Wire
from connectors.transport.limits import Gate

MAPPING: Final = Path(__file__).with_name("mapping.yaml")
PATH: Final = "/bdc/ownerships"

PAGE_SIZE: Final = 50
"""The largest page that the source gives."""

MOST_PAGES: Final = 40
"""Pages read for one person: 2,000 records of one name are more than a county has."""


class PropertySource(AtOnceSource):
    """The property register; answers at once. Configuration: `url`, `key`."""

    def __init__(
        self, config: Mapping[str, Any], gate: Gate, layout: Layout, *, name: str = "property"
    ) -> None:
        wire = Wire(config["url"], gate, headers={"apikey": config["key"]})
        super().__init__(name, wire, gate.limits)
        self._layout = layout

    @classmethod
    def from_config(cls, name: str, config: Mapping[str, Any], gate: Gate) -> "PropertySource":
        """Raises `ValueError` naming a key that is missing or unknown."""
        texts = texts_of(name, config, ("url", "key"))
        layout = Layout.load(Path(config.get("mapping", MAPPING)))
        return cls(texts, gate, layout, name=name)

    async def outcome(self, person: AskedPerson, query: SourceQuery, asking: Asking) -> Outcome:
        pages: list[Page] = []
        gap = await self._read_pages(person, asking, pages)
        if gap is None and not is_whole(pages) and len(pages) > 1:
            # Records moved while we were paging: a second reading sees those that slipped by.
            gap = await self._read_pages(person, asking, pages)
        return outcome_of(person, pages, self._layout, gap)

    async def _read_pages(
        self, person: AskedPerson, asking: Asking, pages: list[Page]
    ) -> Failure | None:
        """Add pages until the source has no more; why it ended early."""
        for number in range(1, MOST_PAGES + 1):
            try:
                page = await asking.read(_call(person, number), partial(_read, number))
            except SourceError as error:
                return error.failure
            pages.append(page)
            if not page.rows or (not page.is_full and is_whole(pages)):
                return None
        return Failure(FailureKind.INCOMPLETE, f"more than {MOST_PAGES} pages")


def _read(number: int, reply: HttpReply) -> Page:
    if reply.status != 200:
        raise SourceError.of(FailureKind.REJECTED, f"HTTP {reply.status}")
    return read_page(reply.body, number)


def _call(person: AskedPerson, number: int) -> HttpCall:
    asked = {"name": person.name, "certNo": person.id_number, "page": number, "size": PAGE_SIZE}
    return HttpCall("GET", f"{PATH}?{urlencode(asked, quote_via=quote)}")
