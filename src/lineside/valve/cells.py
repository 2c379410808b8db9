"""Figures that somebody wants to publish: what each is made of, contributor by contributor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import floor, isfinite, prod

from lineside.errors import ConfigurationError

Where = Mapping[str, frozenset[str]]
_WIDEST = 2**62


class Statistic(StrEnum):
    """How the contributions become one figure."""

    SUM = "sum"
    COUNT = "count"
    MEAN = "mean"
    SHARE = "share"
    QUANTILE = "quantile"


@dataclass(frozen=True, slots=True)
class Cell:
    """One aggregate figure, with what each contributor (machine, line, order, customer, factory) gave to it.

    `values` holds each contributor's sum (for a count: its number of events; for a quantile: its value) over the
    half-open time from `from_us` to `until_us`; who has no value is no contributor. `where` narrows further
    dimensions to the values named: `{"product": {"A"}}`; a dimension that is not named holds all. Where a total is
    to be recognised as the whole of its parts, it names all of their values.

    `per` names the measure in `weights`, by which a mean or share divides; a mean without one divides by the number of
    contributors. Parts of one quantity (good and rejected units) are one measure with a `where`, or are named in
    `Rules.related`. Raises ConfigurationError for what cannot be a figure.
    """

    label: str
    measure: str
    statistic: Statistic
    from_us: int
    until_us: int
    values: Mapping[str, float]
    where: Where = field(default_factory=dict)
    per: str | None = None
    weights: Mapping[str, float] | None = None
    quantile: float = 0.5

    def __post_init__(self) -> None:
        if self.until_us <= self.from_us:
            raise ConfigurationError("valve.no_time", figure=self.label)
        if not all(isfinite(v) for v in (*self.values.values(), *(self.weights or {}).values())):
            raise ConfigurationError("valve.not_a_number", figure=self.label)
        whole = self.values if self.weights is None else self.weights
        if (
            (self.weights is None) != (self.per is None)
            or self.per == self.measure
            or whole.keys() != self.values.keys()
        ):
            raise ConfigurationError("valve.weights_differ", figure=self.label)
        if self.statistic is Statistic.SHARE and self.weights is None:
            raise ConfigurationError("valve.no_whole", figure=self.label)
        if not all(self.where.values()) or (self.until_us - self.from_us) * self.combinations >= _WIDEST:
            raise ConfigurationError("valve.where_unusable", figure=self.label)
        if not 0 < self.quantile < 1:
            raise ConfigurationError("valve.no_quantile", figure=self.label)

    @property
    def combinations(self) -> int:
        """How many combinations of the values named in `where` it holds."""
        return prod(len(values) for values in self.where.values())

    def near_quantile(self, k: int) -> frozenset[str]:
        """The `k` contributors whose values lie around the quantile; all of them where there are no more."""
        ranked = sorted(self.values, key=lambda c: (self.values[c], c))
        first = floor(self.quantile * len(ranked) - k / 2 + 0.5)
        first = max(0, min(first, len(ranked) - k))
        return frozenset(ranked[first : first + k])

    def figure(self, k: int) -> float | None:
        """The figure itself; None where its whole is nothing.

        A quantile is the mean of the `k` values around it, so that it is no one's own.
        """
        values = self.values
        if self.statistic is Statistic.QUANTILE:
            near = self.near_quantile(k)
            return sum(values[c] for c in near) / len(near) if near else None
        total = float(sum(values.values()))
        if self.statistic in {Statistic.SUM, Statistic.COUNT}:
            return total
        whole = sum(self.weights.values()) if self.weights is not None else len(values)
        return total / whole if whole else None

    def sums(self, k: int) -> list[tuple[str, Mapping[str, float]]]:
        """The sums that together say at least as much as the figure: each measure and what each contributor gave.

        Whatever can be calculated from figures can be calculated from these.
        """
        if self.statistic is Statistic.QUANTILE:
            near = self.near_quantile(k)
            return [(self.measure, {c: v for c, v in self.values.items() if c in near})]
        told = [(self.measure, self.values)]
        if self.per is not None and self.weights is not None:
            told.append((self.per, self.weights))
            if self.statistic is Statistic.SHARE:
                rest = {c: weight - self.values[c] for c, weight in self.weights.items()}
                told.append((f"{self.per} - {self.measure}", rest))
        return told


@dataclass(frozen=True, slots=True)
class Table:
    """Figures that are to be told together to one recipient. `done` says what transformations did to them."""

    cells: tuple[Cell, ...]
    recipient: str
    done: tuple[Done, ...] = ()
    round_to: float | None = None

    def but(self, done: Done, cells: tuple[Cell, ...] | None = None, round_to: float | None = None) -> Table:
        """The table after one more transformation."""
        return replace(
            self,
            cells=self.cells if cells is None else cells,
            done=(*self.done, done),
            round_to=round_to or self.round_to,
        )


@dataclass(frozen=True, slots=True)
class Done:
    """What a transformation did, as a text key with fields: `say(done.key, language, **done.fields)`."""

    key: str
    fields: Mapping[str, object]
