"""Visits from rows: those with a start and an end, those with one moment, and pairs of start and complete."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lineside.twin.fit.reading.events import Times, Words
from lineside.twin.fit.reading.stations import Places
from lineside.twin.fit.reading.tables import Table, rows_finding
from lineside.twin.fit.reading.words import COMPLETE, LIFECYCLE, OTHER, START, result_of
from lineside.twin.fit.record import NOBODY, Codes, Rows, Visits
from lineside.twin.tally import Floats

Bools = NDArray[np.bool_]


def assemble(
    places: Places, part: Words, product: Words, result: Codes, rows: Rows, at: Rows, started: Floats, finished: Floats
) -> Visits:
    """The visits of the rows `at`, with their own times, in the order a record has them."""
    order = np.lexsort((rows[at], finished))
    at = at[order]
    return Visits(
        places.station[at],
        part.code[at].astype(np.int64),
        product.code[at],
        places.server[at],
        started[order],
        finished[order],
        result[at],
        rows[at],
    )


def take(visits: Visits, kept: Bools | Rows) -> Visits:
    """Some of the visits."""
    return Visits(*(getattr(visits, name)[kept] for name in Visits.__slots__))


def read_results(table: Table, taken: Mapping[str, str], words: Words, completed: Words) -> Codes:
    """GOOD, REJECTED or NOBODY of each row; pieces thrown away of a lot that has good ones left reject nothing."""
    if not words.words:
        return np.full(len(table.rows), NOBODY, np.int32)
    name = taken["result"].lower()
    scrap = any(word in name for word in ("reject", "scrap", "rework", "报废", "不良"))
    found = [result_of(word, scrap=scrap) for word in words.words]
    unknown = [word for word, one in zip(words.words, found, strict=True) if one is None]
    codes = np.array([NOBODY if one is None else one for one in found] + [NOBODY], np.int32)[words.code]
    if unknown:
        mask = np.array([one is None for one in found] + [False])[words.code]
        table.findings.append(
            rows_finding("log.result", table.rows[mask], taken["result"], words=", ".join(unknown[:8]))
        )
    if completed.words:
        some = np.array([result_of(word, scrap=False) == 1 for word in completed.words] + [False])[completed.code]
        codes = np.where(some & (codes == 0), np.int32(1), codes)
    return codes


def straight(times: Times, chosen: Bools) -> tuple[Rows, Floats, Floats]:
    """Rows that stand for a whole visit each; a single moment is the end unless the log says it is the start."""
    none = np.full(len(chosen), np.nan)
    started = times.seconds.get("start", none)
    finished = times.seconds.get("end", none)
    if not {"start", "end"} & times.seconds.keys():
        finished = times.seconds["time"]
    at = np.flatnonzero(chosen & ~(np.isnan(started) & np.isnan(finished)))
    return at, started[at], finished[at]


def is_lifecycle(words: Words, times: Times) -> bool:
    """Whether rows are single moments of an activity's life."""
    return bool(words.words) and len(times.seconds) > 0 and not {"start", "end"} <= times.seconds.keys()


def paired(
    table: Table, places: Places, part: Words, instance: Words, life: Words, times: Times, chosen: Bools
) -> tuple[Rows, Floats, Floats]:
    """One visit for each start with the complete that follows it for the same part, station and server.

    What has lost its other half stays with the half there is.
    """
    time = times.seconds.get("time", times.seconds.get("end", times.seconds.get("start")))
    assert time is not None  # noqa: S101  a log without times was refused
    kinds = [LIFECYCLE.get(word.strip().lower(), OTHER) for word in life.words]
    kind = np.array([*kinds, COMPLETE], np.int64)[life.code]
    others = [word for word, one in zip(life.words, kinds, strict=True) if one == OTHER]
    if others:
        mask = kind == OTHER
        table.findings.append(rows_finding("log.lifecycle", table.rows[mask], words=", ".join(others[:8])))
    at = np.flatnonzero(chosen & (kind != OTHER) & ~np.isnan(time))
    if not len(at):
        return at, np.zeros(0), np.zeros(0)
    keys = np.stack([part.code[at], places.station[at], places.server[at], instance.code[at]])
    order = np.lexsort((at, time[at], *keys))
    at, keys = at[order], keys[:, order]
    again = (keys[:, 1:] == keys[:, :-1]).all(axis=0)
    twice = np.flatnonzero(again & (time[at[1:]] == time[at[:-1]]) & (kind[at[1:]] == kind[at[:-1]])) + 1
    if len(twice):
        table.findings.append(rows_finding("log.duplicate", table.rows[at[twice]]))
        at, keys = np.delete(at, twice), np.delete(keys, twice, axis=1)
        again = (keys[:, 1:] == keys[:, :-1]).all(axis=0)
    pair = again & (kind[at[:-1]] == START) & (kind[at[1:]] == COMPLETE)
    first, second = np.append(pair, False), np.insert(pair, 0, False)
    started = np.where(kind[at] == START, time[at], np.nan)
    finished = np.where(kind[at] == COMPLETE, time[at], np.nan)
    started[second] = time[at[first]]
    kept = ~first
    return at[kept], started[kept], finished[kept]
