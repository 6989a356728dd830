"""Tokens of partners that ask for one where they are called: kept until they end."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from app.store.dci_sending import TokenPlace
from app.store.outbox import TokenUnavailable
from connectors.failure import SourceError
from connectors.transport.tokens import Sends, TokenKeeper, by_form, seconds_of

UNTOLD: Final = 300
"""Seconds that a token is used for where the partner does not say how long it lasts."""
_MOST_KEPT: Final = 1_000


@dataclass
class PartnerTokens:
    """One token a place and process. `resolve`: what a secret's reference stands for."""

    wire: Sends
    resolve: Callable[[str], str]
    clock: Callable[[], float] = time.monotonic
    _kept: dict[tuple[TokenPlace, str], TokenKeeper] = field(
        default_factory=dict, init=False, repr=False
    )

    async def token(self, place: TokenPlace, *, refused: str = "") -> str:
        """A token that is good, and another one than was `refused`. Raises `TokenUnavailable`."""
        try:
            keeper = self._keeper(place, self.resolve(place.secret))
            return await keeper.token(refused=refused or None)
        except ValueError:
            raise TokenUnavailable("the secret for the partner's tokens cannot be read") from None
        except SourceError as error:
            kind = error.failure.kind.value
            raise TokenUnavailable(f"the partner gives no token: {kind}") from None

    def _keeper(self, place: TokenPlace, secret: str) -> TokenKeeper:
        """Another secret is another keeper: it may be changed while the service runs."""
        if (place, secret) not in self._kept:
            while len(self._kept) >= _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            call = by_form(place.url, (place.client_id, secret), place.scope)
            self._kept[(place, secret)] = TokenKeeper(
                self.wire, call, tries=1, clock=self.clock, lasting=_lasting
            )
        return self._kept[(place, secret)]


def _lasting(told: object) -> object:
    return UNTOLD if told is None else seconds_of(told)
