"""Pilots: a plan fixed before, an outcome that says no more than its interval, and how far what worked has spread."""

from lineside.hub.pilots.changes import Changes, changes
from lineside.hub.pilots.checks import Fakes, Parallel, Without
from lineside.hub.pilots.diffusion import (
    REST,
    Adoption,
    Diffusion,
    Spread,
    diffusion,
    large_groups,
    told_count,
    told_diffusion,
)
from lineside.hub.pilots.inference import Difference, Interval, by_chance, difference
from lineside.hub.pilots.matching import Candidates, Match, Matched, matched
from lineside.hub.pilots.noise import Noise, noise_of
from lineside.hub.pilots.outcome import Attrition, Doubt, Outcome, Verdict, outcome
from lineside.hub.pilots.panel import Panel
from lineside.hub.pilots.picture import Point, event_study
from lineside.hub.pilots.plan import Choice, Hypothesis, Plan, Registered, plan_of, register
from lineside.hub.pilots.power import Reach, reach
from lineside.hub.pilots.telling import Told, ToldPoint, told
from lineside.hub.pilots.words import compared, findings, foreseen, headline

__all__ = [
    "REST",
    "Adoption",
    "Attrition",
    "Candidates",
    "Changes",
    "Choice",
    "Difference",
    "Diffusion",
    "Doubt",
    "Fakes",
    "Hypothesis",
    "Interval",
    "Match",
    "Matched",
    "Noise",
    "Outcome",
    "Panel",
    "Parallel",
    "Plan",
    "Point",
    "Reach",
    "Registered",
    "Spread",
    "Told",
    "ToldPoint",
    "Verdict",
    "Without",
    "by_chance",
    "changes",
    "compared",
    "difference",
    "diffusion",
    "event_study",
    "findings",
    "foreseen",
    "headline",
    "large_groups",
    "matched",
    "noise_of",
    "outcome",
    "plan_of",
    "reach",
    "register",
    "told",
    "told_count",
    "told_diffusion",
]
