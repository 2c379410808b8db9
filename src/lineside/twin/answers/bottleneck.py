"""Where the bottleneck is: three views side by side, of which the simulated one decides."""

from __future__ import annotations

from typing import Any

import numpy as np

from lineside.errors import ConfigurationError
from lineside.twin.answers.changes import Change, changed
from lineside.twin.answers.paired import difference, interval, is_told
from lineside.twin.answers.periods import active_shares, feeds_of, turning_points
from lineside.twin.answers.progress import Progress
from lineside.twin.answers.race import FIRST_STAGE, Standing, chances, race
from lineside.twin.answers.rank import drawn, width_of
from lineside.twin.answers.study import Study, scores
from lineside.twin.answers.watching import watched
from lineside.twin.compiled import Tell
from lineside.twin.model import Line, Station
from lineside.twin.simulation import Result
from lineside.twin.tally import BLOCKED, STARVED, Floats

CUT = 0.05
ZONE = 0.002
_WATCHED = 3


def bottleneck(
    line: Line, study: Study, *, cut: float = CUT, zone: float = ZONE, most: int = 1000, tell: Tell | None = None
) -> dict[str, Any]:
    """The station whose shorter cycle gives the most throughput, and how sure that is, as JSON.

    Each station's work is cut by the same share (Kuo, Lim and Meerkov, 1996), all under the same luck; the race ends
    when one is told to be the best, or the best but for the zone, a share of today's throughput. `alike` are those it
    cannot be told apart from. Beside it stand what a cut of its repairs gives, the active period method and the turning
    point of blocked and starved. `bottleneck` is None where no station's cut gives anything: then too little comes in,
    or something shared limits the line.
    """
    if not 0 < cut < 1 or not zone > 0 or most < FIRST_STAGE:
        raise ConfigurationError("answers.cut", cut=cut, zone=zone, least=FIRST_STAGE)
    progress = Progress(tell)
    study = study.settled([line], progress.look)
    names = list(line.stations)
    lines = [line, *(changed(line, _cut(name, station, cut, "work")) for name, station in line.stations.items())]
    draw = drawn(lines, study, "throughput", progress.look)
    for standing in race(len(lines), draw, width_of(zone, "throughput"), study.confidence, most):
        progress.reach(0.7 * standing.share)
    spent = max(len(own) for own in standing.scores)
    today = study.run(line, spent, tell=progress.look)
    of_repairs = []
    for i, name in enumerate(names, 1):
        of_repairs.append(_repair_gain(line, name, cut, study, scores(today, "throughput"), progress.look))
        progress.reach(0.7 + 0.3 * i / len(names))
    return {
        **study.told("bottleneck", line),
        "cut": cut,
        "zone": standing.zone,
        "decided": standing.decided,
        "replications": standing.replications + spent * (1 + sum(gain is not None for gain in of_repairs)),
        **_views(line, study, standing, today, of_repairs),
    }


def _views(
    line: Line, study: Study, standing: Standing, today: Result, of_repairs: list[dict[str, Any] | None]
) -> dict[str, Any]:
    """The stations, the most sensitive first, and what follows from that."""
    now, names = scores(today, "throughput"), list(line.stations)
    stations: list[dict[str, Any]] = []
    p_best, _ = chances(standing, study.seed)
    active, blocked, starved = _active(line, study), _shares(today, BLOCKED), _shares(today, STARVED)
    turning = turning_points(blocked.mean(axis=0), starved.mean(axis=0), feeds_of(line))
    best = max(range(1, len(standing.scores)), key=lambda i: (i in standing.alive, standing.scores[i].mean()))
    for i, name in enumerate(names):
        own, leader = standing.scores[i + 1], standing.scores[best]
        stations.append(
            {
                "name": name,
                "gain": difference(now[: len(own)], own, study.confidence),
                "repair_gain": of_repairs[i],
                "behind": difference(own, leader[: len(own)], study.confidence, max(len(names) - 1, 1)),
                "p_best": float(p_best[i + 1]),
                "active_alone": interval(active[0][:, i], study.confidence),
                "active_shifting": interval(active[1][:, i], study.confidence),
                "blocked": interval(blocked[:, i], study.confidence),
                "starved": interval(starved[:, i], study.confidence),
                "turning_point": i in turning,
            }
        )
    first = stations[best - 1]
    limits = is_told(first["gain"]) and first["gain"]["mean"] > 0
    alike = [one["name"] for one in stations if one is not first and not is_told(one["behind"])]
    return {
        "bottleneck": first["name"] if limits else None,
        "alike": alike if limits else [],
        "stations": sorted(stations, key=lambda one: (one is not first, -one["gain"]["mean"])),
    }


def _cut(name: str, station: Station, cut: float, what: str) -> Change:
    place = f"/stations/{name}"
    places = [f"{place}/work"] if what == "work" else [f"{place}/failures/{mode}/repair" for mode in station.failures]
    return Change(name=f"{name}: {what}", scale=dict.fromkeys(places, 1.0 - cut))


def _repair_gain(line: Line, name: str, cut: float, study: Study, today: Floats, tell: Tell) -> dict[str, Any] | None:
    station = line.stations[name]
    if not station.failures:
        return None
    shorter = changed(line, _cut(name, station, cut, "repair"))
    then = study.run(shorter, len(today), tell=tell)
    return difference(today, scores(then, "throughput"), study.confidence)


def _shares(result: Result, state: int) -> Floats:
    """(replications, stations) shares of their servers' time."""
    servers = np.array([station.servers for station in result.line.stations.values()])
    times: Floats = np.array([t.station_time[:, state] for t in result.tallies()])
    shares: Floats = times / servers / (result.horizon - result.warmup)
    return shares


def _active(line: Line, study: Study) -> tuple[Floats, Floats]:
    """(replications, stations) shares of time as the bottleneck by active periods, alone and shifting."""
    found = []
    for replication in range(_WATCHED):
        spans, end = watched(line, horizon=study.horizon, seed=study.seed, replication=replication)
        warmup = study.warmup or 0.0
        found.append(active_shares(spans, len(line.stations), warmup if warmup < end else 0.0, end))
    return np.array([alone for alone, _ in found]), np.array([shifting for _, shifting in found])
