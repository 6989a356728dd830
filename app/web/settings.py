"""One's own screen 个人设置: language, text, keys, order, and what one's looks are for."""

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.access.looking import LookPurpose
from app.api.deps import Service
from app.web.forms import checked
from app.web.i18n import N_
from app.web.preferences import keep
from app.web.shell import SignedIn, Staff, page

router = APIRouter()
ACTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "next": (N_("下一条"), "j"),
    "previous": (N_("上一条"), "k"),
    "first": (N_("第一个决定"), "1"),
    "second": (N_("第二个决定"), "2"),
    "third": (N_("第三个决定"), "3"),
    "fourth": (N_("第四个决定"), "4"),
    "fifth": (N_("第五个决定"), "5"),
    "sixth": (N_("第六个决定"), "6"),
    "undo": (N_("撤销上一条决定"), "u"),
    "reveal": (N_("显示完整号码（记入审计）"), "r"),
    "before": (N_("上一个候选"), "["),
    "after": (N_("下一个候选"), "]"),
    "note": (N_("说明"), "n"),
    "search": (N_("搜索"), "/"),
    "expand": (N_("展开或收起来源"), "e"),
    "report": (N_("报告"), "p"),
    "help": (N_("快捷键"), "?"),
    "go": (N_("到其他栏目"), "g"),
}
"""What a key can do: its meaning and its key where nobody chose another one. As in app.js."""


def actions_of(chosen: str) -> list[tuple[str, str, str]]:
    """Action, meaning and the key that does it now, with what was chosen as `action=key,…`."""
    pairs = (one.strip().partition("=") for one in chosen.split(","))
    own = {name: key for name, _, key in pairs if len(key) == 1}
    return [(name, text, own.get(name, key).upper()) for name, (text, key) in ACTIONS.items()]


@router.get("/ui/settings", response_model=None)
async def form(request: Request, who: Staff) -> Response:
    purposes = [one.value for one in LookPurpose]
    return page(
        request,
        "settings.html",
        who,
        section="settings",
        purposes=purposes,
        actions=actions_of(who.preferences.keys),
        saved="saved" in request.query_params,
    )


@router.post("/ui/settings", response_model=None)
async def save(request: Request, service: Service, who: SignedIn) -> Response:
    form = await checked(request, service)
    response = RedirectResponse("/ui/settings?saved=1", status_code=303)
    keep(response, service, who.preferences.changed(form.kept()))
    return response
