"""Refuses, at intake, an address that no notice may be sent to."""

from pydantic import HttpUrl

from app.access.addresses import NotAnAddress
from app.domain.errors import FieldError, InvalidRequest
from app.wiring_types import Parts

POINTER = "/callback_url"


async def check_callback(service: Parts, url: HttpUrl | None) -> None:
    """Raises `InvalidRequest`; what a name stands for is judged again at each sending."""
    if url is None:
        return
    rules = await service.addresses.rules()
    try:
        rules.place_of(str(url))
    except NotAnAddress as refused:
        raise InvalidRequest((FieldError(POINTER, refused.code, str(refused)),)) from None
