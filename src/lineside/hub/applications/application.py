"""Where an application stands: each step that is allowed makes another one of it; who may do what is decided here.

drafted -> applied -> (asked, answered)* -> granted | refused
granted | refused -> appealed, once -> (asked, answered)* -> granted | refused
granted -> milestones met or missed, payments, recoveries; before a decision the member may withdraw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from lineside.errors import ConfigurationError, NotPermitted
from lineside.exchange import Proof
from lineside.hub.applications.steps import (
    Answered,
    Appealed,
    Applied,
    Asked,
    Decided,
    Drafted,
    Judged,
    Measured,
    Milestone,
    Paid,
    Payment,
    Recovered,
    Step,
    Withdrawn,
    digest,
)

CENT = 0.005
"""Sums of payments may differ from what was granted by less than this."""


class State(StrEnum):
    """Where it stands."""

    DRAFTED = "drafted"
    APPLIED = "applied"
    ASKED = "asked"
    """A reviewer's question is open."""
    GRANTED = "granted"
    REFUSED = "refused"
    APPEALED = "appealed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Application:
    """An application after all of its steps so far."""

    draft: Drafted
    state: State = State.DRAFTED
    applicants: frozenset[int] = frozenset()
    """Accounts that acted for the member."""
    proofs: tuple[Proof, ...] = ()
    waits: State = State.DRAFTED
    """Where it stood when the question that is open was asked."""
    decisions: tuple[Decided, ...] = ()
    appealed: bool = False
    judged: Mapping[str, bool] = field(default_factory=dict)
    """Whether milestones were met, of those that were looked at."""
    paid: Mapping[str, float] = field(default_factory=dict)
    recovered: float = 0.0
    measured: tuple[Measured, ...] = ()
    steps: int = 1

    @property
    def decision(self) -> Decided | None:
        """The one that counts."""
        return self.decisions[-1] if self.decisions else None

    @property
    def granted(self) -> float:
        """What it takes of the budget, also while it is appealed: less what will not be paid and what came back."""
        if self.decision is None or not self.decision.granted or self.state is State.WITHDRAWN:
            return 0.0
        lapsed = sum(one.amount for one in self.decision.payments if self._lapsed(one))
        return self.decision.amount - lapsed - self.recovered

    @property
    def reviewers(self) -> frozenset[int]:
        """Who decided on it."""
        return frozenset(one.by for one in self.decisions)

    @property
    def digest(self) -> str:
        """What the member's node signs names this."""
        return digest(self.draft)

    def payable(self) -> tuple[Payment, ...]:
        """Payments that may be made now, whether or not they are due."""
        if self.state is not State.GRANTED or self.decision is None:
            return ()
        open_ = (one for one in self.decision.payments if one.id not in self.paid)
        return tuple(one for one in open_ if not one.milestone or self.judged.get(one.milestone))

    def overdue(self, day: str) -> tuple[Milestone | Payment, ...]:
        """Milestones that nobody judged, and payments that nobody made, whose day is over."""
        if self.state is not State.GRANTED or self.decision is None:
            return ()
        late = [one for one in self.decision.milestones if one.id not in self.judged and one.due < day]
        return (*late, *(one for one in self.payable() if one.due < day))

    def _lapsed(self, payment: Payment) -> bool:
        return payment.id not in self.paid and self.judged.get(payment.milestone) is False


def begun(step: Drafted) -> Application:
    """A new application."""
    return Application(step, applicants=frozenset({step.by}))


def after(application: Application, step: Step) -> Application:
    """The application after a step. Raises ConfigurationError for one that has no place there.

    Raises NotPermitted for somebody who may not take it, as they stand on the other side.
    """
    match step:
        case Applied() | Answered() | Appealed() | Withdrawn():
            found = _of_member(application, step)
        case Asked() | Decided():
            found = _of_reviewer(application, step)
        case Judged() | Paid() | Recovered() | Measured():
            found = _of_payer(application, step)
        case Drafted():
            raise _no_place(application, step)
    return replace(found, steps=application.steps + 1)


