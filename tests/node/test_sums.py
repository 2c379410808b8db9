"""A node in a secure sum: a person decides once, and nothing but random numbers leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from lineside.errors import ConfigurationError, UnusableData
from lineside.exchange import SUM_ROUND, Both, Envelope, SumKey, SumMember, SumShare, encoded, sum_key
from lineside.hub.sums import AskedSum, Progress, Sum
from lineside.hub.sums.records import SumRoundRecord
from lineside.node import SeenRound
from lineside.node.member.records import SumTakenRecord
from lineside.trust import Asked, Withheld, fingerprint
from tests.hub.factories import Clock, Factory
from tests.hub.test_sums import COUNT, Taking
from tests.hub_peer import HubPeer
from tests.node.february import DAY_US
from tests.node.test_member import PROFILE, TOLD, Works

BOTH = Both(en="Electricity", zh="用电量")
ASKED = AskedSum(BOTH, BOTH, BOTH, "2026-02", "kWh", 1.0, 1e6, days=3, hours=48)
CONTENT = ("profile", "indicator/*", "replies")


class Others:
    """Those that are in the sum beside the node, with the clock of the hub."""

    def __init__(self, hub: HubPeer, folder: Path) -> None:
        self.hub, self.folder, self.clock = hub, folder, Clock()
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
    assert (sums.go_on(), sums.waits_ms()) == (0, hub.hub.sums.get(one.id).rounds[0].told.closes_ms)
    agreed(works, one)
    assert (sums.go_on(), sums.waits_ms()) == (0, None)
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


def running(works: Works, hub: HubPeer, others: Others) -> Sum:
    """A sum in its first round, that the node and all others take part in."""
    one = hub.hub.sums.call(ASKED)
    others.join(one)
    works.member.sums.join(one.sha256, 5.0)
    works.speak()
    works.clock(TOLD + 3 * DAY_US)
    hub.hub.sums.keep()
    return hub.hub.sums.get(one.id)


def agreed(works: Works, one: Sum, least: int | None = None) -> SeenRound:
    """The round that waits, looked at and said yes to."""
    seen = works.member.sums.look(one.sha256)
    assert seen is not None
    assert not seen.agreed
    return works.member.sums.agree(one.sha256, seen.sha256, least)


@pytest.fixture
def others(works: Works, hub: HubPeer, tmp_path: Path) -> Others:
    """The others of a sum; the node is admitted, too."""
    works.joined(hub, *CONTENT)
    works.speak(TOLD)
    return Others(hub, tmp_path)


def test_a_person_sees_whom_a_round_holds_before_a_share_leaves(works: Works, hub: HubPeer, others: Others) -> None:
    """Each member by the fingerprint of the key that it signed with, and the entry of the public ledger."""
    one = running(works, hub, others)
    seen = works.member.sums.look(one.sha256)

    assert seen is not None
    assert (seen.least, len(seen.members), seen.agreed) == (COUNT, COUNT, False)
    keys = {each.number: each.keys[-1].public for each in hub.hub.register.members.values()}
    assert [each.fingerprint for each in seen.members] == [fingerprint(keys[each.member]) for each in seen.members]
    with hub.hub.ledger.stored() as now:
        entries = {entry["index"] for entry in now.page(Asked(kinds=["statement.taken"]), 99)}
    assert {each.entry for each in seen.members} <= entries
    own = [each.member for each in seen.members if each.own]
    assert own == [works.member.memberships.speaking().member]
    with pytest.raises(ConfigurationError) as raised:
        works.member.sums.agree(one.sha256, "0" * 64)
    assert raised.value.key == "sums.round_gone"
    with pytest.raises(ConfigurationError) as raised:
        works.member.sums.agree(one.sha256, seen.sha256, COUNT + 1)
    assert raised.value.key == "sums.least"
    assert not hub.hub.sums.get(one.id).rounds[0].sent


def test_a_yes_holds_while_as_many_are_left_as_it_asked_for(works: Works, hub: HubPeer, others: Others) -> None:
    """One falls silent: who agreed to all of them sends no other share, and says why; what else is due is said."""
    others.all.append(Taking(Factory.make(others.folder, others.clock, "late").joined(hub.hub, "one", PROFILE), 7.0))
    one = running(works, hub, others)
    agreed(works, one, COUNT + 1)
    works.speak()
    silent = others.all.pop()
    others.share()
    works.clock(TOLD + 5 * DAY_US)
    hub.hub.sums.keep()
    (_, second) = hub.hub.sums.get(one.id).rounds
    assert silent.factory.number not in {each.member for each in second.told.members}

    fault = works.member.sums.keep_on()

    assert fault is not None
    assert (fault.key, fault.fields) == ("sums.fewer", {"least": COUNT + 1, "members": COUNT})
    assert not works.member.sums.due()
    agreed_to_fewer = works.member.sums.agree(one.sha256, second.sha256)
    assert agreed_to_fewer.agreed
    works.speak()
    others.share()
    hub.hub.sums.keep()
    assert hub.hub.sums.get(one.id).state is Progress.DONE


def test_a_later_round_among_some_of_the_same_goes_by_the_same_yes(works: Works, hub: HubPeer, others: Others) -> None:
    """Nobody is asked again for what was agreed to."""
    others.all.append(Taking(Factory.make(others.folder, others.clock, "late").joined(hub.hub, "one", PROFILE), 7.0))
    one = running(works, hub, others)
    agreed(works, one)
    works.speak()
    others.all.pop()
    others.share()
    works.clock(TOLD + 5 * DAY_US)
    hub.hub.sums.keep()

    assert works.member.sums.go_on() == 1
    works.speak()
    others.share()
    hub.hub.sums.keep()
    assert hub.hub.sums.get(one.id).total == 5.0 + sum(each.value for each in others.all)


@pytest.mark.parametrize(
    ("lie", "key"),
    [
        (lambda told: (*told[:-1], replace(told[-1], key=sum_key()[1])), "sums.unproven"),
        (lambda told: (*told, SumMember(member=99, key=sum_key()[1])), "sums.unproven"),
        (lambda told: (*told, replace(told[-1], member=99)), "sums.twice"),
    ],
    ids=["another key", "nobody", "one twice"],
)
def test_a_member_that_signed_no_key_is_no_member(
    works: Works,
    hub: HubPeer,
    others: Others,
    lie: Callable[[tuple[SumMember, ...]], tuple[SumMember, ...]],
    key: str,
) -> None:
    """A hub that puts a key of its own into a round, or a member that there is not, is found out; nothing leaves."""
    one = running(works, hub, others)
    honest = one.rounds[0].told
    told = replace(honest, members=lie(honest.members))
    envelope = hub.hub.voice.say(SUM_ROUND, encoded(told))
    with hub.hub.books.session() as rows:
        record = rows.get_one(SumRoundRecord, (one.id, 1))
        record.envelope, record.sha256 = envelope, Envelope.parse(envelope).sha256

    with pytest.raises(UnusableData) as raised:
        works.member.sums.agree(one.sha256, Envelope.parse(envelope).sha256)

    assert raised.value.key == key
    assert works.member.sums.go_on() == 0
    assert not any(isinstance(each, SumShare) for each in hub.said())


def test_who_comes_in_after_the_yes_is_not_agreed_to(works: Works, hub: HubPeer, others: Others) -> None:
    """A later round that holds another member than the one that was looked at gets no share."""
    one = running(works, hub, others)
    agreed(works, one)
    works.speak()
    others.share()
    first = one.rounds[0].told
    stranger = SumMember(member=99, key=sum_key()[1])
    works.clock(TOLD + 5 * DAY_US)
    closes_ms = hub.now_us // 1000 + 1_000_000
    told = replace(first, attempt=2, members=(*first.members, stranger), closes_ms=closes_ms)
    envelope = hub.hub.voice.say(SUM_ROUND, encoded(told))
    sha256 = Envelope.parse(envelope).sha256
    with hub.hub.books.session() as rows:
        rows.add(SumRoundRecord(sum=one.id, attempt=2, sha256=sha256, envelope=envelope, closes_us=closes_ms * 1000))

    fault = works.member.sums.keep_on()

    assert fault is not None
    assert fault.key == "sums.others"
    assert len([each for each in hub.said() if isinstance(each, SumShare)]) == 1


def test_keys_for_a_hub_that_was_left_are_forgotten(works: Works, hub: HubPeer, others: Others) -> None:
    """A sum there can have no share of this factory any more; nothing is asked for its sake."""
    one = running(works, hub, others)
    with works.node.books.session() as rows:
        rows.get_one(SumTakenRecord, one.sha256).hub = "another hub"

    assert works.member.sums.go_on() == 0

    assert not works.member.sums.waiting()
    with works.node.books.reading() as rows:
        assert rows.get_one(SumTakenRecord, one.sha256).secret == b""


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
