"""What the formula of an indicator comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from lineside.exchange import Absence, Origin
from lineside.node.indicators.month import MonthFacts


@dataclass(frozen=True, slots=True)
class Found:
    """A number or why not, the coverage, and what that rests on."""

    value: float | None
    absent: Absence
    coverage: float | None
    basis: Mapping[str, Any]
    origin: Origin = "measured"


Formula: TypeAlias = Callable[[MonthFacts], Found]


def share(value: float | None) -> float | None:
    """Without what sums of seconds leave beyond a whole."""
    return None if value is None else min(1.0, max(0.0, value))
