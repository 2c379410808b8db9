"""The steps of an application as they come over HTTP; who takes one, and when, is not theirs to say."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec
from msgspec import Struct, field

from lineside.exchange import Envelope
from lineside.hub.applications import (
    Answered,
    Appealed,
    Asked,
    Decided,
    Judged,
    Milestone,
    Paid,
    Payment,
    Proof,
    Recovered,
    Withdrawn,
)


class Apply(Struct, forbid_unknown_fields=True, tag_field="step", tag="applied"):
    """The member applies: what its node signed."""

    envelope: dict[str, Any]

    def parsed(self) -> Envelope:
        """The envelope. Raises UnusableData for what is none."""
        return Envelope.parse(msgspec.json.encode(self.envelope))


class Answer(Struct, forbid_unknown_fields=True, tag_field="step", tag="answered"):
    """The member answers a question."""

    answer: str
    proofs: list[Proof] = field(default_factory=list)

    def by(self, account: int) -> Answered:
        """The same, by an account."""
        return Answered(by=account, answer=self.answer, proofs=tuple(self.proofs))


class Appeal(Struct, forbid_unknown_fields=True, tag_field="step", tag="appealed"):
    """The member does not accept the decision."""

    reasons: str

    def by(self, account: int) -> Appealed:
        """The same, by an account."""
        return Appealed(by=account, reasons=self.reasons)


class Withdraw(Struct, forbid_unknown_fields=True, tag_field="step", tag="withdrawn"):
    """The member does not want it any more."""

    reasons: str

    def by(self, account: int) -> Withdrawn:
        """The same, by an account."""
        return Withdrawn(by=account, reasons=self.reasons)


class Ask(Struct, forbid_unknown_fields=True, tag_field="step", tag="asked"):
    """A reviewer wants to know something."""

    question: str

    def by(self, account: int) -> Asked:
        """The same, by an account."""
        return Asked(by=account, question=self.question)


class Decide(Struct, forbid_unknown_fields=True, tag_field="step", tag="decided"):
    """A reviewer grants or refuses, with reasons; `confirmed` are the conditions that were looked at."""

    granted: bool
    reasons: str
    confirmed: dict[str, bool] = field(default_factory=dict)
    amount: float = 0.0
    payments: list[Payment] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)

    def by(self, account: int) -> Decided:
        """The same, by an account."""
        return Decided(
            by=account,
            granted=self.granted,
            reasons=self.reasons,
            confirmed=self.confirmed,
            amount=self.amount,
            payments=tuple(self.payments),
            milestones=tuple(self.milestones),
        )


class Judge(Struct, forbid_unknown_fields=True, tag_field="step", tag="judged"):
    """A reviewer says whether a milestone was met."""

    milestone: str
    met: bool
    reasons: str

    def by(self, account: int) -> Judged:
        """The same, by an account."""
        return Judged(by=account, milestone=self.milestone, met=self.met, reasons=self.reasons)


class Pay(Struct, forbid_unknown_fields=True, tag_field="step", tag="paid"):
    """A payment was made."""

    payment: str

    def by(self, account: int) -> Paid:
        """The same, by an account."""
        return Paid(by=account, payment=self.payment)


class Recover(Struct, forbid_unknown_fields=True, tag_field="step", tag="recovered"):
    """Some of what was paid was taken back."""

    amount: float
    reasons: str

    def by(self, account: int) -> Recovered:
        """The same, by an account."""
        return Recovered(by=account, amount=self.amount, reasons=self.reasons)


class Measure(Struct, forbid_unknown_fields=True, tag_field="step", tag="measured"):
    """What the support did, as the pilot whose plan has this SHA-256 found it."""

    comparison: str


OfMember: TypeAlias = Apply | Answer | Appeal | Withdraw
OfReviewer: TypeAlias = Ask | Decide | Judge | Pay | Recover | Measure
