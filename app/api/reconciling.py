"""What both ways to reconcile a roster share 名册比对: a token's, and a pass's.

Whoever is shown is on record before the bytes leave: all cases of a batch in one entry a county,
each case that is read further in an entry of its own.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from app.api.depth import why_not
from app.api.looks import Shown, list_entries, listing, note
from app.api.problems import problem
from app.api.reconciled_rows import Tool, read_rows
from app.domain.errors import FieldError, InvalidRequest
from app.reconciliation.answer import Asking
from app.reconciliation.candidates import OpenedCase
from app.reconciliation.extension import ExtensionIn, meta, read_extension
from app.reconciliation.queries import Query, read_queries
from app.store.audit_reads import RECONCILED
from app.wiring_types import Parts

_MOST: Final = 256 * 1024  # characters of a batch
_IN_ADDRESS: Final = frozenset({"query", "queries", "extend"})
_CALLBACK: Final = "callback"


class ReconcileForm(BaseModel):
    """What a tool posts: one of the two, as JSON in a field of a form."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    queries: Annotated[
        str, Field(max_length=_MOST, description="A batch of reconciliation queries, as JSON.")
    ] = ""
    extend: Annotated[
        str, Field(max_length=_MOST, description="A data extension query, as JSON.")
    ] = ""


class TooManyRows(HTTPException):
    """More rows than the caller may ask about."""

    def __init__(self, words: str, seconds: int | None = None) -> None:
        headers = None if seconds is None else {"Retry-After": str(seconds)}
        super().__init__(429, words, headers)


def without_jsonp(request: Request) -> None:
    """For all endpoints: pages read answers by CORS. Raises `HTTPException`.

    A page's script could be given whatever is asked for with the user's rights, by any site.
    """
    if _CALLBACK in request.query_params:
        raise HTTPException(400, "JSONP is not spoken: pages of this machine may read by CORS")


def refused_in_address(names: Mapping[str, str]) -> Response | None:
    """Queries in an address: it would be kept in histories and by proxies, with names in it."""
    if not _IN_ADDRESS & names.keys():
        return None
    words = "queries hold personal data and are taken from a form (POST) alone, not from an address"
    return problem(400, "personal-data-in-address", words)


async def answered(service: Parts, tool: Tool, form: ReconcileForm) -> dict[str, Any]:
    """To queries, candidates; to an extension, rows. Raises `InvalidRequest`, `TooManyRows`."""
    if bool(form.queries) == bool(form.extend):
        words = "a form with one of the fields queries and extend is needed"
        raise InvalidRequest((FieldError("/", "field.missing", words),))
    text = (form.queries or form.extend).encode("utf-8", "surrogatepass")
    wrong = why_not(text)
    if wrong is not None:
        raise InvalidRequest((FieldError("/", "json.unreadable", wrong),))
    if form.queries:
        return await _reconciled(service, tool, read_queries(text))
    return await _extended(service, tool, read_extension(text))


async def _reconciled(service: Parts, tool: Tool, queries: Mapping[str, Query]) -> dict[str, Any]:
    look, database = tool.look, service.shelf.database
    asking = Asking(look, await listing(service, look, RECONCILED), look.region)
    await _admit(service, tool, len(queries))
    found = await database.read(lambda tx: service.reconciliation.answer(tx, asking, queries))
    shown = {
        one.case.id: one.case for some in found.values() for one in some if one.case is not None
    }
    if any(one.asks_of_people for one in queries.values()):
        await _told(service, tool, shown, len(queries))
    return {key: {"result": [one.document() for one in some]} for key, some in found.items()}


async def _admit(service: Parts, tool: Tool, rows: int) -> None:
    """Rows are counted: all of a caller's in a day, and those of a pass."""
    for _ in range(rows):
        standing = await service.gate.rates.of_client(tool.look.actor, "reconcile", tool.rates)
        if not standing.is_allowed:
            policy = standing.policy
            words = f"more than {policy.quota} rows in {policy.seconds} seconds"
            raise TooManyRows(words, standing.resets_in)
    one = tool.roster_pass
    if one is not None and not await service.passes.count(one, rows):
        raise TooManyRows("the roster has fewer rows than were asked about: make another pass")


async def _told(service: Parts, tool: Tool, shown: Mapping[str, OpenedCase], rows: int) -> None:
    """Also where nobody was found: who looks for many and finds few is seen by that."""
    cases = [Shown(id_, case.request.region) for id_, case in shown.items()]
    more = {**tool.told, "rows": str(rows)}
    entries = [
        replace(one, details={**one.details, **more})
        for one in list_entries(tool.look, RECONCILED, cases)
    ]
    await service.shelf.database.write(lambda tx: note(service, tx, *entries))


async def _extended(service: Parts, tool: Tool, wanted: ExtensionIn) -> dict[str, Any]:
    """What may not be seen has empty cells, as what was never there."""
    await listing(service, tool.look, RECONCILED)
    rows = await read_rows(service, tool, wanted)
    return {"meta": meta(wanted), "rows": rows}
