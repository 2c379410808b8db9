"""Problems that the tests of schedules share: small ones with known answers, and random ones."""

from __future__ import annotations

import random
from typing import Any

from lineside.twin.schedule import Problem, parse_problem

FT06 = """6 6
2 1 0 3 1 6 3 7 5 3 4 6
1 8 2 5 4 10 5 10 0 10 3 4
2 5 3 4 5 8 0 9 1 1 4 7
1 5 0 5 2 5 3 3 4 8 5 9
2 9 1 3 4 5 5 4 0 3 3 1
1 3 3 3 5 9 0 10 4 4 2 1
"""
"""Fisher and Thompson, 1963: the best makespan is 55."""

FLEXIBLE = """4 3
3 2 0 4 1 5 1 2 6 3 0 3 1 4 2 2
2 2 1 3 2 4 2 0 6 2 5
3 1 0 5 2 1 2 2 3 1 2 4
2 3 0 2 1 2 2 2 1 1 7
"""


def problem(**parts: Any) -> Problem:
    """Return a problem of these parts."""
    return parse_problem({"schema": "lineside.schedule/1", **parts})


def random_problem(seed: int, jobs: int = 3) -> Problem:
    """Return a small problem with alternatives, calendars, set-ups, operators and due dates, as the seed has it."""
    draw = random.Random(seed)
    products = ["A", "B"]
    machines: dict[str, Any] = {}
    for i in range(2):
        machine: dict[str, Any] = {}
        if draw.random() < 0.6:
            machine["calendar"] = draw.choice(["day", "split"])
        if draw.random() < 0.7:
            machine["setups"] = [{"from": "A", "to": "B", "time": draw.randint(1, 4)}, {"to": "A", "time": 2}]
            machine["made"] = draw.choice(products)
        machines[f"m{i}"] = machine

    def operation() -> dict[str, Any]:
        on = {f"m{i}": draw.randint(1, 4) for i in range(2) if draw.random() < 0.7} or {"m0": draw.randint(1, 4)}
        needs = {"crew": draw.randint(1, 2)} if draw.random() < 0.5 else {}
        return {"on": on, "needs": needs, "interruptible": draw.random() < 0.6}

    def job() -> dict[str, Any]:
        made = [operation() for _ in range(draw.randint(1, 2))]
        if len(made) == 2 and draw.random() < 0.3:
            made[1]["after"] = []
        return {
            "operations": made,
            "product": draw.choice(products),
            "release": draw.randint(0, 3),
            "due": draw.randint(3, 12),
            "weight": draw.randint(1, 3),
        }

    return problem(
        machines=machines,
        jobs={f"j{j}": job() for j in range(jobs)},
        resources={"crew": {"count": 2}},
        calendars={
            "day": {"on": [[0, 6]], "period": 9},
            "split": {"on": [[1, 5], [6, 10]], "period": 10},
        },
        objective=draw.choice(["makespan", "tardiness", {"makespan": 1, "tardiness": 2}]),
    )
