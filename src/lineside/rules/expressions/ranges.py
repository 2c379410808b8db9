"""Figures that are known within bounds, and truths that may be unknown: how expressions are worked out for one firm.

Interval arithmetic: the figure itself lies within what is given, whatever the unknown is; so knowing more narrows it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self, TypeAlias

from lineside.rules.expressions.tree import Arithmetic, Order

Kleene: TypeAlias = bool | None
"""A truth; None where it is not known."""


@dataclass(frozen=True, slots=True)
class Range:
    """Where a figure lies, both ends included; one that is known has them alike."""

    low: float
    high: float

    @classmethod
    def made(cls, low: float, high: float) -> Self:
        """A range of two ends; one that cannot be worked out may lie anywhere."""
        return cls(-math.inf if math.isnan(low) else low, math.inf if math.isnan(high) else high)

    @classmethod
    def only(cls, value: float) -> Self:
        """A figure that is known."""
        return cls(value, value)

    @property
    def known(self) -> float | None:
        """The figure, where there is only one."""
        return self.low if self.low == self.high and math.isfinite(self.low) else None

    def within(self, other: Range) -> bool:
        """Whether it lies inside of another."""
        return other.low <= self.low and self.high <= other.high


ANYWHERE = Range(-math.inf, math.inf)


def all_of(left: Kleene, right: Kleene) -> Kleene:
    """Kleene's and: what is not known matters only where nothing is false."""
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def any_of(left: Kleene, right: Kleene) -> Kleene:
    """Kleene's or."""
    return _not(all_of(_not(left), _not(right)))


def _not(of: Kleene) -> Kleene:
    return None if of is None else not of


class Ranges:
    """The algebra of ranges and of truths that may be unknown."""

    def figure(self, value: float) -> Range:
        """A number that stands in the rule."""
        return Range.only(value)

    def operation(self, sign: Arithmetic, left: Range, right: Range) -> Range:
        """What two ranges give together."""
        match sign:
            case "+":
                return Range.made(left.low + right.low, left.high + right.high)
            case "-":
                return Range.made(left.low - right.high, left.high - right.low)
            case "*":
                return _corners(left, right)
            case "/":
                if right.low <= 0 <= right.high:
                    return ANYWHERE  # a quotient by what may be nothing is none
                found = [_quotient(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
                return Range.made(min(found), max(found))

    def extreme(self, least: bool, left: Range, right: Range) -> Range:  # noqa: FBT001
        """The lesser or greater of two."""
        of = min if least else max
        return Range(of(left.low, right.low), of(left.high, right.high))

    def either(self, when: Kleene, then: Range, otherwise: Range) -> Range:
        """One of two; where it is not known which, all that both may be."""
        if when is None:
            return Range(min(then.low, otherwise.low), max(then.high, otherwise.high))
        return then if when else otherwise

    def at_most(self, value: Range, most: Range) -> Range:
        """What is left of a range where the figure is at most another; all of it where nothing would be."""
        high = min(value.high, most.high)
        return Range(value.low, high) if high >= value.low else value

    def at_least(self, value: Range, least: Range) -> Range:
        """The same where it is at least another."""
        low = max(value.low, least.low)
        return Range(low, value.high) if low <= value.high else value

    def comparison(self, order: Order, left: Range, right: Range) -> Kleene:
        """Whether the left is less, at most, or the same, wherever both lie; None where that depends."""
        match order:
            case "<":
                return True if left.high < right.low else False if left.low >= right.high else None
            case "<=":
                return True if left.high <= right.low else False if left.low > right.high else None
            case "==":
                if left.low == left.high == right.low == right.high:
                    return True
                return False if left.high < right.low or right.high < left.low else None

    def junction(self, every: bool, left: Kleene, right: Kleene) -> Kleene:  # noqa: FBT001
        """Both of two truths, or either."""
        return all_of(left, right) if every else any_of(left, right)

    def negation(self, of: Kleene) -> Kleene:
        """The contrary."""
        return _not(of)


def _quotient(of: float, by: float) -> float:
    return 0.0 if of == 0 or math.isinf(by) else of / by


def _corners(left: Range, right: Range) -> Range:
    """The product; nothing times whatever there may be of something is nothing."""
    found = [0.0 if 0 in (a, b) else a * b for a in (left.low, left.high) for b in (right.low, right.high)]
    return Range.made(min(found), max(found))
