"""Writes a record as an event log that any tool reads, and that is read back as the same record."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import numpy as np

from lineside.twin.fit.record import NOBODY, UNKNOWN, Record
from lineside.twin.tally import STATES

HEADING = ("part", "station", "machine", "start", "end", "product", "result", "state", "reason")
_RESULTS = ("rejected", "ok")


def write_log(record: Record, path: Path) -> None:
    """The visits, and the spans of states, as CSV: times in ISO 8601 (UTC), or in seconds without an epoch."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        states = len(record.spans) > 0
        writer.writerow(HEADING if states else HEADING[:7])
        visits, spans = record.visits, record.spans
        for i in range(len(visits)):
            server = int(visits.server[i])
            station = record.stations[visits.station[i]]
            cells = [
                str(visits.part[i]) if visits.part[i] != NOBODY else "",
                station,
                f"{station}#{server + 1}" if server != NOBODY else "",
                _moment(record, float(visits.started[i])),
                _moment(record, float(visits.finished[i])),
                record.products[visits.product[i]] if visits.product[i] != NOBODY else "",
                _RESULTS[visits.result[i]] if visits.result[i] != NOBODY else "",
            ]
            writer.writerow([*cells, "", ""] if states else cells)
        for i in range(len(spans)):
            station = record.stations[spans.station[i]]
            state = STATES[spans.state[i]] if spans.state[i] != UNKNOWN else "unknown"
            reason = record.reasons[spans.reason[i]] if spans.reason[i] != NOBODY else ""
            moments = (_moment(record, float(spans.start[i])), _moment(record, float(spans.end[i])))
            writer.writerow(["", station, f"{station}#{spans.server[i] + 1}", *moments, "", "", state, reason])


def _moment(record: Record, seconds: float) -> str:
    if np.isnan(seconds):
        return ""
    if record.epoch is None:
        return f"{seconds:.9g}" if abs(seconds) < 1e5 else f"{seconds:.6f}"
    return (record.epoch + timedelta(seconds=seconds)).isoformat()
