"""The region that a caller asks for, held against the caller's own 辖区."""

from app.access.tokens import Caller
from app.domain.errors import NotAllowed


def within(who: Caller, region: str | None) -> str:
    """The region asked for, within the caller's own; that where none is named.

    Raises `NotAllowed`.
    """
    if region is None:
        return who.region
    if not region.startswith(who.region):
        raise NotAllowed("the region is outside the client's own")
    return region


def overlap(who: Caller, region: str) -> str:
    """The part of the caller's region that is asked for; all of it for a level above.

    Raises `NotAllowed` where they have nothing in common.
    """
    return who.region if who.region.startswith(region) else within(who, region)
