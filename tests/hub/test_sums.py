"""Secure sums at a hub: told when every share is there, else gone through again, and never of too few."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lineside.errors import ConfigurationError
from lineside.exchange import (
    Addressed,
    Both,
    Envelope,
    SumCall,
    SumKey,
    SumRound,
    SumShare,
    decoded,
    share,
    steps,
    sum_key,
)
from lineside.hub import Hub
from lineside.hub.sums import AskedSum, Progress, Sum
from lineside.trust import Asked
from tests.hub.conftest import Opens
from tests.hub.factories import Clock, Factory, problem

BOTH = Both(en="Electricity", zh="用电量")
ASKED = AskedSum(BOTH, BOTH, BOTH, "2026-10", "kWh", 1.0, 1e6)
COUNT = 7
"""As few as the hub's rules allow: a group of five, and two who put together what they know."""


@dataclass
class Taking:
    """A factory that takes part, with what only it knows."""

    factory: Factory
    value: float
    secret: bytes = b""

    def join(self, hub: Hub, one: Sum) -> None:
        """Says that it takes part."""
        self.secret, public = sum_key()
        said = self.factory.say(SumKey(call=one.sha256, key=public, **self.factory.base()))
        assert self.factory.send(hub, said)[0].reply

    def told(self, hub: Hub) -> list[dict[str, Any]]:
        """What the hub tells it of sums."""
        found: list[dict[str, Any]] = self.factory.told(hub, "sums", nonce=secrets.token_hex(32))["sums"]
        return found

    def sharing(self, hub: Hub) -> Envelope:
        """Its share of the last round that it is told of."""
        (one,) = self.told(hub)
        signed = Envelope.parse(msgspec.json.encode(one["rounds"][-1]))
        call = decoded(Envelope.parse(msgspec.json.encode(one["envelope"])))
        told = decoded(signed)
        assert isinstance(told, SumRound)
        assert isinstance(call, SumCall)
        word = share(steps(self.value, call), self.factory.number, self.secret, told, signed.payload)
        return self.factory.say(SumShare(round=signed.sha256, share=word, **self.factory.base()))

    def share(self, hub: Hub) -> None:
        """Sends it."""
        assert self.factory.send(hub, self.sharing(hub))[0].reply


@pytest.fixture
def crowd(hub: Hub, tmp_path: Path, clock: Clock) -> list[Taking]:
    """As many factories as a sum needs, and one more."""
    made = [Factory.make(tmp_path, clock, f"f{at}").joined(hub, f"factory {at}") for at in range(COUNT + 1)]
    return [Taking(factory, 1000.0 + 17 * at) for at, factory in enumerate(made)]


def running(hub: Hub, clock: Clock, crowd: list[Taking], asked: AskedSum = ASKED) -> Sum:
    """A sum in its first round, in which all take part."""
    one = hub.sums.call(asked)
    for taking in crowd:
        taking.join(hub, one)
    clock.forward(days=asked.days)
    assert hub.sums.keep() == 1
    return hub.sums.get(one.id)


@pytest.mark.usefixtures("books")
def test_a_sum_is_told_when_every_share_is_there(opens: Opens, tmp_path: Path, clock: Clock) -> None:
    """The total of all, and of nobody what they gave: on both kinds of books, and over a restart."""
    hub = opens()
    made = [Factory.make(tmp_path, clock, f"f{at}").joined(hub, f"factory {at}") for at in range(COUNT)]
    crowd = [Taking(factory, 500.0 * at) for at, factory in enumerate(made)]
    one = running(hub, clock, crowd)
    for taking in crowd[:-1]:
        taking.share(hub)
    assert (hub.sums.keep(), hub.sums.get(one.id).total) == (0, None)

    hub = opens()
    crowd[-1].share(hub)
    assert hub.sums.keep() == 1
    assert hub.sums.keep() == 0

    found = hub.sums.get(one.id)
    assert (found.state, found.total, found.members) == (Progress.DONE, 500.0 * 21, COUNT)
    assert found.mean == 1500.0
    assert crowd[0].told(hub)[0]["total"] == 500.0 * 21
    with hub.ledger.stored() as now:
        kinds = [entry["kind"] for entry in now.page(Asked(kinds=["sum.called", "sum.round", "sum.ended"]), 9)]
    assert kinds == ["sum.ended", "sum.round", "sum.called"]


