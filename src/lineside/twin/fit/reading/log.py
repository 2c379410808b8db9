"""Reads an event log into a record."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from lineside.errors import ConfigurationError
from lineside.twin.fit.reading.columns import find_columns, taken_findings
from lineside.twin.fit.reading.events import Times, Words, finding, read_times, read_words
from lineside.twin.fit.reading.mending import mend
from lineside.twin.fit.reading.spans import read_spans, read_states
from lineside.twin.fit.reading.stations import Places, find_stations
from lineside.twin.fit.reading.tables import Table, open_table, rows_finding
from lineside.twin.fit.reading.visits import assemble, is_lifecycle, paired, read_results, straight
from lineside.twin.fit.record import NOBODY, Codes, Record, Spans, Visits, no_spans
from lineside.twin.tally import WORKING, Floats

STATE = "state:"


def read_log(path: Path, *, columns: Mapping[str, str] | None = None, timezone: ZoneInfo | None = None) -> Record:
    """The record an event log holds: CSV (also gzipped), Parquet, XES or OCEL 2.0.

    `columns` names the column of a role ("part", "activity", "resource", "start", "end", "time", ...) where its name
    does not tell it, and the state a word means ("state:2": "working"). Times without an offset are read in
    `timezone` (UTC when None). Rows that cannot be used are told in the record's findings; raises
    ConfigurationError where the file as a whole cannot be read or understood.
    """
    given = dict(columns or {})
    states = {key.removeprefix(STATE): given.pop(key) for key in list(given) if key.startswith(STATE)}
    zone = timezone or ZoneInfo("UTC")
    table = open_table(path, given.get("part"))
    if any(one.problem == "log.object_type" for one in table.findings):
        given.pop("part", None)
    if not len(table.rows):
        raise ConfigurationError("log.empty", file=table.name)
    taken = find_columns(table, given, zone)
    _enough(table, taken)
    table.findings.insert(0, taken_findings(table, taken))
    return _record(table, taken, states, zone)


def _enough(table: Table, taken: Mapping[str, str]) -> None:
    """Raises ConfigurationError where the columns found make no log."""
    lacking = []
    if not {"start", "end", "time"} & taken.keys():
        lacking.append("time")
    if not {"activity", "resource"} & taken.keys():
        lacking.append("activity")
    if not {"part", "state", "count"} & taken.keys() and not {"start", "end"} <= taken.keys():
        lacking.append("part")
    if lacking:
        columns = ", ".join(list(table.columns)[:30])
        raise ConfigurationError(
            "log.undecided", file=table.name, roles=", ".join(lacking), columns=columns, role=lacking[0]
        )


def _record(table: Table, taken: Mapping[str, str], states: Mapping[str, str], zone: ZoneInfo) -> Record:
    times = read_times(table, taken, zone)
    if all(np.isnan(seconds).all() for seconds in times.seconds.values()):
        raise ConfigurationError(
            "log.no_time", file=table.name, columns=", ".join(taken[role] for role in times.seconds)
        )
    words = {
        role: read_words(table, taken.get(role))
        for role in ("part", "product", "reason", "state", "lifecycle", "instance")
    }
    places = find_stations(read_words(table, taken.get("activity")), read_words(table, taken.get("resource")))
    table.findings += places.findings
    lost = places.station < 0
    if lost.any():
        table.findings.append(rows_finding("log.no_station", table.rows[lost]))
    if lost.all():
        raise ConfigurationError("log.empty", file=table.name)
    visits, spans = _read(table, taken, words, places, times, states)
    visits, told = mend(
        visits, places.names, with_starts=not (np.isnan(visits.started).all() or np.isnan(visits.finished).all())
    )
    moments = np.concatenate([visits.started, visits.finished, spans.start, spans.end])
    moments = moments[~np.isnan(moments)]
    if not len(moments):
        raise ConfigurationError("log.nothing_sound", file=table.name)
    return Record(
        name=table.name,
        epoch=times.epoch,
        stations=places.names,
        products=words["product"].words,
        reasons=words["reason"].words,
        visits=visits,
        spans=spans,
        shifts={},
        start=float(moments.min()),
        end=float(moments.max()),
        findings=tuple(table.findings + told),
    )


def _read(
    table: Table,
    taken: Mapping[str, str],
    words: Mapping[str, Words],
    places: Places,
    times: Times,
    given: Mapping[str, str],
) -> tuple[Visits, Spans]:
    """Visits and spans; in a log of states only the work of a part is a visit."""
    chosen, spans = places.station >= 0, no_spans()
    part = words["part"]
    counted = _counts(table, taken)
    if words["state"].words:
        state = read_states(table, taken["state"], words["state"], given, counted)
        spans = read_spans(table, places, words["state"].code >= 0, state, words["reason"].code, times)
        chosen = chosen & (part.code >= 0) & ((state == WORKING) | (words["state"].code < 0))
    if not part.words and "count" in taken:
        return _counted(table, taken, words, places, times, counted), spans
    results = read_results(
        table, taken, read_words(table, taken.get("result")), read_words(table, taken.get("completed"))
    )
    if is_lifecycle(words["lifecycle"], times):
        at, started, finished = paired(table, places, part, words["instance"], words["lifecycle"], times, chosen)
    else:
        at, started, finished = straight(times, chosen)
    return assemble(places, part, words["product"], results, table.rows, at, started, finished), spans


def _counts(table: Table, taken: Mapping[str, str]) -> Floats:
    counts = read_words(table, taken.get("count"))
    values = np.array([_number(word) for word in counts.words] + [0.0])
    return values[counts.code]


def _number(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        return 0.0
    return value if 0 <= value < 1e5 else 0.0


def _counted(
    table: Table, taken: Mapping[str, str], words: Mapping[str, Words], places: Places, times: Times, counted: Floats
) -> Visits:
    """One visit without a part for each piece counted, spread evenly over the time since the machine's last row."""
    time = times.seconds.get("end", times.seconds.get("time", times.seconds.get("start", np.zeros(0))))
    pieces = np.floor(counted).astype(np.int64)
    at = np.flatnonzero((places.station >= 0) & ~np.isnan(time))
    at = at[np.lexsort((at, time[at], places.server[at], places.station[at]))]
    gap = np.diff(time[at], prepend=np.nan)
    gap[np.diff(places.station[at], prepend=NOBODY) != 0] = np.nan
    period = float(np.median(gap[gap > 0])) if (gap > 0).any() else 0.0
    gap = np.where(gap > 0, np.minimum(gap, 2.5 * period), period)
    many = pieces[at]
    last = np.repeat(np.cumsum(many), many)
    back = last - np.arange(1, int(many.sum()) + 1)
    finished = np.repeat(time[at], many) - back * np.repeat(gap / np.maximum(many, 1), many)
    table.findings.append(finding("log.counted", taken["count"], count=int(many.sum())))
    nobody: Codes = np.full(len(table.rows), NOBODY, np.int32)
    anonymous = Words(nobody, ())
    whole = np.repeat(at, many)
    return assemble(
        places, anonymous, words["product"], nobody, table.rows, whole, np.full(len(whole), np.nan), finished
    )
