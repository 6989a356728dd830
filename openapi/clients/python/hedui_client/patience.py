"""How often a call is made again, and how long is waited in between."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypedDict

import tenacity

from hedui_client.call import Call
from hedui_client.errors import Problem, TooManyCalls, Unavailable, Unreachable

_GROWING: Final = tenacity.wait_random_exponential(multiplier=0.5, max=30)


@dataclass(frozen=True, slots=True)
class Patience:
    """`tries` in all; a `Retry-After` is kept up to `longest` seconds, and given up beyond."""

    tries: int = 5
    longest: float = 120.0


class Options(TypedDict):
    """What tenacity is told, for threads and event loops alike."""

    retry: Callable[[tenacity.RetryCallState], bool]
    wait: Callable[[tenacity.RetryCallState], float]
    stop: Callable[[tenacity.RetryCallState], bool]
    reraise: bool


def retries(patience: Patience, call: Call[Any]) -> Options:
    """How one call is retried."""
    return {
        "retry": tenacity.retry_if_exception(lambda error: may_repeat(error, call, patience)),
        "wait": _wait,
        "stop": tenacity.stop_after_attempt(patience.tries),
        "reraise": True,
    }


def may_repeat(error: BaseException, call: Call[Any], patience: Patience) -> bool:
    """Whether the call can be made again without anything being done twice."""
    match error:
        case TooManyCalls():
            return (error.retry_after or 0) <= patience.longest
        case Unavailable():
            return call.is_repeatable and (error.retry_after or 0) <= patience.longest
        case Unreachable():
            return call.is_repeatable or error.is_unsent
        case _:
            return False


def _wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Problem) and error.retry_after is not None:
        return error.retry_after
    return _GROWING(state)
