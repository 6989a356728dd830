"""Whose each sealed column is, and what becomes of each table's rows when a subject is erased."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import sqlalchemy as sa

from app.store import tables as t
from app.store.tables_assistance import assistance
from app.store.tables_audits import audit_finding, audit_item, known_outcome, source_observation
from app.store.tables_batch import batch_file, batch_household, exchange_part, exchange_person
from app.store.tables_by_hand import manual_task
from app.store.tables_dci import dci_enrolment
from app.store.tables_dci_later import dci_news, dci_told
from app.store.tables_erasure import erasure
from app.store.tables_facts import case_household, case_person, decision_fact
from app.store.tables_looks import case_address
from app.store.tables_objections import objection, objection_step
from app.store.tables_relief import (
    alert,
    alert_step,
    change,
    recipient,
    recipient_person,
    snapshot,
)
from app.store.tables_reports import report_endorsement, report_print, report_signature
from app.store.tables_review import review_decision, review_item
from app.store.tables_settled import proof, settlement

_GONE: Final = b""
"""In place of a sealed cell: nothing that was ever sealed is as short."""
Luck = Literal["bytes", "number"]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table that are a subject's, and what erasing does with them.

    `through`: the column of another table that `column` names, where that one says whose it is.
    No `values` and no `luck`: the rows are deleted. `luck`: columns that get a random value, so
    that what is counted stays and nobody can be looked up by it.
    """

    column: "sa.Column[Any]"
    values: Mapping[str, Any] = field(default_factory=dict)
    luck: Mapping[str, Luck] = field(default_factory=dict)
    through: "tuple[sa.Column[Any], sa.Column[Any]] | None" = None

    @property
    def table(self) -> sa.Table:
        found: sa.Table = self.column.table
        return found

    @property
    def deletes(self) -> bool:
        return not self.values and not self.luck

    @property
    def subject(self) -> "sa.Column[Any]":
        """The column that names the subject, in this table or in the one that it leads through."""
        return self.column if self.through is None else self.through[1]

    def of(self, subjects: "list[str]") -> "sa.ColumnElement[bool]":
        if self.through is None:
            return self.column.in_(subjects)
        key, subject = self.through
        return self.column.in_(sa.select(key).where(subject.in_(subjects)))


OF_VERIFICATION: Final[tuple[Rows, ...]] = (
    Rows(t.idempotency.c.verification_id),
    Rows(t.source_task.c.verification_id),
    Rows(t.ticket.c.verification_id),
    Rows(t.reply.c.verification_id),
    Rows(t.judgement.c.verification_id),
    Rows(t.evidence.c.verification_id),
    Rows(settlement.c.verification_id),
    Rows(proof.c.verification_id),
    Rows(t.outbox.c.event_id, through=(dci_told.c.event_id, dci_told.c.verification_id)),
    Rows(dci_told.c.verification_id),
    Rows(dci_news.c.verification_id),
    Rows(t.outbox.c.verification_id),
    Rows(exchange_person.c.verification_id),
    Rows(change.c.verification_id),
    Rows(snapshot.c.verification_id),
    Rows(alert_step.c.alert_id, through=(alert.c.id, alert.c.verification_id)),
    Rows(alert.c.verification_id),
    Rows(t.verification.c.id, {"sealed_request": _GONE}, {"household_index": "bytes"}),
    Rows(t.result.c.verification_id, {"sealed_result": _GONE}),
    Rows(t.report.c.verification_id, {"sealed_code": _GONE, "sealed_content": _GONE}),
    Rows(
        report_endorsement.c.verification_id,
        {"sealed_preparer": _GONE, "sealed_signer": _GONE, "sealed_checklist": _GONE},
    ),
    Rows(report_print.c.verification_id, {"sealed_stamp": _GONE}),
    Rows(objection.c.verification_id, {"sealed_text": _GONE, "sealed_answer": None}),
    Rows(objection_step.c.verification_id, {"sealed_words": _GONE}),
    Rows(manual_task.c.verification_id),
    Rows(
        review_item.c.verification_id,
        {"person": None, "details": '{"gains": [], "subject": ""}'},
    ),
    Rows(
        review_decision.c.verification_id,
        {"sealed_reason": _GONE, "details": '{"judgements": [], "records": []}'},
    ),
    Rows(audit_finding.c.verification_id, {"sealed_finding": _GONE}),
    Rows(decision_fact.c.verification_id, {"sealed_totals": _GONE}, {"household_index": "bytes"}),
    Rows(case_household.c.verification_id, luck={"household_key": "number"}),
    Rows(case_person.c.verification_id, luck={"person_key": "number"}),
    Rows(case_address.c.verification_id),
    Rows(batch_household.c.verification_id, {"sealed_request": None, "recipient_id": None}),
)
"""In this order. What stays is the conclusion, its digests, and counts of nobody in particular."""

