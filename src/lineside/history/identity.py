"""What makes a sample the same sample: the law of repeats, as a pure function on columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from lineside.history.rows import Rows, group_starts
from lineside.history.samples import Bools, Floats, Int16s, Int32s, Int64s


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """Which incoming rows are new, and the place of every row in its stored group."""

    new: Bools
    seq: Int32s


@dataclass(frozen=True, slots=True, eq=False)
class _Values:
    number: Floats
    code: Int32s
    quality: Int16s

    def same(self, other: _Values, mine: Int64s, theirs: Int64s) -> Bools:
        """True where my row and the other's hold the same value; no number equals no number."""
        a, b = self.number[mine], other.number[theirs]
        numbers = (a == b) | (np.isnan(a) & np.isnan(b))
        equal: Bools = numbers & (self.code[mine] == other.code[theirs]) & (self.quality[mine] == other.quality[theirs])
        return equal


def settle(incoming: Rows, stored: Rows) -> Settled:
    """Tells repeats from news, for incoming rows and all stored rows at their (series, time).

    The rows of one (series, time) are a group. An incoming group that is a contiguous part of the stored
    one restates it and is a repeat as a whole. One that begins as the stored one ends goes on with it: whoever
    sends again what was not answered sends it with what came since. Any other group is new. New rows take the
    places after the stored ones. A recording read twice, in whatever batches, is therefore stored once.
    """
    starts = group_starts(incoming.series, incoming.time)
    stored_starts = group_starts(stored.series, stored.time)
    if not len(starts) or not len(stored_starts):
        return Settled(np.ones(len(incoming), np.bool_), incoming.seq)
    lengths = np.diff(np.append(starts, len(incoming)))
    stored_lengths = np.diff(np.append(stored_starts, len(stored)))
    partner = _partners(incoming, starts, stored, stored_starts)
    taken = np.where(partner >= 0, stored_lengths[partner], 0)
    mine, theirs = _values(incoming, stored)

    # Every place where an incoming group might begin in its stored one, narrowed down row by row.
    group = np.repeat(np.arange(len(starts)), taken)
    offset = _spread(np.zeros(len(starts), np.int64), taken)
    known = np.zeros(len(starts), np.int64)
    row = 0
    while len(group):
        begin = stored_starts[partner[group]] + offset
        equal = mine.same(theirs, starts[group] + row, begin + row)
        group, offset = group[equal], offset[equal]
        row += 1
        ended = (lengths[group] == row) | (taken[group] == offset + row)
        known[group[ended]] = row  # of several places the one that knows most, which is the last to end
        group, offset = group[~ended], offset[~ended]
    new = incoming.seq >= np.repeat(known, lengths)
    return Settled(new, incoming.seq + np.repeat(taken - known, lengths).astype(np.int32))


def _partners(incoming: Rows, starts: Int64s, stored: Rows, stored_starts: Int64s) -> Int64s:
    """For each incoming group the index of the stored group at the same (series, time), or -1."""
    series = np.concatenate((stored.series[stored_starts], incoming.series[starts]))
    time = np.concatenate((stored.time[stored_starts], incoming.time[starts]))
    order = np.lexsort((time, series))  # stable: a stored group comes right before its incoming partner
    before, after = order[:-1], order[1:]
    pairs = (series[before] == series[after]) & (time[before] == time[after])
    partner = np.full(len(starts), -1, np.int64)
    partner[after[pairs] - len(stored_starts)] = before[pairs]
    return partner


def _values(incoming: Rows, stored: Rows) -> tuple[_Values, _Values]:
    texts = pa.chunked_array([incoming.text, stored.text]).unify_dictionaries()
    codes = [chunk.indices.fill_null(-1).to_numpy() for chunk in texts.chunks]
    return (
        _Values(incoming.number, codes[0], incoming.quality),
        _Values(stored.number, codes[1], stored.quality),
    )


def _spread(starts: Int64s, lengths: Int64s) -> Int64s:
    """The row numbers of runs given by start and length, one after the other."""
    heads = np.cumsum(lengths) - lengths
    rows: Int64s = np.repeat(starts - heads, lengths) + np.arange(int(lengths.sum()))
    return rows
