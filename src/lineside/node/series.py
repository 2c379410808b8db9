"""Which series a source's addresses fill, and observations as history rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineside.history import History
from lineside.plant import Kind, Meter, Plant, Signal


@dataclass(frozen=True, slots=True)
class Routing:
    """The signals that one source feeds: kind by address, and the series of each address."""

    wanted: Mapping[str, Kind]
    series: Mapping[str, tuple[int, ...]]
    machines: tuple[str, ...]
    zone: ZoneInfo | None = None
    """Of the plant, for local times."""

    def rows(self, observations: pa.RecordBatch) -> pa.Table:
        """Observations as rows of history, one for each series their address feeds."""
        encoded = pc.dictionary_encode(observations.column("address"))
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        words = encoded.dictionary.to_pylist()
        position = encoded.indices.to_numpy(zero_copy_only=False)
        tables = []
        for lane in range(max((len(self.series.get(word, ())) for word in words), default=0)):
            ids = [self.series[w][lane] if len(self.series.get(w, ())) > lane else -1 for w in words]
            series = np.array(ids, dtype=np.int32)[position]
            table = pa.Table.from_batches([observations]).drop_columns("address")
            table = table.append_column("series", pa.array(series))
            tables.append(table.filter(pa.array(series >= 0)) if (series < 0).any() else table)
        return pa.concat_tables(tables) if tables else None


def routing(history: History, plant: Plant, source: str) -> Routing:
    """What `source` feeds in this edition of the plant."""
    wanted: dict[str, Kind] = {}
    series: dict[str, list[int]] = {}
    machines = [m for m in plant.machines.values() if m.source == source]
    signals: list[tuple[str, Signal | Meter]] = [one for machine in machines for one in machine.series.items()]
    signals += [(meter.series, meter) for meter in plant.meters.values() if meter.source == source]
    ids = history.series_of([(key, signal.kind, signal.unit) for key, signal in signals])
    for (_, signal), id in zip(signals, ids, strict=True):
        wanted.setdefault(signal.address, signal.kind)
        series.setdefault(signal.address, []).append(id)
    return Routing(wanted, {a: tuple(ids) for a, ids in series.items()}, tuple(m.id for m in machines), plant.site.zone)
