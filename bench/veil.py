"""How long it takes to judge what may be published, and how far figures with noise are from the truth.

    python bench/veil.py

1,000 figures after 10,000 published before, of 10 and of 200 contributors each; then sums of n contributions between 0
and 1 with noise, 500 draws each: the error at 95 % against the true sum. The noise needs the extra `privacy`.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench._machine import machine
from lineside.valve import Cell, Contribution, Published, Question, Rules, Statistic, Table, Told, judge, noised

HOUR = 3_600_000_000
RULES = Rules()
LINES = [range(10 * i, 10 * i + 10) for i in range(20)]


def cell(who: Iterable[int], begin: int, end: int, product: str | None = None) -> Cell:
    """Return the energy of machines over hours, for all products or one."""
    values = {f"m{c}": float(sum(5 + (7 * c + 3 * h) % 5 for h in range(begin, end))) for c in who}
    where = {"product": frozenset({product})} if product else {}
    return Cell(f"{begin}-{end}", "energy", Statistic.SUM, begin * HOUR, end * HOUR, values, where)


def told(cells: Iterable[Cell]) -> list[Told]:
    """Return cells as they were told."""
    return [Told(c.label, "hub", c.measure, c.from_us, c.until_us, c.where, c.values) for c in cells]


def timed(what: str, work: Callable[[], object], runs: int = 9) -> None:
    """Print the median and the worst processor time of some runs."""
    times = []
    for _ in range(runs):
        gc.collect()
        start = time.process_time()
        work()
        times.append(1000 * (time.process_time() - start))
    print(f"{what:68} {statistics.median(times):8.1f} ms ({max(times):.1f} ms)")


def judging() -> None:
    """Time tables of 1,000 figures."""
    hours = told(cell(line, h, h + 1) for line in LINES for h in range(500))
    timed("reading 10,000 published (20 lines x 500 hours)", lambda: Published(RULES, None, hours), 3)
    before = Published(RULES, None, hours)
    later = Table(tuple(cell(line, h, h + 1) for line in LINES for h in range(500, 550)), "hub")
    again = Table(tuple(cell(line, h, h + 1) for line in LINES for h in range(50)), "hub")
    timed("1,000 new hours of lines", lambda: judge(later, RULES, before))
    timed("1,000 told before", lambda: judge(again, RULES, before))
    days = [cell(line, 24 * d, 24 * d + 24) for line in LINES for d in range(20)]
    plant = [cell(range(200), 24 * d, 24 * d + 24) for d in range(20)]
    timed("420 days of lines and plant around 9,600 hours", lambda: judge(Table((*days, *plant), "hub"), RULES, before))
    wide = told(cell(range(200), h, h + 1) for h in range(10_000))
    plants = Published(RULES, None, wide)
    table = Table(tuple(cell(range(200), h, h + 1) for h in range(10_000, 11_000)), "hub")
    timed("1,000 new hours of 200 machines each, after 10,000", lambda: judge(table, RULES, plants))
    crowd = Published(RULES, None, told(cell(line, 0, 1, f"p{p}") for line in LINES for p in range(500)))
    many = Table(tuple(cell(line, 0, 1, f"p{p}") for line in LINES for p in range(500, 550)), "hub")
    timed("the worst: 20 lines x 550 products in one and the same hour", lambda: judge(many, RULES, crowd), 3)


def errors() -> None:
    """Print the error of a sum of n contributions that are 0.5 on average."""
    print("\n| n | " + " | ".join(f"epsilon {e:g}" for e in (0.1, 0.5, 1, 2)) + " |")
    for n in (10, 20, 50, 100, 1000, 10_000):
        given = [Contribution(str(i), "all", (i % 11) / 10) for i in range(n)]
        truth = sum(one.value for one in given)
        row = []
        for epsilon in (0.1, 0.5, 1, 2):
            question = Question("sum", epsilon, 0.0, 1.0)
            off = sorted(abs((noised(question, given).value or 0) - truth) for _ in range(500 if n < 1000 else 100))
            row.append(f"{100 * off[int(0.95 * len(off))] / truth:.3g} %")
        print(f"| {n:,} | " + " | ".join(row) + " |")


if __name__ == "__main__":
    print(machine())
    judging()
    errors()
