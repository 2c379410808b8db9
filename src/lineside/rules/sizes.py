"""Size classes of enterprises by the rules of a country or union; what is not known leaves several possible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from lineside.errors import ConfigurationError
from lineside.rules.edition import Edition, edition_of, read

Figures = Mapping[str, float]
"""What is known of an enterprise: "employees" (persons), "revenue_cny" (yuan a year), "turnover_eur", "balance_eur"."""


@dataclass(frozen=True, slots=True)
class SizeClass:
    """A class: who reaches all of `least`, or stays below all of `below` and within any of `most`."""

    id: str
    names: Mapping[str, str]
    """By language."""
    least: Figures = field(default_factory=dict)
    below: Figures = field(default_factory=dict)
    most: Figures = field(default_factory=dict)

    def holds(self, known: Figures) -> bool | None:
        """Whether an enterprise belongs here, unless to a class before; None where that is not known."""
        reached = [_told(known, name, lambda has, need: has >= need, need) for name, need in self.least.items()]
        below = [_told(known, name, lambda has, need: has < need, need) for name, need in self.below.items()]
        within = [_told(known, name, lambda has, need: has <= need, need) for name, need in self.most.items()]
        return _all([*reached, *below, *([_any(within)] if within else [])])


@dataclass(frozen=True, slots=True)
class Sized:
    """What an enterprise may be by a scheme, and the figures that would say more."""

    scheme: str
    possible: tuple[SizeClass, ...]
    missing: tuple[str, ...] = ()

    @property
    def known(self) -> SizeClass | None:
        """Its class, where only one is possible."""
        return self.possible[0] if len(self.possible) == 1 else None


@dataclass(frozen=True, slots=True)
class SizeScheme:
    """The classes of one edition; the first that holds is an enterprise's own."""

    id: str
    names: Mapping[str, str]
    edition: Edition
    figures: tuple[str, ...]
    classes: tuple[SizeClass, ...]

    def of(self, known: Figures) -> Sized:
        """What an enterprise is. Raises ConfigurationError for a figure below zero."""
        for name, value in known.items():
            if not value >= 0:
                raise ConfigurationError("rules.no_figure", figure=name, value=value)
        possible: list[SizeClass] = []
        for one in self.classes:
            holds = one.holds(known)
            if holds is not False:
                possible.append(one)
            if holds:
                break
        missing = () if len(possible) == 1 else tuple(name for name in self.figures if name not in known)
        return Sized(self.id, tuple(possible), missing)


def _told(known: Figures, name: str, test: Any, need: float) -> bool | None:
    return bool(test(known[name], need)) if name in known else None


def _all(found: Iterable[bool | None]) -> bool | None:
    """Kleene's and: not known matters only where nothing is false."""
    told = list(found)
    return False if False in told else None if None in told else True


def _any(found: Iterable[bool | None]) -> bool | None:
    told = list(found)
    return True if True in told else None if None in told else False


@cache
def size_schemes() -> Mapping[str, SizeScheme]:
    """Every scheme that the product knows, by its name."""
    return {name: _scheme(name, told) for name, told in read("size_classes").items()}


def _scheme(name: str, told: Mapping[str, Any]) -> SizeScheme:
    classes = tuple(
        SizeClass(one["id"], _names(one), one.get("least", {}), one.get("below", {}), one.get("most", {}))
        for one in told["class"]
    )
    return SizeScheme(name, _names(told), edition_of(told), tuple(told["figures"]), classes)


def _names(told: Mapping[str, Any]) -> dict[str, str]:
    return {"en": told["en"], "zh": told["zh"]}
