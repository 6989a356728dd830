"""What the interface's document says of the answers about alerts and subscriptions."""

from typing import Any

from fastapi import APIRouter, Response

from app.api.schemas import documented as doc
from app.api.schemas.alert_rules import AssigneesOut, RulesOut
from app.api.schemas.alerts import AlertCountsOut, AlertPageOut, AlertWholeOut
from app.api.schemas.subscriptions import HouseholdNoticeOut, SubscriptionOut, SubscriptionsOut

_NOT_VALID: doc.Responses = {422: doc.JUDGED[422]}
_BODY: doc.Responses = {413: doc.JUDGED[413], **_NOT_VALID}
_NOT_THERE: doc.Responses = {404: doc.SHOWN[404]}


def _conflict(description: str) -> dict[str, Any]:
    return {**doc.CHANGED[409], "description": description}


PAGE: doc.Responses = {200: {"model": AlertPageOut}, **_NOT_VALID}
COUNTS: doc.Responses = {200: {"model": AlertCountsOut}, **_NOT_VALID}
WHOLE: doc.Responses = {200: {"model": AlertWholeOut}, **_NOT_THERE}
MOVED: doc.Responses = {
    **WHOLE,
    409: _conflict(
        "The alert has moved on or is in another state, or it would lower or stop a payment "
        "before the household was heard"
    ),
    **_BODY,
}
RULES: doc.Responses = {200: {"model": RulesOut}}
ASSIGNEES: doc.Responses = {200: {"model": AssigneesOut}}
RULE_MOVED: doc.Responses = {
    **RULES,
    409: _conflict("It is so already, or by a region above"),
    **_BODY,
}
SUBSCRIBED: doc.Responses = {201: {"model": SubscriptionOut}, **_NOT_THERE, **_BODY}
SUBSCRIPTIONS: doc.Responses = {200: {"model": SubscriptionsOut}}
ENDED: doc.Responses = {204: {"description": "It has ended"}, **_NOT_THERE}

callbacks = APIRouter()
"""Calls that the service makes to who subscribed."""


@callbacks.post(
    "{$request.body#/callback_url}",
    summary="The household changed, or an alert was raised",
    operation_id="household_notice",
    response_class=Response,
    responses={
        200: {"description": "Taken in; any 2xx says so"},
        "default": {"description": "Not taken in: the same event comes again later"},
    },
)
def notice(_body: HouseholdNoticeOut) -> None:
    """Signed as every notice is; what is to be read, the interface shows to who may."""
