"""The two demo plants of the cluster: they are not generated, but measure the machines that the demo simulates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from lineside.demo.works import Works
from lineside.exchange import Profile
from lineside.plant import moment
from lineside.texts import DEFAULT_LANGUAGE, say

WHOLE_MONTHS = 2
"""So many months lie behind the plants whole, so that they have something to tell."""


@dataclass(frozen=True, slots=True)
class ClusterPlant:
    """One of them: which demo plant it is, its seed, and what it says to the hub that it is."""

    works: Works
    seed: int
    profile: Profile


def plants(
    now_us: int, zone: ZoneInfo, months: int = WHOLE_MONTHS, language: str = DEFAULT_LANGUAGE
) -> tuple[ClusterPlant, ...]:
    """The plants as they are set up at `now_us`, with the given number of whole months behind them.

    The first has the pump line and a machining cell that lacks what OEE needs; the second the pump line alone.
    """
    days = _days(moment(now_us, zone).date(), months)
    first = Profile(
        name=say("demo.cluster.plant.a", language),
        industry="34",
        region="A",
        employees=160,
        turnover_eur=24e6,
        balance_eur=16e6,
        revenue_cny=186e6,
    )
    second = Profile(
        name=say("demo.cluster.plant.b", language),
        industry="34",
        region="B",
        employees=42,
        turnover_eur=7e6,
        balance_eur=5e6,
        revenue_cny=54e6,
    )
    return (
        ClusterPlant(Works("works-a", first.name, days), 22401, first),
        ClusterPlant(Works("works-b", second.name, days, machining=False), 22402, second),
    )


def _days(today: date, months: int) -> int:
    """From the first of a month so many months ago until today."""
    first = today.replace(day=1)
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    return (today - first).days
