"""What a member's node is told of its sandboxes when it asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from lineside.exchange import Ask, month_name
from lineside.hub.member import Member
from lineside.hub.sandboxes.sandbox import Judgement, Running, Warned
from lineside.hub.sandboxes.sandboxes import Sandboxes
from lineside.hub.sandboxes.watching import Watching

MOST_BYTES = 150_000
"""Of one answer, which an envelope has to hold; the newest come first."""


def told_sandboxes(sandboxes: Sandboxes, watching: Watching) -> Callable[[Member, Ask], dict[str, Any]]:
    """What the hub answers: the terms as it signed them, how far they are, and how each month was judged."""

    def told(member: Member, _: Ask) -> dict[str, Any]:
        found: list[dict[str, Any]] = []
        size = 0
        for one in sandboxes.listed([member.number]):
            size += len(one.envelope) + len(one.report or b"") + 200 * len(one.months) * len(one.terms.limits)
            if found and size > MOST_BYTES:
                break
            found.append(_told(one, sandboxes.month, watching.warned(one)))
        return {"sandboxes": found}

    return told


def _told(one: Running, month: int, warned: tuple[Warned, ...]) -> dict[str, Any]:
    return {
        "terms": msgspec.Raw(one.envelope),
        "sha256": one.sha256,
        "stage": one.stage(month),
        "agreed_ms": None if one.agreed_us is None else one.agreed_us // 1000,
        "ended_ms": None if one.ended_us is None else one.ended_us // 1000,
        "why": one.why,
        "reasons": one.reasons,
        "report": None if one.report is None else msgspec.Raw(one.report),
        "months": [month_json(each) for each in one.months],
        "warnings": [warned_json(each) for each in warned],
    }


def month_json(one: Judgement) -> dict[str, Any]:
    """How a month was judged, with the values that it was judged by."""
    return {
        "month": month_name(one.month),
        "edition": one.edition,
        "judged_ms": one.judged_us // 1000,
        "entry": one.entry,
        "limits": [
            {
                "indicator": each.indicator,
                "verdict": each.verdict.value,
                "value": each.value,
                "coverage": each.coverage,
                "origin": each.origin or None,
            }
            for each in one.limits
        ],
    }


def warned_json(one: Warned) -> dict[str, Any]:
    """A warning; its words stand under `sandboxes.warning.`."""
    month = None if one.month is None else month_name(one.month)
    return {"key": one.key, "month": month, "indicator": one.indicator, "more": one.more}
