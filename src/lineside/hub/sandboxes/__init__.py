"""Sandboxes: one member runs under relaxed rules for a time, within limits that the hub watches."""

from lineside.hub.sandboxes.judging import Told, Verdict, broken, in_a_row, kept, verdict_on
from lineside.hub.sandboxes.offering import Offer
from lineside.hub.sandboxes.records import JudgementRecord, SandboxRecord
from lineside.hub.sandboxes.sandbox import Cause, JudgedLimit, Judgement, Running, Stage, State, Warned, warnings
from lineside.hub.sandboxes.sandboxes import Sandboxes
from lineside.hub.sandboxes.telling import month_json, told_sandboxes, warned_json
from lineside.hub.sandboxes.watching import Watching

__all__ = [
    "Cause",
    "JudgedLimit",
    "Judgement",
    "JudgementRecord",
    "Offer",
    "Running",
    "SandboxRecord",
    "Sandboxes",
    "Stage",
    "State",
    "Told",
    "Verdict",
    "Warned",
    "Watching",
    "broken",
    "in_a_row",
    "kept",
    "month_json",
    "told_sandboxes",
    "verdict_on",
    "warned_json",
    "warnings",
]
