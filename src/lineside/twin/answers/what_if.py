"""What if: today's line against changed ones, replication by replication with the same luck."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lineside.errors import ConfigurationError
from lineside.twin.answers.changes import Change, changed
from lineside.twin.answers.paired import difference, interval, is_told
from lineside.twin.answers.study import MORE_IS_BETTER, Study, measured
from lineside.twin.compiled import Tell
from lineside.twin.model import Line
from lineside.twin.simulation import Result
from lineside.twin.tally import Floats


def what_if(
    line: Line, changes: Sequence[Change], study: Study, *, replications: int = 100, tell: Tell | None = None
) -> dict[str, Any]:
    """Each change's effect on throughput, lead time, work in process, scrap and orders on time, as JSON.

    Every difference is paired by replication and comes with its interval, also in relation to today. All lines are
    measured from one warm-up. Raises ConfigurationError for a change that fits nothing, LineRefused for a changed
    line that contradicts itself.
    """
    if replications < 2:
        raise ConfigurationError("answers.too_few", replications=replications)
    lines = [line, *(changed(line, change) for change in changes)]
    study = study.settled(lines, tell)
    results = []
    for i, one in enumerate(lines):
        results.append(study.run(one, replications, tell=part(tell, i, len(lines))))
    today = results[0]
    return {
        **study.told("what_if", line),
        "engine": today.engine,
        "replications": replications,
        "changes": [
            {"name": change.name, **_compared(today, result, study.confidence)}
            for change, result in zip(changes, results[1:], strict=True)
        ],
    }


def part(tell: Tell | None, number: int, of: int) -> Tell | None:
    """Progress of one part of some work, told as progress of the whole."""
    if tell is None:
        return None
    whole = tell
    return lambda share: whole((number + share) / of)


def _compared(today: Result, then: Result, confidence: float) -> dict[str, Any]:
    before, after = measured(today), measured(then)
    old, new = _on_time(today), _on_time(then)
    return {
        "measures": {
            aim: _pair(before[aim], after[aim], confidence, more_is_better=more)
            for aim, more in MORE_IS_BETTER.items()
            if aim in before and aim in after
        },
        "orders": {name: _pair(old[name], new[name], confidence, more_is_better=True) for name in old if name in new},
        "deadlocks": sum(not np.isnan(tally.stuck) for tally in then.tallies()),
    }


def _pair(before: Floats, after: Floats, confidence: float, *, more_is_better: bool) -> dict[str, Any]:
    gap = difference(before, after, confidence)
    better = (gap["mean"] > 0) == more_is_better if is_told(gap) else None
    return {
        "today": interval(before, confidence),
        "changed": interval(after, confidence),
        "difference": gap,
        "verdict": "open" if better is None else "better" if better else "worse",
    }


def _on_time(result: Result) -> dict[str, Floats]:
    """By order: 1 in the replications in which it was on time, else 0."""
    done = np.array([tally.order_done for tally in result.tallies()])
    return {
        order.id: (done[:, i] <= order.due).astype(float)
        for i, order in enumerate(result.line.orders)
        if order.due is not None
    }
