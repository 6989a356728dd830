"""The home page 工作台: what waits for whoever looks."""

from fastapi import APIRouter, Request, Response

from app.web.shell import Staff, page

router = APIRouter()


@router.get("/ui/", response_model=None)
async def home(request: Request, who: Staff) -> Response:
    return page(request, "home.html", who, section="home")
