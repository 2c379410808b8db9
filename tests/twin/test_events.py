from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lineside.errors import LinesideError
from lineside.twin import Tally, draws, events, oracle, parse_line, simulate
from lineside.twin.compiled import Runner, row_size, tally_of
from lineside.twin.draws import sources
from lineside.twin.layout import names_of
from tests.twin.lines import random_line

HORIZON = 300.0


def compiled_tally(line: Any, seed: int, replication: int, warmup: float, horizon: float = HORIZON) -> Tally:
    """What the event engine counts, departures too."""
    runner = Runner(line, horizon, warmup, seed, departures=100_000)
    row = np.zeros(row_size(names_of(line)))
    runner.run(replication, row, lambda _: None)
    return tally_of(row, names_of(line), horizon - warmup, runner.departures())


@pytest.mark.parametrize("seed", range(120))
def test_the_engines_agree_to_the_last_departure(seed: int) -> None:
    """Random lines with everything there is: the same luck gives the same departures and sums in both."""
    line, warmup = random_line(seed), 40.0 * (seed % 2)

    plain = oracle.simulate(line, seed=7, replication=seed % 3, horizon=HORIZON, warmup=warmup, keep_departures=True)
    fast = compiled_tally(line, 7, seed % 3, warmup)

    for station, times in plain.departures.items():
        assert fast.departures[station] == pytest.approx(times, rel=1e-9, abs=1e-7)
    for field in fields(Tally):
        if field.name not in ("departures", "span"):
            expected = pytest.approx(getattr(plain, field.name), rel=1e-7, abs=1e-6, nan_ok=True)
            assert getattr(fast, field.name) == expected, field.name


def line_of(**station: Any) -> Any:
    """One station that always has a part."""
    return parse_line(
        {
            "schema": "lineside.line/1",
            "sources": {"in": {"to": "a"}},
            "stations": {"a": {"work": 1.0, "buffer": 0, "to": "out", **station}},
        }
    )


def test_threads_change_nothing() -> None:
    """A replication depends on the seed and its number, not on who computes it."""
    line = random_line(3)

    one, two = (simulate(line, horizon=200.0, replications=8, warmup=0.0, threads=n) for n in (1, 2))

    np.testing.assert_array_equal(one.rows, two.rows)


def test_a_run_can_be_stopped() -> None:
    """Who listens to the progress may raise, and the run ends at once, whichever thread is told."""

    class Unwanted(Exception):
        """Nobody waits for it any more."""

    def told(share: float) -> None:
        assert 0.0 <= share <= 1.0
        raise Unwanted

    with pytest.raises(Unwanted):
        simulate(line_of(), horizon=1e9, replications=4, warmup=0.0, threads=2, tell=told, engine="events")


def test_a_line_in_which_time_stands_still_is_stopped() -> None:
    """Work that takes no time, for ever: said instead of waiting for the end."""
    with pytest.raises(LinesideError) as raised:
        simulate(line_of(work=0.0), horizon=10.0, replications=1, warmup=0.0, engine="events")

    assert raised.value.key == "twin.endless"


def test_a_deadlock_is_told_with_its_time() -> None:
    """Two stations that each wait for room at the other stay so; the result says since when."""
    line = parse_line(
        {
            "schema": "lineside.line/1",
            "sources": {"in": {"to": "a"}},
            "stations": {
                "a": {"work": 1.0, "buffer": 0, "to": "b"},
                "b": {"work": 3.0, "buffer": 0, "to": "a"},
            },
        }
    )

    told = simulate(line, horizon=100.0, replications=3, warmup=0.0).plain()

    assert (told["deadlocks"], told["first_deadlock"]) == (3, 4.0)
    assert told["throughput"]["mean"] == 0.0


NIGHTS = {"calendars": {"day": {"on": [[0, 8]], "period": 24}}}
RUST = {"rust": {"time_to_failure": 9.0, "repair": 1.0, "clock": "calendar"}}


