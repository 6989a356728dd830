"""What a line of the table of routes says: which parameter, whose id, what it comes to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.isolation.counties import County

Built = Callable[[County, str], Any]
"""From who asks, and the value that stands in the parameter's place."""


class How(StrEnum):
    """What another county's value comes to."""

    HIDDEN = "404, as if it had never been"
    ALIKE = "the same answer as if it had never been"
    OUTSIDE = "refused, or the caller's own"
    OWN = "the caller's own"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One parameter of one route; `names`: which of a county's ids stands in it."""

    route: str
    parameter: str
    names: str
    how: How
    with_: Mapping[str, str] = field(default_factory=dict)
    """Other parameters of the path: which ids of the county that the value is of."""
    mine: Mapping[str, str] = field(default_factory=dict)
    """Other parameters of the path: which ids of the county that asks."""
    body: Built | None = None
    files: Built | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    by: str | None = None
    """Who asks, of both counties: somebody signed in, by role; None: the county's client."""
    by_second: bool = False
    """The owner's second client, or second one of the role, succeeds: the first may not."""
    owner: bool = True
    """Whether the owner's own request is tried, too."""


def hidden(route: str, names: str, body: Any = None, **more: Any) -> Line:
    """The first parameter of the path."""
    parameter = route.partition("{")[2].partition("}")[0]
    made = body if body is None or callable(body) else lambda *_: body
    return Line(route=route, parameter=parameter, names=names, how=How.HIDDEN, body=made, **more)


def alike(route: str, parameter: str, names: str, **more: Any) -> Line:
    return Line(route=route, parameter=parameter, names=names, how=How.ALIKE, **more)


def outside(route: str, parameter: str = "region", **more: Any) -> Line:
    return Line(route=route, parameter=parameter, names="region", how=How.OUTSIDE, **more)


def own(route: str, parameter: str, names: str, **more: Any) -> Line:
    return Line(route=route, parameter=parameter, names=names, how=How.OWN, **more)
