"""The six stations of the simulated assembly line, in numbers.

The planted bottleneck is the weld station: its cycle is about a sixth longer than any other and it fails
most. Everything before it waits with its output blocked, everything behind it waits for parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PRODUCTS: Mapping[str, str] = MappingProxyType({"pump-a": "PA-100", "pump-b": "PB-200"})
"""Products of the line and the codes its controllers use for them."""

BOTTLENECK = "weld"
MATERIAL_LATE_EVERY = 350
"""At the first station, one part in so many waits for material that comes late."""
MATERIAL_LATE_S = 240.0


@dataclass(frozen=True, slots=True)
class ProcessValue:
    """What a station measures on each part; a rejected part lies beyond the limit."""

    id: str
    name: str
    unit: str
    mean: float
    spread: float
    when_rejected: float
    description: str


@dataclass(frozen=True, slots=True)
class Station:
    """One station: the times are means, `spread` is the standard deviation over the mean."""

    id: str
    name: str
    browse_name: str
    ideal_s: Mapping[str, float]
    slower_by: float
    spread: float
    hours_between_failures: float
    repair_min: float
    setup_min: float
    buffer_before: int
    reject_share: float
    running_kw: float
    idle_kw: float
    warm_k: float
    process: ProcessValue | None
    rollover: int | None = None
    first_count: int = 0
    restarts_on_day: int | None = None
    """The day of the history on which its controller restarts and its counters begin again at zero."""


def _ideal(pump_a: float, pump_b: float) -> Mapping[str, float]:
    return MappingProxyType({"pump-a": pump_a, "pump-b": pump_b})


STATIONS = (
    Station(
        "load", "Load", "Load", _ideal(26.0, 28.0), 0.03, 0.05, 9.0, 4.0, 3.0, 0, 0.0, 1.2, 0.4, 4.0, None,
        first_count=181_204,
    ),
    Station(
        "press", "Press", "Press", _ideal(27.0, 30.0), 0.03, 0.04, 5.0, 8.0, 11.0, 4, 0.012, 14.5, 3.2, 19.0,
        ProcessValue("force", "Force", "kN", 42.0, 0.7, 47.5, "Peak press force of the last part"),
        first_count=902_377,
    ),
    Station(
        "screw", "Screwdriving", "Screw", _ideal(28.0, 31.0), 0.04, 0.06, 4.0, 5.0, 6.0, 4, 0.0, 2.8, 0.7, 9.0,
        ProcessValue("torque", "Torque", "Nm", 12.5, 0.22, 12.5, "Final torque of the last part"),
        first_count=180_615,
    ),
    Station(
        "weld", "Weld", "Weld", _ideal(33.0, 36.5), 0.08, 0.05, 1.5, 10.0, 9.0, 4, 0.015, 27.0, 4.5, 26.0,
        ProcessValue("current", "Welding current", "A", 186.0, 2.4, 171.0, "Mean welding current of the last part"),
        rollover=65_536, first_count=52_140,
    ),
    Station(
        "leak-test", "Leak test", "LeakTest", _ideal(28.0, 30.0), 0.03, 0.04, 6.0, 6.0, 4.0, 4, 0.020, 1.9, 1.1, 5.0,
        ProcessValue("leak_rate", "Leak rate", "ml/min", 1.1, 0.25, 3.6, "Leak rate of the last part; limit 2.5"),
        first_count=44_090,
    ),
    Station(
        "pack", "Pack", "Pack", _ideal(25.0, 27.0), 0.05, 0.08, 7.0, 5.0, 2.0, 5, 0.0, 2.2, 0.5, 6.0,
        ProcessValue("weight", "Weight", "kg", 3.42, 0.015, 3.42, "Weight of the last carton"),
        first_count=176_880, restarts_on_day=5,
    ),
)  # fmt: skip
