"""From stored replies to profile and decisions, without I/O: the same in, the same out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from app.access.consent import is_adult
from app.domain.decision import Decision, Outcome
from app.domain.evidence import Evidence, Link, SourceStatus
from app.domain.household import VerificationRequest
from app.domain.interval import Truth, all_of
from app.domain.profile import Profile
from app.error_rate.parameters import Parameters
from app.error_rate.shape import Shape, shape_of
from app.programmes.standard import Counting, Standard, Standards
from app.verification.answers import Reply
from app.verification.decide import View, decide, identity_test, truth_of, with_decisive
from app.verification.identify import Judgements, identify
from app.verification.merge.profile import merge, with_review, without
from app.verification.merge.records import Material, Rates
from app.verification.score import Asked, Difference, Scored, groups, score
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

    @property
    def model(self) -> dict[str, str]:
        """Names the versions, so that a result can be computed again."""
        return {"weights": self.weights.version, "error_rate": self.parameters.version}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All evidence of one household."""

    id: str
    request: VerificationRequest
    replies: Sequence[Reply]
    statuses: tuple[SourceStatus, ...]
    judgements: Judgements
    other_cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What follows from a case."""

    evidence: tuple[Evidence[AnyRecord], ...]
    profile: Profile
    decisions: tuple[Decision, ...]

    @property
    def needs_review(self) -> bool:
        """A person must say whose a record is before an outcome can stand."""
        return any(
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
    return Conclusion(
        evidence=evidence,
        profile=replace(profile, findings=with_decisive(profile.findings, decisions)),
        decisions=decisions,
    )


class _Work:
    """One household's views by programme; what is the same for two standards is done once."""

    def __init__(
        self, case: Case, knowledge: Knowledge, evidence: tuple[Evidence[AnyRecord], ...]
    ) -> None:
        self._case = case
        self._knowledge = knowledge
        self._evidence = evidence
        self._by_counting: list[tuple[Counting, Profile, Scored]] = []
        self._views: dict[str, View] = {}

    def decision(self, programme: str) -> Decision:
        view = self.view(programme)
        held = {key: self.held(key) for key in view.standard.holds_one_of}
        shapes = {key: self.shape(key) for key in view.standard.holds_one_of}
        shape = shape_of(view.standard, shapes)
        return decide(view, self._case.request, held, shape, seed=self._case.id)

    def held(self, programme: str) -> Truth:
        """Whether another programme's standard is met by the same evidence."""
        view = self.view(programme)
        held = {key: self.held(key) for key in view.standard.holds_one_of}
        _, truth = truth_of(view, held)
        doubt = identity_test(self._case.request, view.profile)
        if doubt is not None:
            truth = all_of(truth, doubt.passed)
        # What only the case system knows (age, orphanhood, need of care) is not ours to grant.
        left_open = bool(view.standard.left_to_case_system) and truth is Truth.YES
        return Truth.OPEN if left_open else truth

    def shape(self, programme: str) -> Shape:
        standard = self.view(programme).standard
        return shape_of(standard, {key: self.shape(key) for key in standard.holds_one_of})

    def view(self, programme: str) -> View:
        if programme not in self._views:
            request = self._case.request
            standard = self._knowledge.standards.in_force(programme, request.region, request.as_of)
            profile, scored = self._counted(standard)
            self._views[programme] = View(standard, profile, scored)
        return self._views[programme]

    def _counted(self, standard: Standard) -> tuple[Profile, Scored]:
        for counting, profile, scored in self._by_counting:
            if counting == standard.counting:
                return profile, scored
        material = self._material(standard.counting)
        profile = merge(material)
        scored = score(
            profile,
            self._differences(material),
            self._asked,
            self._knowledge.parameters,
        )
        self._by_counting.append((standard.counting, profile, scored))
        return profile, scored

    @cached_property
    def _asked(self) -> Asked:
        request = self._case.request
        return Asked(
            statuses=self._case.statuses,
            adults=frozenset(
                member.ref
                for member in request.household.members
                if is_adult(member, request) is not False
            ),
            found=frozenset((row.person, row.source) for row in self._evidence if row.accepted),
        )

    def _material(self, counting: Counting) -> Material:
        return Material(
            request=self._case.request,
            evidence=self._evidence,
            statuses=self._case.statuses,
            counting=counting,
            rates=self._knowledge.rates,
            other_cases=self._case.other_cases,
        )

    @cached_property
    def _doubtful(self) -> Mapping[Link, tuple[frozenset[str], ...]]:
        return {
            link: tuple(groups(self._evidence, link))[:_MOST_GROUPS]
            for link in (Link.ACCEPTED, Link.IN_REVIEW)
        }

    def _differences(self, material: Material) -> list[Difference]:
        """The totals without each doubtful accepted identity, and with each one in review."""
        chances = {row.id: row.probability for row in self._evidence}
        found = []
        for link, together in self._doubtful.items():
            counted = link is Link.ACCEPTED
            for ids in together:
                other = without(material, ids) if counted else with_review(material, ids)
                found.append(
                    Difference(
                        evidence=ids,
                        probability=sum(chances[one] for one in ids) / len(ids),
                        counted=counted,
                        totals=merge(replace(other, statuses=material.statuses)).totals,
                    )
                )
        return found
