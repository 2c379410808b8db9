"""Which demo plant: the one that everybody sees, or one of those of a cluster."""

from __future__ import annotations

from dataclasses import dataclass

from lineside.demo.shifts import HISTORY_DAYS


@dataclass(frozen=True, slots=True)
class Works:
    """What a demo plant is called, how many days lie behind it, and whether it has more than the pump line."""

    id: str = "demo"
    name: str = "Demo plant"
    days: int = HISTORY_DAYS
    machining: bool = True
