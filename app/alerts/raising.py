"""What follows when a verification is final: its snapshot accepted, changes kept, alerts raised.

All in the transaction that makes it final. A household's first verification has nothing to be
compared with and changes nothing; where it is one of a household that receives relief (a
re-verification or a spot check), what speaks of how things are is raised all the same: duplicate
relief, rules of one's own, relief that the household does not receive. An application is being
decided anyway, and its result tells all that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from typing import Any, Final

import orjson
import sqlalchemy as sa

from app.alerts.accepted import accepted
from app.alerts.changes import Change
from app.alerts.compare import compare, standing
from app.alerts.effect import Effect, effects
from app.alerts.facts import snapshot_of
from app.alerts.judged import judged_of
from app.alerts.kinds import TRAITS
from app.alerts.life import Action, AlertState
from app.alerts.rules import AlertRules, Rules
from app.alerts.snapshot import Snapshot, dumped, loaded
from app.alerts.telling import News, Telling
from app.alerts.words import shown
from app.audit.chain import AuditTrail
from app.domain.household import Purpose, VerificationRequest
from app.domain.instants import CHINA, china_day
from app.domain.money import as_text
from app.programmes.standard import Standards
from app.store.alert_mutes import AlertMutes
from app.store.alerts import Alerts, AlertStep, StoredAlert
from app.store.changes import Changes, StoredChange
from app.store.crypto import FieldCipher
from app.store.outbox import Outbox
from app.store.snapshots import Snapshots, StoredSnapshot
from app.store.subscriptions import Subscriptions
from app.store.verifications import StoredVerification
from app.verification.persist import Concluded

SYSTEM: Final = "hedui"
"""Who raises alerts."""
_BYTES_OF_INDEX: Final = 8
_RECEIVING: Final = (Purpose.REVERIFICATION, Purpose.SPOT_CHECK)
Found = Sequence[tuple[Change, Effect]]


@dataclass(frozen=True, slots=True)
class _Final:
    """A verification that becomes final, beside the household's last accepted snapshot."""

    verification: StoredVerification
    concluded: Concluded
    rules: AlertRules
    old: Snapshot | None
    new: Snapshot

    @property
    def request(self) -> VerificationRequest:
        return self.concluded.case.request

    @property
    def batch_id(self) -> str | None:
        return self.verification.batch_id

    def ref(self, index: str) -> str | None:
        """The person as the request names him or her; who left, as an earlier one did."""
        before = None if self.old is None else self.old.persons.get(index)
        return self.new.persons.get(index, before)


@dataclass(frozen=True, kw_only=True)
class Raising:
    """The step that stores snapshot, changes and alerts with a final verification."""

    cipher: FieldCipher
    snapshots: Snapshots
    changes: Changes
    alerts: Alerts
    mutes: AlertMutes
    telling: Telling
    rules: Rules
    standards: Standards
    audit: AuditTrail
    household_index: Callable[[VerificationRequest], bytes]

    @classmethod
    def over(cls, cipher: FieldCipher, outbox: Outbox, rules: Rules, **given: Any) -> "Raising":
        """On its stores; `given`: standards, audit, household_index."""
        return cls(
            cipher=cipher,
            snapshots=Snapshots(cipher),
            changes=Changes(cipher),
            alerts=Alerts(cipher),
            mutes=AlertMutes(cipher),
            telling=Telling(Subscriptions(cipher), outbox),
            rules=rules,
            **given,
        )

    def on_final(
        self, tx: sa.Connection, verification: StoredVerification, concluded: Concluded
    ) -> None:
        """Called in the transaction that makes the verification final."""
        case = concluded.case
        rules = self.rules.in_force(case.request.region, china_day(concluded.at))
        new = snapshot_of(case, concluded.conclusion, rules, self._digest)
        stored = StoredSnapshot(
            verification_id=verification.id,
            region=case.request.region,
            case_reference=case.request.case_reference,
            household_index=self.household_index(case.request),
            facts=b"",
            accepted_at=concluded.at,
        )
        last = self.snapshots.last(tx, stored)
        old = None if last is None else loaded(last.facts)
        if old is not None and old.as_of > new.as_of:
            return  # of an earlier day: it tells nothing of how things are by now
        keep = new if old is None else accepted(old, new, rules.tolerances)
        self.snapshots.accept(tx, replace(stored, facts=dumped(keep)), replaces=last)
        final = _Final(verification, concluded, rules, old, new)
        found = compare(old, new, rules.tolerances) if old is not None else self._first(final)
        if found:
            self._found(tx, final, found)

    def _digest(self, words: str) -> str:
        return self.cipher.blind("snapshot.digest", words)[:_BYTES_OF_INDEX].hex()

    def _first(self, final: _Final) -> tuple[Change, ...]:
        if final.request.purpose not in _RECEIVING:
            return ()
        return standing(final.new, final.rules.tolerances)

    def _found(self, tx: sa.Connection, final: _Final, found: Sequence[Change]) -> None:
        judged = judged_of(final.concluded, self.standards)
        pairs = list(zip(found, effects(found, judged), strict=True))
        is_first = final.old is None
        if not is_first:
            self.changes.add(tx, _stored_changes(final, pairs))
        raised = self._raise(tx, final, self._heard(tx, final, pairs))
        request = final.request
        news = News(
            verification_id=final.verification.id,
            case_reference=request.case_reference,
            region=request.region,
            batch_id=final.batch_id,
            changed=not is_first,
            alert_ids=[one.id for one in raised],
            at=final.concluded.at,
        )
        self.telling.tell(tx, news)

    def _heard(self, tx: sa.Connection, final: _Final, found: Found) -> Found:
        """Those that raise an alert; what a muted rule would raise stays a change."""
        some = [one for one in found if _is_raised(final.rules, *one)]
        kinds = {change.kind.value for change, _ in some}
        day = china_day(final.concluded.at)
        muted = self.mutes.muted(tx, final.request.region, kinds, day)
        return [one for one in some if one[0].kind.value not in muted]

    def _raise(self, tx: sa.Connection, final: _Final, found: Found) -> list[StoredAlert]:
        """New alerts; none for a fact of which one is being handled already."""
        if not found:
            return []
        request = final.request
        case = request.case_reference, request.region
        index = {
            self.alerts.index_of(case, "\n".join(change.order)): (change, effect)
            for change, effect in found
        }
        still_open = self.alerts.open_facts(tx, request.case_reference, list(index))
        self.alerts.repeated(tx, request.case_reference, still_open, final.concluded.at)
        recipient_id = self.alerts.recipient_of(tx, *case)
        new = [
            _alert(final, (fact_index, recipient_id), *pair)
            for fact_index, pair in index.items()
            if fact_index not in still_open
        ]
        self.alerts.add(tx, new)
        self.alerts.add_steps(tx, [_first_step(one) for one in new])
        if new:
            about = final.verification.id, request.region
            details = {"case": request.case_reference, "alerts": str(len(new))}
            self.audit.append(
                tx, actor=SYSTEM, action="alerts_raised", about=about, details=details
            )
        return new


