"""How near a fit comes to a line of known parameters: run by hand, quote with machine and date.

    python bench/calibration.py [--lines 12] [--days 5]

Random lines of 3 to 8 unreliable stations, and rich ones with products, set-ups, scrap, rework and parallel servers,
are simulated by the plain engine; what a plant would have written down of them is fitted: states and parts, counters
and states, or begins and ends of parts alone. Told are the share of 95 % intervals that hold the truth, the places
told right, the error of the throughput, the bottleneck (what a cycle 10 % shorter is worth, by station), and the error
of the throughput once the line is changed: cycle -10 % and repairs halved at the true bottleneck, five places more
before it. Last the line of the demo, whose simulator shares nothing with the twin, is fitted and changed so. Not
measured: logs with damage, and drift.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made
from lineside.demo.line import Line as DemoLine  # noqa: E402
from lineside.demo.stations import STATIONS, Station  # noqa: E402
from lineside.twin import Line  # noqa: E402
from lineside.twin.fit import fit  # noqa: E402
from tests.twin.known import DAY, changed, known, known_line, rate  # noqa: E402
from tests.twin.past import Told, demo_product, demo_record, record_of  # noqa: E402

KINDS = {
    "parts and states": Told(),
    "counters and states": Told(parts=False, begins=False, rounded=0.1),
    "begins and ends": Told(states=False),
}
CHANGES = ("cycle", "repair", "places")
WITHIN = 0.03
LEAST_GAIN = 0.01
"""Of the throughput: where no station is worth more, what comes in is the bottleneck."""


@dataclass(slots=True)
class Score:
    """What several fits of one kind of record came to."""

    covered: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    errors: dict[str, list[float]] = field(default_factory=dict)
    bottleneck: list[bool] = field(default_factory=list)
    lost: list[float] = field(default_factory=list)
    """What the bottleneck told is worth less than the true one, as a share of its gain."""
    seconds: list[float] = field(default_factory=list)


def gains(line: Line, today: float) -> dict[str, float]:
    """Return what a cycle 10 % shorter is worth at each station, parts an hour."""
    return {name: rate(shorter) - today for name in line.stations if (shorter := changed(line, name, "cycle"))}


def judge(score: Score, truth: Line, told: Line, true_gains: Mapping[str, float], today: float) -> None:
    """Hold a fitted line against the true one."""
    fitted = rate(told)
    score.errors.setdefault("today", []).append(fitted / today - 1)
    best = max(true_gains, key=true_gains.__getitem__)
    if true_gains[best] > LEAST_GAIN * today:
        guess = max(gains(told, fitted).items(), key=lambda item: item[1])[0]
        score.bottleneck.append(guess == best)
        score.lost.append(1 - true_gains[guess] / true_gains[best])
    for what in CHANGES:
        before, after = changed(truth, best, what), changed(told, best, what)
        if before is not None and after is not None:
            score.errors.setdefault(what, []).append(rate(after) / rate(before) - 1)


def random_lines(lines: int, days: float, *, rich: bool) -> Iterator[tuple[str, Score]]:
    """Yield the score of each kind of record over the same lines."""
    scores = {kind: Score() for kind in KINDS if not rich or kind != "counters and states"}
    for seed in range(1_000, 1_000 + lines):
        truth = known_line(seed, rich=rich)
        today = rate(truth)
        true_gains = gains(truth, today)
        for kind, score in scores.items():
            record = record_of(truth, days * DAY, seed, KINDS[kind])
            began = time.process_time()
            twin = fit(record)
            score.seconds.append(time.process_time() - began)
            for one in known(truth, twin):
                what = one.parameter.what + (" at least" if one.parameter.note == "at_least" else "")
                score.of[what] += 1
                score.covered[what] += one.covered
            judge(score, truth, twin.line, true_gains, today)
    yield from scores.items()


def tell(title: str, score: Score) -> None:
    """Print a score."""
    print(f"-- {title}: {len(score.seconds)} lines, fit {np.median(score.seconds):.1f} s CPU (median)")
    for what, of in score.of.items():
        print(f"   {what:<18} in its interval {score.covered[what]:4d} of {of:4d} ({score.covered[what] / of:.1%})")
    if score.bottleneck:
        right, lost = sum(score.bottleneck), max(score.lost)
        print(f"   bottleneck right {right} of {len(score.bottleneck)}; the one told gains at worst {lost:.1%} less")
    for what, errors in score.errors.items():
        tell_errors(what, errors)


def tell_errors(what: str, errors: Sequence[float]) -> None:
    """Print errors of throughput."""
    size = np.abs(errors)
    within = float((size <= WITHIN).mean())
    print(
        f"   throughput {what:<7} error: median {np.median(size):.2%}, worst {size.max():.2%}, "
        f"mean {np.mean(errors):+.2%}, within 3 % {within:.0%} of {len(size)}"
    )


def demo_rate(stations: Sequence[Station], hours: float = 3_000.0) -> float:
    """Return parts an hour that leave the demo's own simulator, good ones and those the last station rejects."""
    counts = []
    for seed in range(5, 9):
        line = DemoLine(stations, seed, demo_product)
        while line.known_until < hours * 3600:
            line.next_part()
        counts.append(sum(time < hours * 3600 for time in line.happened[-1].unit_time))
    return float(np.mean(counts)) / hours


def demo(days: float) -> None:
    """Fit and change the demo's line."""
    twin = fit(demo_record(STATIONS, days * DAY, 11))
    place = next(i for i, station in enumerate(STATIONS) if station.id == "weld")
    weld = STATIONS[place]
    truths = {
        "cycle": replace(weld, ideal_s={product: 0.9 * cycle for product, cycle in weld.ideal_s.items()}),
        "repair": replace(weld, repair_min=weld.repair_min / 2),
        "places": replace(weld, buffer_before=weld.buffer_before + 5),
    }
    today = rate(twin.line)
    print(f"-- the demo's line, {days:g} days of its own simulator")
    worth = gains(twin.line, today)
    print(f"   bottleneck told: {max(worth, key=worth.__getitem__)} (planted: weld)")
    print(f"   places: { {s: b.capacity for s, one in twin.line.stations.items() if (b := one.buffer)} }")
    print(f"   throughput today error {today / demo_rate(STATIONS) - 1:+.2%}")
    for what, station in truths.items():
        line = changed(twin.line, "weld", what)
        if line is not None:
            true = demo_rate([*STATIONS[:place], station, *STATIONS[place + 1 :]])
            print(f"   throughput {what} error {rate(line) / true - 1:+.2%}")


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--lines", type=int, default=12)
    arguments.add_argument("--days", type=float, default=5.0)
    chosen = arguments.parse_args()
    print(machine())
    for rich in (False, True):
        for kind, score in random_lines(chosen.lines, chosen.days, rich=rich):
            tell(f"{'rich' if rich else 'plain'} lines, {kind}, {chosen.days:g} days", score)
    demo(2 * chosen.days)


if __name__ == "__main__":
    main()
