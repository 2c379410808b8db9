"""Pilots: a plan fixed before, an outcome that says no more than its interval, and how far what worked has spread."""

from lineside.hub.pilots.asked import told_pilots
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
from lineside.hub.pilots.documents import outcome_document, read_outcome, read_told, told_document
from lineside.hub.pilots.inference import Difference, Interval, by_chance, difference
from lineside.hub.pilots.keeping import QUIET_DAYS, Pilots
from lineside.hub.pilots.matching import Candidates, Match, Matched, matched
from lineside.hub.pilots.noise import Noise, noise_of
from lineside.hub.pilots.outcome import Attrition, Doubt, Outcome, Verdict, outcome
from lineside.hub.pilots.panel import Panel
from lineside.hub.pilots.picture import Point, event_study
from lineside.hub.pilots.pilot import Cancelled, Group, Judged, Pilot, State
from lineside.hub.pilots.plan import Choice, Hypothesis, Plan, Registered, plan_of, register
from lineside.hub.pilots.planning import Planning, Wanted
from lineside.hub.pilots.power import Reach, reach
from lineside.hub.pilots.records import PilotRecord
from lineside.hub.pilots.telling import Told, ToldPoint, step_of, told, too_near
from lineside.hub.pilots.words import compared, findings, foreseen, headline, hypothesis_words, told_headline

__all__ = [
    "QUIET_DAYS",
    "REST",
    "Adoption",
    "Attrition",
    "Cancelled",
    "Candidates",
    "Changes",
    "Choice",
    "Difference",
    "Diffusion",
    "Doubt",
    "Fakes",
    "Group",
    "Hypothesis",
    "Interval",
    "Judged",
    "Match",
    "Matched",
    "Noise",
    "Outcome",
    "Panel",
    "Parallel",
    "Pilot",
    "PilotRecord",
    "Pilots",
    "Plan",
    "Planning",
    "Point",
    "Reach",
    "Registered",
    "Spread",
    "State",
    "Told",
    "ToldPoint",
    "Verdict",
    "Wanted",
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
    "hypothesis_words",
    "large_groups",
    "matched",
    "noise_of",
    "outcome",
    "outcome_document",
    "plan_of",
    "reach",
    "read_outcome",
    "read_told",
    "register",
    "step_of",
    "told",
    "told_count",
    "told_diffusion",
    "told_document",
    "told_headline",
    "told_pilots",
    "too_near",
]
