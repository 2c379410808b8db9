"""What a member's node is told of pilots when it asks: those that it is in, and those that it could copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lineside.exchange import Ask, Catalogue, month_name
from lineside.hub.member import Member
from lineside.hub.pilots.keeping import Pilots
from lineside.hub.pilots.outcome import Verdict
from lineside.hub.pilots.pilot import Pilot
from lineside.hub.pilots.words import hypothesis_words, told_headline
from lineside.texts import say

PacksOf = Callable[[str], str | None]
"""The newest solution pack that rests on the pilot by the plan of this hash, by its own; None: there is none."""


def told_pilots(pilots: Pilots, catalogue: Catalogue, pack_of: PacksOf) -> Callable[[Member, Ask], Any]:
    """The answer to "pilots", in the words that every member may read: of groups alone, and of whom none is named."""

    def told(member: Member, ask: Ask) -> Mapping[str, Any]:
        mine = [one for one in pilots.listed() if one.group(member.number) is not None or _worked(one)]
        return {"pilots": [_pilot(one, member, ask.language) for one in mine]}

    def _pilot(one: Pilot, member: Member, language: str) -> Mapping[str, Any]:
        plan, state, judged = one.plan, one.state(pilots.planning.month), one.judged
        told_of = None if judged is None else judged.told
        withheld = judged is not None and told_of is None
        return {
            "number": one.number,
            "name": plan.name,
            "indicator": catalogue.of(plan.hypothesis.indicator).names[language],
            "group": one.group(member.number),
            "state": say(f"pilots.state.{state.value}", language),
            "first": month_name(plan.first),
            "start": month_name(plan.start),
            "last": month_name(plan.end - 1),
            "hypothesis": hypothesis_words(plan, language),
            "verdict": None if told_of is None else told_headline(told_of, plan, language),
            "withheld": say("pilots.told.withheld", language) if withheld else None,
            "worked": _worked(one),
            "pack": pack_of(one.fixed.sha256) if _worked(one) else None,
        }

    return told


def _worked(one: Pilot) -> bool:
    """Whether everybody may be told that it did."""
    found = None if one.judged is None else one.judged.told
    return found is not None and found.verdict is Verdict.WORKED
