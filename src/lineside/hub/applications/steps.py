"""The steps of an application: what somebody did and said, as it is kept for good."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct

from lineside.exchange import Proof
from lineside.rules import Range

Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
Reasons: TypeAlias = Annotated[str, Meta(min_length=1, max_length=5000)]
Hash: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Day: TypeAlias = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Amount: TypeAlias = Annotated[float, Meta(ge=0, le=1e15)]
Number: TypeAlias = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Told: TypeAlias = dict[str, bool | float | str | Range]
"""What is known of the member, by the names of the rule."""


class Payment(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of what was granted."""

    id: Text
    amount: Amount
    due: Day
    milestone: str = ""
    """Which has to be met before; none where it is paid in any case."""


class Milestone(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that has to be reached by a day."""

    id: Text
    words: Reasons
    due: Day


class _Step(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag_field="step"):
    by: Annotated[int, Meta(ge=0)]
    """The account; 0 is who sits at the hub's own computer."""
    at_us: Annotated[int, Meta(ge=0)] = 0
    """When it was taken, which the books say and nobody else."""


class Drafted(_Step, frozen=True, kw_only=True, tag="drafted"):
    """An application was begun: for which member, by which rule, as of which day, with what is known."""

    member: Number
    programme: Text
    rule: Hash
    on: Day
    known: Told
    purpose: Reasons


class Applied(_Step, frozen=True, kw_only=True, tag="applied"):
    """The member applied: `envelope` is what its node signed, `proofs` what that says."""

    envelope: bytes
    proofs: tuple[Proof, ...]


class Asked(_Step, frozen=True, kw_only=True, tag="asked"):
    """A reviewer wants to know something; nothing is decided until it is answered."""

    question: Reasons


class Answered(_Step, frozen=True, kw_only=True, tag="answered"):
    """The member answered."""

    answer: Reasons
    proofs: tuple[Proof, ...] = ()


class Decided(_Step, frozen=True, kw_only=True, tag="decided"):
    """A reviewer granted or refused it, with reasons."""

    granted: bool
    reasons: Reasons
    confirmed: dict[str, bool] = {}
    """Conditions of the rule that the reviewer looked at."""
    amount: Amount = 0.0
    payments: tuple[Payment, ...] = ()
    milestones: tuple[Milestone, ...] = ()


class Appealed(_Step, frozen=True, kw_only=True, tag="appealed"):
    """The member does not accept the decision: once, and another reviewer decides."""

    reasons: Reasons


class Judged(_Step, frozen=True, kw_only=True, tag="judged"):
    """A reviewer says whether a milestone was met."""

    milestone: Text
    met: bool
    reasons: Reasons


class Paid(_Step, frozen=True, kw_only=True, tag="paid"):
    """A payment was made."""

    payment: Text


class Recovered(_Step, frozen=True, kw_only=True, tag="recovered"):
    """Some of what was paid was taken back."""

    amount: Annotated[float, Meta(gt=0, le=1e15)]
    reasons: Reasons


class Measured(_Step, frozen=True, kw_only=True, tag="measured"):
    """What the support did, as a comparison with others measured it, by the hash of its plan."""

    comparison: Hash
    indicator: Text
    effect: float
    low: float
    high: float
    relative: bool = False
    """Whether these are shares of the level before, else in the unit of the indicator."""
    verdict: str = ""
    """What was said of it: worked, failed or open."""


class Withdrawn(_Step, frozen=True, kw_only=True, tag="withdrawn"):
    """The member does not want it any more."""

    reasons: Reasons


Step: TypeAlias = (
    Drafted | Applied | Asked | Answered | Decided | Appealed | Judged | Paid | Recovered | Measured | Withdrawn
)
S = TypeVar("S", bound=Step)
_DECODER = msgspec.json.Decoder(Step)


def encoded(step: Step) -> bytes:
    """The bytes of a step, the same for the same step."""
    return msgspec.json.encode(step, order="deterministic")


def decoded(content: bytes) -> Step:
    """The step of such bytes. Raises what msgspec raises for others."""
    found: Step = _DECODER.decode(content)
    return found


def checked(step: S) -> S:
    """The same step, once its words and figures were looked at. Raises msgspec.ValidationError."""
    return msgspec.json.decode(encoded(step), type=type(step))


def digest(step: Step) -> str:
    """SHA-256 of a step, by which the ledger names it."""
    return sha256(encoded(step)).hexdigest()
