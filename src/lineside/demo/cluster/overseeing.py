"""Oversight of the demo cluster, month by month as its history is told: what is asked, allowed, summed and reported."""

from __future__ import annotations

from collections.abc import Mapping

from lineside.demo.cluster.asking import ask_past
from lineside.demo.cluster.generate import GeneratedCluster
from lineside.demo.cluster.happening import MONTHS, happen
from lineside.demo.cluster.history import HistoryClock
from lineside.demo.cluster.joining import Monthly
from lineside.demo.cluster.speaking import Speaker
from lineside.demo.cluster.summing import sum_up
from lineside.demo.cluster.trying import begin
from lineside.hub import Hub
from lineside.texts import DEFAULT_LANGUAGE


def oversee(
    hub: Hub, cluster: GeneratedCluster, clock: HistoryClock, seed: int, language: str = DEFAULT_LANGUAGE
) -> Monthly:
    """What overseers of a hub in the making do each month; the sum takes its clock on by a fortnight."""
    last = max(said.after for one in cluster.members for said in one.said)

    def monthly(speakers: Mapping[int, Speaker], month: int) -> None:
        begin(hub, cluster, speakers, month, last, language)
        hub.watching.watch()
        if month > last - MONTHS:
            happen(hub, speakers, seed, month, last, language)
        if month == last - 1:
            ask_past(hub, speakers, seed, language)
            sum_up(hub, clock, speakers, seed, month)

    return monthly
