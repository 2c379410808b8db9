"""How often the intervals of pilots hold what was planted, beside other ways to make them.

    python bench/pilots.py [RUNS]

500 simulated pilots of each design in `tests/hub/pilots/planted.py`: months hang together (AR(1) 0.5), one value in ten
is missing, effects differ between factories; "none" is a pilot that does nothing. Covered: the interval at 95 % holds
the effect planted in the population. The other ways, on the same data: two-way fixed effects with errors of least
squares; the same clustered by factory (CR1, m - 1 degrees of freedom); CR2 with Satterthwaite's degrees of freedom
(Bell and McCaffrey 2002, Pustejovsky and Tipton 2018); the restricted wild cluster bootstrap (Cameron, Gelbach and
Miller 2008; Rademacher's signs, 399 draws: whether it refuses the planted effect). Then what is said of whole pilots,
with all checks, and of what planning foretold; and what matching on levels does to a comparison.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench._machine import machine
from bench._regressions import clustered, wild
from lineside.hub.pilots import Verdict, by_chance, changes, difference
from tests.hub.pilots.planted import DESIGNS, Design, judged, planted, rematched

ALPHA = 0.05
WAYS = ("least squares", "CR1", "CR2", "wild", "Welch")


def covered(design: Design, runs: int, seed: int) -> tuple[dict[str, float], dict[str, float], float]:
    """Return the share of runs in which each way held the effect, its mean width, and how often permutation saw one."""
    inside: Counter[str] = Counter()
    width = dict.fromkeys(WAYS, 0.0)
    seen_by_chance = 0
    for run in range(runs):
        random = np.random.default_rng((seed, run))
        pilot = planted(design, random)
        seen = changes(pilot.value, pilot.treated, design.pre)
        told = {"Welch": difference(*seen.groups).interval(ALPHA)}
        told |= clustered(pilot.value, pilot.treated, design.pre, ALPHA)
        for way, interval in told.items():
            inside[way] += interval.holds(design.effect)
            width[way] += interval.high - interval.low
        inside["wild"] += wild(pilot.value, pilot.treated, design.pre, design.effect, random) > ALPHA
        seen_by_chance += by_chance(seen.change, seen.treated, random, 999) <= ALPHA
    return {way: inside[way] / runs for way in WAYS}, {way: width[way] / runs for way in WAYS}, seen_by_chance / runs


def intervals(runs: int) -> None:
    """Print a row a design: what each way held, and how wide it was."""
    print(f"\n| {runs} pilots each; held, % (width) | " + " | ".join(WAYS) + " | seen by permutation, % |")
    for number, design in enumerate(DESIGNS):
        inside, width, seen = covered(design, runs, number)
        cells = [f"{100 * inside[way]:.1f}" + (f" ({width[way]:.2f})" if width[way] else "") for way in WAYS]
        print(f"| {design.name} | " + " | ".join(cells) + f" | {100 * seen:.1f} |", flush=True)


def verdicts(runs: int) -> None:
    """Print what is said of whole pilots; worth having is half of what is expected."""
    base = Design("15 and 30", 15, 30, 0.0)
    cases = {
        "nothing": base,
        "what was expected": replace(base, effect=1.2, varying=0.3),
        "the opposite": replace(base, effect=-1.2, varying=0.3),
        "nothing, but rose by 0.1 a month before": replace(base, drift=0.1),
        "nothing, 6 and 6": replace(base, treated=6, comparison=6),
        "what was expected, 6 and 6": replace(base, treated=6, comparison=6, effect=1.2),
    }
    print(f"\n| {runs} pilots that did | worked | did not | cannot be told | foretold power | s each |")
    for name, design in cases.items():
        begun = time.perf_counter()
        found = [judged(design, 1.2, seed) for seed in range(runs)]
        said = Counter(one.outcome.verdict for one in found)
        enough = np.mean([not one.reach.hopeless for one in found])
        cells = [f"{100 * said[verdict] / runs:.1f} %" for verdict in (Verdict.WORKED, Verdict.FAILED, Verdict.OPEN)]
        each = (time.perf_counter() - begun) / runs
        print(f"| {name} | " + " | ".join(cells) + f" | enough in {100 * enough:.0f} % | {each:.3f} |", flush=True)


def matching(runs: int) -> None:
    """Print the bias of pilots that do nothing whose factories stand a standard deviation above the others."""
    for earlier in (False, True):
        found = [rematched(seed, earlier=earlier) for seed in range(runs)]
        seen, foretold = (np.array(one) for one in zip(*((mean, one.falls_back) for mean, one in found), strict=True))
        which = "earlier months" if earlier else "the months before"
        error = 1.96 * seen.std() / np.sqrt(runs)
        print(f"matched on {which}: {seen.mean():+.3f} +/- {error:.3f} of a month's noise, told {foretold.mean():+.3f}")


if __name__ == "__main__":
    print(machine("numpy", "scipy"))
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    intervals(number)
    verdicts(number)
    matching(number)
