"""Builds the part of the DCI registry interface that answers later, and tells subscribers."""

from typing import Any

from app.dci.intake import Intake
from app.dci.later import Calls, Later
from app.dci.notifying import Notifying
from app.dci.replies import Replies
from app.dci.search import Searching
from app.dci.searching_later import SearchingLater
from app.dci.sending import Dressing
from app.dci.standing import Standing
from app.dci.statuses import Statuses
from app.dci.subscribing import Subscribing
from app.dci.tokens import PartnerTokens
from app.store.clients import Clients
from app.store.dci_sending import DciSending
from app.store.dci_subscriptions import RegistrySubscriptions
from app.store.dci_tasks import Tasks
from app.wiring_sources import new_id
from app.wiring_stages import Stages
from connectors.dci.codes import Action


def answered_later(
    built: Stages, intake: Intake, answering: tuple[Replies, Searching], tokens: PartnerTokens
) -> dict[str, Any]:
    """The parts of the desk by name; `tokens`: of partners that ask for one when called."""
    replies, searching = answering
    database, now, cipher = built.shelf.database, built.clock, built.cipher
    trail, clients, tasks = built.desk.audit, Clients(), Tasks(cipher)
    subscriptions, sending = RegistrySubscriptions(cipher), DciSending(cipher)
    standing = Standing(database=database, clients=clients, intake=intake, now=now)
    calls = Calls(outbox=built.shelf.outbox, sending=sending, replies=replies, now=now)
    searches = SearchingLater(
        searching=searching, database=database, clients=clients, trail=trail, now=now
    )
    subscribing = Subscribing(
        stored=subscriptions, cipher=cipher, trail=trail, now=now, new_id=new_id
    )
    statuses = Statuses(
        database=database,
        tasks=tasks,
        searching=searches,
        subscribing=subscribing,
        later=lambda: later,
    )
    later = Later(
        database=database,
        tasks=tasks,
        standing=standing,
        calls=calls,
        handlings={
            Action.SEARCH: searches.handling(),
            Action.SUBSCRIBE: subscribing.handling(),
            Action.UNSUBSCRIBE: subscribing.ending(),
            Action.TXN_STATUS: statuses.handling(),
        },
        now=now,
    )
    dressing = Dressing(
        database=database,
        clients=clients,
        senders=intake.senders,
        households=searching.households,
        sending=sending,
        replies=replies,
        tokens=tokens,
        now=now,
    )
    notifying = _notifying(built, searching, subscriptions, (standing, calls))
    return {"later": later, "statuses": statuses, "notifying": notifying, "dressing": dressing}


def _notifying(
    built: Stages,
    searching: Searching,
    subscriptions: RegistrySubscriptions,
    beside: tuple[Standing, Calls],
) -> Notifying:
    standing, calls = beside
    return Notifying(
        database=built.shelf.database,
        stored=subscriptions,
        standing=standing,
        households=searching.households,
        calls=calls,
        trail=built.desk.audit,
        now=built.clock,
        base=searching.base,
    )
