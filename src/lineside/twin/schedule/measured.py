"""How sure a plan is by what was measured: the laws of a twin laid over the machines of its names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from lineside.twin.distributions import (
    Constant,
    Empirical,
    Erlang,
    Exponential,
    Gamma,
    Law,
    Lognormal,
    Triangular,
    Uniform,
    Weibull,
    mean_of,
)
from lineside.twin.model import ANY, Line, Station
from lineside.twin.schedule.plan import Plan
from lineside.twin.schedule.problem import Breakdown, Job, Machine, Operation, Problem, operation_names
from lineside.twin.schedule.robust import evaluate, varies
from lineside.twin.units import seconds_in

Origin: TypeAlias = Literal["measured", "problem", "none"]
"""Whose laws a machine follows: the twin's, the problem's, or none at all."""

_SCALES = ("shift", "value", "mean", "scale", "sd", "low", "mode", "high")


def judged(problem: Problem, plan: Plan, line: Line | None = None, *, replications: int = 1000) -> dict[str, Any]:
    """A plan as JSON with its `prospect` (None where nothing varies) and whose `laws` each machine followed.

    With a line the laws of its stations are taken. The luck is the same for all plans of a problem.
    """
    told, laws = measured(problem, plan, line)
    prospect = evaluate(told, plan, replications=replications) if varies(told) else None
    return {
        "plan": plan.model_dump(mode="json", by_alias=True),
        "prospect": None if prospect is None else prospect.model_dump(mode="json"),
        "laws": laws,
    }


def measured(problem: Problem, plan: Plan, line: Line | None) -> tuple[Problem, dict[str, Origin]]:
    """The problem with the laws of a line's stations, as a plan uses their machines, and whose laws each follows.

    A station gives the machine of its name its failures, and the operations planned there a factor with mean 1: the
    planned time stays, what was measured is how it varies. An operation that takes as long as several parts varies
    less, as it would for parts that vary by themselves. What an operation says of its own variation stays. Raises
    ConfigurationError for a time unit nobody knows.
    """
    laws: dict[str, Origin] = {
        name: "problem" if m.variation is not None or m.failures else "none" for name, m in problem.machines.items()
    }
    if line is None:
        return problem, laws
    unit = seconds_in(line.time_unit) / seconds_in(problem.time_unit)
    known = {name: line.stations[name] for name in problem.machines if name in line.stations}
    machines = {name: _machine(machine, known.get(name), unit) for name, machine in problem.machines.items()}
    at = {(o.job, o.operation): o.machine for o in plan.operations}
    jobs = {
        name: job.model_copy(update={"operations": _operations(name, job, at, known, unit)})
        for name, job in problem.jobs.items()
    }
    laws |= dict.fromkeys(known, "measured")
    return problem.model_copy(update={"machines": machines, "jobs": jobs}), laws


def _machine(machine: Machine, station: Station | None, unit: float) -> Machine:
    if station is None:
        return machine
    failures = {
        name: Breakdown(time_to_failure=scaled(f.time_to_failure, unit), repair=scaled(f.repair, unit))
        for name, f in station.failures.items()
    }
    return machine.model_copy(update={"variation": None, "failures": failures})


def _operations(
    name: str, job: Job, at: Mapping[tuple[str, str], str], known: Mapping[str, Station], unit: float
) -> tuple[Operation, ...]:
    def told(operation: Operation, called: str) -> Operation:
        machine = at[name, called]
        if machine not in known or operation.variation is not None:
            return operation
        law = _law_of(known[machine].work, job.product)
        return operation.model_copy(update={"variation": factor(law, operation.on[machine] / unit)})

    return tuple(told(o, called) for o, called in zip(job.operations, operation_names(job), strict=True))


def _law_of(work: Mapping[str, Law], product: str | None) -> Law:
    """The law of a product; of one the station never made, the law that varies most."""
    return work.get(product or "") or work.get(ANY) or max(work.values(), key=relative_sd)


def factor(law: Law, time: float) -> Law | None:
    """The factor on some working time, by the law of one part: its mean is 1. None where nothing varies."""
    mean, spread = mean_of(law), relative_sd(law)
    if spread == 0:
        return None
    parts = max(round(time / mean), 1)
    return scaled(law, 1 / mean) if parts == 1 else Gamma(type="gamma", shape=parts / spread**2, mean=1.0, shift=0.0)


def scaled(law: Law, by: float) -> Law:
    """A law all of whose values are so many times as large."""
    changed: dict[str, Any] = {name: getattr(law, name) * by for name in _SCALES if hasattr(law, name)}
    if hasattr(law, "values"):
        changed["values"] = tuple(value * by for value in law.values)
    return law.model_copy(update=changed)


def relative_sd(law: Law) -> float:
    """The standard deviation of a law over its mean; 0 where the mean is 0."""
    mean = mean_of(law)
    return math.sqrt(_variance(law)) / mean if mean > 0 else 0.0


def _variance(law: Law) -> float:
    match law:
        case Constant():
            return 0.0
        case Exponential():
            return law.mean**2
        case Gamma() | Erlang():
            return law.mean**2 / law.shape
        case Weibull():
            first, second = (math.gamma(1 + k / law.shape) for k in (1, 2))
            return law.scale**2 * max(second - first**2, 0.0)
        case Lognormal():
            return law.sd**2
        case Triangular():
            a, b, c = law.low, law.mode, law.high
            return (a * a + b * b + c * c - a * b - a * c - b * c) / 18
        case Uniform():
            return (law.high - law.low) ** 2 / 12
    weights = (isinstance(law, Empirical) and law.weights) or (1.0,) * len(law.values)
    middle = mean_of(law) - law.shift
    return sum(w * (v - middle) ** 2 for v, w in zip(law.values, weights, strict=True)) / sum(weights)
