"""Works an expression out, in whatever algebra: for one firm in ranges, for thousands in arrays."""

from __future__ import annotations

from functools import reduce
from typing import Generic, Protocol, TypeVar

from lineside.rules.expressions.tree import (
    Among,
    Arithmetic,
    Comparison,
    Either,
    Extreme,
    Figure,
    Flag,
    Junction,
    Named,
    Negation,
    Number,
    Operation,
    Order,
    Truth,
)

N = TypeVar("N")
T = TypeVar("T")
Told_co = TypeVar("Told_co", covariant=True)
Said_co = TypeVar("Said_co", covariant=True)


class Algebra(Protocol[N, T]):
    """What numbers and truths are, and what becomes of them together."""

    def figure(self, value: float) -> N:
        """A number that stands in the rule."""
        ...

    def operation(self, sign: Arithmetic, left: N, right: N) -> N:
        """Two numbers in one."""
        ...

    def extreme(self, least: bool, left: N, right: N) -> N:  # noqa: FBT001
        """The lesser or greater of two."""
        ...

    def either(self, when: T, then: N, otherwise: N) -> N:
        """One number or the other."""
        ...

    def at_most(self, value: N, most: N) -> N:
        """What is left of a number's range where it is at most another; all of it where nothing would be."""
        ...

    def at_least(self, value: N, least: N) -> N:
        """The same where it is at least another."""
        ...

    def comparison(self, order: Order, left: N, right: N) -> T:
        """How two numbers stand to each other."""
        ...

    def junction(self, every: bool, left: T, right: T) -> T:  # noqa: FBT001
        """Both of two truths, or either."""
        ...

    def negation(self, of: T) -> T:
        """The contrary."""
        ...


class Values(Protocol[Told_co, Said_co]):
    """What is known of whom a rule is worked out for."""

    def number(self, name: str) -> Told_co:
        """An input that is a number."""
        ...

    def flag(self, name: str) -> Said_co:
        """An input that is true or not, or what a person confirmed."""
        ...

    def among(self, name: str, choices: tuple[str, ...]) -> Said_co:
        """Whether an input is one of these."""
        ...


class Working(Generic[N, T]):
    """Works out trees over some values; `named` are numbers besides: those of the rule, and what was worked out."""

    def __init__(self, algebra: Algebra[N, T], values: Values[N, T], named: dict[str, N]) -> None:
        self._algebra, self._values, self.named = algebra, values, named

    def number(self, tree: Number) -> N:
        """What a formula gives."""
        match tree:
            case Figure(value):
                return self._algebra.figure(value)
            case Named(name):
                return self.named[name] if name in self.named else self._values.number(name)
            case Operation(sign, left, right):
                return self._algebra.operation(sign, self.number(left), self.number(right))
            case Extreme(least, of):
                return reduce(lambda a, b: self._algebra.extreme(least, a, b), map(self.number, of))
            case Either(when, then, otherwise):
                return self._algebra.either(self.truth(when), self.number(then), self.number(otherwise))

    def suppose(self, tree: Truth) -> None:
        """Narrows the numbers that a condition bounds to what they can be where it holds; those known stay."""
        match tree:
            case Junction(True, of):
                for one in of:
                    self.suppose(one)
            case Comparison("<" | "<=", left, right):
                if isinstance(left, Named):
                    self.named[left.name] = self._algebra.at_most(self.number(left), self.number(right))
                if isinstance(right, Named):
                    self.named[right.name] = self._algebra.at_least(self.number(right), self.number(left))
            case _:
                pass  # what other conditions say of a number is no range

    def truth(self, tree: Truth) -> T:
        """Whether a condition holds."""
        match tree:
            case Flag(name):
                return self._values.flag(name)
            case Among(name, choices):
                return self._values.among(name, choices)
            case Comparison(order, left, right):
                return self._algebra.comparison(order, self.number(left), self.number(right))
            case Junction(every, of):
                return reduce(lambda a, b: self._algebra.junction(every, a, b), map(self.truth, of))
            case Negation(one):
                return self._algebra.negation(self.truth(one))
