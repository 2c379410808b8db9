"""Means and differences with their intervals (Student's t)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lineside.twin.simulation import Measure
from lineside.twin.tally import Floats


def interval(values: Floats, confidence: float, comparisons: int = 1) -> dict[str, Any]:
    """Mean, half-width and number of the values that are known."""
    return dict(Measure.of(values, confidence, comparisons).plain())


def difference(before: Floats, after: Floats, confidence: float, comparisons: int = 1) -> dict[str, Any]:
    """After - before, paired by replication; and in relation to the mean before, by the delta method.

    `relative` is None where the mean before is 0.
    """
    known = ~(np.isnan(before) | np.isnan(after))
    old, gain = before[known], after[known] - before[known]
    base = float(old.mean()) if len(old) else 0.0
    relative = None
    if base:
        ratio = float(gain.mean()) / base
        relative = interval(ratio + (gain - ratio * old) / base, confidence, comparisons)
    return {**interval(gain, confidence, comparisons), "relative": relative}


def is_told(gap: dict[str, Any]) -> bool:
    """Whether an interval leaves out zero."""
    return gap["half_width"] is not None and abs(gap["mean"]) > gap["half_width"]
