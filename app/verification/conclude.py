"""From stored replies to profile and decisions, without I/O: the same in, the same out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from app.access.consent import is_adult
from app.domain.decision import Decision, Outcome, TestResult
from app.domain.errors import NoStandardInForce
from app.domain.evidence import Evidence, Link, SourceStatus
from app.domain.household import VerificationRequest
from app.domain.interval import Truth, all_of
from app.domain.profile import Profile, Totals
from app.domain.settlement import Settlements
from app.error_rate.calibration import IDENTITY, Calibration
from app.error_rate.parameters import Parameters
from app.error_rate.shape import Shape, shape_of
from app.programmes.conditions import Values, meets
from app.programmes.parameters import area_of
from app.programmes.standard import Counting, Standard, Standards
from app.verification.answers import Reply
from app.verification.decide import View, decide, identity_test, with_decisive
from app.verification.identify import Judgements, identify
from app.verification.merge.profile import counted, merge, with_review, without
from app.verification.merge.records import Material, Rates
from app.verification.questions import holding, in_place
from app.verification.score.known import Difference, Known, likely
from app.verification.score.rivals import chances
from app.verification.score.score import Scored, groups, score
from connectors.records import AnyRecord
from matching.weights import Weights

_MOST_GROUPS = 12
"""Doubtful identities looked at one by one; more are exceedingly rare in one household."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What judges: programme standards, match weights, error-rate parameters, exchange rates."""

    standards: Standards
    weights: Weights
    parameters: Parameters
    rates: Rates
    calibration: Calibration = IDENTITY

    @property
    def model(self) -> dict[str, str]:
        """Names the versions, so that a result can be computed again."""
        return {
            "weights": self.weights.version,
            "error_rate": self.parameters.version,
            "calibration": self.calibration.version,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All evidence of one household."""

    id: str
    request: VerificationRequest
    replies: Sequence[Reply]
    statuses: tuple[SourceStatus, ...]
    judgements: Judgements
    other_cases: tuple[str, ...] = ()
    settlements: Settlements = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What follows from a case; `also_confirmed_for` names programmes that were not asked for.

    `held`: questions that a person must settle first, for another answer gives another outcome. The
    profile is counted by the rules of the first programme asked for; `totals` has those of
    each, by its own rules.
    """

    evidence: tuple[Evidence[AnyRecord], ...]
    profile: Profile
    decisions: tuple[Decision, ...]
    totals: Mapping[str, Totals] = field(default_factory=dict)
    also_confirmed_for: tuple[str, ...] = ()
    held: tuple[str, ...] = ()

    @property
    def needs_review(self) -> bool:
        """A person must say whose a record is, or which value holds, before an outcome stands."""
        return bool(self.held) or any(
            item.startswith("review:")
            for decision in self.decisions
            if decision.outcome is Outcome.UNDETERMINED
            for item in decision.missing
        )


def conclude(case: Case, knowledge: Knowledge) -> Conclusion:
    """identify → merge → score → decide, for each programme asked for."""
    evidence = identify(case.replies, case.request, knowledge.weights, case.judgements)
    work = _Work(case, knowledge, evidence)
    decisions = tuple(work.decision(key) for key in case.request.programmes)
    profile = work.view(case.request.programmes[0]).profile
    held = frozenset(work.held())
    findings = with_decisive(profile.findings, decisions)
    findings = tuple(
        replace(one, decisive=True) if one.subject in held else one for one in findings
    )
    return Conclusion(
        evidence=evidence,
        profile=replace(profile, findings=findings),
        decisions=decisions,
        totals={key: work.view(key).profile.totals for key in case.request.programmes},
        also_confirmed_for=tuple(work.also_confirmed_for()),
        held=tuple(sorted(held)),
    )


@dataclass(slots=True)
class _Counted:
    """The household counted by one standard's rules; scored once a decision looks at it."""

    counting: Counting
    profile: Profile
    values: Values
    doubt: TestResult | None
    scored: Scored | None = None


class _Work:
    """One household's views by programme; what is the same for two standards is done once."""

    def __init__(
        self, case: Case, knowledge: Knowledge, evidence: tuple[Evidence[AnyRecord], ...]
    ) -> None:
        self._case = case
        self._knowledge = knowledge
        self._evidence = evidence
        self._views: list[_Counted] = []
        self._truths: dict[str, Truth] = {}

    def decision(self, programme: str) -> Decision:
        view = self.view(programme)
        held = {key: self.met(key) for key in view.standard.holds_one_of}
        shapes = {key: self.shape(key) for key in view.standard.holds_one_of}
        shape = shape_of(view.standard, shapes)
        decision = decide(view, self._case.request, held, shape, seed=self._case.id)
        error = self._knowledge.calibration.apply(decision.error, programme)
        return replace(decision, error=error)

    def also_confirmed_for(self) -> Iterator[str]:
        """Other programmes for such a place whose standard the household surely meets, by key."""
        request = self._case.request
        for programme in self._knowledge.standards.programmes:
            if programme in request.programmes:
                continue
            try:
                standard = self._standard(programme)
                met = standard.area == area_of(request.region) and self._truth(programme)
            except NoStandardInForce:
                continue
            if met is Truth.YES:
                yield programme

    def held(self) -> Iterator[str]:
        """Open questions of which another answer gives some programme another outcome."""
        request = self._case.request
        view = self.view(request.programmes[0])
        material = self._material(view.standard.counting)
        now = [self._truth(key) for key in request.programmes]
        for subject, answers in holding(request, material, view.profile.findings).items():
            for answer in answers:
                settlements = {**self._case.settlements, subject: answer}
                case = replace(self._case, settlements=settlements)
                other = _Work(case, self._knowledge, self._evidence)
                if [other._truth(key) for key in request.programmes] != now:
                    yield subject
                    break

    def met(self, programme: str) -> Truth:
        """Whether another programme's standard is met by the same evidence."""
        truth = self._truth(programme)
        # What only the case system knows (age, orphanhood, need of care) is not ours to grant.
        left_open = bool(self._standard(programme).left_to_case_system) and truth is Truth.YES
        return Truth.OPEN if left_open else truth

    def _truth(self, programme: str) -> Truth:
        """Whether the standard is met, and it is sure who the members are."""
        if programme not in self._truths:
            standard = self._standard(programme)
            held = {key: self.met(key) for key in standard.holds_one_of}
            counted = self._counted(standard.counting)
            truth, doubt = meets(standard, counted.values, held), counted.doubt
            self._truths[programme] = truth if doubt is None else all_of(truth, doubt.passed)
        return self._truths[programme]

    def shape(self, programme: str) -> Shape:
        standard = self._standard(programme)
        return shape_of(standard, {key: self.shape(key) for key in standard.holds_one_of})

    def view(self, programme: str) -> View:
        standard = self._standard(programme)
        counted = self._counted(standard.counting)
        if counted.scored is None:
            counted.scored = self._scored(standard.counting, counted.profile)
        return View(standard, counted.profile, counted.scored)

    def _standard(self, programme: str) -> Standard:
        request = self._case.request
        return self._knowledge.standards.in_force(programme, request.region, request.as_of)

    def _counted(self, counting: Counting) -> "_Counted":
        for one in self._views:
            if one.counting is counting or one.counting == counting:
                return one
        profile = merge(self._material(counting))
        doubt = identity_test(self._case.request, profile)
        self._views.append(_Counted(counting, profile, Values(profile.totals), doubt))
        return self._views[-1]

    def _scored(self, counting: Counting, profile: Profile) -> Scored:
        material = self._material(counting)
        settled = profile.totals
        if self._in_review:
            settled, _ = counted(without(material, self._in_review))
        known = Known(
            request=self._case.request,
            profile=profile,
            settled=settled,
            differences=self._differences(material, profile),
            statuses=self._case.statuses,
            adults=self._adults,
            found=self._found,
            parameters=self._knowledge.parameters,
        )
        return score(known)

    @cached_property
    def _adults(self) -> frozenset[str]:
        request = self._case.request
        return frozenset(
            member.ref
            for member in request.household.members
            if is_adult(member, request) is not False
        )

    @cached_property
    def _found(self) -> frozenset[tuple[str, str]]:
        return frozenset((row.person, row.source) for row in self._evidence if row.accepted)

    @cached_property
    def _in_review(self) -> frozenset[str]:
        return frozenset(row.id for row in self._evidence if row.link is Link.IN_REVIEW)

    def _material(self, counting: Counting) -> Material:
        return Material(
            request=self._case.request,
            evidence=self._evidence,
            statuses=self._case.statuses,
            counting=counting,
            rates=self._knowledge.rates,
            other_cases=self._case.other_cases,
            settled=self._settled,
        )

    @cached_property
    def _settled(self) -> Settlements:
        return in_place(self._case.settlements, self._evidence)

    @cached_property
    def _doubtful(self) -> Mapping[Link, tuple[frozenset[str], ...]]:
        return {
            link: tuple(groups(self._evidence, link))[:_MOST_GROUPS]
            for link in (Link.ACCEPTED, Link.IN_REVIEW)
        }

    def _differences(self, material: Material, profile: Profile) -> list[Difference]:
        """The totals without each doubtful accepted identity, and with each one in review."""
        every = [ids for together in self._doubtful.values() for ids in together]
        chance = chances(self._evidence, every)
        found = []
        for link, together in self._doubtful.items():
            is_counted = link is Link.ACCEPTED
            for ids in together:
                judged = with_review(material, frozenset() if is_counted else ids)
                refused = self._in_review | ids if is_counted else self._in_review - ids
                totals, income = counted(without(judged, refused))
                found.append(
                    Difference(
                        evidence=tuple(sorted(ids)),
                        probability=chance[ids],
                        counted=is_counted,
                        totals=likely(totals, income, profile.deductions),
                    )
                )
        return found
