"""Which of the values that line protocol brings are wanted, as observations; and what of the rest can be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineside.connect.line_exact import BOOL, NAMED, STRING, BadLine, excerpt, read_key, read_name
from lineside.connect.line_protocol import read_lines
from lineside.connect.line_scan import Floats, Int32s, Int64s, Points
from lineside.connect.observations import OBSERVATIONS, Observation, observe_text
from lineside.connect.push_address import Addresses, line_address
from lineside.connect.timestamps import AHEAD, EARLIEST
from lineside.plant import NUMBER_KINDS, Kind

REMEMBERED = 10_000_000
"""Bytes of series and fields whose meaning is kept; when there are more, all are looked up anew."""
_AN_ENTRY = 200


@dataclass(slots=True)
class Found:
    """What one body said: its wanted rows, what was not wanted, and what could not be taken."""

    batches: list[pa.RecordBatch] = field(default_factory=list)
    values: int = 0
    bad: list[BadLine] = field(default_factory=list)
    """The first of the lines that were refused."""
    refused: int = 0
    unwanted: dict[str, int] = field(default_factory=dict)
    rivals: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Addresses that two series answer to at a time: the one that is taken, and the other."""


@dataclass(slots=True)
class _Meaning:
    """What one field of one series is to the plant."""

    own: str
    """The address that means it alone."""
    codes: tuple[int, ...]
    """The wanted addresses that mean it."""
    taken: tuple[int, ...] = ()
    """Those of them that are not taken from another series."""
    heard: int = 0


