from __future__ import annotations

from lineside.connect.presence import Presence
from lineside.connect.push_heard import Heard

SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US


def test_time_that_comes_again_is_told_again() -> None:
    """Where the clock is set back by an hour, coverage goes on from there, and nothing is told of the time between."""
    presence = Presence(5 * SECOND_US)
    presence.alive(2 * HOUR_US)
    presence.alive(2 * HOUR_US + SECOND_US)
    assert presence.untold(presence.span or (0, 0)) == (2 * HOUR_US, 2 * HOUR_US + SECOND_US)

    presence.alive(HOUR_US)
    presence.alive(HOUR_US + SECOND_US)

    assert presence.untold(presence.span or (0, 0)) == (HOUR_US, HOUR_US + SECOND_US)


def test_a_clock_set_forward_leaves_a_gap() -> None:
    """Nobody was heard in the hour that was left out."""
    presence = Presence(5 * SECOND_US)
    presence.alive(HOUR_US)
    presence.alive(2 * HOUR_US)

    assert presence.span == (2 * HOUR_US, 2 * HOUR_US)


def test_an_answer_tells_nothing_of_the_time_after_its_question() -> None:
    """What a device held while its answer was on the way is not known; two answers far apart leave a gap."""
    presence = Presence(5 * SECOND_US)
    presence.alive(1 * SECOND_US, 1 * SECOND_US)
    presence.alive(6 * SECOND_US, 3 * SECOND_US)
    assert presence.span == (1 * SECOND_US, 3 * SECOND_US)

    presence.alive(9 * SECOND_US, 7 * SECOND_US)

    assert presence.span == (9 * SECOND_US, 9 * SECOND_US)


def test_silence_is_noticed_whatever_the_clock_says() -> None:
    """A peer that says nothing more after the clock was set is silent after its pause, and not an hour later."""
    passed = [0.0]
    presence = Presence(5 * SECOND_US, lambda: passed[0])
    presence.connected()
    presence.alive(2 * HOUR_US)
    presence.alive(HOUR_US)

    passed[0] = 4.0
    assert not presence.is_silent
    passed[0] = 6.0
    assert presence.is_silent


def test_who_pushes_is_not_heard_in_time_to_come() -> None:
    """A clock that is set back takes from what was heard by it, so that later spans do not join that again."""
    heard = Heard(SECOND_US, [])
    heard.add(HOUR_US, 2 * HOUR_US)
    heard.cut(HOUR_US + 10)
    heard.add(HOUR_US + 20, HOUR_US + 30)

    assert heard.take_untold() == [(HOUR_US, HOUR_US + 30)]
