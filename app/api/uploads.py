"""Forms with files, read without a trace on disk: what people hand in is sealed or nowhere."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from app.domain.errors import FieldError, InvalidRequest
from app.review.proof_files import MOST_BYTES

MOST_FORM: Final = MOST_BYTES + 256 * 1024
"""A file, and what a form has around it."""
_MOST_FIELD: Final = 64 * 1024
MULTIPART: Final = "multipart/form-data"


class _InMemory(MultiPartParser):
    spool_max_size = MOST_FORM


@asynccontextmanager
async def form_of(request: Request, *, files: int, fields: int) -> AsyncIterator[FormData]:
    """A form with files, which are in memory. Raises InvalidRequest for a body that is none."""
    parser = _InMemory(
        request.headers,
        request.stream(),
        max_files=files,
        max_fields=fields,
        max_part_size=_MOST_FIELD,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        words = f"the form cannot be read: {error.message}"
        raise InvalidRequest((FieldError("/", "form.invalid", words),)) from None
    try:
        yield form
    finally:
        await form.close()
