"""What generated members look for, and the answer of the provider: the pack that was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import sqrt

from lineside.demo.cluster.generate import GeneratedCluster
from lineside.demo.cluster.speaking import Speaker, heard
from lineside.exchange import Envelope, Need
from lineside.hub import Hub
from lineside.texts import DEFAULT_LANGUAGE, say
from lineside.trust import HUB

_LOOKING: Mapping[str, int] = {"recovery_time": 9, "lead_time": 2}
"""By the indicator that is to get better, how many members say so."""
_LARGE = 250
"""Members with so many persons or more look for nothing here: one of them would be most of what needs are worth."""
_WORTH_CNY = 8_000.0
"""A year, times the root of how many persons work there."""


def look(
    hub: Hub, made: GeneratedCluster, speakers: Mapping[int, Speaker], now_ms: int, language: str = DEFAULT_LANGUAGE
) -> int:
    """Lets members that tell an indicator and use no pack post needs, and answers those for which there is a pack.

    Gives how many needs there are. Raises LinesideError for what the hub does not take.
    """
    said = [one for indicator in _LOOKING for one in _said(made, speakers, indicator, now_ms, language)]
    count = heard(hub, said)
    packs = {one.pack.indicator: one for one in hub.packs.shelf.packs.values() if one.current}
    for one in hub.packs.needs():
        if (pack := packs.get(one.need.indicator or "")) is not None:
            hub.packs.offer(one.id, say("demo.cluster.offer", language), pack=pack.sha256, by=HUB)
    return count


def _said(
    made: GeneratedCluster, speakers: Mapping[int, Speaker], indicator: str, now_ms: int, language: str
) -> Iterator[tuple[Speaker, Envelope]]:
    using = {one.member for one in made.planted.adopting}
    telling = (
        one
        for one in made.members
        if one.number not in using
        and (one.profile.employees or 0) < _LARGE
        and any(told.indicator == indicator and told.value is not None for told in one.said[-1].values)
    )
    for _, one in zip(range(_LOOKING[indicator]), telling, strict=False):
        speaker = speakers[one.number]
        yield (
            speaker,
            speaker.statement(
                Need,
                now_ms,
                title=say(f"demo.cluster.need.{indicator}", language),
                indicator=indicator,
                worth_cny=round(_WORTH_CNY * sqrt(one.profile.employees or 1), -3),
                shown="members",
            ),
        )
