"""The catalogue of indicators: what a value means, by which edition, and what it needs to be compared."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias

from lineside.errors import ConfigurationError
from lineside.rules import Confidence, Edition, edition_of
from lineside.trust import Grade

Better: TypeAlias = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """What one value a month means."""

    id: str
    names: Mapping[str, str]
    """By language."""
    meanings: Mapping[str, str]
    """By language."""
    formula: str
    unit: str
    better: Better
    low: float
    high: float
    """Between these it can be; outside it is told as implausible."""
    jump: float
    """A change from one month to the next that is told as implausible."""
    step: float
    """The grid to which figures of many members are rounded: the width of a place, in the indicator's unit."""
    coverage: float
    """The share of planned time of which there are facts, below which a value is not compared."""
    grade: Grade
    """The lowest grade that its value has."""
    inputs: tuple[str, ...]
    """Patterns over the things of a plant that a node computes it from; none where it can only be entered."""
    source: str
    confidence: Confidence
    family: str
    """Indicators that can be worked out of each other, or go into one figure, share it; else it is their own id."""
    ratio: bool
    """Whether the step is a part of the value (0.1: each place is a tenth wider than the one below) and no width."""
    compared: bool
    """Whether one factory's value means the same as another's; else each member sees its own alone."""

    @property
    def computed(self) -> bool:
        """Whether nodes of this edition compute it; else it can only be entered by hand, and looks like that."""
        return bool(self.inputs)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All indicators of an edition, by their id, in the order in which people read them."""

    edition: Edition
    indicators: Mapping[str, Indicator]

    def of(self, name: str) -> Indicator:
        """The indicator of this id. Raises ConfigurationError."""
        found = self.indicators.get(name)
        if found is None:
            raise ConfigurationError("exchange.no_indicator", indicator=name[:60], known=", ".join(self.indicators))
        return found


@cache
def catalogue() -> Catalogue:
    """The edition in force."""
    told = tomllib.loads(files("lineside.exchange").joinpath("data/indicators.toml").read_text("utf-8"))
    found = (_indicator(one) for one in told["indicator"])
    return Catalogue(edition_of(told), {one.id: one for one in found})


def _indicator(told: Mapping[str, Any]) -> Indicator:
    return Indicator(
        id=told["id"],
        names={"en": told["en"], "zh": told["zh"]},
        meanings={"en": told["en_meaning"], "zh": told["zh_meaning"]},
        formula=told["formula"],
        unit=told["unit"],
        better=told["better"],
        low=told["low"],
        high=told["high"],
        jump=told["jump"],
        step=told["step"],
        coverage=told["coverage"],
        grade=Grade.parse(told["grade"]),
        inputs=tuple(told["inputs"]),
        source=told["source"],
        confidence=Confidence(told["confidence"]),
        family=told.get("family", told["id"]),
        ratio=told.get("grid") == "ratio",
        compared=told.get("compared", True),
    )
