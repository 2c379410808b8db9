from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
import pytest

from lineside.twin import Engine, Line, parse_line, simulate
from lineside.twin.serial import beyond
from tests.twin import exact

GROUPS: tuple[Callable[[], Iterable[exact.Case]], ...] = (
    exact.one_station,
    exact.disturbed_station,
    exact.rows,
    exact.networks,
    exact.transients,
)
CASES = [case for group in GROUPS for case in group()]


def line_of(case: exact.Case) -> Line:
    """The line of a case."""
    return parse_line({"schema": "lineside.line/1", **case.line}, case.name)


RUNS: list[tuple[Engine, exact.Case]] = [("events", case) for case in CASES]
RUNS += [
    ("recursion", case) for case in CASES if beyond(parse_line({"schema": "lineside.line/1", **case.line})) is None
]
NAMES = [f"{engine}, {case.name}" for engine, case in RUNS]


def judged(engine: Engine, case: exact.Case, replications: int, longer: float = 1.0) -> tuple[float, float]:
    """The error in standard errors, and relative to the exact value."""
    line = line_of(case)
    horizon = case.warmup + (case.horizon - case.warmup) * longer
    result = simulate(line, horizon=horizon, warmup=case.warmup, replications=replications, seed=11, engine=engine)
    values = np.array([case.measure(tally) for tally in result.tallies()])
    error = float(values.mean()) - case.value
    spread = float(values.std(ddof=1)) / math.sqrt(replications)
    if spread < 1e-12:  # no chance in it, or rounding alone
        return (0.0 if abs(error) < 1e-9 else math.inf), abs(error / case.value)
    return abs(error) / spread, abs(error / case.value)


@pytest.mark.parametrize(("engine", "case"), RUNS, ids=NAMES)
def test_a_line_measures_what_is_known_exactly(engine: Engine, case: exact.Case) -> None:
    """Formulas and chains that know no engine agree within the error of the simulation."""
    errors, relative = judged(engine, case, 60 if case.horizon > 1000 else 1000)

    assert errors < 4.0
    assert relative < 0.05


@pytest.mark.soak
@pytest.mark.parametrize(("engine", "case"), RUNS, ids=NAMES)
def test_a_long_run_is_exact_to_half_a_percent(engine: Engine, case: exact.Case) -> None:
    """With enough time the error itself becomes small, so no bias hides behind the spread."""
    long_run = case.horizon > 1000
    errors, relative = judged(engine, case, 100 if long_run else 200_000, 20.0 if long_run else 1.0)

    assert errors < 4.0
    assert relative < 0.005
