"""Another source for one value of a profile 改用其他来源: a dialog of its own address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.api.deps import Service
from app.web import kind_words, review_words
from app.web.case_page import conflict_item
from app.web.forms import Form, checked_with_file
from app.web.i18n import translator
from app.web.inner import Inner, Refused
from app.web.kinds import amount_of, prepared, preview_of, reasons_of
from app.web.kinds_pages import handed_in
from app.web.shell import Staff, Viewer, inner, page
from app.wiring_types import Parts

router = APIRouter()
_PATH: Final = "/ui/cases/{verification_id}/conflicts/{finding}"
_AGAIN: Final = frozenset({404, 409, 413, 422})


@router.get(_PATH, response_model=None)
async def choose(
    verification_id: str, finding: str, request: Request, service: Service, who: Staff
) -> Response:
    """Who tells what, and what each choice leads to."""
    asked = inner(request, service, who)
    item = await _item(asked, verification_id, finding)
    return await _shown(request, service, who, item, _Typed())


@router.post(_PATH, response_model=None)
async def chosen(
    verification_id: str, finding: str, request: Request, service: Service, who: Staff
) -> Response:
    """The choice with its proof; or an amount tried out, which stores nothing."""
    form, content = await checked_with_file(request, service, "file")
    asked = inner(request, service, who)
    item = await _item(asked, verification_id, finding)
    kept = form.kept()
    if form.text("try"):
        tried = _Typed(kept=kept, preview=preview_of(form))
        return await _shown(request, service, who, item, tried)
    try:
        await _said(asked, item, form, content, who)
    except Refused as refused:
        if refused.status not in _AGAIN:
            raise
        preview = preview_of(form) if form.text("picked") == "set_amount" else None
        typed = _Typed(kept=kept, error=refused, preview=preview)
        return await _shown(request, service, who, item, typed)
    return RedirectResponse(f"/ui/cases/{verification_id}?said=settled", status_code=303)


async def _item(asked: Inner, verification_id: str, finding: str) -> str:
    """The review item of the finding's question. Raises Refused (404)."""
    document = await asked.get(f"/v1/verifications/{verification_id}")
    for one in document["findings"]:
        item = conflict_item(one)
        if one["id"] == finding and item is not None:
            return item
    raise Refused(404, {"type": "urn:hedui:problem:not-found", "title": "no such conflict"})


async def _said(asked: Inner, item: str, form: Form, content: bytes | None, who: Viewer) -> None:
    """The file first, for the decision names it. Raises Refused."""
    _ = translator(who.preferences.language, "review")
    code, note = form.text("reason_code"), form.text("note")
    errors = []
    if code not in reasons_of("conflict", ()):
        errors.append({"pointer": "/reason_code", "detail": _("请选择依据")})
    picked = form.text("picked")
    choice = "set_amount" if picked == "set_amount" else "use_source"
    if not note and (choice == "set_amount" or code == "other"):
        errors.append({"pointer": "/note", "detail": _("请写明说明")})
    if errors:
        raise Refused(422, {"type": "urn:hedui:problem:invalid-request", "errors": errors})
    word: dict[str, Any] = {
        "choice": choice,
        "reason_code": code,
        "reason": note[:1000] or review_words.REASONS[code],
        "option": None if choice == "set_amount" else picked,
        "amount": amount_of(form) if choice == "set_amount" else None,
        "proofs": form.texts("proof"),
    }
    if content is not None:
        document = await asked.get(f"/v1/review-items/{item}")
        proof = await handed_in(asked, document["item"]["verification"], item, content)
        word["proofs"].append(proof)
    await asked.post(f"/v1/review-items/{item}/decisions", word)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    """What a form held that is shown again, and why."""

    kept: Mapping[str, str] = field(default_factory=dict)
    error: Refused | None = None
    preview: Mapping[str, str] | None = None


async def _shown(
    request: Request, service: Parts, who: Viewer, item: str, typed: _Typed
) -> Response:
    asked, error, preview = inner(request, service, who), typed.error, typed.preview
    document = await asked.get(f"/v1/review-items/{item}")
    try:
        part = await prepared(asked, document, who, preview)
    except Refused as refused:
        if refused.status not in _AGAIN:
            raise
        part, error = await prepared(asked, document, who), error or refused
    return page(
        request,
        "cases/conflict_dialog.html",
        who,
        status=200 if error is None else error.status,
        section="cases",
        part_of=part,
        item=document["item"],
        kept=typed.kept,
        error=error,
        reasons=reasons_of("conflict", ()),
        words=review_words,
        kinds=kind_words,
    )
