"""Generated members at a real hub: by the door that everybody takes, all of them heard, the two gamers flagged."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from lineside.api.pilot_view import Eyes, pilot_json
from lineside.demo.cluster import (
    MONTHS,
    GeneratedCluster,
    HistoryClock,
    Speaker,
    accompany,
    generate,
    hub_file,
    join,
    programme_files,
    sources,
)
from lineside.exchange import catalogue, month_number
from lineside.hub import HUB_FILE, Hub, Origin, Standing, read_hub, size_of
from lineside.hub.pilots import State, Verdict
from lineside.hub.support import told_by
from lineside.node import now_us
from lineside.rules import read_programmes

SEED = 22400
FEW = 60
SOME_MONTHS = 16
LAST = month_number("2026-09")


class Joined(NamedTuple):
    """A hub with generated members, who speaks for each, and what was told of the way there."""

    hub: Hub
    cluster: GeneratedCluster
    speakers: Mapping[int, Speaker]
    progress: list[tuple[int, int]]


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Joined]:
    """A small cluster that joined."""
    folder, cluster = tmp_path_factory.mktemp("hub"), generate(SEED, FEW, last=LAST, months=SOME_MONTHS)
    (folder / HUB_FILE).write_text(hub_file(FEW, "Asia/Shanghai"), "utf-8")
    progress: list[tuple[int, int]] = []
    clock = HistoryClock(LAST - SOME_MONTHS + 1, now_us)
    with Hub(folder, now_us=clock) as hub:
        monthly = accompany(hub, cluster)
        speakers = join(
            hub, cluster.members, clock=clock, progress=lambda *told: progress.append(told), monthly=monthly
        )
        yield Joined(hub, cluster, speakers, progress)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_hub_reads_the_file_of_the_demo(tmp_path: Path, language: str) -> None:
    """Its regions are those of the members, and there are more enterprises of each size than members."""
    (tmp_path / HUB_FILE).write_text(hub_file(300, "Europe/Berlin", language), "utf-8")

    settings = read_hub(tmp_path)

    assert settings.region_codes == tuple(one.code for one in sources().regions)
    members = [size_of(one.profile, settings.size_scheme) for one in generate(SEED, last=LAST, months=14).members]
    for size in sources().sizes:
        enterprises = sum(one.enterprises for one in settings.population if one.size == size.id)
        assert enterprises > members.count(size.id) > 0


def test_the_programme_of_the_demo_asks_for_what_its_members_tell() -> None:
    """It holds, says that it is invented, and asks for nothing but profiles and indicators."""
    found = read_programmes(programme_files().items())

    assert found.findings == ()
    for rule in found.usable:
        assert all("invented" in words or "虚构" in words for words in rule.names.values())
        assert {told_by(one, catalogue()) for one in rule.inputs.values()} <= {"profile", "indicator"}
    assert len(found.usable) == 1


def test_every_member_is_invited_enrolled_and_admitted(joined: Joined) -> None:
    """Each is a member with a key of its own and a label that says that it was generated."""
    members = joined.hub.register.everybody()

    assert [one.state for one in members] == [Standing.MEMBER] * FEW
    assert len({one.key for one in members}) == FEW
    assert all(one.profile.generated for one in members)
    assert [one.profile for one in members] == [one.profile for one in joined.cluster.members]


def test_everything_that_was_said_has_its_receipt(joined: Joined) -> None:
    """Nothing is refused, and the hub knows the same last statement as who made it."""
    said = sum(len(member.said) for member in joined.cluster.members)

    assert sum(len(one.receipts) for one in joined.speakers.values()) == said
    for number, speaker in joined.speakers.items():
        member = joined.hub.register.get(speaker.member)
        assert (member.last, member.head) == (speaker.last, speaker.head)
        assert len(speaker.receipts) == len(joined.cluster.members[number - 1].said)
        assert joined.hub.registrar.refused(speaker.member) == []


def test_only_who_plays_a_game_is_flagged(joined: Joined) -> None:
    """Who tells what cannot be, and who jumps, is remarked on from that month on; of nobody else is anything odd."""
    flagged = {
        number: {remark.key for receipt in speaker.receipts for remark in receipt.remarks}
        for number, speaker in joined.speakers.items()
    }

    for number, (game, _) in joined.cluster.planted.games.items():
        assert ("product" if game == "combination" else "jump") in flagged.pop(number)
    assert not any(flagged.values())


def test_the_figures_of_the_hub_are_what_was_generated(joined: Joined) -> None:
    """Value by value, corrections in the place of what was told before, and each one labelled."""
    seen = joined.hub.figures.snapshot()
    for name in catalogue().indicators:
        series = seen.of(name)
        expected = np.full(series.value.shape, np.nan)
        for number, speaker in joined.speakers.items():
            for said in joined.cluster.members[number - 1].said:
                for one in said.values:
                    if one.indicator == name and one.value is not None:
                        expected[speaker.member - 1, said.month - seen.first] = one.value
        assert np.array_equal(series.value, expected, equal_nan=True)
        assert set(series.origin[~np.isnan(series.value)].tolist()) <= {Origin.GENERATED}


def test_the_planted_pilot_was_fixed_before_and_judged_after(joined: Joined) -> None:
    """By the clock of the history: the ledger has the plan in the month before the start, and the outcome behind it."""
    hub, planted = joined.hub, joined.cluster.planted.pilot
    coming, vain, pilot = hub.pilots.listed()
    assert pilot.judged is not None
    when = {}
    with hub.ledger.stored() as now:
        for index in (pilot.entry, pilot.judged.entry, coming.entry):
            when[index] = json.loads(now.body(index))["time"] // 1000

    assert pilot.plan.start == planted.start
    assert pilot.plan.treated == tuple(sorted(joined.speakers[one].member for one in planted.members))
    assert not {*pilot.plan.comparison} & {*pilot.plan.treated}
    assert month_of(when[pilot.entry]) == planted.start - 1
    assert month_of(when[pilot.judged.entry]) > pilot.plan.end
    assert pilot.judged.outcome.verdict is not Verdict.FAILED
    assert pilot.judged.outcome.effect.mean < planted.change / 2
    assert pilot.judged.outcome.generated == 1.0
    assert vain.judged is not None
    assert vain.judged.outcome.verdict is not Verdict.WORKED
    assert not {*vain.plan.treated} & {*pilot.plan.treated}
    assert coming.state(hub.pilots.planning.month) is State.PLANNED
    assert coming.plan.start == month_of(when[coming.entry]) + 2
    assert hub.pilots.planning.reach(coming.plan).noise.sd > 0


def test_the_ledger_of_the_demo_never_goes_back(joined: Joined) -> None:
    """Its times only grow, and none is later than now."""
    with joined.hub.ledger.stored() as now:
        times = [json.loads(now.body(index))["time"] for index in range(now.size)]

    assert times == sorted(times)
    assert times[-1] <= now_us()


def test_a_cluster_too_small_for_a_pilot_has_none(tmp_path: Path) -> None:
    """All else is as ever."""
    cluster, clock = generate(SEED, 20, last=LAST, months=14), HistoryClock(LAST - 13, now_us)
    (tmp_path / HUB_FILE).write_text(hub_file(20, "Asia/Shanghai"), "utf-8")
    with Hub(tmp_path, now_us=clock) as hub:
        join(hub, cluster.members, clock=clock, progress=lambda _done, _of: None, monthly=accompany(hub, cluster))

        assert hub.pilots.listed() == []
        assert len(hub.register.members) == 20


def month_of(ms: int) -> int:
    """The month that a moment lies in, since the year 0."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.year * 12 + moment.month - 1


