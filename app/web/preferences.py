"""What each chose for his or her own screen: language, text size, keys, and the purpose of looks.

Kept in a cookie of the browser: no personal data, nothing that a right follows from.
"""

from dataclasses import asdict, dataclass, fields, replace
from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response

from app.access.looking import LookPurpose
from app.wiring_types import Parts

COOKIE: Final = "hedui-ui"
_YEAR: Final = 365 * 86400
_CHOICES: Final = {
    "language": ("zh", "en"),
    "size": ("normal", "large"),
    "rows": ("dense", "wide"),
    "order": ("effect", "due", "doubt", "area"),
    "shortcuts": ("on", "off"),
    "purpose": ("", *(one.value for one in LookPurpose)),
}
_MOST: Final = 400


@dataclass(frozen=True, slots=True)
class Preferences:
    """`keys`: shortcuts that are others than the default, as `action=key,…`."""

    language: str = "zh"
    size: str = "normal"
    rows: str = "dense"
    order: str = "effect"
    shortcuts: str = "on"
    purpose: str = ""
    keys: str = ""

    def changed(self, given: dict[str, str]) -> "Preferences":
        """With what is known and possible of `given`; the rest stays as it is."""
        held = {
            name: value
            for name, value in given.items()
            if value in _CHOICES.get(name, ()) or (name == "keys" and len(value) <= _MOST)
        }
        return replace(self, **held)


def preferences_of(request: Request) -> Preferences:
    """Those of the cookie; of an English browser's first visit, English."""
    text = request.cookies.get(COOKIE, "")
    names = {one.name for one in fields(Preferences)}
    given = {name: value for name, value in parse_qsl(text[:1000]) if name in names}
    if "language" not in given:
        accepted = request.headers.get("accept-language", "")
        given["language"] = "en" if accepted.lower().startswith("en") else "zh"
    return Preferences().changed(given)


def keep(response: Response, service: Parts, chosen: Preferences) -> None:
    response.set_cookie(
        COOKIE,
        urlencode(asdict(chosen)),
        max_age=_YEAR,
        path="/",
        secure=service.cookie.secure,
        httponly=True,
        samesite="strict",
    )
