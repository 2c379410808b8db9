"""A node in a secure sum: a person decides once, and nothing but random numbers leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lineside.errors import ConfigurationError, UnusableData
from lineside.exchange import Both, SumKey, SumShare
from lineside.hub.sums import AskedSum, Progress, Sum
from lineside.node import Node
from lineside.node.member.records import SumTakenRecord
from lineside.trust import Withheld
from tests.hub.factories import Clock, Factory
from tests.hub.test_sums import COUNT, Taking
from tests.hub_peer import HubPeer
from tests.node.february import DAY_US, copied
from tests.node.test_member import PROFILE, TOLD, Works

BOTH = Both(en="Electricity", zh="用电量")
ASKED = AskedSum(BOTH, BOTH, BOTH, "2026-02", "kWh", 1.0, 1e6, days=3, hours=48)
CONTENT = ("profile", "indicator/*", "replies")


@pytest.fixture
def works(month: Path, tmp_path: Path, hub: HubPeer) -> Iterator[Works]:
    """A node with that February, at its end."""
    folder = tmp_path / "plant"
    folder.mkdir()
    copied(month, folder)
    found = Works(Node.open(folder), hub)
    yield found
    found.close()


class Others:
    """Those that are in the sum beside the node, with the clock of the hub."""

    def __init__(self, hub: HubPeer, folder: Path) -> None:
        self.hub, self.clock = hub, Clock()
        self.follow()
        made = [Factory.make(folder, self.clock, f"f{number}") for number in range(COUNT - 1)]
        self.all = [Taking(one.joined(hub.hub, "other", PROFILE), 100.0 * n) for n, one in enumerate(made)]

    def follow(self) -> None:
        """Have the time of the hub."""
        self.clock.us = self.hub.now_us

    def join(self, one: Sum) -> None:
        """All take part."""
        self.follow()
        for taking in self.all:
            taking.join(self.hub.hub, one)

    def share(self) -> None:
        """All send their shares."""
        self.follow()
        for taking in self.all:
            taking.share(self.hub.hub)


def test_a_node_gives_its_value_to_the_sum_and_to_nobody(works: Works, hub: HubPeer, tmp_path: Path) -> None:
    """What it says are a key and a share; the total holds the value; afterwards the key is gone."""
    works.joined(hub, *CONTENT)
    works.speak(TOLD)
    others = Others(hub, tmp_path)
    one = hub.hub.sums.call(ASKED)
    others.join(one)
    sums = works.member.sums
    (called,) = sums.called()
    assert (called.state, called.call.title.en, called.own) == ("called", "Electricity", None)

    sums.join(one.sha256, 4321.4)
    works.speak()
    works.clock(TOLD + 3 * DAY_US)
    hub.hub.sums.keep()
    assert works.member.due()
    assert (sums.go_on(), sums.go_on()) == (1, 0)
    works.speak()
    others.share()
    hub.hub.sums.keep()

    found = hub.hub.sums.get(one.id)
    assert (found.state, found.total) == (Progress.DONE, 4321.0 + sum(each.value for each in others.all))
    said = [each for each in hub.said() if isinstance(each, SumKey | SumShare)]
    assert [type(each).__name__ for each in said] == ["SumKey", "SumShare"]
    assert sums.go_on() == 0
    with works.node.books.reading() as rows:
        kept = rows.get_one(SumTakenRecord, one.sha256)
        assert (kept.steps, kept.secret, kept.origin) == (4321, b"", "entered")
    assert sums.called()[0].own == 4321.0


def test_an_indicator_is_computed_and_summed_once(works: Works, hub: HubPeer, tmp_path: Path) -> None:
    """The node's own value of the month, also where no release tells it; never in two sums of the same."""
    works.joined(hub, *CONTENT)
    works.speak(TOLD)
    Others(hub, tmp_path)
    of_oee = AskedSum(BOTH, BOTH, BOTH, "2026-02", "1", 0.001, 1.0, indicator="oee")
    one = hub.hub.sums.call(of_oee)

    joined = works.member.sums.join(one.sha256)
    oee = next(value for value in works.member.told("2026-02", None).values if value.indicator == "oee").value
    assert oee is not None
    assert joined.own == pytest.approx(oee, abs=0.0005)

    hub.hub.sums.stop(one.id, "once more")
    again = hub.hub.sums.call(of_oee)
    with pytest.raises(ConfigurationError) as raised:
        works.member.sums.join(again.sha256)
    assert raised.value.key == "sums.taken"


def test_without_a_release_nobody_takes_part(works: Works, hub: HubPeer, tmp_path: Path) -> None:
    """What may not leave is said before anything is kept; a value beyond the call's is refused, too."""
    works.joined(hub)
    works.speak(TOLD)
    Others(hub, tmp_path)
    one = hub.hub.sums.call(ASKED)
    with pytest.raises(Withheld):
        works.member.sums.join(one.sha256, 5.0)
    with pytest.raises(UnusableData):
        works.member.sums.join(one.sha256, 5e9)
    with pytest.raises(ConfigurationError):
        works.member.sums.join(one.sha256)
    with pytest.raises(ConfigurationError):
        works.member.sums.join("0" * 64, 5.0)

    assert not works.member.sums.waiting()
