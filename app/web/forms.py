"""What a page's form sends: bounded, and from our own pages alone."""

import hmac
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from app.access.sessions import csrf_token
from app.api.csrf import from_our_pages, session_of
from app.api.uploads import MULTIPART, form_of
from app.domain.errors import NotAllowed
from app.wiring_types import Parts

FIELD: Final = "csrf"
_FIELDS: Final = 200
_FILES: Final = 5


class Form:
    """Fields as text; a field that is not there is empty."""

    def __init__(self, data: FormData) -> None:
        self._data = data

    def text(self, name: str) -> str:
        value = self._data.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        return [one for one in self._data.getlist(name) if isinstance(one, str)]

    def file(self, name: str) -> UploadFile | None:
        value = self._data.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    def kept(self) -> dict[str, str]:
        """All that was typed, to show it again where the form is refused."""
        return {
            name: value
            for name, value in self._data.items()
            if isinstance(value, str) and name != FIELD
        }


async def checked(request: Request, service: Parts) -> Form:
    """The form of a changing request. Raises `NotAllowed` where another site's page made it."""
    from_our_pages(request, service.cookie)
    data = await request.form(max_files=_FILES, max_fields=_FIELDS)
    return _of_session(request, service, data)


async def checked_with_file(
    request: Request, service: Parts, name: str
) -> tuple[Form, bytes | None]:
    """The same of a form with one file, which is never put on disk; None: none was chosen."""
    from_our_pages(request, service.cookie)
    if not request.headers.get("content-type", "").startswith(MULTIPART):
        return await checked(request, service), None
    async with form_of(request, files=1, fields=_FIELDS) as data:
        form = _of_session(request, service, data)
        file = form.file(name)
        return form, None if file is None else await file.read()


def _of_session(request: Request, service: Parts, data: FormData) -> Form:
    session = session_of(request, service.cookie)
    if session is not None:
        sent = data.get(FIELD, "")
        if not isinstance(sent, str) or not hmac.compare_digest(
            sent.encode(), csrf_token(session).encode()
        ):
            raise NotAllowed("the form is not of this session: load the page again")
    return Form(data)
