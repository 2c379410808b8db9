"""What was heard of one kind: read once, in order, and as it was when somebody looked."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from lineside.exchange import SumKey
from lineside.hub import Hub
from lineside.hub.sums import AskedSum
from tests.hub.factories import Clock, Factory
from tests.hub.test_sums import BOTH, COUNT

ASKED = AskedSum(BOTH, BOTH, BOTH, "2026-10", "kWh", 1.0, 1e6)


def test_who_looks_sees_what_there_was(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """A later statement does not appear in what was looked at before; it is in what is looked at then."""
    made = [Factory.make(tmp_path, clock, f"f{at}").joined(hub, f"factory {at}") for at in range(COUNT)]
    call = hub.sums.call(ASKED).sha256
    before = hub.hearing.of(SumKey)
    for one in made[:3]:
        one.send(hub, one.say(SumKey(call=call, key=secrets.token_hex(32), **one.base())))
    first = hub.hearing.of(SumKey)
    made[3].send(hub, made[3].say(SumKey(call=call, key=secrets.token_hex(32), **made[3].base())))
    second = hub.hearing.of(SumKey)

    assert (len(before), len(first), len(second)) == (0, 3, 4)
    assert [one.told.member for one in second] == [one.number for one in made[:4]]
    assert list(first) == list(second)[:3] == second[:3] == second[:-1]
    assert list(first) == first[0:99] == first[::-1][::-1]
    assert first[-1] == second[2]
    with pytest.raises(IndexError):
        first[3]
