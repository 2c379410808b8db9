"""Pilots as plain data: exact and by member for the hub's analysts, protected for everybody else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lineside.errors import LinesideError
from lineside.exchange import month_name
from lineside.hub import Hub
from lineside.hub.pilots import (
    Fakes,
    Interval,
    Judged,
    Matched,
    Outcome,
    Parallel,
    Pilot,
    Plan,
    Reach,
    State,
    compared,
    findings,
    foreseen,
    headline,
    hypothesis_words,
    told_headline,
)
from lineside.texts import say


@dataclass(frozen=True, slots=True)
class Eyes:
    """Whose an answer is."""

    language: str
    whole: bool
    """Whether they see figures of all members."""
    mine: Sequence[int]
    """The members that they may see figures of, where these are not all."""
    plans: bool
    """Whether they may fix plans and call them off."""
    least: int
    """The fewest members that anybody else is told of."""


def brief_json(hub: Hub, pilot: Pilot, eyes: Eyes) -> dict[str, Any]:
    """A pilot in a list."""
    plan, state = pilot.plan, pilot.state(hub.pilots.planning.month)
    indicator = hub.catalogue.of(plan.hypothesis.indicator)
    judged = pilot.judged
    found = None if judged is None else judged.outcome if eyes.whole else judged.told
    verdict = None if found is None else found.verdict.value
    return {
        "number": pilot.number,
        "plan": pilot.fixed.sha256,
        "name": plan.name,
        "indicator": indicator.id,
        "indicator_name": indicator.names[eyes.language],
        "unit": indicator.unit,
        "relative": plan.hypothesis.relative,
        "expected": plan.hypothesis.expected,
        "worth": plan.hypothesis.worth,
        "first": month_name(plan.first),
        "start": month_name(plan.start),
        "last": month_name(plan.end - 1),
        "month": month_name(hub.pilots.planning.month),
        "fixed_ms": pilot.fixed_us // 1000,
        "state": state.value,
        "state_words": say(f"pilots.state.{state.value}", eyes.language),
        "verdict": verdict,
        "verdict_words": None if verdict is None else say(f"pilots.verdict_word.{verdict}", eyes.language),
        "treated": _count(len(plan.treated), eyes),
        "comparison": _count(len(plan.comparison), eyes),
        "exact": eyes.whole,
        "generated": _any_generated(hub, plan),
        "own": [{"member": one, "group": group} for one in eyes.mine if (group := pilot.group(one)) is not None],
    }


def pilot_json(hub: Hub, pilot: Pilot, eyes: Eyes) -> dict[str, Any]:
    """One in full."""
    plan, language, state = pilot.plan, eyes.language, pilot.state(hub.pilots.planning.month)
    cancelled = pilot.cancelled
    return brief_json(hub, pilot, eyes) | {
        "hypothesis": hypothesis_words(plan, language),
        "alpha": plan.alpha,
        "chosen": plan.chosen.value,
        "sha256": pilot.fixed.sha256,
        "entry": pilot.entry,
        "document": pilot.fixed.document.decode() if eyes.whole else None,
        "members": _members_json(hub, pilot) if eyes.whole else None,
        "reach": _reach_of(hub, plan, language) if eyes.whole and state is not State.JUDGED else None,
        "waits": _waits(hub, pilot, state, eyes),
        "cancelled": None
        if cancelled is None
        else {"at_ms": cancelled.at_us // 1000, "why": cancelled.why, "entry": cancelled.entry},
        "outcome": None if pilot.judged is None else _judged_json(hub, pilot.judged, eyes),
        "may_cancel": eyes.plans and state is State.PLANNED,
    }


def matched_json(hub: Hub, found: Matched, language: str) -> dict[str, Any]:
    """A comparison group that was found, member by member; for who sees figures of all."""
    return {
        "months": [month_name(found.months[0]), month_name(found.months[1] - 1)],
        "alone": list(found.alone),
        "words": compared(found, language),
        "matches": [
            {
                "member": one.member,
                "name": _name(hub, one.member),
                "treated": one.treated,
                "distance": one.distance,
                "level": one.level,
                "trend": one.trend,
                "same_industry": one.same_industry,
                "same_size": one.same_size,
            }
            for one in found.matches
        ],
        "falls_back": found.falls_back,
    }


def reach_json(found: Reach, plan: Plan, language: str) -> dict[str, Any]:
    """What a plan could find."""
    words = foreseen(found, plan.hypothesis, language)
    return {"smallest": found.smallest, "expected": found.expected, "hopeless": found.hopeless, "words": words}


def problem_json(error: LinesideError, language: str) -> dict[str, str | None]:
    """Why something cannot be told, with the cure."""
    return {"detail": error.sentence(language), "cure": error.cure(language)}


def _reach_of(hub: Hub, plan: Plan, language: str) -> dict[str, Any] | None:
    try:
        return reach_json(hub.pilots.planning.reach(plan), plan, language)
    except LinesideError:  # too little was told to say: the page says what it knows without it
        return None


def _waits(hub: Hub, pilot: Pilot, state: State, eyes: Eyes) -> dict[str, str | None] | None:
    """What it waits for when it is over; before that what it would wait for in vain."""
    if state in (State.JUDGED, State.CANCELLED):
        return None
    if all(_is_generated(hub, one) for one in (*pilot.plan.treated, *pilot.plan.comparison)):
        return {"detail": say("pilots.wait.generated", eyes.language), "cure": None}
    if state is not State.OVER:
        return None
    error = hub.pilots.hindrance(pilot.number)
    if error is not None and eyes.whole:
        return problem_json(error, eyes.language)
    return {"detail": say("pilots.wait.ripe", eyes.language), "cure": None}


def _judged_json(hub: Hub, judged: Judged, eyes: Eyes) -> dict[str, Any]:
    base = {"sha256": judged.sha256, "entry": judged.entry, "at_ms": judged.at_us // 1000}
    if eyes.whole:
        return base | {"withheld": None, **_outcome_json(hub, judged.outcome, eyes.language)}
    if judged.told is None:
        return base | {"withheld": say("pilots.told.withheld", eyes.language)}
    told, plan = judged.told, judged.outcome.plan
    return base | {
        "withheld": None,
        "verdict": told.verdict.value,
        "headline": told_headline(told, plan, eyes.language),
        "findings": [],
        "effect": _interval(told.effect),
        "picture": [
            {"month": one.month, "effect": None, "together": _interval(one.effect), "treated": None, "comparison": None}
            for one in told.picture
        ],
        "counted": {"treated": told.treated, "comparison": told.comparison},
        "checks": None,
    }


def _outcome_json(hub: Hub, found: Outcome, language: str) -> dict[str, Any]:
    return {
        "verdict": found.verdict.value,
        "headline": headline(found, language),
        "findings": findings(found, language),
        "effect": _interval(found.effect),
        "picture": [
            {
                "month": one.month,
                "effect": _interval(one.effect),
                "together": _interval(one.together),
                "treated": one.treated,
                "comparison": one.comparison,
            }
            for one in found.picture
        ],
        "counted": {"treated": found.treated.counted, "comparison": found.comparison.counted},
        "checks": {
            "p_chance": _number(found.p_chance),
            "parallel": None if found.parallel is None else _parallel(found.parallel),
            "fakes": _fakes(found.fakes),
            "without": [
                {"member": one.member, "name": _name(hub, one.member), "effect": _interval(one.effect)}
                for one in found.without
            ],
            "planned": {"treated": found.treated.planned, "comparison": found.comparison.planned},
            "unused": list(found.unused),
            "missing": found.missing,
            "generated": found.generated,
        },
    }


def _parallel(one: Parallel) -> dict[str, Any]:
    return {
        "p": _number(one.p),
        "largest": _interval(one.largest),
        "month": one.month,
        "not_ruled_out": _number(one.not_ruled_out),
        "drift": _interval(one.drift),
    }


def _fakes(one: Fakes) -> dict[str, Any]:
    start = None if one.start is None else _interval(one.start)
    return {"start": start, "share": one.share, "number": one.number}


def _interval(one: Interval) -> dict[str, float | None]:
    """An estimate and its ends, None where there is no bound."""
    return {"mean": _number(one.mean), "low": _number(one.low), "high": _number(one.high)}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _members_json(hub: Hub, pilot: Pilot) -> list[dict[str, Any]]:
    groups = ("treated", pilot.plan.treated), ("comparison", pilot.plan.comparison)
    return [
        {"number": one, "name": _name(hub, one), "generated": _is_generated(hub, one), "group": group}
        for group, members in groups
        for one in members
    ]


def _count(members: int, eyes: Eyes) -> int | None:
    """How many, exactly or at least; None for fewer than may be told."""
    if eyes.whole:
        return members
    return members // eyes.least * eyes.least or None


def _any_generated(hub: Hub, plan: Plan) -> bool:
    return any(_is_generated(hub, one) for one in (*plan.treated, *plan.comparison))


def _is_generated(hub: Hub, number: int) -> bool:
    member = hub.register.members.get(number)
    return member is not None and member.profile.generated


def _name(hub: Hub, number: int) -> str | None:
    member = hub.register.members.get(number)
    return None if member is None else member.profile.name
