"""openapi/hedui.json is what the code says; after a change: make openapi."""

import json
from pathlib import Path

from openapi_spec_validator import validate

from app.main import create_app
from app.settings import Settings

WRITTEN = Path(__file__).parents[2] / "openapi" / "hedui.json"


def test_the_written_document_is_what_the_code_says() -> None:
    written = json.loads(WRITTEN.read_text("utf-8"))
    assert written == json.loads(json.dumps(create_app(Settings()).openapi()))


def test_the_document_is_valid() -> None:
    validate(json.loads(WRITTEN.read_text("utf-8")))
