"""What the registry interface works with, built once."""

from dataclasses import dataclass
from typing import Any

from app.dci.enrolment import Enrolling
from app.dci.intake import Intake
from app.dci.keys import OwnKeys
from app.dci.later import Later
from app.dci.notifying import Notifying
from app.dci.replies import Replies
from app.dci.search import Searching
from app.dci.sending import Dressing
from app.dci.statuses import Statuses
from connectors.dci.signatures import Dialect


@dataclass(frozen=True, kw_only=True)
class RegistryDesk:
    """The intake, the replies, and a part for each kind of message."""

    own: OwnKeys
    intake: Intake
    replies: Replies
    searching: Searching
    enrolling: Enrolling
    later: Later
    statuses: Statuses
    notifying: Notifying
    dressing: Dressing
    locations: list[dict[str, Any]]
    plain: Dialect = Dialect.NONE
    """In which nobody asked: a refusal is signed as to somebody who sends stubs."""
