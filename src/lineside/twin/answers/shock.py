"""What a shock costs, how long the line takes to recover, and which change would soften it most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from lineside.errors import ConfigurationError
from lineside.twin.answers.changes import Change, changed
from lineside.twin.answers.paired import interval
from lineside.twin.answers.progress import Progress
from lineside.twin.answers.race import chances, race
from lineside.twin.answers.rank import width_of
from lineside.twin.answers.shocks import Shock, struck
from lineside.twin.answers.study import Study, measured
from lineside.twin.compiled import Tell
from lineside.twin.model import Line
from lineside.twin.tally import Floats

ZONE = 0.05
_STEPS = 20
_MOST = 300


def shock_costs(
    line: Line,
    shock: Shock,
    study: Study,
    *,
    changes: Sequence[Change] = (),
    replications: int = 50,
    zone: float = ZONE,
    tell: Tell | None = None,
) -> dict[str, Any]:
    """Parts lost through a shock by and by, with intervals, and the change that leaves the fewest missing, as JSON.

    The line starts empty at 0; let the shock come when it has settled. `throughput_back` is the end of the first
    step after the shock in which no more parts are told to be lost, `caught_up` the time from which on none are
    told to be missing; None where the horizon comes before. `planned` are the parts that the undisturbed line has out
    by then, as a mean. Changes are ranked by the parts out in spite of the shock,
    beside today's line undisturbed; `zone` is a share of today's loss.
    """
    if replications < 2:
        raise ConfigurationError("answers.too_few", replications=replications)
    study = replace(study, warmup=0.0)
    after = shock.start + shock.duration
    pair, lost, planned = struck(line, shock, study.horizon), [], []
    progress = Progress(tell)
    times = sorted({*np.linspace(shock.start, study.horizon, _STEPS + 1).tolist(), min(after, study.horizon)})
    for i, time in enumerate(times):
        until = replace(study, horizon=time * (1 + 1e-12))
        calm, hit = (_made(one, until, 0, replications, progress.look) for one in pair)
        lost.append(calm - hit)
        planned.append(float(calm.mean()))
        progress.reach((0.5 if changes else 1.0) * (i + 1) / len(times))
    told = [interval(one, study.confidence) for one in lost]
    missing = [one["mean"] > (one["half_width"] or 0.0) for one in told]
    steps = [interval(b - a, study.confidence) for a, b in pairwise(lost)]
    back = (t for t, one in zip(times[1:], steps, strict=True) if t > after and one["mean"] <= one["half_width"])
    worst = int(np.argmax([one["mean"] for one in told]))
    last = max((i for i, one in enumerate(missing) if one), default=-1)
    return {
        **study.told("shock", line),
        "shock": shock.plain(),
        "replications": replications,
        "lost": told[-1],
        "worst": {"time": times[worst], **told[worst]},
        "throughput_back": next(back, None),
        "caught_up": times[last + 1] if last + 1 < len(times) else None,
        "course": [
            {"time": time, "planned": made, **one} for time, made, one in zip(times, planned, told, strict=True)
        ],
        "softened": _softened(line, shock, study, changes, zone, progress) if changes else None,
    }


def _made(line: Line, study: Study, first: int, count: int, tell: Tell) -> Floats:
    """Parts out by the horizon."""
    return measured(study.run(line, count, first=first, tell=tell))["throughput"] * study.horizon


def _softened(
    line: Line, shock: Shock, study: Study, changes: Sequence[Change], zone: float, progress: Progress
) -> dict[str, Any]:
    """The changes by the parts that each leaves missing beside today's undisturbed line."""
    calm, hit = struck(line, shock, study.horizon)
    hits = [hit, *(struck(changed(line, change), shock, study.horizon)[1] for change in changes)]
    planned = np.zeros(0)

    def draw(i: int, first: int, count: int) -> Floats:
        nonlocal planned
        if (lacking := first + count - len(planned)) > 0:
            planned = np.concatenate([planned, _made(calm, study, len(planned), lacking, progress.look)])
        return _made(hits[i], study, first, count, progress.look) - planned[first : first + count]

    for standing in race(len(hits), draw, width_of(zone, "throughput"), study.confidence, _MOST):
        progress.reach(0.5 + 0.5 * standing.share)
    p_best, p_within = chances(standing, study.seed)
    names = [None, *(change.name for change in changes)]
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "missing": interval(-own, study.confidence),
            "p_best": float(p_best[i]),
            "p_within_zone": float(p_within[i]),
            "replications": len(own),
        }
        for i, (name, own) in enumerate(zip(names, standing.scores, strict=True))
    ]
    order = sorted(range(len(found)), key=lambda i: (i != standing.best, found[i]["missing"]["mean"]))
    return {
        "best": names[standing.best],
        "decided": standing.decided,
        "zone": standing.zone,
        "replications": standing.replications + len(planned),
        "ranking": [found[i] for i in order],
    }
