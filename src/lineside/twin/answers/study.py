"""What is simulated alike for every line of a comparison, and what each replication of it gives."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from lineside.errors import ConfigurationError
from lineside.twin.compiled import Tell
from lineside.twin.model import Line
from lineside.twin.simulation import Engine, Result, simulate, warmup_of
from lineside.twin.tally import Floats

ANSWER = "lineside.answer/1"
Aim: TypeAlias = Literal["throughput", "lead_time", "wip", "scrapped", "on_time"]
MORE_IS_BETTER: dict[Aim, bool] = {
    "throughput": True,
    "lead_time": False,
    "wip": False,
    "scrapped": False,
    "on_time": True,
}
"""What lines are compared by, and whether more of it is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """How lines are simulated to compare them: times in their unit, one seed, so that replications share their luck."""

    horizon: float
    warmup: float | None = None
    """Found when left out: the largest that any of the compared lines needs."""
    seed: int = 1
    confidence: float = 0.95
    """Of every interval."""
    engine: Engine = "auto"
    threads: int | None = None

    def __post_init__(self) -> None:
        if not 0.5 <= self.confidence < 1:
            raise ConfigurationError("answers.confidence", confidence=self.confidence)

    def settled(self, lines: Iterable[Line], tell: Tell | None = None) -> Study:
        """The same with the warm-up that suits all of these lines; `tell` is called with 0 before each."""
        if self.warmup is not None:
            return self
        if not (math.isfinite(self.horizon) and self.horizon > 0):
            raise ConfigurationError("twin.horizon", horizon=self.horizon, warmup=0)
        longest = 0.0
        for line in lines:
            if tell is not None:
                tell(0.0)
            longest = max(longest, warmup_of(line, self.horizon, self.seed))
        return replace(self, warmup=longest)

    def run(self, line: Line, replications: int, *, first: int = 0, tell: Tell | None = None) -> Result:
        """So many replications of a line, from the `first` on."""
        return simulate(
            line,
            horizon=self.horizon,
            replications=replications,
            first=first,
            warmup=self.warmup,
            seed=self.seed,
            engine=self.engine,
            threads=self.threads,
            tell=tell,
        )

    def told(self, answer: str, line: Line) -> dict[str, Any]:
        """How an answer's JSON begins."""
        return {
            "schema": ANSWER,
            "answer": answer,
            "model": line.name,
            "time_unit": line.time_unit,
            "horizon": self.horizon,
            "warmup": self.warmup,
            "seed": self.seed,
            "confidence": self.confidence,
        }


def measured(result: Result) -> dict[str, Floats]:
    """Every aim's value in each replication, NaN where there is none; `on_time` only where orders are due."""
    tallies, span = list(result.tallies()), result.horizon - result.warmup
    out = np.array([t.out.sum() for t in tallies], float)
    lead = np.array([t.lead_sum.sum() for t in tallies])
    found = {
        "throughput": out / span,
        "lead_time": np.divide(lead, out, out=np.full(len(out), np.nan), where=out > 0),
        "wip": np.array([t.wip_area for t in tallies]) / span,
        "scrapped": np.array([t.scrapped.sum() for t in tallies], float),
    }
    due = np.array([math.nan if order.due is None else order.due for order in result.line.orders])
    wanted = ~np.isnan(due)
    if wanted.any():
        done = np.array([t.order_done for t in tallies])
        found["on_time"] = (done[:, wanted] <= due[wanted]).mean(axis=1)
    return found


def scores(result: Result, aim: Aim) -> Floats:
    """What each replication is worth: more is better.

    Where nothing went out, the lead time counts as the whole horizon. Raises ConfigurationError for `on_time`
    where no order is due.
    """
    values = measured(result).get(aim)
    if values is None:
        raise ConfigurationError("answers.nothing_due")
    return np.nan_to_num(values, nan=result.horizon) * (1.0 if MORE_IS_BETTER[aim] else -1.0)
