"""The third rung: a change of the line that its history holds, foretold by a twin of the time before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from lineside.errors import ConfigurationError
from lineside.twin.answers.changes import Change, changed, changes_document
from lineside.twin.compiled import Tell
from lineside.twin.estimates import CONFIDENCE, Interval
from lineside.twin.fit.twin import Change as Drift
from lineside.twin.fit.twin import Parameter, Twin
from lineside.twin.simulation import simulate
from lineside.twin.tally import Floats
from lineside.twin.validate.epochs import Epoch
from lineside.twin.validate.past import Past, moment_of
from lineside.twin.validate.starting import doubts, line_at

Rung: TypeAlias = Literal["held", "open", "failed", "untried"]
"""Of one trial; open where the past does not tell."""
_DOUBTS, _EACH = 20, 5
_MOST_TRIED = 12
_TOGETHER_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Known:
    """What changed at a moment of a record."""

    since: float
    changes: tuple[Change, ...] = ()
    """As somebody says."""
    drifts: tuple[Drift, ...] = ()
    """As the record shows: parameters that changed their level."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """Parts made after a known change, beside what a twin of the time before it foretold of the changed line."""

    known: Known
    shifts: int
    made: int
    told: Interval
    """Of the changed line, with its 95 % interval."""
    unchanged: Interval
    """The same of the line as it was."""
    gain: Interval
    """Of the changed line over the line as it was, run by run with the same luck."""

    @property
    def verdict(self) -> Rung:
        """held, failed, or open where what was made is told of the line as it was as well."""
        if not self.told.low <= self.made <= self.told.high:
            return "failed"
        return "open" if self.unchanged.low <= self.made <= self.unchanged.high else "held"

    def plain(self) -> dict[str, Any]:
        """The same as JSON."""
        ends = {name: _plain(getattr(self, name)) for name in ("told", "unchanged", "gain")}
        return {
            "since": self.known.since,
            "changes": changes_document(self.known.changes),
            "drifts": [
                {"what": one.what, "station": one.station, "about": one.about, "factor": one.factor}
                for one in self.known.drifts
            ],
            "shifts": self.shifts,
            "made": self.made,
            "gained": self.made / self.unchanged.mean - 1 if self.unchanged.mean else None,
            **ends,
            "verdict": self.verdict,
        }


def drifted(drifts: Sequence[Drift], start: float, end: float) -> Known | None:
    """The largest drift of a record between two moments, and those within a day of it; None for none."""
    inside = [one for one in drifts if start <= one.since <= end]
    if not inside:
        return None
    largest = max(inside, key=lambda one: abs(np.log(one.factor)))
    near = tuple(one for one in inside if abs(one.since - largest.since) <= _TOGETHER_S)
    return Known(max(one.since for one in near), drifts=near)


def foretell(twin: Twin, past: Past, known: Known, after: Sequence[Epoch], tell: Tell) -> Foretold | None:
    """What a twin of the time before a change foretells of shifts after it, once the change is made in its line.

    Every shift begins in the state it was seen in; all shifts of a run share one doubt about the parameters. None for
    drifts of parameters that the twin does not know. Raises ConfigurationError for a change that fits nothing or that
    no shift follows, LineRefused for a changed line that contradicts itself.
    """
    if not after and known.drifts:
        return None
    if not after:
        raise ConfigurationError("validate.nothing_since", name=past.record.name)
    paths = {(one.what, one.station, one.about): one.path for one in twin.parameters}
    scaled = [(path, one) for one in known.drifts if (path := paths.get((one.what, one.station, one.about)))]
    if not known.changes and not scaled:
        return None
    drifts = [Change(name=one.what, scale={path: one.factor}) for path, one in scaled]
    known = replace(known, drifts=tuple(one for _, one in scaled))
    after = after[:: -(-len(after) // _MOST_TRIED)]
    touched = [place for change in known.changes for place in (*change.sets, *change.removes)]
    sure = [one for one in twin.parameters if not any(_within(one.path, place) for place in touched)]
    then = replace(twin, line=changed(twin.line, *known.changes, *drifts))
    ensembles = np.zeros((2, _DOUBTS * _EACH))
    for place, epoch in enumerate(after):
        for k, one in enumerate((then, twin)):
            ensembles[k] += _made(one, past, epoch, sure, 1_000 * place)
        tell((place + 1) / len(after))
    made = sum(epoch.made for epoch in after)
    told, unchanged = (_between(ensemble) for ensemble in ensembles)
    gain = _between(ensembles[0] / np.maximum(ensembles[1], 1e-9) - 1)
    return Foretold(known, len(after), made, told, unchanged, gain)


def _made(twin: Twin, past: Past, epoch: Epoch, parameters: Sequence[Parameter], seed: int) -> Floats:
    """Parts of each run through one shift, doubt by doubt."""
    moment = moment_of(past, epoch.start, epoch.end)
    runs = []
    for doubt, factors in enumerate(doubts(parameters, 1, _DOUBTS)):
        line = line_at(twin, moment, factors)
        result = simulate(
            line, horizon=epoch.end - epoch.start, replications=_EACH, warmup=0.0, seed=seed + doubt, threads=1
        )
        runs += [float(tally.out.sum()) for tally in result.tallies()]
    return np.array(runs)


def _within(path: str, place: str) -> bool:
    """Whether a pointer names a place, what is in it or what holds it."""
    one, other = f"{path}/", f"{place}/"
    return one.startswith(other) or other.startswith(one)


def _between(ensemble: Floats) -> Interval:
    low, high = np.quantile(ensemble, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)).tolist()
    return Interval(float(ensemble.mean()), low, high)


def _plain(interval: Interval) -> Mapping[str, float]:
    return {"mean": interval.mean, "low": interval.low, "high": interval.high}
