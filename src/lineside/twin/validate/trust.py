"""How far a twin can be trusted: fitted to the first part of a record, tried on the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from lineside.errors import ConfigurationError
from lineside.twin.fit.calibrate import fit
from lineside.twin.fit.feeding import MATERIAL
from lineside.twin.fit.names import lawful
from lineside.twin.fit.record import Record
from lineside.twin.fit.twin import Change as Drift
from lineside.twin.fit.twin import Twin
from lineside.twin.model import OUT
from lineside.twin.reading import Finding
from lineside.twin.simulation import Result, simulate
from lineside.twin.tally import BLOCKED, DOWN, STARVED, STATES, WORKING, Floats
from lineside.twin.validate.baselines import last_week, rate_model
from lineside.twin.validate.epochs import Epoch, epochs_of, seen_in
from lineside.twin.validate.forecast import DOUBTS, EACH
from lineside.twin.validate.known import Foretold, Known, Rung, drifted, foretell
from lineside.twin.validate.past import Past, moment_of
from lineside.twin.validate.replay import Replay, replay
from lineside.twin.validate.scores import Score, score
from lineside.twin.validate.starting import doubts, line_at

TRUST: Literal["lineside.trust/1"] = "lineside.trust/1"
Verdict: TypeAlias = Literal["good", "limited", "worse", "untested"]
LEAST_EPOCHS = 6
_FITTED = 2 / 3
_MOST_TRIED = 40
"""Of very many epochs so many are forecast, evenly spread."""
_KNOWN = 0.9
_MARGIN = 0.05
_STATES = (WORKING, DOWN, BLOCKED, STARVED)
_WORTH = 0.02
_FAR = 1.5
"""A mean score so many times a plain guess's is worse, also where too few shifts were tried to tell."""