def not_conflicted(application: Application, by: int, conflicted: frozenset[int]) -> None:
    """Raises NotPermitted for who may not review it: nobody known, an applicant, or who has an interest of their own.

    `conflicted` are the accounts that said so of the member, or of whom it was said.
    """
    if by == 0:
        raise NotPermitted("applications.needs_account")
    if by in application.applicants:
        raise NotPermitted("applications.own")
    if by in conflicted:
        raise NotPermitted("applications.conflict", member=application.draft.member)


def _of_member(application: Application, step: Applied | Answered | Appealed | Withdrawn) -> Application:
    state = application.state
    if step.by in application.reviewers:
        raise NotPermitted("applications.reviewed")
    now = replace(application, applicants=application.applicants | {step.by})
    match step:
        case Applied(proofs=proofs) if state is State.DRAFTED:
            return replace(now, state=State.APPLIED, proofs=proofs)
        case Answered(proofs=proofs) if state is State.ASKED:
            return replace(now, state=application.waits, proofs=(*application.proofs, *proofs))
        case Appealed() if state in (State.GRANTED, State.REFUSED):
            if application.appealed:
                raise ConfigurationError("applications.appealed_already")
            if application.paid:
                raise ConfigurationError("applications.paid_already")
            return replace(now, state=State.APPEALED, appealed=True, judged={})
        case Withdrawn() if state in (State.DRAFTED, State.APPLIED, State.ASKED, State.APPEALED):
            return replace(now, state=State.WITHDRAWN)
    raise _no_place(application, step)


def _of_reviewer(application: Application, step: Asked | Decided) -> Application:
    if application.state not in (State.APPLIED, State.APPEALED):
        raise _no_place(application, step)
    not_conflicted(application, step.by, frozenset())
    if application.appealed and step.by in application.reviewers:
        raise NotPermitted("applications.decided_before")
    if isinstance(step, Asked):
        return replace(application, state=State.ASKED, waits=application.state)
    if step.granted:
        _whole(step)
    state = State.GRANTED if step.granted else State.REFUSED
    return replace(application, state=state, decisions=(*application.decisions, step))


def _of_payer(application: Application, step: Judged | Paid | Recovered | Measured) -> Application:
    decision = application.decision
    if application.state is not State.GRANTED or decision is None:
        raise _no_place(application, step)
    not_conflicted(application, step.by, frozenset())
    match step:
        case Judged(milestone=name, met=met):
            if name not in {one.id for one in decision.milestones} or name in application.judged:
                raise ConfigurationError("applications.no_milestone", milestone=name)
            return replace(application, judged={**application.judged, name: met})
        case Paid(payment=name):
            due = next((one for one in application.payable() if one.id == name), None)
            if due is None:
                raise ConfigurationError("applications.no_payment", payment=name)
            if step.by in application.reviewers:
                raise NotPermitted("applications.decider_pays")
            return replace(application, paid={**application.paid, name: due.amount})
        case Recovered(amount=amount):
            if application.recovered + amount > sum(application.paid.values()) + CENT:
                raise ConfigurationError("applications.more_than_paid", paid=sum(application.paid.values()))
            return replace(application, recovered=application.recovered + amount)
        case Measured():
            return replace(application, measured=(*application.measured, step))


def _whole(step: Decided) -> None:
    """Raises ConfigurationError where payments are not just what is granted, or wait for what is not there."""
    names = [one.id for one in step.payments] + [one.id for one in step.milestones]
    known = {"", *(one.id for one in step.milestones)}
    if len(set(names)) < len(names) or any(one.milestone not in known for one in step.payments):
        raise ConfigurationError("applications.payments_unclear")
    paid = sum(one.amount for one in step.payments)
    if abs(paid - step.amount) > CENT or step.amount <= 0:
        raise ConfigurationError("applications.payments_sum", amount=step.amount, paid=paid)


def _no_place(application: Application, step: Step) -> ConfigurationError:
    name = type(step).__name__.lower()
    return ConfigurationError("applications.no_place", state=str(application.state), step=name)
