"""Which series a source's addresses fill, and observations as history rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineside.history import History
from lineside.plant import Kind, Plant, read_by, wanted_of


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
    read = list(read_by(plant, source))
    ids = history.series_of([(one.key, one.kind, one.unit) for one in read])
    series: dict[str, list[int]] = {}
    for one, id in zip(read, ids, strict=True):
        series.setdefault(one.address, []).append(id)
    machines = tuple(machine.id for machine in plant.machines.values() if machine.source == source)
    return Routing(wanted_of(plant, source), {a: tuple(ids) for a, ids in series.items()}, machines, plant.site.zone)
