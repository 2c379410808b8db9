"""Pilots of the demo cluster: one with a planted effect and one without, both judged, and one yet to begin.

All are planned as people plan them: what was planted is not known to the hub.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lineside.demo.cluster.generate import GeneratedCluster
from lineside.demo.cluster.joining import Monthly
from lineside.demo.cluster.speaking import Speaker
from lineside.errors import ConfigurationError, UnusableData
from lineside.hub import Hub
from lineside.hub.pilots import Choice, Hypothesis, Plan, Wanted
from lineside.texts import DEFAULT_LANGUAGE, say

FEWEST = 4
"""Members below which nothing is worth a pilot."""
MOST = 24
AHEAD = 2
"""Months from now to the start of the one that has not begun."""
_PRE, _POST = 12, 6
_COMING = Hypothesis("lead_time", -0.1, -0.05, relative=True)
_IN_VAIN = Hypothesis("schedule_adherence", 0.06, 0.04, relative=False)
"""What nothing was planted for: it changes nothing."""


def accompany(hub: Hub, cluster: GeneratedCluster, language: str = DEFAULT_LANGUAGE) -> Monthly:
    """What a hub does about its pilots month by month: fixes their plans, and judges what is over.

    A cluster with too few members to find anything has none.
    """
    first = min(said.month for one in cluster.members for said in one.said)
    last = max(said.after for one in cluster.members for said in one.said)
    planted = cluster.planted.pilot
    expected = Hypothesis(planted.indicator, -0.2, -0.1, relative=True)

    def monthly(speakers: Mapping[int, Speaker], month: int) -> None:
        if month == planted.start - 2:  # it is the month before the start
            takes_part = [speakers[one].member for one in planted.members]
            _fix(hub, expected, takes_part, planted.start, min(_PRE, planted.start - first), "planted", language)
            others = _telling(cluster, speakers, _IN_VAIN.indicator)
            _fix(hub, _IN_VAIN, others, planted.start, min(_PRE, planted.start - first), "in_vain", language)
        hub.pilots.judge()
        if month == last:
            begins = hub.pilots.planning.month + AHEAD
            _fix(
                hub,
                _COMING,
                _telling(cluster, speakers, _COMING.indicator),
                begins,
                min(_PRE, begins - first),
                "coming",
                language,
            )

    return monthly


def _fix(
    hub: Hub, hypothesis: Hypothesis, treated: Sequence[int], start: int, pre: int, which: str, language: str
) -> None:
    """Fixes a plan with the comparison group that is found for it, unless there are too few members."""
    wanted = Wanted(hypothesis, tuple(sorted(treated)), start, pre, _POST)
    if len(treated) < FEWEST:
        return
    try:
        comparison = hub.pilots.match(wanted).comparison
    except (UnusableData, ConfigurationError):  # too few told enough months, or too few went by: then it has no pilot
        return
    if len(comparison) >= FEWEST:
        name = say(f"demo.cluster.pilot.{which}", language)
        hub.pilots.fix(
            Plan(name, hypothesis, wanted.treated, comparison, start, pre, _POST, chosen=Choice.MATCHED),
            each=wanted.each,
        )


def _telling(cluster: GeneratedCluster, speakers: Mapping[int, Speaker], indicator: str) -> list[int]:
    """Members that tell an indicator and take no part in the pilot that was planted: a tenth of all."""
    free = (one for one in cluster.members if one.number not in cluster.planted.pilot.members)
    telling = [
        speakers[one.number].member
        for one in free
        if any(told.indicator == indicator and told.value is not None for told in one.said[-1].values)
    ]
    return telling[: min(MOST, len(cluster.members) // 10)]
