"""Units counted by hand, for machines that count nothing themselves."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from lineside.errors import ConfigurationError
from lineside.history import History, Quality
from lineside.plant import Plant


@dataclass(frozen=True, slots=True)
class Tally:
    """So many good and rejected units of a machine at a time (microseconds UTC)."""

    machine: str
    good: int
    rejected: int
    time: int


def record_tally(history: History, plant: Plant, tally: Tally, now: int) -> bool:
    """Stores a tally; durable on return. False when one of its counts was already there at that time.

    Who sends a tally with its time again, as its answer was lost, counts nothing twice.
    Raises ConfigurationError for what the machine does not count.
    """
    machine = plant.machines.get(tally.machine)
    if machine is None or machine.units is None or not plant.counted_by_hand(machine):
        raise ConfigurationError("node.no_tally", machine=tally.machine)
    if tally.time > now + 60_000_000:
        raise ConfigurationError("node.tally_future")
    if tally.good < 0 or tally.rejected < 0:
        raise ConfigurationError("node.tally_negative")
    counts = ((machine.units.good, tally.good), (machine.units.rejected, tally.rejected))
    if any(count and signal is None for signal, count in counts):
        raise ConfigurationError("node.tally_uncounted", machine=machine.id)
    entries = [(machine.signals[signal], count) for signal, count in counts if signal and count]
    if not entries:
        raise ConfigurationError("node.tally_empty")
    series = [history.series(f"{machine.id}/{signal.id}", kind=signal.kind) for signal, _ in entries]
    appended = history.append(
        pa.table(
            {
                "series": pa.array(series, pa.int32()),
                "time": pa.array([tally.time] * len(series), pa.timestamp("us", "UTC")),
                "number": pa.array([float(count) for _, count in entries]),
                "text": pa.array([None] * len(series), pa.string()),
                "quality": pa.array([int(Quality.GOOD)] * len(series), pa.int16()),
            }
        )
    )
    return not appended.repeated
