"""The algebra of rules for thousands at once: each figure two arrays of ends, each truth an array of -1, 0 and 1.

What comes out is for each member what `rules.Ranges` gives for it alone, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

from lineside.rules import Arithmetic, Order

Floats: TypeAlias = npt.NDArray[np.float64]
Signs: TypeAlias = npt.NDArray[np.int8]
"""1 true, -1 false, 0 not known; so and is the least, or the greatest, not the negative."""


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """Where figures lie; where all are known both ends are one array."""

    low: Floats
    high: Floats

    @classmethod
    def known(cls, values: Floats) -> Self:
        """Figures that are all known."""
        return cls(values, values)

    @classmethod
    def made(cls, low: Floats, high: Floats) -> Self:
        """Figures between two ends; one that cannot be worked out may lie anywhere."""
        return cls(np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high))


class Arrays:
    """The algebra; a figure of the rule is an array of one."""

    def figure(self, value: float) -> Ends:
        """A number that stands in the rule."""
        return Ends.known(np.array([value]))

    def operation(self, sign: Arithmetic, left: Ends, right: Ends) -> Ends:
        """What two figures give together."""
        with np.errstate(all="ignore"):
            match sign:
                case "+":
                    return _both(left, right, left.low + right.low, lambda: left.high + right.high)
                case "-":
                    return _both(left, right, left.low - right.high, lambda: left.high - right.low)
                case "*":
                    return _corners(left, right, _product)
                case "/":
                    found = _corners(left, right, _quotient)
                    nothing = (right.low <= 0) & (right.high >= 0)
                    if not nothing.any():
                        return found
                    return Ends(np.where(nothing, -np.inf, found.low), np.where(nothing, np.inf, found.high))

    def extreme(self, least: bool, left: Ends, right: Ends) -> Ends:  # noqa: FBT001
        """The lesser or greater of two."""
        of = np.minimum if least else np.maximum
        low = of(left.low, right.low)
        return Ends(low, low if _sure(left, right) else of(left.high, right.high))

    def either(self, when: Signs, then: Ends, otherwise: Ends) -> Ends:
        """One or the other; where it is not known which, all that both may be."""
        low = np.where(when > 0, then.low, otherwise.low)
        unknown = when == 0
        if _sure(then, otherwise) and not unknown.any():
            return Ends.known(low)
        high = np.where(when > 0, then.high, otherwise.high)
        return Ends(
            np.where(unknown, np.minimum(then.low, otherwise.low), low),
            np.where(unknown, np.maximum(then.high, otherwise.high), high),
        )

    def at_most(self, value: Ends, most: Ends) -> Ends:
        """What is left where figures are at most others; all of it where nothing would be."""
        if value.low is value.high:
            return value
        high = np.minimum(value.high, most.high)
        return Ends(value.low, np.where(high >= value.low, high, value.high))

    def at_least(self, value: Ends, least: Ends) -> Ends:
        """The same where they are at least others."""
        if value.low is value.high:
            return value
        low = np.maximum(value.low, least.low)
        return Ends(np.where(low <= value.high, low, value.low), value.high)

    def comparison(self, order: Order, left: Ends, right: Ends) -> Signs:
        """Whether the left is less, at most, or the same, wherever both lie."""
        match order:
            case "<":
                return _signs(left.high < right.low, left.low >= right.high)
            case "<=":
                return _signs(left.high <= right.low, left.low > right.high)
            case "==":
                same = (left.low == left.high) & (left.high == right.low) & (right.low == right.high)
                return _signs(same, (left.high < right.low) | (right.high < left.low))

    def junction(self, every: bool, left: Signs, right: Signs) -> Signs:  # noqa: FBT001
        """Both of two truths, or either."""
        return np.minimum(left, right) if every else np.maximum(left, right)

    def negation(self, of: Signs) -> Signs:
        """The contrary."""
        return np.negative(of)


def _sure(left: Ends, right: Ends) -> bool:
    """Whether every figure of both is known."""
    return left.low is left.high and right.low is right.high


def _signs(true: npt.NDArray[np.bool_], false: npt.NDArray[np.bool_]) -> Signs:
    return true.astype(np.int8) - false.astype(np.int8)


def _both(left: Ends, right: Ends, low: Floats, high: Callable[[], Floats]) -> Ends:
    if _sure(left, right) and np.isfinite(low).all():
        return Ends.known(low)
    return Ends.made(low, high())


def _corners(left: Ends, right: Ends, of: Callable[[Floats, Floats], Floats]) -> Ends:
    if _sure(left, right) and np.isfinite(only := of(left.low, right.low)).all():
        return Ends.known(only)
    found = [of(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
    low, high = found[0], found[0]
    for one in found[1:]:
        low, high = np.minimum(low, one), np.maximum(high, one)
    return Ends.made(low, high)


def _product(left: Floats, right: Floats) -> Floats:
    """Nothing times whatever there may be of something is nothing."""
    return np.where((left == 0) | (right == 0), 0.0, left * right)


def _quotient(of: Floats, by: Floats) -> Floats:
    return np.where((of == 0) | np.isinf(by), 0.0, of / by)
