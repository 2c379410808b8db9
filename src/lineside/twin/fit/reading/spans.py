"""What machines were seen doing: rows with a state and a start and an end, or samples of a state."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lineside.errors import ConfigurationError
from lineside.twin.fit.reading.events import Times, Words, finding
from lineside.twin.fit.reading.stations import Places
from lineside.twin.fit.reading.tables import Table, rows_finding
from lineside.twin.fit.reading.words import state_of
from lineside.twin.fit.record import UNKNOWN, Codes, Spans
from lineside.twin.tally import STATES, WORKING, Floats

Bools = NDArray[np.bool_]


def read_states(table: Table, column: str, words: Words, given: Mapping[str, str], counted: Floats) -> Codes:
    """The state of each row, UNKNOWN for words nobody knows.

    The number under which most pieces were counted stands for WORKING; other numbers stay unknown.
    """
    states: list[int] = []
    busiest = _busiest(words, counted)
    for i, word in enumerate(words.words):
        if word in given:
            if given[word] not in STATES:
                raise ConfigurationError("log.state", word=word, state=given[word], states=", ".join(STATES))
            state = STATES.index(given[word])
        else:
            found = state_of(word)
            if found is None and i == busiest:
                table.findings.append(finding("log.state_assumed", column, word=word))
                found = WORKING
            state = UNKNOWN if found is None else found
        states.append(state)
    codes = np.array([*states, UNKNOWN], np.int32)[words.code]
    strange = [word for word, state in zip(words.words, states, strict=True) if state == UNKNOWN]
    if strange:
        mask = (codes == UNKNOWN) & (words.code >= 0)
        table.findings.append(
            rows_finding("log.states", table.rows[mask], column, words=", ".join(strange[:8]), word=strange[0])
        )
    return codes


def _busiest(words: Words, counted: Floats) -> int:
    """The word, where it is a number, under which the most pieces were counted, in most of its rows; else -1."""
    if not words.words or not counted.any():
        return -1
    held = words.code >= 0
    most = int(np.argmax(np.bincount(words.code[held], counted[held], len(words.words))))
    number = words.words[most].replace(".", "", 1).isdigit()
    return most if number and np.mean(counted[words.code == most] > 0) > 0.5 else -1


def read_spans(table: Table, places: Places, told: Bools, state: Codes, reason: Codes, times: Times) -> Spans:
    """The spans of the rows that tell a state (`told`), those of one server cut so that they do not overlap."""
    seconds = times.seconds
    if {"start", "end"} <= seconds.keys():
        start, end = seconds["start"], seconds["end"]
    else:
        start = seconds.get("time", seconds.get("start", seconds.get("end", np.zeros(0))))
        end = np.full(len(start), np.nan)
    backward = told & (end < start)
    if backward.any():
        table.findings.append(rows_finding("log.backward", table.rows[backward]))
    at = np.flatnonzero(told & (places.station >= 0) & ~np.isnan(start) & ~backward)
    server = np.maximum(places.server, 0)
    at = at[np.lexsort((at, start[at], server[at], places.station[at]))]
    start, end = start[at], end[at]
    station, server, state, reason = places.station[at], server[at], state[at], reason[at]
    same = np.append((station[1:] == station[:-1]) & (server[1:] == server[:-1]), False)
    following = np.append(start[1:], np.nan)
    following[~same] = np.nan
    if not {"start", "end"} <= seconds.keys():
        end = _held(table, start, following)
    lost = np.isnan(end)
    end = np.where(lost, following, end)
    over = end > following
    if over.any():
        table.findings.append(rows_finding("log.spans_overlap", table.rows[at[over]]))
        end = np.where(over, following, end)
    kept = end > start
    spans = Spans(station[kept], server[kept], state[kept], start[kept], end[kept], reason[kept])
    return _merged(spans)


def _held(table: Table, start: Floats, following: Floats) -> Floats:
    """Until when a sampled state held: the next sample; one period where samples are regular and one is missing."""
    gaps = following - start
    sound = gaps[gaps > 0]
    if not len(sound):
        return following
    period = float(np.median(sound))
    if np.mean(np.abs(sound - period) <= 0.1 * period) < 0.5:
        return following
    missing = ~(gaps <= 2.5 * period)
    holes = int(np.count_nonzero(gaps > 2.5 * period))
    if holes:
        table.findings.append(finding("log.holes", "-", count=holes, period=f"{period:g}"))
    return np.where(missing, start + period, following)


def _merged(spans: Spans) -> Spans:
    """Spans that only go on become one."""
    if not len(spans):
        return spans
    names = ("station", "server", "state", "reason")
    same = np.logical_and.reduce([getattr(spans, name)[1:] == getattr(spans, name)[:-1] for name in names])
    begins = np.insert(~(same & (spans.start[1:] == spans.end[:-1])), 0, True)
    ends = np.append(begins[1:], True)
    first = {name: getattr(spans, name)[begins] for name in (*names, "start")}
    return Spans(**first, end=spans.end[ends])
