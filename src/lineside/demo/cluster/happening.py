"""Incidents that generated members of the demo cluster tell, and what its overseers do about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lineside.demo.cluster.asked import Happening, scenes, spoken
from lineside.demo.cluster.speaking import Speaker, heard
from lineside.exchange import Envelope, Incident
from lineside.hub import Hub
from lineside.hub.incidents import Thread
from lineside.trust import HERE

MONTHS = 6
"""Of the last months, those in which members tell of incidents."""
_STREAM = 10
"""The stream of random numbers of this module."""
_CHANCE = 0.02
"""That a member tells of one in a month."""
_USUAL = 0.5
"""The share of incidents that are of the first kind, so that everybody may be told how many were."""
_WORTH_A_LOOK = 3
"""Severity."""
_HOUR_MS = 3_600_000


def happen(hub: Hub, speakers: Mapping[int, Speaker], seed: int, month: int, last: int, language: str) -> None:
    """What members tell after a month; overseers look at the severe ones and close those of months before.

    In the last month one is told at least. Raises LinesideError for what the hub does not take.
    """
    rng = np.random.default_rng([seed, _STREAM, month])
    chosen = [one for _, one in sorted(speakers.items()) if rng.random() < _CHANCE]
    usual, others = scenes().incident[0], scenes().incident[1:]
    kinds = [usual if rng.random() < _USUAL else others[int(rng.integers(len(others)))] for _ in chosen]
    if month == last and chosen != list(speakers.values()):
        chosen.append(next(one for _, one in sorted(speakers.items()) if one not in chosen))
        kinds.append(max(scenes().incident, key=lambda one: one.severity))
    open_before = [one for one in hub.incidents.listed(_everything) if not one.closed]
    now_ms = hub.oversight.now_ms
    heard(hub, [(one, _told(one, kind, now_ms, rng, language)) for one, kind in zip(chosen, kinds, strict=True)])
    known = {one.number for one in open_before}
    for one in hub.incidents.listed(_everything):
        if one.number in known:
            hub.incidents.close(one.number, spoken(scenes().close, language), _everything, by=HERE)
        elif not one.looks and one.severity >= _WORTH_A_LOOK:
            _looked(hub, one, language)


def _told(one: Speaker, what: Happening, now_ms: int, rng: np.random.Generator, language: str) -> Envelope:
    began_ms = now_ms - int(rng.integers(24, 500)) * _HOUR_MS
    told: dict[str, Any] = {"concern": what.concern, "severity": what.severity, "began_ms": began_ms}
    if what.severity < _WORTH_A_LOOK:
        told["ended_ms"] = began_ms + int(rng.integers(1, 20)) * _HOUR_MS
    words = {"title": spoken(what.title, language), "words": spoken(what.words, language)}
    return one.statement(Incident, now_ms, **told, **words)


def _looked(hub: Hub, one: Thread, language: str) -> None:
    hub.incidents.look(one.number, spoken(scenes().look, language), _everything, by=HERE)
    other = next(name for name in hub.settings.concern_ids if name not in one.reached_by)
    hub.incidents.share(one.number, other, spoken(scenes().share, language), _everything, by=HERE)


def _everything(_: str) -> bool:
    """An overseer of no single concern reaches every incident."""
    return True
