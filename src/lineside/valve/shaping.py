"""Transformations that make a table coarser before it is judged. Each says in the table what it did; they compose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from math import isfinite

from lineside.errors import ConfigurationError
from lineside.valve.cells import Cell, Done, Statistic, Table


def wider(table: Table, groups: Mapping[str, str]) -> Table:
    """Joins figures into those of a wider scope: `groups` names, by label, the figure that each becomes a part of.

    Raises ConfigurationError where figures of one group differ in measure, statistic, time or filter, or share
    contributors. Quantiles cannot be joined.
    """
    joined: dict[str, list[Cell]] = defaultdict(list)
    for cell in table.cells:
        joined[groups.get(cell.label, "")].append(cell)
    kept = joined.pop("", [])
    for label, cells in joined.items():
        people = [name for cell in cells for name in cell.values]
        if len({(cell.from_us, cell.until_us) for cell in cells}) > 1 or len(people) > len(set(people)):
            raise ConfigurationError("valve.not_joined", figure=label)
    made = [_join(label, cells) for label, cells in joined.items()]
    count = sum(len(cells) for cells in joined.values())
    return table.but(Done("valve.done.wider", {"count": count, "into": len(made)}), (*kept, *made))


def longer(table: Table, span_us: int, origin_us: int = 0) -> Table:
    """Joins figures of the same contributors, measure and filter into times of `span_us`, counted from `origin_us`.

    Raises ConfigurationError where a figure does not lie in one such time, or figures of one time overlap. Its label
    is that of the first one, with the number of those joined.
    """
    if span_us <= 0:
        raise ConfigurationError("valve.no_span")
    joined: dict[Hashable, list[Cell]] = defaultdict(list)
    for cell in sorted(table.cells, key=lambda c: c.from_us):
        slot = (cell.from_us - origin_us) // span_us
        if (cell.until_us - 1 - origin_us) // span_us != slot:
            raise ConfigurationError("valve.not_joined", figure=cell.label)
        filters = tuple(sorted(cell.where.items()))
        joined[slot, frozenset(cell.values), cell.measure, cell.statistic, cell.per, filters].append(cell)
    made = [
        _join(f"{cells[0].label} (+{len(cells) - 1})" if cells[1:] else cells[0].label, cells)
        for cells in joined.values()
    ]
    hours = f"{span_us / 3_600_000_000:g}"
    return table.but(
        Done("valve.done.longer", {"count": len(table.cells), "into": len(made), "hours": hours}), tuple(made)
    )


def coded(table: Table, low: float, high: float) -> Table:
    """Takes each contribution below `low` as `low` and above `high` as `high` (bottom and top coding)."""
    if not (isfinite(low) and isfinite(high) and low < high):
        raise ConfigurationError("valve.no_bounds", low=low, high=high)
    cells = tuple(
        replace(cell, values={name: min(max(value, low), high) for name, value in cell.values.items()})
        for cell in table.cells
    )
    return table.but(Done("valve.done.coded", {"low": f"{low:g}", "high": f"{high:g}"}), cells)


def rounded(table: Table, step: float) -> Table:
    """Has all figures told as multiples of `step`. It is no protection of its own: the rules judge the exact sums."""
    if not (isfinite(step) and step > 0):
        raise ConfigurationError("valve.no_step", step=step)
    return table.but(Done("valve.done.rounded", {"step": f"{step:g}"}), round_to=step)


def _join(label: str, cells: list[Cell]) -> Cell:
    first = cells[0]
    alike = {(c.measure, c.statistic, c.per, tuple(sorted(c.where.items()))) for c in cells}
    adjoining = all(a.until_us == b.from_us for a, b in pairwise(cells))
    at_once = all((c.from_us, c.until_us) == (first.from_us, first.until_us) for c in cells)
    if len(alike) > 1 or not (adjoining or at_once) or (first.statistic is Statistic.QUANTILE and len(cells) > 1):
        raise ConfigurationError("valve.not_joined", figure=label)
    return replace(
        first,
        label=label,
        until_us=cells[-1].until_us,
        values=_added(cell.values for cell in cells),
        weights=None if first.weights is None else _added(cell.weights or {} for cell in cells),
    )


def _added(many: Iterable[Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for values in many:
        for name, value in values.items():
            total[name] = total.get(name, 0.0) + value
    return total
