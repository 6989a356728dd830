"""The review screen 待办: the queue, and the item that is worked on."""

from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from app.api.deps import Service
from app.web import kind_words, review_words
from app.web.code_words import COMPARED, PURPOSES
from app.web.formats import Formats
from app.web.forms import Form, checked
from app.web.i18n import translator
from app.web.inner import Inner, Refused
from app.web.kinds import answer_of, preview_of
from app.web.review_queue import BASE, Filters, filters_of, queue_of
from app.web.review_words import REASONS, SAID, SETTLING
from app.web.review_work import Work, tried, work_of
from app.web.shell import Staff, Viewer, inner, page
from app.wiring_types import Parts

router = APIRouter()
_AGAIN: Final = frozenset({409, 422})
"""Refusals after which the form is shown again, with what was typed."""
_MOST_ALSO: Final = 50
_LONGEST: Final = 1000
_ITEM: Final = "/v1/review-items"


@router.get(BASE, response_model=None)
async def queue(request: Request, service: Service, who: Staff) -> Response:
    """The list, with nothing opened yet."""
    return await shown(request, service, who, None)


@router.get(f"{BASE}/{{item_id}}", response_model=None)
async def item(item_id: str, request: Request, service: Service, who: Staff) -> Response:
    """An item, locked for whoever opens it."""
    params = request.query_params
    place = params.get("record", "0")
    work = await work_of(
        inner(request, service, who),
        item_id,
        who,
        chosen=params.get("chosen", ""),
        place=int(place) if place.isdecimal() else 0,
    )
    return await shown(request, service, who, work)


@router.post(f"{BASE}/{{item_id}}", response_model=None)
async def decide(item_id: str, request: Request, service: Service, who: Staff) -> Response:
    """The word, then the next item; where it is refused, the form again with what was typed."""
    form = await checked(request, service)
    asked, filters = inner(request, service, who), filters_of(request)
    try:
        said = await _say(asked, item_id, form, who)
    except Refused as refused:
        if refused.status not in _AGAIN:
            raise
        work = await tried(asked, await work_of(asked, item_id, who), who, preview_of(form))
        changes = refused.problem.get("changes", ())
        work = replace(work, error=refused, kept=form.kept(), changes=changes)
        return await shown(request, service, who, work, refused.status)
    return RedirectResponse(filters.url(form.text("next"), said=said), status_code=303)


@router.post(f"{BASE}/{{item_id}}/undo", response_model=None)
async def undo(item_id: str, request: Request, service: Service, who: Staff) -> Response:
    """The viewer's last word, within ten minutes and before anybody spoke after it."""
    await checked(request, service)
    asked, filters = inner(request, service, who), filters_of(request)
    last = (await asked.get(f"{_ITEM}/desk"))["undoable"]
    if last is None or last["item"] != item_id:
        raise Refused(409, {"type": "urn:hedui:conflict", "title": _too_late(who)})
    reason = {"reason": "十分钟内撤销", "reason_code": "mistake"}
    await asked.post(f"{_ITEM}/{item_id}/decisions/{last['version']}/reverse", reason)
    return RedirectResponse(filters.url(item_id, said="undone"), status_code=303)


@router.post(f"{BASE}/{{item_id}}/reopen", response_model=None)
async def reopen(item_id: str, request: Request, service: Service, who: Staff) -> Response:
    """A decision is taken back with its reason, to be judged anew."""
    form = await checked(request, service)
    asked, filters = inner(request, service, who), filters_of(request)
    reason = {"reason": form.text("reason")[:_LONGEST], "reason_code": "mistake"}
    try:
        await asked.post(f"{_ITEM}/{item_id}/decisions/{form.text('version')}/reverse", reason)
    except Refused as refused:
        if refused.status not in _AGAIN:
            raise
        work = replace(await work_of(asked, item_id, who), error=refused, kept=form.kept())
        return await shown(request, service, who, work, refused.status)
    return RedirectResponse(filters.url(item_id, said="reopened"), status_code=303)


@router.post(f"{BASE}/{{item_id}}/lock", response_model=None)
async def renew(item_id: str, request: Request, service: Service, who: Staff) -> Response:
    """Somebody is at work: the lock is renewed. Says how long it holds."""
    await checked(request, service)
    try:
        locked = await inner(request, service, who).post(f"{_ITEM}/{item_id}/lock")
    except Refused as refused:
        return PlainTextResponse("", status_code=refused.status)
    left = Formats(who.preferences.language).left(locked["lock"]["until"], service.now())
    return PlainTextResponse(left)


@router.post(f"{BASE}/{{item_id}}/release", response_model=None)
async def release(item_id: str, request: Request, service: Service, who: Staff) -> Response:
    """The page was left."""
    await checked(request, service)
    await inner(request, service, who).call("DELETE", f"{_ITEM}/{item_id}/lock")
    return Response(status_code=204)


async def _say(asked: Inner, item_id: str, form: Form, who: Viewer) -> str:
    """The word on the item, and the same one on those that go along. Raises `Refused`."""
    _ = translator(who.preferences.language, "review")
    choice, code, note = form.text("choice"), form.text("reason_code"), form.text("note")
    errors = []
    if not choice:
        errors.append({"pointer": "/choice", "detail": _("请选择一个决定")})
    if code not in REASONS:
        errors.append({"pointer": "/reason_code", "detail": _("请选择依据")})
    if not note and (choice in ("unsure", "set_amount") or code == "other"):
        errors.append({"pointer": "/note", "detail": _("请写明说明")})
    if errors:
        raise Refused(422, {"type": "urn:hedui:invalid-request", "errors": errors})
    word: dict[str, Any] = {
        "choice": choice,
        "reason_code": code,
        "reason": note[:_LONGEST] or REASONS[code],
        **answer_of(form),
    }
    if choice == "unsure" and form.text("settle") in SETTLING:
        word["settle"] = form.text("settle")
    version = form.text("version") or None
    given = await asked.post(f"{_ITEM}/{item_id}/decisions", {**word, "version": version})
    missed = 0
    for also in form.texts("also")[:_MOST_ALSO]:
        try:
            await asked.post(f"{_ITEM}/{also}/decisions", word)
        except Refused:  # it has changed, or is held: it stays in the queue
            missed += 1
    return "partly" if missed else _said_of(given)


def _said_of(given: dict[str, Any]) -> str:
    if given["decision"]["choice"] == "unsure":
        return "aside"
    states = {"awaiting_second": "second", "disagreed": "third", "asked": "asked"}
    return states.get(given["item"]["state"], "done")


def _too_late(who: Viewer) -> str:
    _ = translator(who.preferences.language, "review")
    return _("已超过十分钟或已有他人处理，不能撤销")


async def shown(
    request: Request, service: Parts, who: Viewer, work: Work | None, status: int = 200
) -> Response:
    filters: Filters = filters_of(request)
    current = "" if work is None else str(work.item["id"])
    asked = inner(request, service, who)
    listed = await queue_of(asked, who, filters, service.now(), current)
    said = SAID.get(request.query_params.get("said", ""), "")
    return page(
        request,
        "review/queue.html",
        who,
        status=status,
        section="review",
        queue=listed,
        filters=filters,
        work=work,
        said=said,
        words=review_words,
        kinds=kind_words,
        purposes=PURPOSES,
        compared=COMPARED,
    )