def test_the_way_there_is_told(joined: Joined) -> None:
    """Progress only grows, and ends with all members and months."""
    done = [one for one, _ in joined.progress]

    assert done == sorted(done)
    assert joined.progress[-1] == (done[-1], done[-1])


@pytest.mark.soak
def test_the_whole_cluster_is_in_within_a_minute(tmp_path: Path) -> None:
    """300 members and 24 months each, with everything that a hub checks, writes and signs."""
    cluster = generate(SEED, last=LAST)
    (tmp_path / HUB_FILE).write_text(hub_file(len(cluster.members), "Asia/Shanghai"), "utf-8")

    began = time.monotonic()
    clock = HistoryClock(LAST - MONTHS + 1, now_us)
    with Hub(tmp_path, now_us=clock) as hub:
        monthly = accompany(hub, cluster)
        speakers = join(hub, cluster.members, clock=clock, progress=lambda _done, _of: None, monthly=monthly)
        took_s = time.monotonic() - began
        pilot = hub.pilots.listed()[-1]
    flagged = {number for number, one in speakers.items() if any(receipt.remarks for receipt in one.receipts)}

    assert pilot.judged is not None
    assert pilot.judged.told is not None
    assert pilot.judged.told.verdict is Verdict.WORKED
    assert took_s < 60
    assert flagged == set(cluster.planted.games)


def test_the_coming_pilot_says_that_nothing_more_comes(joined: Joined) -> None:
    """Generated members are silent after the demo is made: who looks at it is not left to wait."""
    coming = next(one for one in joined.hub.pilots.listed() if one.judged is None)

    told = pilot_json(joined.hub, coming, Eyes("en", whole=False, mine=(), plans=False, least=7))

    assert told["state"] == "planned"
    assert told["waits"]["detail"].startswith("All its members are generated.")
