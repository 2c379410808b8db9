from __future__ import annotations

import pytest

from lineside.trust.brake import FREE, LONGEST_S, MOST_OF_ALL, TRIES, Brake


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


def test_a_flood_from_one_address_is_let_through_twenty_times(clock: Clock) -> None:
    """Whatever names it tries; one try grows back every six seconds."""
    brake = Brake(clock)

    admitted = sum(brake.admit(f"name-{n}", "10.0.0.9") == 0 for n in range(1000))
    clock.now += 6
    again = [brake.admit("name", "10.0.0.9") for _ in range(2)]

    assert admitted == TRIES
    assert (again[0], again[1] > 0) == (0.0, True)
    assert brake.admit("name", "10.0.0.8") == 0


def test_wrong_passwords_in_a_row_take_longer_and_longer(clock: Clock) -> None:
    """Twice as long each time, and a quarter of an hour at most."""
    brake, waits = Brake(clock), []
    for _ in range(40):
        clock.now += 6  # as its address gets a try back
        wait = brake.admit("eva", "10.0.0.9")
        waits.append(wait)
        clock.now += wait
        if wait:
            assert brake.admit("eva", "10.0.0.9") == 0

    assert waits[:FREE] == [0.0] * FREE
    assert max(waits) <= LONGEST_S
    assert waits[-1] > LONGEST_S - 10


def test_who_is_right_starts_anew(clock: Clock) -> None:
    """Four slips and the right password leave nothing behind."""
    brake = Brake(clock)
    for _ in range(10):
        for _ in range(FREE - 1):
            assert brake.admit("eva", "10.0.0.9") == 0
        brake.admit("eva", "10.0.0.9")
        brake.right("eva", "10.0.0.9")
        clock.now += FREE * 6


def test_an_attack_from_everywhere_keeps_nobody_out_of_where_they_work(clock: Clock) -> None:
    """An account tried from many addresses waits for new ones, and not for one from which its person came."""
    brake = Brake(clock)
    brake.greet("eva", "10.0.0.1")

    admitted = sum(brake.admit("eva", f"10.1.{n // 250}.{n % 250}") == 0 for n in range(1000))

    assert admitted == MOST_OF_ALL
    assert brake.admit("eva", "10.9.9.9") > 0
    assert brake.admit("eva", "10.0.0.1") == 0
    assert brake.admit("otto", "10.9.9.9") == 0


def test_the_brakes_stay_small(clock: Clock) -> None:
    """However many names and addresses are tried."""
    brake = Brake(clock)

    for n in range(12_000):
        brake.admit(f"name-{n}", f"address-{n}")

    assert len(brake._addresses) <= 10_000  # noqa: SLF001 - what is bounded is inside
    assert len(brake._names) <= 10_000  # noqa: SLF001
