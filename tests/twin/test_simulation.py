from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from lineside.errors import ConfigurationError
from lineside.twin import Engine, Measure, parse_line, simulate
from lineside.twin.warmup import settled


def row_of_two(**more: Any) -> Any:
    """Saw and mill in a row, the mill the slower one."""
    return parse_line(
        {
            "schema": "lineside.line/1",
            "sources": {"in": {"to": "saw"}},
            "stations": {
                "saw": {"work": {"type": "exponential", "mean": 1.0}, "buffer": 0, "to": "mill"},
                "mill": {"work": {"type": "exponential", "mean": 1.3}, "buffer": 4, "to": "out"},
            },
            **more,
        }
    )


def test_a_measure_is_a_mean_with_its_interval() -> None:
    """Student's t for 99 %; what a replication cannot tell is left out, and one alone has no interval."""
    measure = Measure.of(np.array([1.0, 2.0, 3.0, math.nan]))

    assert measure.mean == 2.0
    assert measure.half_width == pytest.approx(9.92484 / math.sqrt(3), rel=1e-5)  # t(2 degrees, 0.995)
    assert measure.replications == 3
    assert Measure.of(np.array([5.0])) == Measure(5.0, None, 1)
    assert Measure.of(np.array([math.nan])) == Measure(None, None, 0)


def test_all_engines_tell_the_same() -> None:
    """The plain engine can be asked for as well, and agrees in every measure."""
    fastest, fast, plain = (
        simulate(row_of_two(), horizon=100.0, replications=3, warmup=10.0, engine=engine).rows
        for engine in ("recursion", "events", "python")
    )

    np.testing.assert_allclose(fast, plain, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(fastest, plain, rtol=1e-9, atol=1e-9)


def test_two_lines_with_one_seed_share_their_luck() -> None:
    """The gain of a faster mill is far more certain with common random numbers than with other ones."""
    faster = row_of_two().model_copy(deep=True)
    document = faster.model_dump(by_alias=True)
    document["stations"]["mill"]["work"]["*"]["mean"] = 1.17
    faster = parse_line(document)

    def out(line: Any, seed: int) -> Any:
        result = simulate(line, horizon=500.0, replications=60, warmup=50.0, seed=seed)
        return np.array([tally.out.sum() for tally in result.tallies()])

    common = (out(faster, 1) - out(row_of_two(), 1)).std()
    other = (out(faster, 1) - out(row_of_two(), 2)).std()

    assert (other / common) ** 2 > 10.0


def test_a_warm_up_is_found_where_a_line_starts_empty() -> None:
    """The queue of a station loaded to 95 % takes long to settle; what is cut is told."""
    found = simulate(
        parse_line(
            {
                "schema": "lineside.line/1",
                "sources": {"in": {"to": "a", "interval": 1.0}},
                "stations": {
                    "a": {"work": 0.5, "buffer": None, "to": [{"to": "b", "transfer": 200.0}]},
                    "b": {"work": 0.5, "buffer": None, "to": "out"},
                },
            }
        ),
        horizon=2000.0,
        replications=2,
    ).plain()

    assert found["warmup_found"]
    assert 200.0 <= found["warmup"] <= 220.0
    assert found["throughput"]["mean"] == pytest.approx(1.0, rel=0.01)


@pytest.mark.parametrize("engine", ["recursion", "events"])
def test_a_warm_up_of_a_long_run_is_found_in_its_beginning(engine: Engine) -> None:
    """Of more departures than a pilot run can note the first tell when the line has settled."""
    found = simulate(row_of_two(), horizon=400_000.0, replications=1, engine=engine)

    assert found.warmup_found
    assert found.warmup < 4_000.0


def test_a_line_that_starts_as_meant_is_measured_from_the_start() -> None:
    """Orders begin at 0: their time counts from there."""
    orders = [
        {"id": "o1", "quantity": 3, "due": 100, "to": "saw"},
        {"id": "o2", "quantity": 3, "due": 0.1, "to": "saw"},
    ]

    told = simulate(row_of_two(sources={}, orders=orders), horizon=200.0, replications=20).plain()

    assert told["warmup"] == 0.0
    assert told["orders"]["o1"]["on_time"]["mean"] == 1.0
    assert told["orders"]["o2"]["on_time"]["mean"] == 0.0
    assert told["orders"]["o1"]["completed"]["mean"] < told["orders"]["o2"]["completed"]["mean"]


def test_a_line_that_starts_at_work_is_measured_from_the_start() -> None:
    """The part in work at time 0 goes out and is in the line until then."""
    line = parse_line(
        {
            "schema": "lineside.line/1",
            "stations": {"a": {"work": 1, "buffer": 0, "to": "out", "start": [{"state": "working", "left": 5}]}},
        }
    )

    told = simulate(line, horizon=10.0, replications=2).plain()

    assert (told["warmup"], told["out"]["mean"], told["wip"]["mean"]) == (0.0, 1.0, 0.5)


def test_the_cut_is_where_the_rest_is_most_certain() -> None:
    """MSER on a ramp that becomes level: the ramp goes, and never more than half."""
    level = np.concatenate([np.linspace(0.0, 10.0, 20), np.full(80, 10.0) + np.tile([0.1, -0.1], 40)])

    assert settled(level) in range(18, 22)
    assert settled(np.arange(100.0)) <= 50


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"horizon": 0.0}, "twin.horizon"),
        ({"horizon": math.inf}, "twin.horizon"),
        ({"horizon": 10.0, "warmup": 10.0}, "twin.horizon"),
        ({"horizon": 10.0, "replications": 0}, "twin.replications"),
    ],
)
def test_a_run_that_makes_no_sense_is_refused(wrong: dict[str, Any], key: str) -> None:
    """Before anything is compiled or drawn."""
    with pytest.raises(ConfigurationError) as refused:
        simulate(row_of_two(), **wrong)

    assert refused.value.key == key
