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
SYNC_STATUS: Final = Endpoint(
    path="/registry/sync/txn/status",
    action=Action.TXN_STATUS,
    sync=True,
    reply=Action.TXN_ON_STATUS,
)
SEARCH: Final = Endpoint(
    path="/registry/search",
    action=Action.SEARCH,
    reply=Action.ON_SEARCH,
    items="search_request",
)
SUBSCRIBE: Final = Endpoint(
    path="/registry/subscribe",
    action=Action.SUBSCRIBE,
    reply=Action.ON_SUBSCRIBE,
    items="subscribe_request",
)
UNSUBSCRIBE: Final = Endpoint(
    path="/registry/unsubscribe", action=Action.UNSUBSCRIBE, reply=Action.ON_UNSUBSCRIBE
)
STATUS: Final = Endpoint(
    path="/registry/txn/status", action=Action.TXN_STATUS, reply=Action.TXN_ON_STATUS
)
NOTIFYING: Final = Endpoint(path="", action=Action.SUBSCRIBE, reply=Action.NOTIFY)
"""No address of ours: what subscribers are told is headed like an answer to their subscription."""
ON_SEARCH: Final = Endpoint(path="/registry/on-search", action=Action.ON_SEARCH, callback=True)
ON_SUBSCRIBE: Final = Endpoint(path="/registry/on-subscribe", action=Action.ON_SUBSCRIBE)
ON_UNSUBSCRIBE: Final = Endpoint(path="/registry/on-unsubscribe", action=Action.ON_UNSUBSCRIBE)
NOTIFY: Final = Endpoint(path="/registry/notify", action=Action.NOTIFY, callback=True)
ON_STATUS: Final = Endpoint(
    path="/registry/txn/on-status", action=Action.TXN_ON_STATUS, callback=True
)
LATER: Final = (SEARCH, SUBSCRIBE, UNSUBSCRIBE, STATUS)
"""Answered by a call to `header.sender_uri`."""
ENDPOINTS: Final = (
    *(SYNC_SEARCH, SYNC_ENROLLED, ENROLMENT_UPDATES, SYNC_STATUS, *LATER),
    *(ON_SEARCH, ON_SUBSCRIBE, ON_UNSUBSCRIBE, NOTIFY, ON_STATUS),
)


def later(action: str) -> Endpoint:
    """The endpoint whose message has this action and is answered later."""
    return next(one for one in LATER if one.action == action)


def is_known(action: str) -> bool:
    """Whether it is a word of the standard at all."""
    return action in _SPELLED or action in list(Action)