def test_who_falls_silent_holds_nobody_up(hub: Hub, clock: Clock, crowd: list[Taking]) -> None:
    """A new round begins among those that sent a share, with other shares; the silent one's is not taken any more."""
    one = running(hub, clock, crowd)
    late = crowd[0].sharing(hub)
    for taking in crowd[1:]:
        taking.share(hub)
    clock.forward(days=ASKED.hours / 24)
    assert hub.sums.keep() == 1

    assert problem(crowd[0].factory.send(hub, late)) == "sums.late"
    for taking in crowd[1:]:
        taking.share(hub)
    hub.sums.keep()

    found = hub.sums.get(one.id)
    assert (found.state, found.members, len(found.rounds)) == (Progress.DONE, COUNT, 2)
    assert found.total == sum(taking.value for taking in crowd[1:])


def test_too_few_are_never_summed(hub: Hub, clock: Clock, crowd: list[Taking]) -> None:
    """Neither at the beginning, nor when too many fall silent; no number is told."""
    one = running(hub, clock, crowd[: COUNT - 1])
    assert (one.state, one.why, one.rounds) == (Progress.FAILED, "sums.too_few", ())

    two = hub.sums.call(ASKED)
    for taking in crowd:
        taking.join(hub, two)
    clock.forward(days=ASKED.days)
    hub.sums.keep()
    clock.forward(days=ASKED.hours / 24)
    hub.sums.keep()
    found = hub.sums.get(two.id)
    assert (found.state, found.why, found.total) == (Progress.FAILED, "sums.silent", None)


def test_nobody_speaks_for_another_or_twice(hub: Hub, clock: Clock, crowd: list[Taking]) -> None:
    """A second key or share, one for a sum that there is not, and one that came late are refused with the reason."""
    one = hub.sums.call(replace(ASKED, to=Addressed(members=tuple(range(1, COUNT + 1)))))
    stranger, first = crowd[COUNT], crowd[0]
    for taking in crowd[:COUNT]:
        taking.join(hub, one)

    def said(taking: Taking, told: Any) -> str:
        found = problem(taking.factory.send(hub, taking.factory.say(told)))
        taking.factory.sent.pop()
        return found

    key = sum_key()[1]
    assert stranger.told(hub) == []
    assert said(stranger, SumKey(call=one.sha256, key=key, **stranger.factory.base())) == "sums.no_call"
    assert said(first, SumKey(call=one.sha256, key=key, **first.factory.base())) == "sums.key_known"
    assert said(first, SumShare(round="0" * 64, share="0" * 16, **first.factory.base())) == "sums.no_call"
    clock.forward(days=ASKED.days)
    assert said(stranger, SumKey(call="0" * 64, key=key, **stranger.factory.base())) == "sums.no_call"
    hub.sums.keep()
    first.share(hub)
    sha256 = hub.sums.get(one.id).rounds[0].sha256
    assert said(first, SumShare(round=sha256, share="0" * 16, **first.factory.base())) == "sums.late"


NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"least": 6}, "sums.few"),
    ({"month": "2026-11"}, "sums.month"),
    ({"indicator": "luck"}, "exchange.no_indicator"),
    ({"resolution": 1e-12}, "sums.steps"),
    ({"resolution": 2e6}, "sums.steps"),
    ({"days": 0}, "sums.times"),
    ({"hours": 2000}, "sums.times"),
    ({"to": Addressed(members=(1, 2))}, "sums.addressed"),
    ({"to": Addressed(regions=("north",), industries=("13",))}, "sums.addressed"),
]


@pytest.mark.parametrize(("other", "key"), NONSENSE)
def test_what_would_show_a_member_is_not_called_for(
    hub: Hub, crowd: list[Taking], other: dict[str, Any], key: str
) -> None:
    """Nor what nobody could answer."""
    assert len(crowd) > COUNT
    with pytest.raises(ConfigurationError) as raised:
        hub.sums.call(replace(ASKED, **other))
    assert raised.value.key == key


def test_an_indicator_of_a_month_is_summed_once(hub: Hub, crowd: list[Taking]) -> None:
    """Two sums over almost the same members differ by one; one that was stopped may be called for again."""
    assert len(crowd) > COUNT
    asked = replace(ASKED, indicator="oee", resolution=0.001, most=1.0)
    one = hub.sums.call(asked)
    with pytest.raises(ConfigurationError) as raised:
        hub.sums.call(asked)
    assert raised.value.key == "sums.again"

    with pytest.raises(ConfigurationError):
        hub.sums.stop(one.id, " ")
    assert hub.sums.stop(one.id, "the wrong month").state is Progress.STOPPED
    assert hub.sums.call(asked).id == 2
    with pytest.raises(ConfigurationError):
        hub.sums.stop(one.id, "again")
