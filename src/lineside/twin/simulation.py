"""Simulates a line: replications, the warm-up, and of every measure its mean with an interval."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from lineside.errors import ConfigurationError
from lineside.twin import oracle
from lineside.twin.compiled import Runner, Tell, replicate, row_size, tally_of
from lineside.twin.estimates import half_width
from lineside.twin.layout import Names, buffers_of, names_of
from lineside.twin.model import Line
from lineside.twin.reading import check_line
from lineside.twin.serial import PathRunner, beyond
from lineside.twin.tally import STATES, Floats, Tally
from lineside.twin.warmup import BINS, settled

Engine: TypeAlias = Literal["auto", "recursion", "events", "python"]

RESULT = "lineside.result/1"
CONFIDENCE = 0.99
_PILOTS = 5
_NOTED = 200_000


@dataclass(frozen=True, slots=True)
class Measure:
    """The mean over replications and the half-width of its interval; None where there is nothing to tell."""

    mean: float | None
    half_width: float | None
    replications: int

    @classmethod
    def of(cls, values: Floats, confidence: float = CONFIDENCE, comparisons: int = 1) -> Measure:
        """The measure of one value a replication; replications without one (NaN) are left out."""
        known = values[~np.isnan(values)]
        n = len(known)
        half = half_width(known, confidence, comparisons) if n > 1 else None
        return cls(float(known.mean()) if n else None, half, n)

    def plain(self) -> dict[str, float | int | None]:
        """The same for JSON."""
        return {"mean": self.mean, "half_width": self.half_width, "replications": self.replications}


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What a simulation found. `rows` holds one line a replication; everything else follows from it."""

    line: Line
    names: Names
    engine: str
    seed: int
    horizon: float
    warmup: float
    warmup_found: bool
    rows: Floats

    def tallies(self) -> Iterator[Tally]:
        """What each replication counted."""
        return (tally_of(row, self.names, self.horizon - self.warmup) for row in self.rows)

    def plain(self) -> dict[str, Any]:
        """The result as JSON: of every measure its mean, the half-width of its 99 % interval, the replications."""
        tallies, span = list(self.tallies()), self.horizon - self.warmup
        out = np.array([t.out for t in tallies], float)
        lead = np.array([t.lead_sum for t in tallies])
        scrapped = np.array([t.scrapped for t in tallies], float)
        whole: dict[str, Any] = {
            "schema": RESULT,
            "model": self.line.name,
            "time_unit": self.line.time_unit,
            "engine": self.engine,
            "seed": self.seed,
            "replications": len(self.rows),
            "horizon": self.horizon,
            "warmup": self.warmup,
            "warmup_found": self.warmup_found,
            "confidence": CONFIDENCE,
            "throughput": Measure.of(out.sum(axis=1) / span).plain(),
            "out": Measure.of(out.sum(axis=1)).plain(),
            "scrapped": Measure.of(scrapped.sum(axis=1)).plain(),
            "lead_time": Measure.of(_ratio(lead.sum(axis=1), out.sum(axis=1))).plain(),
            "wip": Measure.of(np.array([t.wip_area / span for t in tallies])).plain(),
            "products": {
                name: {
                    "throughput": Measure.of(out[:, i] / span).plain(),
                    "scrapped": Measure.of(scrapped[:, i]).plain(),
                    "lead_time": Measure.of(_ratio(lead[:, i], out[:, i])).plain(),
                }
                for i, name in enumerate(self.line.products)
            },
            "stations": self._stations(tallies, span),
            "buffers": self._buffers(tallies, span),
            "sources": self._sources(tallies),
            "orders": self._orders(tallies),
        }
        stuck = np.array([t.stuck for t in tallies])
        whole["deadlocks"] = int(np.count_nonzero(~np.isnan(stuck)))
        whole["first_deadlock"] = None if np.isnan(stuck).all() else float(np.nanmin(stuck))
        return whole

    def _stations(self, tallies: list[Tally], span: float) -> dict[str, Any]:
        shares = np.array([t.station_time for t in tallies]) / span
        left = np.array([t.station_left for t in tallies], float)
        return {
            name: {
                "throughput": Measure.of(left[:, i] / span).plain(),
                **{state: Measure.of(shares[:, i, k] / station.servers).plain() for k, state in enumerate(STATES)},
            }
            for i, (name, station) in enumerate(self.line.stations.items())
        }

    def _buffers(self, tallies: list[Tally], span: float) -> dict[str, Any]:
        area, wait = np.array([t.buffer_area for t in tallies]), np.array([t.buffer_wait for t in tallies])
        waited = np.array([t.buffer_waited for t in tallies], float)
        empty, full = np.array([t.buffer_empty for t in tallies]), np.array([t.buffer_full for t in tallies])
        return {
            name: {
                "level": Measure.of(area[:, i] / span).plain(),
                "wait": Measure.of(_ratio(wait[:, i], waited[:, i])).plain(),
                "empty": Measure.of(empty[:, i] / span).plain(),
                "full": None if buffer.capacity is None else Measure.of(full[:, i] / span).plain(),
            }
            for i, (name, buffer) in enumerate(buffers_of(self.line).items())
        }

    def _sources(self, tallies: list[Tally]) -> dict[str, Any]:
        came = np.array([t.source_came for t in tallies], float)
        lost = np.array([t.source_lost for t in tallies], float)
        return {
            name: {
                "came": Measure.of(came[:, i]).plain(),
                "lost": Measure.of(lost[:, i]).plain(),
                "lost_share": Measure.of(_ratio(lost[:, i], came[:, i])).plain(),
            }
            for i, name in enumerate(self.names.sources)
        }

    def _orders(self, tallies: list[Tally]) -> dict[str, Any]:
        done = np.array([t.order_done for t in tallies])
        told: dict[str, Any] = {}
        for i, order in enumerate(self.line.orders):
            told[order.id] = {
                "completed": Measure.of(done[:, i]).plain(),
                "completed_share": Measure.of((~np.isnan(done[:, i])).astype(float)).plain(),
                "due": order.due,
                "on_time": None if order.due is None else Measure.of((done[:, i] <= order.due).astype(float)).plain(),
            }
        return told


