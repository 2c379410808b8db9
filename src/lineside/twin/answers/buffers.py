"""Where to put so many buffer places: exchange of places between buffers, each step a race under one luck."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any, TypeAlias

import numpy as np

from lineside.errors import ConfigurationError
from lineside.twin.answers.changes import Change, changed
from lineside.twin.answers.paired import difference, interval
from lineside.twin.answers.progress import Progress
from lineside.twin.answers.race import race
from lineside.twin.answers.rank import width_of
from lineside.twin.answers.study import Study, scores
from lineside.twin.compiled import Tell
from lineside.twin.layout import buffers_of, is_flooded, parts_of, takes_of
from lineside.twin.model import Buffer, Line
from lineside.twin.tally import BLOCKED, STARVED, Floats

Places: TypeAlias = tuple[int, ...]
"""Of each buffer, in the order of the search's names."""

ZONE = 0.002
_MOST_A_STEP = 200
_NEIGHBOURS = 12
_ANEW = 2**30
_TOTALS = (0.5, 0.75, 1.0, 1.5, 2.0)


def best_buffers(
    line: Line,
    places: int,
    study: Study,
    *,
    names: Sequence[str] | None = None,
    zone: float = ZONE,
    replications: int = 100,
    tell: Tell | None = None,
) -> dict[str, Any]:
    """The allocation of so many places over the named buffers that gives the most throughput, as JSON.

    Left out, all finite buffers take part but those that only an endless source fills. Places are exchanged between
    two buffers as long as a race finds that better, in steps that become smaller; the zone is a share of today's
    throughput. What is found is measured anew with other luck beside the equal allocation, so that its gain is not
    flattered by the search, and so is a table over totals of places shared out in the same proportions. Raises
    ConfigurationError where there is nothing to allocate.
    """
    progress = Progress(tell)
    study = study.settled([line], progress.look)
    search = _Search(line, places, study, names, progress)
    equal = search.share_out(places, [1.0] * len(search.names))
    best = search.run(equal, places, zone)
    totals = sorted({max(round(places * share), sum(search.least)) for share in _TOTALS})
    table = []
    anew = search.scores(equal, replications, _ANEW)
    for i, total in enumerate(totals):
        allocation = best if total == places else search.share_out(total, [one + 0.01 for one in best])
        found = search.scores(allocation, replications, _ANEW)
        table.append(
            {"places": total, "allocation": search.named(allocation), "throughput": interval(found, study.confidence)}
        )
        if total == places:
            gain = difference(anew, found, study.confidence)
        progress.reach(0.7 + 0.3 * (i + 1) / len(totals))
    return {
        **study.told("buffers", line),
        "places": places,
        "zone": zone,
        "replications": search.spent,
        "equal": {"allocation": search.named(equal), "throughput": interval(anew, study.confidence)},
        "best": search.named(best),
        "gain": gain,
        "totals": table,
    }


