"""What will be made from a moment on: from the state of the line, with all doubt about the twin's parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lineside.twin.compiled import Runner, row_size, tally_of
from lineside.twin.fit.twin import Twin
from lineside.twin.layout import names_of
from lineside.twin.model import OUT, Line
from lineside.twin.tally import Floats
from lineside.twin.validate.past import Moment
from lineside.twin.validate.starting import doubts, line_at

DOUBTS, EACH = 20, 10
LEVEL = 0.90
_NOTED = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """Parts that go out after a moment, one row a run."""

    times: Floats
    """Seconds after the moment."""
    out: Floats
    """(runs, times) parts gone out by then."""
    products: tuple[str, ...]
    by_product: Floats
    """(runs, products) parts gone out in all."""

    def band(self, level: float = LEVEL) -> list[tuple[float, float, float, float]]:
        """Of each time the mean and the ends of the middle `level`."""
        low, high = np.quantile(self.out, ((1 - level) / 2, (1 + level) / 2), axis=0)
        means = self.out.mean(axis=0)
        return list(zip(self.times.tolist(), means.tolist(), low.tolist(), high.tolist(), strict=True))


def ahead(twin: Twin, moment: Moment, *, points: int = 24, seed: int = 1) -> Ahead:
    """Runs from a moment to its end, some under each of several doubts about the parameters."""
    span = moment.end - moment.start
    times = np.linspace(0.0, span, points + 1)[1:]
    out, by_product = [], []
    products: tuple[str, ...] = ()
    for doubt, factors in enumerate(doubts(twin.parameters, seed, DOUBTS)):
        line = line_at(twin, moment, factors)
        names = names_of(line)
        products = names.products
        runner = Runner(line, span, 0.0, 1_000 * seed + doubt, _NOTED)
        lasts = _lasts(line)
        for replication in range(EACH):
            row = np.zeros(row_size(names))
            runner.run(replication, row, _nobody)
            gone = tally_of(row, names, span).out.astype(float)
            left = np.sort(np.concatenate([np.zeros(0), *(runner.departures()[s] for s in lasts)]))
            good = float(gone.sum()) / len(left) if len(left) else 0.0  # rejects leave the last stations, too
            out.append(np.searchsorted(left, times, side="right") * good)
            by_product.append(gone)
    return Ahead(times, np.array(out), products, np.array(by_product))


def chance(made: float, wanted: float, ensemble: Floats) -> float:
    """The share of runs in which what is made already and what goes out reach what is wanted."""
    return float((made + ensemble >= wanted).mean())


def _lasts(line: Line) -> Sequence[int]:
    """The stations by which parts leave the line."""
    return [s for s, station in enumerate(line.stations.values()) if any(route.to == OUT for route in station.to)]


def _nobody(share: float) -> None:
    del share
