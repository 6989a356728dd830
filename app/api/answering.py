"""A document as the answer to a request."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Response


def json_answer(
    document: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """As JSON; `document` holds what orjson knows how to write."""
    return Response(
        orjson.dumps(document),
        status,
        headers=None if headers is None else dict(headers),
        media_type="application/json",
    )
