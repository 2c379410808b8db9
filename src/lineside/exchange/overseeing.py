"""What an authority publishes at a hub: questions that nodes answer through their valve, and terms of sandboxes."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from lineside.exchange.words import Both, Count, Hash, Hub, Month, Number, Record, Text, Words

QUESTION = "application/vnd.lineside.question+json"
"""Signed by the hub; its payload's SHA-256 names it."""
SANDBOX = "application/vnd.lineside.sandbox+json"
SANDBOX_REPORT = "application/vnd.lineside.sandbox-report+json"
"""Signed by the hub when a sandbox is over: for its member and those who oversee, and for whom these hand it to."""


class Addressed(Record, frozen=True, kw_only=True):
    """Whom it is for: who fits each list that is not empty."""

    industries: Annotated[tuple[Text, ...], Meta(max_length=40)] = ()
    """Prefixes of GB/T 4754."""
    sizes: Annotated[tuple[Text, ...], Meta(max_length=10)] = ()
    regions: Annotated[tuple[Text, ...], Meta(max_length=100)] = ()
    traits: Annotated[tuple[Text, ...], Meta(max_length=20)] = ()
    members: Annotated[tuple[Number, ...], Meta(max_length=1000)] = ()


class Question(Record, frozen=True, kw_only=True):
    """A question that everybody may read: with `due` and `duty` it is an obligation."""

    schema: Literal["lineside.question/1"]
    hub: Hub
    number: Number
    title: Both
    words: Both
    purpose: Both
    """What it is asked for, and for nothing else."""
    basis: Text
    """The law, order or agreement by which it may be asked."""
    kind: Literal["yes_no", "band", "proof"]
    """"proof": the evidence of a value, as the member named it by its hash before."""
    indicators: Annotated[tuple[Text, ...], Meta(max_length=40)] = ()
    """What it is computed of; none: people answer."""
    month: Month | None = None
    """Of which month the indicators are."""
    rule: Annotated[str, Meta(max_length=500)] = ""
    """Of "yes_no": an expression over the indicators, as "availability >= 0.8 and oee >= 0.6"."""
    edges: Annotated[tuple[float, ...], Meta(max_length=40)] = ()
    """Of "band": where bands meet, rising; of the one indicator, or of the number that people give."""
    unit: Annotated[str, Meta(max_length=40)] = ""
    to: Addressed
    due_ms: Count | None = None
    duty: bool = False
    """Whether the members that it is for have to answer."""
    published_ms: Count


class Limit(Record, frozen=True, kw_only=True):
    """What an indicator has to keep within."""

    indicator: Text
    least: float | None = None
    most: float | None = None
    months: Annotated[int, Meta(ge=1, le=12)] = 1
    """So many months in a row beyond it, or untold, end the sandbox."""


class Sandbox(Record, frozen=True, kw_only=True):
    """Terms by which one member runs under relaxed rules for a time."""

    schema: Literal["lineside.sandbox/1"]
    hub: Hub
    number: Number
    member: Number
    title: Both
    relaxed: Both
    """Which rules are relaxed, and how far."""
    basis: Text
    limits: Annotated[tuple[Limit, ...], Meta(min_length=1, max_length=20)]
    first: Month
    last: Month
    """It ends with this month by itself."""
    follows: Hash | None = None
    """The terms that these extend."""
    made_ms: Count


class LimitKept(Record, frozen=True, kw_only=True):
    """How a limit was kept: so many months within it, beyond it, and untold."""

    limit: Limit
    kept: Count
    beyond: Count
    untold: Count


class SandboxReport(Record, frozen=True, kw_only=True):
    """What was learnt of a sandbox, when it is over; no value of its member is in it."""

    schema: Literal["lineside.sandbox-report/1"]
    hub: Hub
    sandbox: Hash
    """SHA-256 of the terms' payload."""
    number: Number
    member: Number
    first: Month
    last: Month
    """The last month that was judged; before the first one where none was."""
    why: Literal["last", "limit", "overseer", "member", "left", "former"]
    reasons: Words = ""
    limits: tuple[LimitKept, ...]
    made_ms: Count
