"""What a member says to its hub, one statement after another.

All that a member says after its enrolment is one chain: numbered from 1, each statement naming the one before by its
hash, the first the enrolment. So a repeat is harmless, a gap is seen, and two different pasts cannot both be true.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from lineside.exchange.words import (
    MOST_VALUES,
    Absence,
    Amount,
    Count,
    Hash,
    Hub,
    Luck,
    Month,
    Number,
    Origin,
    Profile,
    Record,
    Share,
    Text,
    Value,
    Words,
)


class _Statement(Record, tag_field="say", frozen=True, kw_only=True):
    hub: Hub
    member: Number
    number: Number
    previous: Hash
    made_ms: Count
    luck: Luck = ""
    """Known to nobody else: the public ledger names a statement by its hash, by which a short one could be guessed."""


class Submission(_Statement, tag="submission", frozen=True, kw_only=True):
    """The indicators of a month; what it does not name stays as it was told before."""

    month: Month
    catalogue: Text
    """The edition by which the values are meant."""
    values: Annotated[tuple[Value, ...], Meta(min_length=1, max_length=MOST_VALUES)]
    why: Words = ""
    """Of a correction: what changed."""


class ProfileChange(_Statement, tag="profile", frozen=True, kw_only=True):
    """The member is something else from now on."""

    profile: Profile


class Rotation(_Statement, tag="rotation", frozen=True, kw_only=True):
    """Another key speaks for the member from the next statement on; signed by the old and by the new one."""

    key: Hash


class Leaving(_Statement, tag="leaving", frozen=True, kw_only=True):
    """The member says no more; what it said stays as the agreement has it."""

    why: Words = ""


class Need(_Statement, tag="need", frozen=True, kw_only=True):
    """The factory looks for something; the number of the statement names it from then on."""

    title: Annotated[str, Meta(max_length=200)] = ""
    words: Words = ""
    indicator: Text | None = None
    """Which one is to get better."""
    worth_cny: Amount | None = None
    """What that would be worth, a year."""
    shown: Literal["hub", "members"] = "hub"
    """Who may read it: the hub's people and providers, or all members too; nobody reads whose it is but the hub."""
    takes_back: Number | None = None
    """The need of this number is over."""


class Foreseen(Record, frozen=True, kw_only=True):
    """What the factory's own twin says that something would bring: a change of an indicator, as an interval of 95 %."""

    indicator: Text
    low: float
    high: float
    relative: bool = False
    """Whether it is a share of the level before."""


class Adoption(_Statement, tag="adoption", frozen=True, kw_only=True):
    """The factory put a solution pack to use, or gave it up."""

    pack: Hash
    """SHA-256 of the pack's payload."""
    month: Month
    """The first one that counts as after; of one that was given up the first without it."""
    places: Annotated[int, Meta(ge=1, le=10_000)] = 1
    cost_cny: Amount | None = None
    """What it cost, once."""
    foreseen: Annotated[tuple[Foreseen, ...], Meta(max_length=20)] = ()
    ended: bool = False
    why: Words = ""


class Reply(_Statement, tag="reply", frozen=True, kw_only=True):
    """The answer to a published question: one of `yes`, `band` and `document`, or the reason why there is none."""

    question: Hash
    """SHA-256 of the question's payload."""
    indicators: Annotated[tuple[Text, ...], Meta(max_length=40)] = ()
    """Of which it was computed."""
    yes: bool | None = None
    band: Annotated[int, Meta(ge=0, le=100)] | None = None
    """The place of the band in the question's grid, from 0: that of the values below its first edge."""
    document: Annotated[str, Meta(max_length=60_000)] = ""
    """The evidence of a value, as an earlier statement names it by its hash."""
    absent: Absence | None = None
    declined: bool = False
    """Nobody at the factory wants to answer."""
    coverage: Share | None = None
    origin: Origin = "measured"
    evidence: Hash | None = None
    why: Words = ""


class Incident(_Statement, tag="incident", frozen=True, kw_only=True):
    """Something happened that authorities may have to know of."""

    concern: Text
    """Of the hub's concerns, as "safety" or "security": it says who may look."""
    severity: Annotated[int, Meta(ge=1, le=4)]
    title: Text
    words: Words = ""
    began_ms: Count
    ended_ms: Count | None = None
    follows: Number | None = None
    """It says more of the incident of this number."""


class Consent(_Statement, tag="consent", frozen=True, kw_only=True):
    """The factory agrees to the terms of a sandbox, or ends it."""

    sandbox: Hash
    """SHA-256 of the terms' payload."""
    agrees: bool
    why: Words = ""


class SumKey(_Statement, tag="sum_key", frozen=True, kw_only=True):
    """The factory takes part in a secure sum, with a key that it made for it alone."""

    call: Hash
    """SHA-256 of the call's payload."""
    key: Hash


class SumShare(_Statement, tag="sum_share", frozen=True, kw_only=True):
    """Its value in one round of the sum, hidden behind what it agreed on with each other member of it."""

    round: Hash
    share: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]


class Input(Record, frozen=True, kw_only=True):
    """Something from outside without which a part of the output stops."""

    what: Text
    """A supplier or a good, as the hub's list names it."""
    share: Share
    """Of the output that stops without it."""
    stock_days: Amount
    """So long the stock lasts."""
    replaced_days: Amount | None = None
    """After so long another source delivers; None: none is known."""


class Energy(Record, frozen=True, kw_only=True):
    """What the factory takes of electricity."""

    power_kw: Amount
    """The mean while it works."""
    cost_share: Share | None = None
    """Of the revenue."""
    spared: Share = 0.0
    """Of the power that can be spared without any loss of output."""


class Recovery(Record, frozen=True, kw_only=True):
    """What the factory's twin says of a shock: intervals of 95 %."""

    shock: Literal["supplier", "power", "price"]
    what: Text = ""
    """Of "supplier": which input."""
    size: Share
    """Of the input, of the power or of the price."""
    days: Amount
    """So long it lasts."""
    output_lost: tuple[Share, Share]
    """Of the output of these days and those of the recovery."""
    recovery_days: tuple[Amount, Amount]
    cost_cny: tuple[Amount, Amount] | None = None


class Exposure(_Statement, tag="exposure", frozen=True, kw_only=True):
    """What the factory releases of what it depends on; it takes the place of what it said before."""

    month: Month
    inputs: Annotated[tuple[Input, ...], Meta(max_length=50)] = ()
    energy: Energy | None = None
    recoveries: Annotated[tuple[Recovery, ...], Meta(max_length=20)] = ()
    origin: Origin = "entered"


Statement: TypeAlias = (
    Submission
    | ProfileChange
    | Rotation
    | Leaving
    | Need
    | Adoption
    | Reply
    | Incident
    | Consent
    | Exposure
    | SumKey
    | SumShare
)
