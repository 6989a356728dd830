"""One's own screen 个人设置: language, text, keys, order, and what one's looks are for."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.access.looking import LookPurpose
from app.api.deps import Service
from app.web.forms import checked
from app.web.preferences import keep
from app.web.shell import SignedIn, Staff, page

router = APIRouter()


@router.get("/ui/settings", response_model=None)
async def form(request: Request, who: Staff) -> Response:
    purposes = [one.value for one in LookPurpose]
    return page(request, "settings.html", who, section="settings", purposes=purposes)


@router.post("/ui/settings", response_model=None)
async def save(request: Request, service: Service, who: SignedIn) -> Response:
    form = await checked(request, service)
    response = RedirectResponse("/ui/settings?saved=1", status_code=303)
    keep(response, service, who.preferences.changed(form.kept()))
    return response
