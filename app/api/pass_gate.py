"""Whoever comes by an address that holds a secret 名册比对通行证, seen as its holder.

The secret stands in the path, which goes to no log of ours (`watched` tells of routes alone).
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request

from app.access.looking import Looker, origin_of
from app.api.deps import Service
from app.api.watched import CLIENT
from app.store.roster_passes import RosterPass
from app.store.scope import Crossing, across, see


@dataclass(frozen=True, slots=True)
class ByPass:
    """A look by a pass, and what calls its holder may make."""

    look: Looker
    roster_pass: RosterPass
    rates: str


async def by_pass(
    request: Request,
    service: Service,
    key: Annotated[str, Path(max_length=100, description="The secret of a roster pass.")],
) -> ByPass:
    """The request sees the pass's region alone. Raises `NotFound`."""
    with across(Crossing.SIGN_IN):
        bearer = await service.passes.bearer(key)
    request.scope[CLIENT] = bearer.caller.actor
    see(bearer.caller.region)
    host = None if request.client is None else request.client.host
    return ByPass(
        look=bearer.look(origin_of(host)),
        roster_pass=bearer.roster_pass,
        rates="" if bearer.client is None else bearer.client.rates,
    )


LooksByPass = Annotated[ByPass, Depends(by_pass)]
