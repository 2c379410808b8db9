"""Writes the two weeks of history as the files their kind of source would leave: SHDR, Parquet, CSV."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lineside.demo.shifts import HOUR_US, Timetable
from lineside.demo.signals import NO_WORD, SIGNALS, SITE_NODE, WORDS, Rows, node_id
from lineside.demo.stations import STATIONS
from lineside.demo.tape import Tape
from lineside.plant import Span

ADDRESSES = (*(node_id(station, signal) for station in STATIONS for signal in range(len(SIGNALS))), SITE_NODE)

BENCH_GOOD_AN_HOUR = 21.0
BENCH_REJECTED_SHARE = 0.03


def stamps(times: Sequence[int]) -> list[str]:
    """Times in microseconds as SHDR writes them."""
    dates = np.datetime_as_string(np.array(times, "datetime64[us]"), unit="us")
    return [f"{date}Z" for date in dates.tolist()]


def shdr(lines: Sequence[tuple[int, str]]) -> str:
    """Lines as an adapter says them, each with its time."""
    when = stamps([time for time, _ in lines])
    return "".join([f"{stamp}|{line}\n" for stamp, (_, line) in zip(when, lines, strict=True)])


def write_tape(path: Path, tape: Tape, start: int, now: int) -> None:
    """What one recorded machine said from its first whole period after `start` up to `now`, as gzipped SHDR."""
    starts = [placed.start for placed in tape.placed(start, now) if placed.start >= start]
    bounds = [*starts, now]
    with gzip.GzipFile(path, "wb", compresslevel=1, mtime=0) as file:
        file.write(shdr([(start, line) for line in tape.silence()]).encode())
        for begin, end in pairwise(bounds):
            file.write(shdr(list(tape.lines(begin, end))).encode())


def write_lines(path: Path, tape: Tape, start: int, end: int) -> None:
    """What one recorded machine said in [start, end), as gzipped SHDR; it repeats its last values at `end`."""
    with gzip.GzipFile(path, "wb", compresslevel=1, mtime=0) as file:
        playing = tape.playing(end)
        in_force = {line.partition("|")[0]: line for _, line in tape.lines(playing.start, end)} if playing else {}
        said = [*tape.lines(start, end), *((end, line) for line in in_force.values())]
        file.write(shdr(said).encode())


def write_rows(path: Path, rows: Rows) -> None:
    """What the controllers of the assembly line said, as Parquet with a row a value: time, address, value."""
    address = pa.DictionaryArray.from_arrays(pa.array(rows.address.astype(np.int32)), pa.array(ADDRESSES))
    is_word = rows.word != NO_WORD
    word = pa.array(WORDS).take(pa.array(np.where(is_word, rows.word, 0).astype(np.int32)))
    number = pa.array(rows.number).cast(pa.string())
    value = pc.if_else(pa.array(is_word), word, number)
    time = pa.array(rows.time).cast(pa.timestamp("us", "UTC"))
    table = pa.table({"time": time, "address": address, "value": value})
    pq.write_table(table, path, compression="zstd", compression_level=1)


def write_tally(path: Path, timetable: Timetable, seed: int) -> None:
    """What people at the bench counted by hand, once an hour in their shifts, as CSV."""
    chance = np.random.default_rng([seed, 2000])
    lines = ["time,address,value"]
    for start, end in _hours_worked(timetable):
        hours = (end - start) / HOUR_US
        good = int(chance.poisson(BENCH_GOOD_AN_HOUR * hours))
        rejected = int(chance.poisson(BENCH_GOOD_AN_HOUR * BENCH_REJECTED_SHARE * hours))
        stamp = stamps([end - 1_000_000])[0]  # written down before the hour, and before the shift, is over
        lines.append(f"{stamp},good,{good}")
        if rejected:
            lines.append(f"{stamp},rejected,{rejected}")
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _hours_worked(timetable: Timetable) -> Iterator[Span]:
    for span in timetable.spans(timetable.now):
        for start, end in span.planned:
            for begin in range(start, end, HOUR_US):
                finish = min(begin + HOUR_US, end)
                if finish <= timetable.now:
                    yield begin, finish
