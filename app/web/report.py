"""The report's screen 核对报告: as it reads, in which variant, who issues it, which copies left."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.api.deps import Service
from app.web.forms import checked
from app.web.inner import Answer, Inner, Refused
from app.web.review_words import KINDS
from app.web.shell import Staff, Viewer, inner, page
from app.wiring_types import Parts

router = APIRouter()
Step = Literal["preparation", "signature", "return"]
_TYPES: Final = {"pdf": "application/pdf", "json": "application/json", "html": "text/html"}
_DONE: Final = {"preparation": "prepared", "signature": "signed", "return": "returned"}
_NONE_YET: Final = "no report is issued yet"


@dataclass(frozen=True, slots=True)
class Screen:
    """One request of the screen: of which case, for whom."""

    request: Request
    service: Parts
    who: Viewer
    case_id: str

    @property
    def inside(self) -> Inner:
        return inner(self.request, self.service, self.who)

    @property
    def path(self) -> str:
        return f"/v1/verifications/{self.case_id}/report"

    @property
    def language(self) -> str:
        """The report's own, which is not the page's: Chinese is the report, English a courtesy."""
        given = self.request.query_params.get("language", "")
        return given if given in ("zh", "en") else self.who.preferences.language

    async def shown(self, *, error: Refused | None = None) -> Response:
        """The report as it reads, with all that lies beside it."""
        inside = self.inside
        try:
            papers = await inside.get(f"{self.path}/papers")
        except Refused as refused:
            if refused.title == _NONE_YET:
                return self._page("report/none.html")
            raise
        given = self.request.query_params.get("variant")
        variant = given if given in papers["variants"] else papers["variants"][0]
        sheet = await inside.get(f"{self.path}/view", variant=variant, language=self.language)
        return self._page(
            "report/report.html",
            status=200 if error is None else error.status,
            papers=papers,
            sheet=sheet,
            variant=variant,
            error=error,
            done=self.request.query_params.get("done", ""),
            under_way=_under_way(papers),
            kinds=KINDS,
        )

    def _page(self, template: str, **data: Any) -> Response:
        data |= {"section": "cases", "case_id": self.case_id}
        return page(self.request, template, self.who, **data)

    async def copy(self, form: str) -> Answer:
        """One more copy, or a copy again: the interface counts it before it leaves."""
        given = self.request.query_params
        return await self.inside.call(
            "GET",
            self.path,
            params={
                "variant": given.get("variant"),
                "language": self.language,
                "copy": given.get("copy"),
            },
            headers={"Accept": _TYPES[form]},
        )


async def _screen(request: Request, case_id: str, service: Service, who: Staff) -> Screen:
    return Screen(request, service, who, case_id)


OnScreen = Annotated[Screen, Depends(_screen)]


@router.get("/ui/cases/{case_id}/report", response_model=None)
async def shown(screen: OnScreen) -> Response:
    return await screen.shown()


def _under_way(papers: dict[str, Any]) -> dict[str, Any] | None:
    """The endorsement that waits for its second person, or has both."""
    held = [one for one in papers["endorsements"] if one["state"] in ("open", "signed")]
    return held[-1] if held else None


@router.get("/ui/cases/{case_id}/report.{form}", response_model=None)
async def file(screen: OnScreen, form: Literal["pdf", "json"]) -> Response:
    """A copy as a file."""
    answer = await screen.copy(form)
    kind = "inline" if form == "pdf" else "attachment"
    name = f'{kind}; filename="report-{answer.headers["hedui-report-copy"]}.{form}"'
    return Response(answer.body, media_type=_TYPES[form], headers={"Content-Disposition": name})


@router.get("/ui/cases/{case_id}/report/print", response_model=None)
async def printed(screen: OnScreen) -> Response:
    """The page to print: counted, with the copy's number and watermark on it."""
    answer = await screen.copy("html")
    policy = answer.headers["content-security-policy"]
    headers = {"Content-Security-Policy": policy}
    return Response(answer.body, media_type=_TYPES["html"], headers=headers)


@router.post("/ui/cases/{case_id}/report/{step}", response_model=None)
async def issue(screen: OnScreen, step: Step) -> Response:
    """A step of two persons; what is refused says why, above the report."""
    await checked(screen.request, screen.service)
    try:
        await screen.inside.post(f"{screen.path}/{step}")
    except Refused as refused:
        return await screen.shown(error=refused)
    return RedirectResponse(
        f"/ui/cases/{screen.case_id}/report?done={_DONE[step]}", status_code=303
    )