class _Search:
    """Allocations of places, each simulated once."""

    def __init__(self, line: Line, places: int, study: Study, names: Sequence[str] | None, progress: Progress) -> None:
        buffers = buffers_of(line)
        finite = [name for name, buffer in buffers.items() if buffer.capacity is not None]
        self.names = [name for name in finite if not is_flooded(line, name)] if names is None else list(names)
        unknown = [name for name in self.names if name not in finite]
        if unknown:
            raise ConfigurationError("answers.no_such_buffer", name=unknown[0], known=", ".join(finite) or "-")
        self.least = [_least(line, name, buffers[name]) for name in self.names]
        if len(self.names) < 2 or places < sum(self.least):
            raise ConfigurationError(
                "answers.places", places=places, least=sum(self.least), buffers=", ".join(self.names) or "-"
            )
        self._line, self._study, self._progress = line, study, progress
        self._known: dict[Places, Floats] = {}
        self.spent = 0

    def named(self, allocation: Places) -> dict[str, int]:
        """An allocation by names."""
        return dict(zip(self.names, allocation, strict=True))

    def line(self, allocation: Places) -> Line:
        """The line with these places."""
        place = {name: f"/buffers/{name}" for name in self._line.buffers}
        sets = {f"{place.get(n, f'/stations/{n}/buffer')}/capacity": p for n, p in self.named(allocation).items()}
        return changed(self._line, Change(name=str(self.named(allocation)), set=sets))

    def scores(self, allocation: Places, count: int, first: int = 0) -> Floats:
        """Its throughput in these replications."""
        self.spent += count
        result = self._study.run(self.line(allocation), count, first=first, tell=self._progress.look)
        return scores(result, "throughput")

    def share_out(self, places: int, weights: Sequence[float]) -> Places:
        """Places by weight, whole ones, by the largest remainder; none has fewer than it needs."""
        share = np.array(weights, float) / sum(weights)
        allocation = np.array(self.least)
        for _ in range(places - int(allocation.sum())):
            allocation[int(np.argmax(share * places - allocation))] += 1
        return tuple(int(one) for one in allocation)

    def run(self, equal: Places, places: int, zone: float) -> Places:
        """The best allocation found from the better of the equal one and one by what is blocked and starved."""
        best = self._best([equal, self.share_out(places, self._pressure(equal))], zone)
        step, seen = max(1, places // (2 * len(self.names))), {best}
        while True:
            around = [best, *(one for one in self._around(best, step) if one not in seen)]
            better = self._best(around, zone)
            seen.update(around)
            self._progress.reach(0.7 * (1.0 - 1.0 / (1.0 + self.spent / 500.0)))
            if better != best:
                best = better
            elif step > 1:
                step //= 2
                seen = {best}
            else:
                return best

    def _best(self, allocations: Sequence[Places], zone: float) -> Places:
        unique = list(dict.fromkeys(allocations))
        if len(unique) == 1:
            return unique[0]

        def draw(i: int, first: int, count: int) -> Floats:
            own = self._known.get(unique[i], np.zeros(0))
            if (lacking := first + count - len(own)) > 0:
                own = np.concatenate([own, self.scores(unique[i], lacking, len(own))])
                self._known[unique[i]] = own
            return own[first : first + count]

        *_, last = race(len(unique), draw, width_of(zone, "throughput"), self._study.confidence, _MOST_A_STEP)
        return unique[last.best]

    def _around(self, allocation: Places, step: int) -> Iterator[Places]:
        """A step's places moved from one buffer to another: all such moves, or the likeliest where there are many."""
        moves = list(permutations(range(len(allocation)), 2))
        if len(moves) > _NEIGHBOURS:
            order = np.argsort(self._pressure(allocation))
            moves = [(int(a), int(b)) for a in order[: len(order) // 2][:3] for b in order[::-1][:4] if a != b]
            moves += [(i, i + 1) for i in range(len(allocation) - 1)] + [(i + 1, i) for i in range(len(allocation) - 1)]
        for giver, taker in dict.fromkeys(moves):
            if allocation[giver] - step >= self.least[giver]:
                moved = list(allocation)
                moved[giver] -= step
                moved[taker] += step
                yield tuple(moved)

    def _pressure(self, allocation: Places) -> list[float]:
        """Of each buffer how blocked stations before it are, and how starved those behind."""
        line, count = self.line(allocation), 10
        self.spent += count
        result = self._study.run(line, count, tell=self._progress.look)
        times = np.mean([t.station_time for t in result.tallies()], axis=0) / (result.horizon - result.warmup)
        pressure = dict.fromkeys(self.names, 0.001)
        for i, (name, station) in enumerate(line.stations.items()):
            for buffer in {route.to for route in station.to} & pressure.keys():
                pressure[buffer] += times[i, BLOCKED]
            for buffer in takes_of(name, station).keys() & pressure.keys():
                pressure[buffer] += times[i, STARVED]
        return [float(pressure[name]) for name in self.names]


def _least(line: Line, name: str, buffer: Buffer) -> int:
    """The fewest places a buffer can have: what is taken from it at once, and what it begins with."""
    takes = [takes_of(station, spec) for station, spec in line.stations.items()]
    at_once = [taken[name] for taken in takes if name in taken and (len(taken) > 1 or taken[name] > 1)]
    first = sum(count for _, count in parts_of(buffer, tuple(line.products) or ("",)))
    return max([first, *at_once])
