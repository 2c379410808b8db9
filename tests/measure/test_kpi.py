from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.measure import Judged, losses
from lineside.plant import State

KNOWN = (State.RUNNING, State.SETUP, State.STARVED, State.BLOCKED, State.DOWN, State.STOPPED, State.OFF)
MICROSECONDS = st.integers(0, 28 * 86_400_000_000)


def judged(
    times: dict[State, float],
    *,
    planned: bool = True,
    produced: float | None = 100.0,
    good: float | None = 90.0,
    ideal_s: float | None = 5000.0,
) -> Judged:
    """A machine judged on these times, all of them planned or none."""
    return Judged(
        times,
        sum(times.values()) if planned else None,
        times if planned else {},
        produced,
        good,
        None if produced is None or good is None else produced - good,
        ideal_s,
    )


@given(
    times=st.dictionaries(st.sampled_from(KNOWN), st.integers(1, 100_000), min_size=1),
    produced=st.integers(1, 5000),
    rejects=st.floats(0, 1),
    cycle=st.floats(0.1, 500),
)
def test_with_plausible_inputs_oee_is_the_product_and_the_losses_explain_it(
    times: dict[State, int], produced: int, rejects: float, cycle: float
) -> None:
    """OEE is A × E × Q, and the waterfall from planned busy time leads down to PBT × OEE."""
    good = produced - round(produced * rejects)
    found = judged({s: float(t) for s, t in times.items()}, produced=produced, good=good, ideal_s=cycle * produced)
    busy = float(sum(times.values()))

    ran = times.get(State.RUNNING, 0)
    steps = losses(found)

    assert found.availability == pytest.approx(ran / busy)
    assert found.quality == pytest.approx(good / produced)
    if ran:
        assert found.oee == pytest.approx(cycle * good / busy)
        assert sum(step.seconds or 0.0 for step in steps) == pytest.approx(busy * (1 - (found.oee or 0.0)), abs=1e-6)
    else:
        assert (found.effectiveness, found.oee) == (None, None)


def test_nothing_is_clamped() -> None:
    """Twice as many units as the ideal cycle allows is an effectiveness of two, and an OEE above one."""
    found = judged({State.RUNNING: 3600.0}, produced=360.0, good=360.0, ideal_s=7200.0)

    assert (found.effectiveness, found.oee) == (2.0, 2.0)
    assert {loss.id: loss.seconds for loss in losses(found)} == {"speed": -3600.0, "rejects": 0.0}


def test_planned_stops_are_taken_out_of_planned_busy_time() -> None:
    """A planned stop is neither production nor loss: 3000 s running of 4000 s leaves 0.75."""
    found = judged({State.RUNNING: 3000.0, State.DOWN: 1000.0, State.PLANNED_STOP: 500.0})

    assert (found.planned_busy_s, found.availability) == (4000.0, 0.75)
    assert "planned_stop" not in {loss.id for loss in losses(found)}


def test_unknown_time_widens_the_range_and_is_not_production() -> None:
    """600 s of 3600 s unknown: availability is between 2400/3600 and 3000/3600, coverage counts only no data."""
    found = judged(
        {State.RUNNING: 2400.0, State.DOWN: 600.0, State.NO_DATA: 360.0, State.UNMAPPED: 240.0},
        produced=100.0,
        good=100.0,
        ideal_s=1800.0,
    )

    assert found.availability == pytest.approx(2400 / 3600)
    assert found.bounds("availability") == pytest.approx((2400 / 3600, 3000 / 3600))
    assert found.bounds("oee") == pytest.approx((1800 / 3600, 2400 / 3600))
    assert (found.bounds("quality"), found.bounds("effectiveness")) == (None, None)
    assert found.coverage == pytest.approx(0.9)


@given(silent=MICROSECONDS, unmapped=MICROSECONDS, stopped=MICROSECONDS)
def test_a_machine_of_which_nothing_is_known_has_no_availability(silent: int, unmapped: int, stopped: int) -> None:
    """When every second is unknown no availability is claimed, not even zero, whatever the seconds are."""
    pieces = {State.NO_DATA: silent, State.UNMAPPED: unmapped, State.PLANNED_STOP: stopped}
    found = Judged(
        {s: us / 1e6 for s, us in pieces.items()},
        sum(pieces.values()) / 1e6,
        {s: us / 1e6 for s, us in pieces.items()},
        0.0,
        0.0,
        0.0,
        0.0,
    )

    assert (found.availability, found.oee) == (None, None)
    if silent + unmapped:
        assert found.coverage == pytest.approx(unmapped / (silent + unmapped))
        assert (found.coverage == 0, found.coverage == 1) == (unmapped == 0, silent == 0)
    else:
        assert found.coverage is None


def test_a_machine_that_never_ran_has_an_oee_of_zero() -> None:
    """Planned, known, down all the time, nothing made: availability decides alone."""
    found = judged({State.DOWN: 3600.0}, produced=0.0, good=0.0, ideal_s=0.0)

    assert (found.availability, found.effectiveness, found.quality, found.oee) == (0.0, None, None, 0.0)


def test_units_of_a_machine_that_never_ran_are_no_oee_of_zero() -> None:
    """The states say it stood, the counter says it made something: nothing is claimed."""
    found = judged({State.DOWN: 3600.0}, produced=11.0, good=11.0, ideal_s=220.0)

    assert (found.availability, found.effectiveness, found.quality, found.oee) == (0.0, None, 1.0, None)


def test_less_than_half_a_second_unknown_is_no_range() -> None:
    """Nobody is told of a range because a machine was heard a moment late."""
    found = judged({State.RUNNING: 3600.0, State.NO_DATA: 0.4})

    assert found.bounds("availability") is None


def test_without_a_plan_only_the_counts_can_be_judged() -> None:
    """No calendar: quality is there, the three others are not, and production inside planned time is unknown too."""
    found = judged({State.RUNNING: 3600.0}, planned=False)

    assert (found.availability, found.effectiveness, found.quality, found.oee) == (None, None, 0.9, None)
    assert (found.planned_busy_s, found.production_s, losses(found)) == (None, None, ())
    assert found.coverage == 1.0


@pytest.mark.parametrize(
    ("produced", "good", "ideal_s", "missing"),
    [
        (None, None, None, {"effectiveness", "quality", "oee"}),
        (100.0, None, 5000.0, {"quality", "oee"}),
        (100.0, 90.0, None, {"effectiveness", "oee"}),
        (0.0, 0.0, 0.0, {"quality", "oee"}),
    ],
    ids=["no counts", "no rejects", "no cycle time", "nothing made"],
)
def test_a_missing_input_makes_missing_what_needs_it(
    produced: float | None, good: float | None, ideal_s: float | None, missing: set[str]
) -> None:
    """What an input does not touch stays; what needs it is None and never zero."""
    found = judged({State.RUNNING: 3600.0}, produced=produced, good=good, ideal_s=ideal_s)

    assert {k for k in ("availability", "effectiveness", "quality", "oee") if getattr(found, k) is None} == missing