class LineReader:
    """Reads bodies of line protocol for one source. It remembers what series mean: use it in one thread at a time."""

    def __init__(self, wanted: Mapping[str, Kind], silence_us: int) -> None:
        self._words = list(wanted)
        self._kinds = [wanted[word] for word in self._words]
        self._kind_names = sorted(set(self._kinds))
        self._kind_of = np.array([self._kind_names.index(kind) for kind in self._kinds], np.int32)
        self._is_number = np.array([kind in NUMBER_KINDS for kind in self._kinds], np.bool_)
        self._is_count = np.array([kind == "count" for kind in self._kinds], np.bool_)
        self._code = {word: code for code, word in enumerate(self._words)}
        self._addresses = Addresses(self._words)
        self._silence_us = silence_us
        self._good: set[bytes] = set()
        self._meanings: dict[bytes, dict[bytes, _Meaning]] = {}
        self._owners: dict[int, _Meaning] = {}
        self._known = 0

    def read(self, body: bytes, unit_ns: int, now_us: int) -> Found:
        """What a body says whose timestamps count `unit_ns`; lines without one are dated `now_us`.

        A count without a time of its own is refused: sent again, it would count twice.
        """
        found = Found()
        untaken: dict[int, str] = {}
        for points in read_lines(body, unit_ns, now_us * 1000, self._good):
            found.bad += points.bad
            found.refused += points.refused
            time = points.time // 1000
            off = (time < EARLIEST) | (time > now_us + AHEAD)
            untaken |= dict.fromkeys(points.line[off].tolist(), "stamp")
            for lane in self._lanes(points, now_us, found):
                twice = ~points.dated & (lane >= 0) & self._is_count[lane]
                untaken |= dict.fromkeys(points.line[twice].tolist(), "count")
                chosen = np.flatnonzero((lane >= 0) & ~off & ~twice)
                if len(chosen):
                    found.batches.append(self._batch(points, chosen, lane[chosen], time[chosen]))
                    found.values += len(chosen)
        found.refused += len(untaken)
        found.bad = sorted(found.bad + _named(body, untaken))[:NAMED]
        return found

    def _lanes(self, points: Points, now: int, found: Found) -> Iterator[Int32s]:
        """The address each value is for, or -1; one lane more for each further address that means it."""
        if not len(points):
            return
        pairs, place, count = np.unique(
            points.key.astype(np.int64) * len(points.names) + points.name, return_inverse=True, return_counts=True
        )
        width, routes = len(points.names), []
        known = [self._meanings.setdefault(name, {}) for name in points.names]
        for pair, values in zip(pairs.tolist(), count.tolist(), strict=True):
            key, name = points.keys[pair // width], pair % width
            meaning = known[name].get(key) or self._learn(key, points.names[name])
            meaning.heard = now
            if not meaning.codes:
                found.unwanted[meaning.own] = found.unwanted.get(meaning.own, 0) + values
            elif len(meaning.taken) < len(meaning.codes):
                self._claim(meaning, found)
            routes.append(meaning.taken)
        for lane in range(max(map(len, routes))):
            yield np.array([codes[lane] if len(codes) > lane else -1 for codes in routes], np.int32)[place]

    def _learn(self, key: bytes, name: bytes) -> _Meaning:
        if self._known >= REMEMBERED:
            self._meanings.clear()
            self._good.clear()
            self._known = 0
        series = read_key(key)
        assert not isinstance(series, str)  # noqa: S101 - only keys that could be read come here
        self._good.add(key)
        field = read_name(name)
        codes = tuple(self._code[address] for address in self._addresses.of(series, field))
        meaning = _Meaning(line_address(series, field), codes)
        self._meanings.setdefault(name, {})[key] = meaning
        self._known += len(key) + len(name) + _AN_ENTRY
        return meaning

    def _claim(self, meaning: _Meaning, found: Found) -> None:
        """Takes the addresses that no other series speaks for: two at a time would be mixed up."""
        taken = []
        for code in meaning.codes:
            owner = self._owners.get(code)
            if owner is None or owner.own == meaning.own or abs(meaning.heard - owner.heard) > self._silence_us:
                self._owners[code] = meaning
                taken.append(code)
                if owner is not None:
                    owner.taken = tuple(other for other in owner.taken if other != code or owner.own == meaning.own)
            else:
                found.rivals[self._words[code]] = (owner.own, meaning.own)
        meaning.taken = tuple(taken)

    def _batch(self, points: Points, chosen: Int64s, route: Int32s, time: Int64s) -> pa.RecordBatch:
        """The chosen values as rows of the addresses they are routed to."""
        plain = self._is_number[route] & (points.kind[chosen] != STRING)
        number: Floats = np.where(plain, points.number[chosen], np.nan)
        quality = np.zeros(len(chosen), np.int16)
        text = pa.nulls(len(chosen), pa.string())
        if not plain.all():
            worded = np.flatnonzero(~plain)
            table, place = self._observed(points, chosen[worded], self._kind_of[route[worded]])
            number[worded] = np.array([np.nan if one.number is None else one.number for one in table])[place]
            quality[worded] = np.array([one.quality for one in table], np.int16)[place]
            spread = np.zeros(len(chosen), np.int32)
            spread[worded] = place
            text = pa.array([one.text for one in table], pa.string()).take(pa.array(spread, mask=plain))
        return pa.RecordBatch.from_arrays(
            [
                pa.DictionaryArray.from_arrays(pa.array(route), pa.array(self._words, pa.string())),
                pa.array(time).cast(OBSERVATIONS.field("time").type),
                pa.array(number, from_pandas=True),
                text,
                pa.array(quality),
            ],
            schema=OBSERVATIONS,
        )

    def _observed(self, points: Points, rows: Int64s, kinds: Int32s) -> tuple[list[Observation], Int64s]:
        """What each word means for each kind of signal, and the place in that table of every row."""
        words = points.text.take(pa.array(rows))
        truth = points.kind[rows] == BOOL
        if truth.any():
            said = pc.if_else(pa.array(points.number[rows] == 1.0), "true", "false")
            words = pc.if_else(pa.array(truth), said, words)
        coded = words.dictionary_encode()
        texts = coded.dictionary.to_pylist()
        table = [observe_text("", kind, 0, text) for kind in self._kind_names for text in texts]
        return table, kinds * len(texts) + coded.indices.to_numpy().astype(np.int64)


def _named(body: bytes, untaken: Mapping[int, str]) -> list[BadLine]:
    """The first of the lines of which something could not be taken, with the reason."""
    if not untaken:
        return []
    ends = np.flatnonzero(np.frombuffer(body, np.uint8) == ord("\n"))
    first = sorted(untaken.items())[:NAMED]
    return [BadLine(n, reason, excerpt(body, int(ends[n - 2]) + 1 if n > 1 else 0)) for n, reason in first]