def _is_raised(rules: AlertRules, change: Change, effect: Effect) -> bool:
    """Reasonable compatibility 合理兼容: what cannot change an outcome stays a change."""
    return rules.raises(change.kind) and (effect.relevant or not rules.compatibility)


def _stored_changes(final: _Final, found: Found) -> list[StoredChange]:
    return [
        StoredChange(
            verification_id=final.verification.id,
            position=position,
            region=final.request.region,
            batch_id=final.batch_id,
            kind=change.kind.value,
            person=final.ref(change.person),
            decisive=effect.decisive,
            before=shown(change.before),
            after=shown(change.after),
        )
        for position, (change, effect) in enumerate(found)
    ]


def _alert(
    final: _Final, of: tuple[bytes, str | None], change: Change, effect: Effect
) -> StoredAlert:
    fact_index, recipient_id = of
    at, request, rules = final.concluded.at, final.request, final.rules
    verification_id = final.verification.id
    named = f"{verification_id}/{fact_index.hex()}"
    rates = [one.error.rate for one in final.concluded.conclusion.decisions]
    return StoredAlert(
        id=f"al_{sha256(named.encode()).hexdigest()[:32]}",
        region=request.region,
        verification_id=verification_id,
        case_reference=request.case_reference,
        recipient_id=recipient_id,
        kind=change.kind.value,
        positive=TRAITS[change.kind].positive,
        decisive=effect.decisive,
        rank=effect.rank(max(rates, default=0.0)),
        fact_index=fact_index,
        state=AlertState.RAISED.value,
        outcome=None,
        person=final.ref(change.person),
        told=orjson.dumps(_told(change, effect)),
        raised_at=at,
        explain_until=_end_of_day(at, rules.explanation_days),
        due_at=_end_of_day(at, rules.handling_days),
        assigned_to=None,
        changed_at=at,
        version=1,
    )


def _told(change: Change, effect: Effect) -> dict[str, str]:
    return {
        "before": shown(change.before),
        "after": shown(change.after),
        "money_monthly": as_text(effect.money),
    }


def _end_of_day(at: datetime, days: int) -> datetime:
    """The end of the day in China that many whole days after the moment's own."""
    day = china_day(at) + timedelta(days=days + 1)
    return datetime.combine(day, time.min, CHINA).astimezone(UTC)


def _first_step(alert: StoredAlert) -> AlertStep:
    return AlertStep(
        alert_id=alert.id,
        number=alert.version,
        region=alert.region,
        action=Action.RAISED.value,
        actor=SYSTEM,
        at=alert.raised_at,
        words=b"{}",
    )
