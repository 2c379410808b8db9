"""Alarms, faults, source losses and whatever else happened at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

_ADD = """
INSERT INTO events
SELECT DISTINCT subject, time, kind, severity, detail, make_timestamp($received) FROM incoming
ANTI JOIN events USING (subject, time, kind, severity, detail)
"""

_FIND = """
SELECT subject, epoch_us(time), kind, severity, detail FROM events
WHERE time >= make_timestamp($start) AND time < make_timestamp($end)
  AND ($subject IS NULL OR subject = $subject)
ORDER BY time, received, subject, kind
"""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a subject (a machine, a source) at a moment.

    `severity` runs from 1 to 1000 as in OPC UA; `detail` is JSON text. Two equal events are one.
    """

    subject: str
    time: int
    kind: str
    severity: int
    detail: str = "{}"


def add(cursor: duckdb.DuckDBPyConnection, events: Iterable[Event], received: int) -> int:
    """Stores those events that are not stored yet and gives back their number."""
    rows = list(events)
    if not rows:
        return 0
    incoming = pa.table(
        {
            "subject": [event.subject for event in rows],
            "time": np.array([event.time for event in rows], np.int64).view("datetime64[us]"),
            "kind": [event.kind for event in rows],
            "severity": np.array([event.severity for event in rows], np.int16),
            "detail": [event.detail for event in rows],
        }
    )
    cursor.register("incoming", incoming)
    try:
        return int(cursor.execute(_ADD, {"received": received}).fetchall()[0][0])
    finally:
        cursor.unregister("incoming")


def find(cursor: duckdb.DuckDBPyConnection, start: int, end: int, subject: str | None) -> list[Event]:
    """The events in [start, end) in order of time, of one subject or of all."""
    found = cursor.execute(_FIND, {"start": start, "end": end, "subject": subject}).fetchall()
    return [Event(*row) for row in found]
