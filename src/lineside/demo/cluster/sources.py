"""The published shares and averages that the demo cluster is made of, each with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from lineside.rules import Confidence


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures were read, and how sure they are."""

    text: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class SizeShare:
    """A size class of Eurostat: who employs that many persons, how many there are, how readily they join."""

    id: str
    persons: tuple[int, int]
    enterprises: float
    """Millions."""
    joining: float
    """Relative to a small enterprise."""


@dataclass(frozen=True, slots=True)
class Region:
    """An invented region: its code and names, its place on the tile map, its share of the members."""

    code: str
    names: Mapping[str, str]
    """By language."""
    tile: tuple[int, int]
    """Column and row."""
    members: float


@dataclass(frozen=True, slots=True)
class Sources:
    """All that the generator takes from outside."""

    told: Mapping[str, Source]
    """By the name of what is taken."""
    sizes: tuple[SizeShare, ...]
    digital: Mapping[str, tuple[float, ...]]
    """By size class: percent at very low, low, high and very high digital intensity."""
    maturity: tuple[float, ...]
    """Percent at level 1 or below, 2, 3, 4 or above."""
    below_one: float
    oee_usual: tuple[float, float]
    oee_world_class: float
    readiness: float
    """Standard deviation over regions of the logarithm."""
    technology: float
    """The same, of the share of employment in makers of technology."""
    grid: float
    """kg CO2/kWh."""
    gas: float
    """kg CO2/kWh."""
    industries: Mapping[str, float]
    """Shares by division of GB/T 4754."""
    regions: tuple[Region, ...]


@cache
def sources() -> Sources:
    """The figures that the product ships."""
    told = tomllib.loads(files("lineside.demo.cluster").joinpath("data/sources.toml").read_text("utf-8"))
    named = {name: one for name, one in told.items() if isinstance(one, dict)}
    return Sources(
        told={name: Source(one["source"], Confidence(one["confidence"])) for name, one in named.items()},
        sizes=tuple(
            SizeShare(one["id"], (one["persons"][0], one["persons"][1]), one["enterprises"], one["joining"])
            for one in told["sizes"]["class"]
        ),
        digital={one["id"]: tuple(told["digital"][one["id"]]) for one in told["sizes"]["class"]},
        maturity=tuple(told["maturity"]["shares"]),
        below_one=told["maturity"]["below_one"],
        oee_usual=(told["oee"]["usual"][0], told["oee"]["usual"][1]),
        oee_world_class=told["oee"]["world_class"],
        readiness=told["regions"]["readiness"],
        technology=told["regions"]["technology"],
        grid=told["carbon"]["grid"],
        gas=told["carbon"]["gas"],
        industries=told["industries"]["shares"],
        regions=tuple(_region(one) for one in told["region"]),
    )


def _region(told: Mapping[str, Any]) -> Region:
    names = {"en": told["en"], "zh": told["zh"]}
    return Region(told["code"], names, (told["tile"][0], told["tile"][1]), told["members"])
