"""What an expression of a rule is once it was read: a tree of these, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Arithmetic: TypeAlias = Literal["+", "-", "*", "/"]
Order: TypeAlias = Literal["<", "<=", "=="]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that stands in the rule."""

    value: float


@dataclass(frozen=True, slots=True)
class Named:
    """A number by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Operation:
    """Two numbers in one."""

    sign: Arithmetic
    left: Number
    right: Number


@dataclass(frozen=True, slots=True)
class Extreme:
    """The least of some numbers, or the greatest."""

    least: bool
    of: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One number where something is true, another where it is not."""

    when: Truth
    then: Number
    otherwise: Number


@dataclass(frozen=True, slots=True)
class Flag:
    """Something true or not, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether the left number is less, at most, or just as much as the right one."""

    order: Order
    left: Number
    right: Number


@dataclass(frozen=True, slots=True)
class Among:
    """Whether what was chosen is one of these."""

    name: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Junction:
    """Whether all of some truths hold, or any."""

    every: bool
    of: tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """Whether a truth does not hold."""

    of: Truth


Number: TypeAlias = Figure | Named | Operation | Extreme | Either
Truth: TypeAlias = Flag | Comparison | Among | Junction | Negation
Tree: TypeAlias = Number | Truth


def names_in(tree: Tree) -> frozenset[str]:
    """Every name that a tree speaks of."""
    match tree:
        case Figure():
            return frozenset()
        case Named(name) | Flag(name) | Among(name, _):
            return frozenset({name})
        case Operation(_, left, right) | Comparison(_, left, right):
            return names_in(left) | names_in(right)
        case Extreme(_, of) | Junction(_, of):
            return frozenset().union(*map(names_in, of))
        case Either(when, then, otherwise):
            return names_in(when) | names_in(then) | names_in(otherwise)
        case Negation(one):
            return names_in(one)
