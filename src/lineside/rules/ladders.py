"""Where an enterprise stands beside its size: recognised steps, levels of maturity, trades that count as high-tech.

What the register and the indicators do not know stays not known, with what is missing: that nobody told of a
recognition does not mean that there is none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias, cast

from lineside.rules.edition import Edition, edition_of, read

By: TypeAlias = Literal["trait", "indicator", "industry"]


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder."""

    id: str
    names: Mapping[str, str]
    """By language."""
    level: float = 0.0
    """The level of maturity without which nobody stands on it."""
    least: float = 0.0
    """The value of the ladder's indicator that it needs."""
    codes: tuple[str, ...] = ()
    """Beginnings of industry codes that are of it."""

    def named(self, traits: Collection[str]) -> bool:
        """Whether a register names it, by its id or one of its names."""
        words = {self.id.casefold(), *(one.casefold() for one in self.names.values())}
        return any(trait.strip().casefold() in words for trait in traits)


@dataclass(frozen=True, slots=True)
class Firm:
    """What is known of an enterprise: traits of the register, its industry code, and newest values of indicators."""

    traits: Collection[str]
    industry: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Stand:
    """Where an enterprise stands: on a rung, or on one of those that are `possible` where it is not known."""

    ladder: str
    possible: tuple[Rung, ...]
    known: bool

    @property
    def rung(self) -> Rung | None:
        """The rung, where it is known."""
        return self.possible[0] if self.known else None


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs of one edition, the lowest first."""

    id: str
    names: Mapping[str, str]
    edition: Edition
    by: By
    indicator: str
    """Of "indicator": which one."""
    rungs: tuple[Rung, ...]

    def of(self, firm: Firm) -> Stand:
        """Where an enterprise stands, by what is known of it."""
        match self.by:
            case "trait":
                return self._recognised(firm)
            case "indicator":
                return self._reached(firm.values.get(self.indicator))
            case "industry":
                return self._traded(firm.industry.strip().upper().removeprefix("C"))

    def _recognised(self, firm: Firm) -> Stand:
        """The highest rung that the register names; else those that its level of maturity leaves possible."""
        held = [one for one in self.rungs if one.named(firm.traits)]
        if held:
            return Stand(self.id, (held[-1],), known=True)
        level = firm.values.get(MATURITY)
        return Stand(self.id, tuple(one for one in self.rungs if level is None or one.level <= level), known=False)

    def _reached(self, value: float | None) -> Stand:
        reached = () if value is None else tuple(one for one in self.rungs if value >= one.least)
        return Stand(self.id, reached[-1:], known=True) if reached else Stand(self.id, self.rungs, known=False)

    def _traded(self, code: str) -> Stand:
        """The rung of the code; several where a short code could be of a trade that is and of one that is not."""
        of = [one for one in self.rungs if any(code.startswith(begins) for begins in one.codes)]
        if of:
            return Stand(self.id, (of[-1],), known=True)
        could = tuple(one for one in self.rungs if any(begins.startswith(code) for begins in one.codes))
        others = tuple(one for one in self.rungs if not one.codes)
        return Stand(self.id, (*others, *could), known=not could and len(others) == 1)


MATURITY = "maturity_level"
"""The indicator by which rungs can be ruled out."""


@cache
def ladders() -> Mapping[str, Ladder]:
    """Every ladder that the product knows, by its name."""
    return {name: _ladder(name, told) for name, told in read("ladders").items()}


def _ladder(name: str, told: Mapping[str, Any]) -> Ladder:
    rungs = tuple(
        Rung(
            one["id"],
            {"en": one["en"], "zh": one["zh"]},
            float(one.get("level", 0.0)),
            float(one.get("least", 0.0)),
            tuple(one.get("codes", ())),
        )
        for one in told["rung"]
    )
    names = {"en": told["en"], "zh": told["zh"]}
    return Ladder(name, names, edition_of(told), cast("By", told["by"]), told.get("indicator", ""), rungs)