def simulate(  # noqa: PLR0913 - each is named
    line: Line,
    *,
    horizon: float,
    replications: int = 30,
    first: int = 0,
    warmup: float | None = None,
    seed: int = 1,
    engine: Engine = "auto",
    threads: int | None = None,
    tell: Tell | None = None,
) -> Result:
    """Simulates a line from time 0 to the horizon, so many times, and measures from the warm-up on.

    A warm-up left out is found by MSER in a pilot run; a line with orders, or one that says what is in it or going on
    at time 0, is measured from 0. Every replication depends on the seed and its number alone, so that two lines
    simulated with one seed share their luck; a study is gone on with from its replication numbered `first`. `tell`
    hears the share that is done and may raise to stop.
    Raises LineRefused for a model that contradicts itself and ConfigurationError for times that make no sense, or for
    the recursion where it does not cover the line; left to itself, it is taken where it does.
    """
    check_line(line)
    if not (math.isfinite(horizon) and horizon > 0) or not (warmup is None or 0 <= warmup < horizon):
        raise ConfigurationError("twin.horizon", horizon=horizon, warmup=warmup)
    if replications < 1:
        raise ConfigurationError("twin.replications", replications=replications)
    tell = tell or _nobody
    chosen = _chosen(line, engine)
    runner = PathRunner if chosen == "recursion" else Runner
    found = warmup is None
    if warmup is None:
        warmup = warmup_of(line, horizon, seed)
    names = names_of(line)
    size, start = row_size(names), warmup
    if chosen == "python":
        rows = np.zeros((replications, size))
        for i in range(replications):
            tally = oracle.simulate(line, seed=seed, replication=first + i, horizon=horizon, warmup=warmup)
            rows[i] = row_of(tally, names)
            tell((i + 1) / replications)
    else:
        workers = min(threads or os.cpu_count() or 1, replications)
        rows = replicate(
            lambda: runner(line, horizon, start, seed),
            size=size,
            replications=replications,
            threads=workers,
            tell=tell,
            first=first,
        )
    return Result(line, names, chosen, seed, horizon, warmup, found, rows)


def row_of(tally: Tally, names: Names) -> Floats:
    """A tally as the row compiled engines write."""
    stations = np.column_stack([tally.station_left, tally.station_time])
    buffers = np.column_stack(
        [tally.buffer_area, tally.buffer_empty, tally.buffer_full, tally.buffer_wait, tally.buffer_waited]
    )
    feeds = np.zeros((names.feeds, 2))
    feeds[: len(names.sources)] = np.column_stack([tally.source_came, tally.source_lost])
    parts = (
        tally.out,
        tally.scrapped,
        tally.lead_sum,
        [tally.wip_area, tally.stuck],
        stations.ravel(),
        buffers.ravel(),
        feeds.ravel(),
        tally.order_done,
    )
    return np.concatenate([np.asarray(part, float) for part in parts])


def _starts_as_meant(line: Line) -> bool:
    """Whether time 0 is a state of its own, not just an empty line."""
    started = any(station.start for station in line.stations.values())
    return started or bool(line.orders) or any(buffer.initial for buffer in buffers_of(line).values())


def _chosen(line: Line, engine: Engine) -> Engine:
    """The engine to run; the fastest that knows the line where none is named."""
    if engine not in ("auto", "recursion"):
        return engine
    unknown = beyond(line)
    if unknown is None:
        return "recursion"
    if engine == "recursion":
        raise ConfigurationError("recursion.beyond", key=unknown)
    return "events"


def warmup_of(line: Line, horizon: float, seed: int) -> float:
    """The warm-up used when none is given: when the number of parts out settles, by a pilot run of other replications.

    It is 0 for a line with orders, or one that says what is in it or going on at time 0.
    """
    if _starts_as_meant(line):
        return 0.0
    runner = (PathRunner if beyond(line) is None else Runner)(line, horizon, 0.0, seed, _NOTED)
    last = [i for i, station in enumerate(line.stations.values()) if any(route.to == "out" for route in station.to)]
    row = np.zeros(row_size(names_of(line)))
    reach, pilots = horizon, []
    for pilot in range(_PILOTS):
        runner.run(2**40 + pilot, row, _nobody)
        departures = runner.departures()
        pilots += [departures[station] for station in last]
        if sum(map(len, departures.values())) == _NOTED:
            noted = max(times[-1] for times in departures.values() if times)
            while reach > noted:
                reach /= 2.0
    counts = sum((np.histogram(times, BINS, (0.0, reach))[0] for times in pilots), np.zeros(BINS))
    return reach * settled(counts / _PILOTS) / BINS


def _ratio(above: Floats, below: Floats) -> Floats:
    """The quotient, NaN where nothing stands below."""
    quotient: Floats = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return quotient


def _nobody(share: float) -> None:
    del share
