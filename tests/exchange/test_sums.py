"""Shares of secure sums: together they are the sum, and by themselves nothing."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.errors import UnusableData
from lineside.exchange import Addressed, Both, SumCall, SumMember, SumRound, encoded, share, steps, sum_key, summed

BOTH = Both(en="Energy", zh="能源")


def called(**other: Any) -> SumCall:
    """A call for a sum of energy."""
    told = SumCall(
        schema="lineside.sum-call/1",
        hub="0" * 32,
        number=1,
        title=BOTH,
        purpose=BOTH,
        quantity=BOTH,
        month="2026-10",
        unit="kWh",
        resolution=0.5,
        most=1e6,
        to=Addressed(),
        least=3,
        keys_until_ms=1,
        hours=24,
    )
    return msgspec.structs.replace(told, **other)


def a_round(keys: list[str], **other: Any) -> SumRound:
    """A round among members 1, 2, ... with these keys."""
    members = tuple(SumMember(member=at + 1, key=key) for at, key in enumerate(keys))
    told = SumRound(schema="lineside.sum-round/1", hub="0" * 32, call="0" * 64, attempt=1, members=members, closes_ms=1)
    return msgspec.structs.replace(told, **other)


def shares(values: list[int], **other: Any) -> list[str]:
    """What members with these values say in a round of their own."""
    keys = [sum_key() for _ in values]
    told = a_round([public for _, public in keys], **other)
    payload = encoded(told)
    return [share(value, at + 1, keys[at][0], told, payload) for at, value in enumerate(values)]


@given(st.lists(st.integers(-(2**50), 2**50), min_size=3, max_size=8))
def test_shares_are_the_sum(values: list[int]) -> None:
    """Whatever the values are, also below zero."""
    assert summed(shares(values)) == sum(values)


def test_a_part_of_the_shares_is_a_random_number() -> None:
    """Without one share the sum of the others tells nothing: over many rounds it is spread over all there is."""
    found = [summed(shares([1, 2, 3, 4])[:3]) for _ in range(200)]

    assert len({*found}) == 200
    assert min(found) < -(2**61)
    assert max(found) > 2**61
    assert 60 < sum(one > 0 for one in found) < 140


def test_a_share_is_another_one_in_each_round() -> None:
    """The same members and keys agree on other numbers once the round is another one."""
    keys = [sum_key() for _ in range(3)]
    told = [a_round([public for _, public in keys], attempt=attempt) for attempt in (1, 2)]

    said = [[share(7, at + 1, keys[at][0], one, encoded(one)) for at in range(3)] for one in told]

    assert not {*said[0]} & {*said[1]}
    assert [summed(one) for one in said] == [21, 21]


def test_a_round_that_is_not_as_it_should_be_gets_no_share() -> None:
    """With another key for this member, a member or key twice, or a key that keeps no secret."""
    keys = [sum_key() for _ in range(3)]
    public = [one for _, one in keys]
    wrong = {
        "sums.other_key": a_round([secrets.token_hex(32), *public[1:]]),
        "sums.twice": a_round([public[0], public[1], public[1]]),
        "sums.weak_key": a_round([public[0], public[1], "0" * 64]),
    }
    for key, told in wrong.items():
        with pytest.raises(UnusableData) as raised:
            share(1, 1, keys[0][0], told, encoded(told))
        assert raised.value.key == key


def test_values_are_whole_steps_within_what_is_allowed() -> None:
    """Half a kilowatt hour here; what lies beyond, or is no number, is refused before anything leaves."""
    call = called()

    assert [steps(value, call) for value in (0.0, 10.0, 10.2, -3.0)] == [0, 20, 20, -6]
    for value in (1e6 + 1, -2e6, float("nan"), float("inf")):
        with pytest.raises(UnusableData):
            steps(value, call)