@pytest.mark.parametrize(
    ("a", "b", "rest", "horizon", "since"),
    [
        ({"to": "b"}, {"to": "a"}, {}, 100.0, 4.0),
        ({"to": "b", "calendar": "day"}, {"to": "a"}, NIGHTS, 100.0, 4.0),
        ({"to": "b"}, {"to": "a", "calendar": "day", "failures": RUST}, NIGHTS, 100.0, 4.0),
        ({"to": "b"}, {"to": "out", "calendar": "day"}, NIGHTS, 20.0, None),  # a waits for the morning
        ({"to": "b", "calendar": "day"}, {"to": "out"}, NIGHTS, 20.0, None),  # parts wait for it
        ({"to": "b", "calendar": "day", "blocking": "before"}, {"to": "out", "calendar": "day"}, NIGHTS, 20.0, None),
        ({"to": "b", "needs": {"crane": 1}, "calendar": "day"}, {"to": "out"}, NIGHTS, 10.0, None),
        ({"to": "b"}, {"to": "a", "failures": {"jam": {"time_to_failure": 1.0, "repair": 1e9}}}, {}, 100.0, None),
    ],
)
def test_both_engines_know_a_standstill(a: Any, b: Any, rest: Any, horizon: float, since: float | None) -> None:
    """Calendars and calendar lives that go on hide none; what waits for a shift or a repair is none."""
    line = parse_line(
        {
            "schema": "lineside.line/1",
            "resources": {"crane": {"count": 1}},
            "sources": {"in": {"to": "a"}},
            "stations": {"a": {"work": 1.0, "buffer": 0, **a}, "b": {"work": 3.0, "buffer": 0, **b}},
            **rest,
        }
    )

    plain = oracle.simulate(line, seed=1, replication=0, horizon=horizon).stuck
    fast = compiled_tally(line, 1, 0, 0.0, horizon).stuck

    assert [plain, fast] == pytest.approx([since if since is not None else math.nan] * 2, nan_ok=True)


def test_compiled_code_is_kept_for_this_source_alone(tmp_path: Path) -> None:
    """A change in any module of the engine makes another key: cells stand in one file and are used in all."""
    (tmp_path / "kernel").mkdir()
    for file in ("cells.py", "kernel/work.py"):
        (tmp_path / file).write_text("A = 1", "utf-8")
    before = sources(tmp_path)
    (tmp_path / "cells.py").write_text("A = 2", "utf-8")

    assert sources(tmp_path) != before
    kept: Any = events.advance
    assert kept._cache._cache_file._source_stamp == sources(Path(events.__file__).parent)  # noqa: SLF001


def test_more_parts_at_the_start_than_there_was_memory_for_are_all_there() -> None:
    """Also where nothing happens before the end."""
    line = parse_line(
        {
            "schema": "lineside.line/1",
            "stations": {"a": {"work": 100, "buffer": {"capacity": None, "initial": 1000}, "to": "out"}},
        }
    )

    assert simulate(line, horizon=10.0, replications=1, warmup=0.0).plain()["wip"]["mean"] == 1000.0


def test_more_parts_than_there_was_memory_for_change_nothing() -> None:
    """A queue that grows without end gets the room it needs."""
    line = parse_line(
        {
            "schema": "lineside.line/1",
            "sources": {"in": {"to": "a", "interval": 0.01}},
            "stations": {"a": {"work": 1.0, "buffer": None, "to": "out"}},
        }
    )

    told = simulate(line, horizon=100.0, replications=1, warmup=0.0, engine="events").plain()

    assert told["sources"]["in"]["came"]["mean"] == pytest.approx(10_000, abs=1)
    assert told["out"]["mean"] == 99.0
    assert math.isclose(told["buffers"]["a"]["level"]["mean"], 4950, rel_tol=0.01)


def test_the_code_kept_on_disk_is_that_of_every_compiled_module() -> None:
    """Each module with compiled functions, and those whose numbers they hold, belong to the digest it is kept by."""
    folder = Path(draws.__file__).parent
    kept = {path for pattern in draws.ENGINES for path in folder.glob(pattern)}
    compiled = {
        path for path in folder.rglob("*.py") if "import compiled" in (text := path.read_text()) or "@entry" in text
    }

    assert compiled <= kept
