"""What schemathesis is told: who asks in turn, and which things there are; loaded by itself."""

import atexit
import json
import os
from collections import Counter
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any, Final

import schemathesis
from hypothesis import settings

# Where a build server is noticed Hypothesis takes other settings: a seed would mean something else.
settings.load_profile("default")

_GIVEN: Final[Mapping[str, Any]] = json.loads(Path(os.environ["HEDUI_FUZZ"]).read_text("utf-8"))
_ACTORS: Final[list[tuple[str, dict[str, str]]]] = [
    (name, headers) for name, headers in _GIVEN["actors"].items()
]
_THERE: Final[Mapping[str, list[str]]] = _GIVEN["there"]
_asked: Counter[str] = Counter()
_turn = count()


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Every other call is that of who may most, the rest are everybody's in turn.

    Three of four name something that is there.
    """
    turn = next(_turn)
    name, headers = _ACTORS[turn // 2 % len(_ACTORS) if turn % 2 else -1]
    _asked[name] += 1
    case.headers = {**(case.headers or {}), **headers}
    if turn // 2 % 4:
        for parameter in case.path_parameters or {}:
            known = _THERE.get(parameter)
            if known:
                case.path_parameters[parameter] = known[turn % len(known)]


@schemathesis.check
def status_is_named(_context: Any, response: Any, case: Any) -> None:
    """The document names this status itself: its `default` is for what nobody foresaw."""
    named = case.operation.definition.raw["responses"]
    assert str(response.status_code) in named, f"status {response.status_code} is not documented"


@atexit.register
def _tell() -> None:
    Path(_GIVEN["asked"]).write_text(json.dumps(_asked), "utf-8")
