"""What first: candidate changes of a line in order of what they are worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lineside.errors import ConfigurationError
from lineside.twin.answers.changes import Change, changed
from lineside.twin.answers.paired import difference
from lineside.twin.answers.progress import Progress
from lineside.twin.answers.race import FIRST_STAGE, Draw, Standing, chances, race
from lineside.twin.answers.study import MORE_IS_BETTER, Aim, Study, scores
from lineside.twin.compiled import Tell
from lineside.twin.model import Line
from lineside.twin.tally import Floats

ZONE = 0.01
MOST = 2000


def rank(  # noqa: PLR0913 - each is named
    line: Line,
    changes: Sequence[Change],
    study: Study,
    *,
    aim: Aim = "throughput",
    zone: float = ZONE,
    most: int = MOST,
    tell: Tell | None = None,
    see: Callable[[dict[str, Any]], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Which change is best, what each is worth, and how sure that is, as JSON. Today takes part as a change of nothing.

    `tell` hears how far it is, from 0 to 1, also within a stage; what it raises ends the ranking.
    With the study's confidence the best is found, or one that is no more than the zone behind it; `zone` is a share
    of today's value (of 1, for orders on time). A line has at most `most` replications: what is not decided then is
    said to be so. `see` is shown the answer after every stage; the race ends where `stop` says so.
    Raises ConfigurationError for a change that fits nothing, LineRefused for a changed line that contradicts itself.
    """
    if not changes:
        raise ConfigurationError("answers.no_changes")
    if not zone > 0 or most < FIRST_STAGE:
        raise ConfigurationError("answers.zone", zone=zone, most=most, least=FIRST_STAGE)
    lines = [line, *(changed(line, change) for change in changes)]
    progress = Progress(tell)
    study = study.settled(lines, progress.look)
    draw = drawn(lines, study, aim, progress.look)
    names = [change.name for change in changes]
    for standing in race(len(lines), draw, width_of(zone, aim), study.confidence, most):
        progress.reach(standing.share)
        if see is not None:
            see(_answer(line, study, aim, names, standing))
        if stop is not None and stop():
            break
    today, wanted = standing.scores[0], len(standing.scores[standing.best])
    if len(today) < wanted:
        today = np.concatenate([today, draw(0, len(today), wanted - len(today))])
    return _answer(line, study, aim, names, replace(standing, scores=(today, *standing.scores[1:])))


def drawn(lines: Sequence[Line], study: Study, aim: Aim, tell: Tell) -> Draw:
    """The scores of these lines in a study; `tell` hears how far each run is."""
    return lambda i, first, count: scores(study.run(lines[i], count, first=first, tell=tell), aim)


def width_of(zone: float, aim: Aim) -> Callable[[Floats], float]:
    """The indifference zone in the unit of the scores, from today's."""

    def width(today: Floats) -> float:
        base = 1.0 if aim == "on_time" else abs(float(today.mean()))
        return zone * (base or 1.0)

    return width


def _answer(line: Line, study: Study, aim: Aim, names: list[str], standing: Standing) -> dict[str, Any]:
    p_best, p_within = chances(standing, study.seed)
    sign = 1.0 if MORE_IS_BETTER[aim] else -1.0
    leader = sign * standing.scores[standing.best]
    today = sign * standing.scores[0]
    ranking = [
        {
            "name": None if i == 0 else names[i - 1],
            "gain": _gap(today, sign * own, study.confidence),
            "to_best": _gap(leader, sign * own, study.confidence),
            "p_best": float(p_best[i]),
            "p_within_zone": float(p_within[i]),
            "replications": len(own),
        }
        for i, own in enumerate(standing.scores)
    ]
    worth = {
        i: float((own - standing.scores[standing.best][: len(own)]).mean()) for i, own in enumerate(standing.scores)
    }
    order = sorted(worth, key=lambda i: (i != standing.best, i not in standing.alive, -worth[i]))
    return {
        **study.told("rank", line),
        "aim": aim,
        "zone": standing.zone,
        "decided": standing.decided,
        "replications": standing.replications,
        "best": ranking[standing.best]["name"],
        "ranking": [ranking[i] for i in order],
    }


def _gap(before: Floats, after: Floats, confidence: float) -> dict[str, Any]:
    """The difference over the replications that both have."""
    n = min(len(before), len(after))
    return difference(before[:n], after[:n], confidence)
