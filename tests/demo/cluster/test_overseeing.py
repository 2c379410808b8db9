"""Oversight of the demo cluster: on a real hub, by signed statements, asked and allowed as people do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pytest

from lineside.demo.cluster import (
    GeneratedCluster,
    HistoryClock,
    Speaker,
    ask_everybody,
    generate,
    hub_file,
    join,
    offer_first,
    oversee,
)
from lineside.exchange import month_number
from lineside.hub import HUB_FILE, Hub
from lineside.hub.oversight import State
from lineside.hub.sandboxes import Cause
from lineside.hub.sums import Progress
from lineside.node import now_us

SEED = 22400
FEW = 60
SOME_MONTHS = 12
LAST = month_number("2026-09")


class Overseen(NamedTuple):
    """A hub whose history was told, and who speaks for its members."""

    hub: Hub
    cluster: GeneratedCluster
    speakers: Mapping[int, Speaker]


@pytest.fixture(scope="module")
def overseen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Overseen]:
    """A small cluster that joined while it was overseen."""
    folder, cluster = tmp_path_factory.mktemp("hub"), generate(SEED, FEW, last=LAST, months=SOME_MONTHS)
    (folder / HUB_FILE).write_text(hub_file(FEW, "Asia/Shanghai"), "utf-8")
    clock = HistoryClock(LAST - SOME_MONTHS + 1, now_us)
    with Hub(folder, now_us=clock) as hub:
        monthly = oversee(hub, cluster, clock, SEED)
        speakers = join(hub, cluster.members, clock=clock, progress=lambda *_: None, monthly=monthly)
        yield Overseen(hub, cluster, speakers)


def test_an_obligation_is_over_with_who_met_it_who_did_not_and_who_was_let_off(overseen: Overseen) -> None:
    """Everybody was asked; what is told of the answers is told as it is over."""
    oversight = overseen.hub.oversight
    past = next(one for one in oversight.questions.listed() if one.number == 1)
    states = Counter(one.state for one in oversight.stands(past))

    assert past.question.duty
    assert len(past.members) == FEW
    assert states[State.ANSWERED] > FEW * 0.7
    assert (states[State.EXCUSED], states[State.OPEN]) == (1, 1)
    assert states[State.OVERDUE] == FEW - states[State.ANSWERED] - 2
    assert oversight.has_made_up(past)
    told = oversight.told(past)
    assert told is not None
    assert told.answered > 0


def test_one_sandbox_runs_and_one_was_ended_by_its_limit(overseen: Overseen) -> None:
    """Both agreed to by their members; the one that was ended kept to its limit at first."""
    runs, ended = overseen.hub.sandboxes.listed()

    assert runs.stage(overseen.hub.sandboxes.month) == "running"
    assert runs.months
    assert all(one.limits[0].verdict.value == "kept" for one in runs.months)
    assert ended.why is Cause.LIMIT
    assert [one.limits[0].verdict.value for one in ended.months][:2] == ["kept", "kept"]
    assert [one.limits[0].verdict.value for one in ended.months][-2:] == ["beyond", "beyond"]
    assert ended.report is not None


def test_incidents_are_looked_at_shared_and_closed(overseen: Overseen) -> None:
    """A severe one of the last month is open, with a look and its purpose; what was told before is closed."""
    found = overseen.hub.incidents.listed(lambda _: True)
    severe = [one for one in found if one.severity == 3]

    assert severe[0] is found[0]
    assert not severe[0].closed
    assert all(len(one.looks) == 1 and one.looks[0].purpose and one.shares for one in severe)
    assert any(one.closed for one in found)
    assert not any(one.looks for one in found if one.severity < 3)


def test_a_secure_sum_comes_out_without_anybodys_value(overseen: Overseen) -> None:
    """It is told once every share is there, over those who took part alone."""
    (one,) = overseen.hub.sums.listed()

    assert one.state is Progress.DONE
    assert one.members == 20
    employees = sum(each.profile.employees or 1 for each in overseen.cluster.members[:20])
    assert one.total is not None
    assert 2 * employees - 20 <= one.total <= 24 * employees + 20


def test_what_is_open_is_asked_once_and_answered_by_who_can_speak(overseen: Overseen) -> None:
    """Generated members reply by the values that they told, so that nothing is said otherwise; later none can."""
    band, duty = ask_everybody(overseen.hub, overseen.speakers, SEED)
    stands = overseen.hub.oversight.stands(band)

    assert not band.question.duty
    assert duty.question.duty
    assert band.question.month == "2026-09"
    assert not any(one.otherwise is not None for one in stands)
    assert sum(one.state is State.ANSWERED for one in stands) > FEW * 0.7
    assert len({one.reply.told.band for one in stands if one.reply is not None}) > 2
    assert overseen.hub.oversight.told(band) is None
    assert ask_everybody(overseen.hub, {}, SEED) == ()


def test_nobody_is_offered_anything_where_all_are_generated(overseen: Overseen) -> None:
    """Terms that wait for a word are for a member whose people can give it."""
    assert offer_first(overseen.hub) is None
