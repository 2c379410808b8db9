"""What several programmes give together, where some exclude each other: the best that can be had for certain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lineside.rules.expressions import Range, Unit
from lineside.rules.programmes.evaluating import Outcome, Standing
from lineside.rules.programmes.programme import Programme, Timing


@dataclass(frozen=True, slots=True)
class Sum:
    """Amounts of one unit and timing."""

    unit: Unit
    timing: Timing
    amount: Range
    """Between what the best choice gives at least, and what one could give at most."""
    chosen: tuple[str, ...]
    """The programmes of the choice whose least is the greatest; among equal ones, whose most is."""
    left_out: Mapping[str, tuple[str, ...]]
    """Programmes that are not chosen, with those of the choice that exclude them."""


def together(outcomes: Sequence[tuple[Programme, Outcome]]) -> tuple[Sum, ...]:
    """The sums of outcomes of one factory and day, each unit and timing by itself.

    Programmes of different units or timing that exclude each other are not weighed against each other: each sum then
    holds what could be had without the other.
    """
    may = [(one, found) for one, found in outcomes if found.standing is not Standing.NOT]
    groups: dict[tuple[str, Timing], list[tuple[Programme, Outcome]]] = {}
    for one, found in may:
        groups.setdefault((str(one.unit), one.timing), []).append((one, found))
    return tuple(_sum(group) for _, group in sorted(groups.items()))


def _sum(group: Sequence[tuple[Programme, Outcome]]) -> Sum:
    rules = {one.id: one for one, _ in group}
    amounts = {one.id: found.amount for one, found in group}
    against = {
        name: frozenset(
            other for other in rules if other != name and (other in rule.excludes or name in rules[other].excludes)
        )
        for name, rule in rules.items()
    }
    least = best({name: (value.low, value.high) for name, value in amounts.items()}, against)
    most = best({name: (value.high, value.low) for name, value in amounts.items()}, against)
    low = sum(max(amounts[name].low, 0.0) for name in least)
    high = sum(max(amounts[name].high, 0.0) for name in most)
    left = {name: tuple(sorted(against[name] & set(least))) for name in rules if name not in least}
    first = group[0][0]
    return Sum(first.unit, first.timing, Range(low, high), tuple(sorted(least)), left)


def best(weights: Mapping[str, tuple[float, float]], against: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The choice without two that are against each other whose first weights are the most in sum, then the second.

    Nobody has to take what gives less than nothing. Exact: each split decides about the one with the most against it.
    """
    open_ = frozenset(name for name, (first, second) in weights.items() if max(first, second) >= 0)
    hardest = max(open_, key=lambda name: (len(against[name] & open_), name), default=None)
    if hardest is None or not against[hardest] & open_:
        return open_
    rest = {name: weights[name] for name in open_ - {hardest}}
    without = best(rest, against)
    among = {name: weights[name] for name in rest if name not in against[hardest]}
    with_it = best(among, against) | {hardest}
    return max(without, with_it, key=lambda names: (_worth(names, weights), sorted(names)))


def _worth(names: frozenset[str], weights: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    first, second = (sum(max(weights[name][at], 0.0) for name in names) for at in (0, 1))
    return first, second
