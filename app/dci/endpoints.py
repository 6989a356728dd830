"""The endpoints of the registry interface: which message each takes, and how it is answered.

A new endpoint is a line here, a handler in `handlers`, and nothing else: `intake` and the routes go
by this table.
"""

from dataclasses import dataclass
from typing import Final

from connectors.dci.codes import Action

_SPELLED: Final = {"txn_status": Action.TXN_STATUS, "txn_on_status": Action.TXN_ON_STATUS}
"""As some callers write an action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`items`: the list in the message whose length is the header's `total_count`; empty: none.

    `reply`: the action of the answer, where it is given at once (`sync`); else what is told is an
    acknowledgement. `callback`: the message is an answer, with the header of one.
    """

    path: str
    action: Action
    sync: bool = False
    reply: Action | None = None
    items: str = ""
    callback: bool = False

    def takes(self, action: str) -> bool:
        return _SPELLED.get(action, action) == self.action


SYNC_SEARCH: Final = Endpoint(
    path="/registry/sync/search",
    action=Action.SEARCH,
    sync=True,
    reply=Action.ON_SEARCH,
    items="search_request",
)
SYNC_ENROLLED: Final = Endpoint(
    path="/registry/sync/enrolled", action=Action.SEARCH, sync=True, reply=Action.ON_SEARCH
)
ENROLMENT_UPDATES: Final = Endpoint(
    path="/registry/sync/enrollment/updates",
    action=Action.NOTIFY,
    sync=True,
    reply=Action.NOTIFY,
    callback=True,
)
ENDPOINTS: Final = (SYNC_SEARCH, SYNC_ENROLLED, ENROLMENT_UPDATES)


def is_known(action: str) -> bool:
    """Whether it is a word of the standard at all."""
    return action in _SPELLED or action in list(Action)
