"""What a file's model finds wrong, as faults in plain words."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.programmes.document import KEY, Document
from app.programmes.faults import Fault, nearest
from app.programmes.file_models import NameIn, SourceIn, TestIn
from app.programmes.file_values import AmountParameter, Strict

_LONGEST: Final = 40
_PARTS: Final[dict[str, tuple[int, type[Strict]]]] = {
    "name": (1, NameIn),
    "tests": (2, TestIn),
    "sources": (2, SourceIn),
    "parameters": (2, AmountParameter),
    "benefits": (2, AmountParameter),
    "targets": (2, AmountParameter),
    "valid_months": (1, AmountParameter),
}
"""How deep below the top a part's keys are, and which they are."""


def faults_of_model(error: ValidationError, model: type[Strict], document: Document) -> list[Fault]:
    """Every error as a fault; what could not be read at all is not said to be wrong again."""
    unread = {fault.place for fault in document.faults}
    found = []
    for detail in error.errors(include_url=False):
        of_key = (KEY,) if detail["type"] == "extra_forbidden" else ()
        fault = document.fault((*detail["loc"], *of_key), _words(detail, model))
        if fault.place is None or fault.place not in unread:
            found.append(fault)
    return found


def faults_of_dates(document: Document) -> Iterator[Fault]:
    """Dates of effect that do not follow one another: a reader takes the last for the newest."""
    for path, mapping in _mappings(document.content, ()):
        days = [key for key in mapping if _is_day(key)]
        for earlier, later in pairwise(days):
            if later < earlier:
                words = f"must come before {earlier}: dates of effect ascend"
                yield document.fault((*path, later, KEY), words)


def _mappings(part: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[Any, Any]]]:
    if isinstance(part, dict):
        yield path, part
        for key, value in part.items():
            yield from _mappings(value, (*path, str(key)))


def _is_day(key: object) -> bool:
    try:
        date.fromisoformat(str(key))
    except ValueError:
        return False
    return isinstance(key, str)


def _words(detail: ErrorDetails, model: type[Strict]) -> str:
    loc, given = detail["loc"], detail["input"]
    match detail["type"]:
        case "missing":
            return f"is missing{_described(loc, model)}"
        case "extra_forbidden":
            known = _model_at(loc, model).model_fields
            return f"is not known here; known are {', '.join(known)}{nearest(str(loc[-1]), known)}"
        case "too_short":
            return "is empty: at least one is needed"
        case "string_too_short":
            return "must not be empty"
        case "string_pattern_mismatch":
            return f"must be small letters, digits and underscores, a letter first{_not(given)}"
        case "value_error":
            words = detail["msg"].removeprefix("Value error, ")
            return words if str(given) in words else words + _not(given)
        case "model_type" | "dict_type":
            return f"must be keys with values{_not(given)}"
        case _:
            return detail["msg"].replace("Input should be", "must be") + _not(given)


def _not(given: object) -> str:
    """What stands there, where it is short: never a whole part of the file."""
    if isinstance(given, dict | list):
        return ""
    text = "null" if given is None else str(given)
    return f", not {text}" if len(text) <= _LONGEST else f", not {text[:_LONGEST]}…"


def _model_at(loc: Sequence[int | str], model: type[Strict]) -> type[Strict]:
    depth, part = _PARTS.get(str(loc[0]), (0, model))
    return part if len(loc) == depth + 1 and depth else model


def _described(loc: Sequence[int | str], model: type[Strict]) -> str:
    field = _model_at(loc, model).model_fields.get(str(loc[-1]))
    description = None if field is None else field.description
    return f": {description}" if description else ""
