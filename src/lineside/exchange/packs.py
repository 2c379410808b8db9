"""Solution packs: what worked somewhere, so that another factory can look at it, try it in its twin, and apply it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from lineside.exchange.words import Amount, Both, Count, Hash, Hub, Month, Number, Record, Text

PACK = "application/vnd.lineside.pack+json"
"""Signed by the hub that publishes it; its payload's SHA-256 names it."""

Id = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]{0,39}$")]


class Parameter(Record, frozen=True, kw_only=True):
    """What the factory chooses when it applies a pack; `{id}` in texts and changes stands for it."""

    id: Id
    kind: Literal["line", "machine", "station", "number", "text"]
    words: Both
    unit: Annotated[str, Meta(max_length=40)] = ""
    least: float | None = None
    most: float | None = None
    default: float | str | None = None


class Setting(Record, frozen=True, kw_only=True):
    """What people set at a machine, beside the plant file."""

    words: Both
    value: Text
    unit: Annotated[str, Meta(max_length=40)] = ""


class Cost(Record, frozen=True, kw_only=True):
    """What it costs: from, to."""

    once_cny: tuple[Amount, Amount]
    yearly_cny: tuple[Amount, Amount] = (0.0, 0.0)
    days: Amount
    """Of work, until it runs."""
    members: Count = 0
    """So many told what it cost them; with none it is what the provider says."""


class Effect(Record, frozen=True, kw_only=True):
    """What a pilot found, by the plan that was fixed before."""

    plan: Hash
    indicator: Text
    relative: bool
    mean: float
    low: float
    high: float
    alpha: float
    members: Count
    """That took part and were counted."""
    until: Month
    generated: bool = False
    """Whether any of them, or of those they were compared with, was made up for a demonstration."""


class Pack(Record, frozen=True, kw_only=True):
    """All of one edition of a pack."""

    schema: Literal["lineside.pack/1"]
    hub: Hub
    id: Id
    edition: Number
    title: Both
    summary: Both
    indicator: Text
    """Which is to get better."""
    industries: Annotated[tuple[Text, ...], Meta(max_length=40)] = ()
    """Whom it fits, as prefixes of GB/T 4754; all where there are none. So with sizes and traits."""
    sizes: Annotated[tuple[Text, ...], Meta(max_length=10)] = ()
    traits: Annotated[tuple[Text, ...], Meta(max_length=20)] = ()
    parameters: Annotated[tuple[Parameter, ...], Meta(max_length=20)] = ()
    plant: Annotated[str, Meta(max_length=20_000)] = ""
    """A template for the plant file, TOML: what it names is added or takes the place of what is there."""
    changes: Annotated[tuple[dict[str, Any], ...], Meta(max_length=20)] = ()
    """What changes in the line model, as `lineside.changes/1` lists it: by it a twin says what would come of it."""
    settings: Annotated[tuple[Setting, ...], Meta(max_length=40)] = ()
    instruction: Both
    """For the people at the line, Markdown."""
    cost: Cost
    effects: Annotated[tuple[Effect, ...], Meta(max_length=20)] = ()
    """None: nobody has measured it yet."""
    offered_by: Text
    licence: Text
    made_ms: Count
    replaces: Hash | None = None
    """The edition before."""