Tell = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure, of the line or of a station."""

    what: str
    """made, or a state."""
    station: str | None
    score: Score


@dataclass(frozen=True, slots=True)
class Trust:
    """What was tried and how it went."""

    cut: float
    """The end of what the tried twin was fitted to."""
    epochs: tuple[tuple[float, float], ...]
    """The stretches forecast."""
    replay: Replay | None
    no_replay: str
    """Why there is none, as a key under `validate`."""
    measured: tuple[Measured, ...]
    change: Foretold | None = None
    """What became of a change that the record holds; None where none is known."""

    @property
    def verdict(self) -> Verdict:
        """Of the twin as a whole: of what it foretells, unless its structure or what it says of a change fails."""
        rungs = self.rungs
        if rungs["forecasts"] == "untried":
            return "untested"
        if "failed" in (rungs["structure"], rungs["forecasts"]):
            return "worse"
        return "good" if rungs["forecasts"] == "held" and rungs["change"] != "failed" else "limited"

    @property
    def rungs(self) -> dict[str, Rung]:
        """Of each trial by itself; forecasts are judged by the parts made: nothing else counts when these are wrong."""
        structure: Rung = "untried" if self.replay is None else "held" if self.replay.holds else "failed"
        change: Rung = "untried" if self.change is None else self.change.verdict
        return {"structure": structure, "forecasts": self._forecasts(), "change": change}

    def _forecasts(self) -> Rung:
        made = self.made
        if made is None:
            return "untried"
        if made.verdict == "worse" or any(contest.twin > _FAR * contest.other for contest in made.contests):
            return "failed"
        sure = all(coverage.low <= coverage.level for coverage in made.coverage)
        return "held" if sure and made.equivalent(_MARGIN) else "open"

    @property
    def made(self) -> Score | None:
        """The forecasts of parts made."""
        return next((one.score for one in self.measured if one.what == "made"), None)

    def plain(self) -> dict[str, Any]:
        """The same as JSON (`lineside.trust/1`)."""
        return {
            "schema": TRUST,
            "verdict": self.verdict,
            "rungs": self.rungs,
            "cut": self.cut,
            "epochs": [list(epoch) for epoch in self.epochs],
            "replay": None if self.replay is None else asdict(self.replay) | {"holds": self.replay.holds},
            "no_replay": self.no_replay,
            "measured": [_plain(one) for one in self.measured],
            "change": None if self.change is None else self.change.plain(),
        }


def _plain(one: Measured) -> dict[str, Any]:
    told = asdict(one.score)
    told["verdict"], told["equivalent"] = one.score.verdict, one.score.equivalent(_MARGIN)
    for coverage, plain in zip(one.score.coverage, told["coverage"], strict=True):
        plain["kept"] = coverage.kept
    for contest, plain in zip(one.score.contests, told["contests"], strict=True):
        plain["verdict"] = contest.verdict
    return {"what": one.what, "station": one.station, **told}


def validate(
    record: Record,
    *,
    epochs: Sequence[tuple[float, float]] | None = None,
    entered: Mapping[str, Any] | None = None,
    known: Known | None = None,
    drifts: Sequence[Drift] = (),
    seed: int = 1,
    tell: Tell | None = None,
) -> Trust:
    """Tries a twin of the first two thirds of the epochs on the others.

    Each forecast starts from the state seen at the begin of its epoch, knows its shifts and which products were due,
    and nothing else of it; it carries the doubt about every fitted parameter. Where a change is `known`, this is done
    on the time before it, and a twin of that time foretells the changed line; else so is the largest of the `drifts`
    of the record. Raises ConfigurationError where the record holds fewer than six epochs (before the change), or
    what it was fitted to shows no line; and what `foretell` raises.
    """
    tell = tell or _nobody
    record, _ = lawful(record)
    whole = [epoch for epoch in (epochs or epochs_of(record)) if epoch[1] > epoch[0]]
    until = record.end if known is None else known.since
    every = [epoch for epoch in whole if epoch[1] <= until]
    if len(every) < LEAST_EPOCHS:
        key = "validate.too_short" if known is None else "validate.too_short_before"
        raise ConfigurationError(key, name=record.name, epochs=len(every), least=LEAST_EPOCHS)
    if known is not None and not any(start >= known.since for start, _ in whole):
        raise ConfigurationError("validate.nothing_since", name=record.name)
    cut = every[round(len(every) * _FITTED)][0]
    twin = fit(record.between(record.start, cut), entered=entered)
    past, outs = Past(record), _outs(twin, record)
    seen = [seen_in(record, outs, *epoch) for epoch in every]
    before = [one for one in seen if one.end <= cut]
    tried = [one for one in seen if one.start >= cut and _usable(one)]
    tried = tried[:: -(-len(tried) // _MOST_TRIED) or 1]
    found = replay(twin, past, cut, until)
    held = known or drifted(drifts, every[LEAST_EPOCHS - 1][1], whole[-1][0])
    share = 1.0 if held is None else 0.6
    results = []
    for place, one in enumerate(tried):
        results.append(_forecast(twin, past, one.start, one.end, seed + place))
        tell(share * (place + 1) / len(tried))
    measured = tuple(_judged(twin, record, before, tried, seen, results)) if tried else ()
    change = None
    if held is not None:
        after = [seen_in(record, outs, *epoch) for epoch in whole if epoch[0] >= held.since]
        earlier = fit(record.between(record.start, held.since), entered=entered)
        change = foretell(earlier, past, held, [one for one in after if _usable(one)], lambda s: tell(0.6 + 0.4 * s))
    no_replay = found if isinstance(found, str) else ""
    return Trust(
        cut,
        tuple((one.start, one.end) for one in tried),
        None if isinstance(found, str) else found,
        no_replay,
        measured,
        change,
    )


def fit_now(
    record: Record, known: Known | None, epochs: Sequence[tuple[float, float]] | None, tell: Tell | None = None
) -> Twin:
    """The twin of the line as it is now: of the time since a known change, where that holds six epochs.

    Where it holds fewer the twin is of the whole record, and says so.
    """
    if known is None:
        return fit(record, tell=tell)
    if sum(start >= known.since for start, _ in epochs or epochs_of(record)) >= LEAST_EPOCHS:
        return fit(record.between(known.since, record.end), tell=tell)
    twin = fit(record, tell=tell)
    told = {"change": ", ".join(change.name for change in known.changes), "least": LEAST_EPOCHS}
    return replace(twin, findings=(*twin.findings, Finding(record.name, "fit.mixed", told)))


def _usable(epoch: Epoch) -> bool:
    return epoch.known >= _KNOWN and epoch.on > 0


def _forecast(twin: Twin, past: Past, start: float, end: float, seed: int) -> list[Result]:
    """An ensemble of runs, some under each of several doubts about the parameters."""
    moment = moment_of(past, start, end)
    return [
        simulate(
            line_at(twin, moment, factors),
            horizon=end - start, replications=EACH, warmup=0.0, seed=1_000 * seed + doubt, threads=1,
        )
        for doubt, factors in enumerate(doubts(twin.parameters, seed, DOUBTS))
    ]  # fmt: skip


def _judged(
    twin: Twin,
    record: Record,
    before: Sequence[Epoch],
    tried: Sequence[Epoch],
    seen: Sequence[Epoch],
    results: Sequence[Sequence[Result]],
) -> list[Measured]:
    made = [_gather(runs, lambda run: [float(t.out.sum()) for t in run.tallies()]) for runs in results]
    earlier = {one.start: [e for e in seen if e.end <= one.start and e.on > 0] for one in tried}
    weeks = [_week(earlier[one.start], one) for one in tried]
    rates = [_rate(earlier[one.start], one) for one in tried]
    baselines = {"last_week": weeks, "rate": rates}
    told = [Measured("made", None, score("made", "1", made, [float(one.made) for one in tried], baselines))]
    for place, name in enumerate(twin.line.stations):
        s = record.stations.index(name)
        if not record.spans.station.size or not (record.spans.station == s).any():
            continue
        servers = twin.line.stations[name].servers
        waits = MATERIAL in twin.line.stations[name].failures  # counts as a stop in the twin, as a wait in the record
        for state in (WORKING, BLOCKED) if waits else _STATES:
            observed = np.array([one.shares[s, state] for one in tried])
            past_shares = np.array([one.shares[s, state] for one in before])
            past_shares = past_shares[~np.isnan(past_shares)]
            if np.isnan(observed).any() or len(past_shares) < 2 or observed.mean() < _WORTH:
                continue
            ensembles = [_shares(runs, place, state, servers) for runs in results]
            usual = {"last_week": [past_shares for _ in tried]}
            told.append(Measured(STATES[state], name, score(STATES[state], "%", ensembles, observed.tolist(), usual)))
    return told


def _shares(runs: Sequence[Result], place: int, state: int, servers: int) -> Floats:
    """Shares of a station's time."""
    return _gather(
        runs, lambda run: [float(t.station_time[place, state]) / (run.horizon * servers) for t in run.tallies()]
    )


def _gather(runs: Sequence[Result], of: Callable[[Result], list[float]]) -> Floats:
    return np.array([value for run in runs for value in of(run)])


def _week(earlier: Sequence[Epoch], ahead: Epoch) -> Floats:
    counts, on, ends = (np.array([getattr(e, name) for e in earlier], float) for name in ("made", "on", "end"))
    return last_week(counts, on, ends, ahead.start, ahead.on)


def _rate(earlier: Sequence[Epoch], ahead: Epoch) -> Floats:
    return rate_model(np.array([e.made for e in earlier], float), np.array([e.on for e in earlier]), ahead.on)


def _outs(twin: Twin, record: Record) -> list[int]:
    """The stations from which parts leave the line."""
    return [
        record.stations.index(name)
        for name, station in twin.line.stations.items()
        if any(route.to == OUT for route in station.to)
    ]


def _nobody(share: float) -> None:
    del share
