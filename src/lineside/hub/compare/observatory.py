"""The public observatory: means with noise, paid from a budget, and nothing where the noise would be the figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lineside.books import Books
from lineside.errors import ConfigurationError
from lineside.hub.compare.given import Compared, Flags, Floats, Members, Scale
from lineside.hub.compare.peers import Cell
from lineside.hub.compare.records import PublicRecord
from lineside.texts import DEFAULT_LANGUAGE, say
from lineside.valve import Contribution, Question, mechanism, noised, spend

BUDGET = "observatory"
_FINE = 10_000
_CLEAR = 0.5
"""The largest error of a figure, as a part of what a reader must be able to see."""


@dataclass(frozen=True, slots=True)
class Period:
    """A quarter or a year, by its name (2026, 2026-Q3), and the places of its months in the series.

    `lost`: books that are gone may have told it.
    """

    name: str
    months: slice
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Fineness:
    """What a figure for the public costs, and the difference that a reader must be able to see by it."""

    epsilon: float
    signal: float


@dataclass(frozen=True, slots=True)
class PublicFigure:
    """What the public is told of a cell in a period: the mean, within `error` in 95 of 100 cases.

    `value` is None where the hub ended while it was told: it was paid for and is not drawn again.
    """

    period: str
    indicator: str
    cell: Cell
    value: float | None
    error: float | None
    epsilon: float
    generated: float

    def guarantee(self, language: str = DEFAULT_LANGUAGE) -> str:
        """What the figure promises each member."""
        times = f"{exp(self.epsilon):.2f}"
        return say("valve.noise.guarantee", language, epsilon=f"{self.epsilon:g}", times=times)


def expected_error(indicator: Scale, n: int, epsilon: float) -> float:
    """The error of a mean of n members that the noise will make in 95 of 100 cases, in the indicator's unit."""
    reach = (indicator.high - indicator.low) / 2
    return mechanism("sum", epsilon / 2, (-_FINE, _FINE)).error * reach / _FINE / max(n, 1)


def clear(indicator: Scale, n: int, epsilon: float, signal: float) -> bool:
    """Whether a figure of n members would show a difference of `signal`, the interquartile range of all as a rule."""
    return expected_error(indicator, n, epsilon) <= _CLEAR * signal


def publish(
    books: Books,
    members: Members,
    series: Compared,
    period: Period,
    fine: Fineness,
    *,
    generated: bool,
    now_us: int,
    kept: Callable[[Session, list[PublicFigure]], None] | None = None,
) -> list[PublicFigure]:
    """Tells the public the means of all and of each industry where they are clear; what was told before is given again.

    A member's value is the mean of its months in the period, within the indicator's bounds. Industries have no member
    in common, so all of them cost its epsilon once, and the whole once more. The budget is paid and on disk before any
    noise is drawn. A `lost` period is paid for and not drawn: two draws make an average. `kept` is called in the
    session that writes down what is told. Raises NotPermitted where too little is left of it, ConfigurationError for a
    signal of nothing.
    """
    if not fine.signal > 0:
        raise ConfigurationError("compare.no_signal", indicator=series.indicator.id)
    means = _means(series, period.months, members, generated=generated)
    made = members.generated
    found = {cell: means[where] for cell, where in _cells(members, means)}
    shares = {cell: float(made[where].mean()) for cell, where in _cells(members, means)}
    told = [cell for cell, values in found.items() if clear(series.indicator, values.size, fine.epsilon, fine.signal)]
    with books.session() as session:
        if before := public(session, period.name, series.indicator.id):
            return before
        for level in sorted({cell.level for cell in told}):
            release = f"{BUDGET}/{period.name}/{series.indicator.id}/{level}"
            spend(session, BUDGET, fine.epsilon, release=release, spent_us=now_us)
        session.add_all(
            PublicRecord(
                period=period.name,
                indicator=series.indicator.id,
                cell=cell.path,
                state="begun",
                epsilon=fine.epsilon,
                generated=round(shares[cell], 3),
                begun_us=now_us,
            )
            for cell in told
        )
    if period.lost:
        return []
    drawn = {cell: _drawn(series.indicator, fine.epsilon, found[cell]) for cell in told}
    with books.session() as session:
        for record in session.scalars(_asked(period.name, series.indicator.id)):
            record.value, record.error = drawn[Cell.named(record.cell)]
            record.state = "told"
        session.flush()
        new = public(session, period.name, series.indicator.id)
        if kept is not None and new:
            kept(session, new)
        return new


def public(session: Session, period: str, indicator: str) -> list[PublicFigure]:
    """What the public was told of a period."""
    return [
        PublicFigure(r.period, r.indicator, Cell.named(r.cell), r.value, r.error, r.epsilon, r.generated)
        for r in session.scalars(_asked(period, indicator))
    ]


def _asked(period: str, indicator: str) -> Select[PublicRecord]:
    found = select(PublicRecord).where(PublicRecord.period == period, PublicRecord.indicator == indicator)
    return found.order_by(PublicRecord.cell)


def _means(series: Compared, months: slice, members: Members, *, generated: bool) -> Floats:
    """By row of the register, the mean of a member's months; NaN without any."""
    places = range(*months.indices(series.value.shape[1]))
    values = np.stack([series.usable(month, generated=generated) for month in places], axis=1)
    if not generated:
        values[members.generated] = np.nan
    present = np.isfinite(values)
    total = np.where(present, values, 0.0).sum(axis=1)
    return np.where(present.any(axis=1), total / np.maximum(present.sum(axis=1), 1), np.nan)


def _cells(members: Members, means: Floats) -> Sequence[tuple[Cell, Flags]]:
    has = np.isfinite(means)
    industries = [int(code) for code in np.unique(members.division[has]) if code > 0]
    found = [(Cell(f"{code:02d}"), has & (members.division == code)) for code in industries]
    return [(Cell(), has), *found] if has.any() else []


def _drawn(indicator: Scale, epsilon: float, values: Floats) -> tuple[float | None, float | None]:
    """The noisy mean on the public grid, and its error."""
    given = [Contribution(str(i), "", float(value)) for i, value in enumerate(values)]
    told = noised(Question("mean", epsilon, indicator.low, indicator.high), given)
    if told.value is None or told.error is None:
        return None, None
    return indicator.at(int(indicator.places(np.array([told.value]))[0])), told.error
