"""Time and names of new things, handed in together: what a test sets."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Clockwork:
    """The one clock, and unique ids by prefix."""

    now: Callable[[], datetime]
    new_id: Callable[[str], str]
