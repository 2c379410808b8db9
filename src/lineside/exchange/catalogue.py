"""The catalogue of indicators: what a value means, by which edition, and what it needs to be compared."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias

from lineside.errors import ConfigurationError, UnusableData
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
    times: float
    """The same as a quotient, for what differs by powers of ten between factories; 0 where any is plausible."""
    nonzero: bool
    """Whether exactly 0 is told as implausible, as of what always takes some time or energy."""
    whole: bool
    """Whether it is counted, so that a fraction is told as implausible."""
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
    since: str
    """The edition from which on its value means this: equal in two editions, both mean the same by it."""
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
    before: Mapping[str, Catalogue] = field(default_factory=dict)
    """The editions that came before and are still read, by their ids."""

    def of(self, name: str) -> Indicator:
        """The indicator of this id. Raises ConfigurationError."""
        found = self.indicators.get(name)
        if found is None:
            raise ConfigurationError("exchange.no_indicator", indicator=name[:60], known=", ".join(self.indicators))
        return found

    def read(self, edition: str) -> Catalogue | None:
        """An edition by its id; None for one that is not known here."""
        return self if edition == self.edition.id else self.before.get(edition)

    def precedes(self, edition: str) -> bool:
        """Whether this could be the id of an edition that came after this one."""
        return _EDITION.fullmatch(edition) is not None and edition > self.edition.id

    def means(self, indicator: str, edition: str) -> bool:
        """Whether a value of that edition is known to mean here what it means there."""
        there = self.read(edition)
        if there is None or indicator not in there.indicators or indicator not in self.indicators:
            return False
        return there.of(indicator).since == self.of(indicator).since


_EDITIONS = ("2026-11", "2026-12")
_EDITION = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])")


@cache
def catalogue(edition: str = _EDITIONS[-1]) -> Catalogue:
    """An edition that ships, the one in force where none is named. Raises UnusableData for another."""
    if edition not in _EDITIONS:
        raise UnusableData("exchange.no_edition", edition=edition[:60], known=", ".join(_EDITIONS))
    text = files("lineside.exchange").joinpath(f"data/indicators/{edition}.toml").read_text("utf-8")
    told = tomllib.loads(text)
    found = (_indicator(one, edition) for one in told["indicator"])
    before = {one: catalogue(one) for one in _EDITIONS[: _EDITIONS.index(edition)]}
    return Catalogue(edition_of(told), {one.id: one for one in found}, before)


def _indicator(told: Mapping[str, Any], edition: str) -> Indicator:
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
        times=told.get("times", 0.0),
        nonzero=told.get("nonzero", False),
        whole=told.get("whole", False),
        step=told["step"],
        coverage=told["coverage"],
        grade=Grade.parse(told["grade"]),
        inputs=tuple(told["inputs"]),
        source=told["source"],
        confidence=Confidence(told["confidence"]),
        since=told.get("since", edition),
        family=told.get("family", told["id"]),
        ratio=told.get("grid") == "ratio",
        compared=told.get("compared", True),
    )
