"""What a line's twin answered to a shock, as the words that a hub is told: shares of output, and days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from lineside.errors import ConfigurationError
from lineside.exchange import Recovery

_DAY_S = 86_400.0
SHOCKS: Mapping[str, Literal["supplier", "power"]] = {"source": "supplier", "power": "power"}
"""Shocks of a twin that come from outside of the plant, as a hub calls them."""


def recovery_of(answer: Mapping[str, Any], what: str = "") -> Recovery:
    """Loss and recovery as a twin's answer (`lineside.answer/1`, "shock") tells them.

    The recovery lasts until the line loses no more parts, as far as the steps of the answer tell: its interval is the
    step in which that was. The loss are the parts missing then, 95 %, over what the undisturbed line makes from the
    begin of the shock to then; what is caught up later is not taken off. Raises ConfigurationError for a shock of
    another kind, for one of a supplier that is not named, and where the line had not recovered in the answer's time.
    """
    shock, course = answer["shock"], answer["course"]
    kind = SHOCKS.get(shock["kind"])
    if answer.get("answer") != "shock" or kind is None or answer["time_unit"] != "s" or "planned" not in course[0]:
        raise ConfigurationError("overseen.other_answer")
    if kind == "supplier" and not what.strip():
        raise ConfigurationError("overseen.no_supplier")
    back, end = answer["throughput_back"], shock["start"] + shock["duration"]
    if back is None:
        raise ConfigurationError("overseen.not_recovered")
    at = next(i for i, one in enumerate(course) if one["time"] == back)
    missing, planned = course[at], course[at]["planned"] - course[0]["planned"]
    if planned <= 0:
        raise ConfigurationError("overseen.no_output")
    half = missing["half_width"] or 0.0
    return Recovery(
        shock=kind,
        what=what.strip() if kind == "supplier" else "",
        size=1.0 if kind == "supplier" else min(1.0, max(0.0, shock["less"])),
        days=shock["duration"] / _DAY_S,
        output_lost=(_share((missing["mean"] - half) / planned), _share((missing["mean"] + half) / planned)),
        recovery_days=(max(0.0, course[at - 1]["time"] - end) / _DAY_S, (back - end) / _DAY_S),
    )


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))
