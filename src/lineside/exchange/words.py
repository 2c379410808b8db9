"""The words that records between members and a hub are made of."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

MOST_VALUES = 200
Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200)]
Words: TypeAlias = Annotated[str, Meta(max_length=2000)]
Hash: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Hub: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
"""The id of a hub's ledger."""
Luck: TypeAlias = Annotated[str, Meta(pattern="^([0-9a-f]{32})?$")]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Number: TypeAlias = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Share: TypeAlias = Annotated[float, Meta(ge=0, le=1)]
Amount: TypeAlias = Annotated[float, Meta(ge=0)]
Month: TypeAlias = Annotated[str, Meta(pattern=r"^[12]\d{3}-(0[1-9]|1[0-2])$")]
Origin: TypeAlias = Literal["measured", "entered", "generated"]
Absence: TypeAlias = Literal[
    "no_source",
    "no_calendar",
    "no_cycle",
    "no_units",
    "no_orders",
    "no_meter",
    "too_little_coverage",
    "nothing_happened",
    "not_released",
    "not_computed",
    "no_model",
    "other_edition",
    "no_factor",
    "no_output_value",
]
"""Why a value is not there; figures keep a reason as its place in this list, so a new one comes last.

"nothing_happened": as without any stop there is no time of recovery. "other_edition" is a hub's own word: a number was
said, by an edition of the catalogue in which it means something else or that is newer.
"""


class Record(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A record that refuses what it does not know: a hub must not pass over what a member meant to say."""


class Both(Record, frozen=True, kw_only=True):
    """What people read, in both languages."""

    en: Annotated[str, Meta(min_length=1, max_length=20_000)]
    zh: Annotated[str, Meta(min_length=1, max_length=20_000)]


class Profile(Record, frozen=True, kw_only=True):
    """What a member is, as far as it tells: by this it is classified and compared."""

    name: Text
    industry: Text
    """Two to four digits of GB/T 4754."""
    region: Text
    """As the settings of the hub name it."""
    employees: Count | None = None
    revenue_cny: Amount | None = None
    """Of the last year, in yuan; "turnover" and "balance" in euros where the hub classifies by the rules of the EU."""
    turnover_eur: Amount | None = None
    balance_eur: Amount | None = None
    traits: Annotated[tuple[Text, ...], Meta(max_length=20)] = ()
    generated: bool = False
    """It is no factory: made up to show what a hub does."""


class Value(Record, frozen=True, kw_only=True, gc=False):  # a hub reads millions, and none can be in a cycle
    """One indicator of a month; where it is absent the reason is told instead."""

    indicator: Text
    value: float | None = None
    absent: Absence | None = None
    coverage: Share | None = None
    """The share of planned time of which there were facts; None where that says nothing, as of what was entered."""
    origin: Origin = "measured"
    evidence: Hash | None = None
    """SHA-256 of what the value was computed from, which stays at home."""
