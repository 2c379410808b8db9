"""What rules cost: read, worked out for one factory and for 10,000, and a change tried on all of them.

    python bench/laboratory.py

Every input of a rule of four conditions is unknown of 15 % of the members, who stand for 30,000 enterprises. Times are
of the processor, medians of five.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench._machine import machine
from lineside.hub.laboratory import Population, Trials, Uneven, judge, try_change
from lineside.hub.laboratory.arrays import Floats
from lineside.rules import Known, changed, evaluate, programmes, read_programmes

MEMBERS = 10_000
ON = date(2026, 6, 1)


def gini(values: Floats, weights: Floats) -> Floats:
    """Of values in order, each row of weights by itself."""
    up_to = np.cumsum(weights, axis=1)
    whole = up_to[:, -1:]
    given = weights * values
    return np.asarray((given * (2 * up_to - weights - whole)).sum(1) / (whole[:, 0] * given.sum(1)))


def members(random: np.random.Generator) -> tuple[list[Known], list[str], Floats]:
    """Figures of small and large firms, some of them unknown, and what each earns."""
    income, staff = random.lognormal(14.5, 1.2, MEMBERS), random.integers(5, 800, MEMBERS)
    assets, allowed = random.lognormal(17, 1, MEMBERS), random.random(MEMBERS) < 0.97
    known: list[Known] = []
    for at in range(MEMBERS):
        told: dict[str, float | bool] = {"taxable_income": float(income[at]), "employees": int(staff[at])}
        told |= {"assets": float(assets[at]), "not_restricted": bool(allowed[at])}
        known.append({name: one for name, one in told.items() if random.random() > 0.15})
    return known, [("micro", "small", "medium")[int(one > 20) + int(one > 300)] for one in staff], income


def took(work: Callable[[], object]) -> float:
    """Seconds of the processor, the median of five."""
    times = []
    for _ in range(5):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return statistics.median(times)


def main() -> None:
    """Prints the figures."""
    print(machine())
    shelf = programmes()
    rule = shelf.of("cn-eit-small-low-profit", ON)
    text = (Path(__file__).parent.parent / "src/lineside/rules/data/programmes.toml").read_text("utf-8")
    known, classes, income = members(np.random.default_rng(1))
    sizes = {"micro": 1000.0, "small": 9000.0, "medium": 20_000.0}
    population = Population.of([rule], known, classes, sizes)
    after = changed(rule, {"most_income": 5e6, "most_staff": 200})
    uneven = Uneven(income, {"gini": gini})
    print(
        f"{len(shelf.usable)} programmes read and checked: {1000 * took(lambda: read_programmes([('p', text)])):.0f} ms"
    )
    one = took(lambda: [evaluate(rule, each, ON) for each in known[:1000]])
    print(f"one factory: {1000 * one:.0f} µs")
    print(f"{MEMBERS} checked and laid into arrays: {took(lambda: Population.of([rule], known, classes, sizes)):.2f} s")
    print(f"{MEMBERS} judged in arrays: {1000 * took(lambda: judge(rule, population, ON)):.1f} ms")
    for words, measures in (("", None), (" with a Gini coefficient", uneven)):
        spent = took(lambda m=measures: try_change(rule, after, population, ON, np.random.default_rng(2), uneven=m))  # type: ignore[misc]
        print(f"a change tried, {Trials().fillings} fillings and {Trials().samples} samples{words}: {spent:.2f} s")


if __name__ == "__main__":
    main()