OF_RECIPIENT: Final[tuple[Rows, ...]] = (
    Rows(recipient_person.c.recipient_id),
    Rows(batch_household.c.recipient_id, {"recipient_id": None}),
    Rows(alert.c.recipient_id, {"recipient_id": None}),
    Rows(recipient.c.id),
)

OF_ASSISTANCE: Final[tuple[Rows, ...]] = (
    Rows(
        assistance.c.id,
        {"sealed_question": _GONE, "sealed_answer": None, "sealed_ticket": None},
    ),
)
"""Questions of other centres: their secrets go with the rows that only told where work stood."""

OF_FILES: Final[tuple[Rows, ...]] = (
    Rows(batch_file.c.batch_id),
    Rows(exchange_part.c.file_id),
)
"""Files of many households: their secrets go with their last part, once they are read."""

STAYS: Final[Mapping[sa.Table, str]] = {
    t.asking: "which source was asked when, on which consent: accounted for without the person",
    t.decision: "the conclusion itself: outcome and error rate by programme, no amount",
    report_signature: "that a report's content was signed, and by which key",
    audit_item: "which decisions were drawn with which probability",
    known_outcome: "what a decision should have been, for error rates",
    source_observation: "what a source missed or told wrongly, for error rates",
    erasure: "that it was erased",
    dci_enrolment: "a partner's own word of its own programmes, by keyed index alone: it goes when "
    "the partner says that it ended, or is removed",
}
"""Tables of rows about a verification that erasing leaves as they are, and why."""

NOT_A_SUBJECTS: Final[Mapping[str, str]] = {
    "batch.sealed_callback_url": "the address of a case system",
    "subscription.sealed_url": "the address of a case system",
    "subject_key.sealed_secret": "the secret itself, sealed with the key of all",
    "partial_withdrawal.sealed_number": "whose consent was taken back; goes with the last of it",
    "alert_mute.sealed_reason": "why a member of staff muted a rule, of no household",
    "look_permission.sealed_reason": "why a member of staff asked to look, for the trail",
    "staff_relation.sealed_relation": "of a member of staff",
    "protected_person.sealed_person": "who is protected from looks, as long as he or she is",
    "staff.sealed_name": "of a member of staff",
    "staff.sealed_address": "of a member of staff",
    "staff.sealed_totp": "of a member of staff",
    "dci_task.sealed_message": "what a partner asked, in its own words; goes after some weeks",
    "dci_task.sealed_answer": "which subscriptions a partner has; goes with the message",
    "dci_subscription.sealed_content": "what a partner wants to hear of; goes when it ends",
    "dci_bearer.sealed_token": "a token of a partner",
    "approval.sealed_content": "a change that two persons make",
    "approval.sealed_reason": "why one of them refused it",
}
"""Sealed columns that hold nothing of a household, and what they hold instead."""


def rows_of_subjects() -> dict[str, Rows]:
    """By table with sealed columns: how its rows name their subject, whose secret sealed them."""
    return {
        rows.table.name: rows
        for rows in (*OF_VERIFICATION, *OF_RECIPIENT[-1:], *OF_ASSISTANCE, *OF_FILES)
        if any(name.startswith("sealed_") for name in rows.table.c.keys())  # noqa: SIM118
    }
