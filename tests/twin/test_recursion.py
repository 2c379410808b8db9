from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from lineside.errors import ConfigurationError, LinesideError
from lineside.twin import Line, Tally, oracle, parse_line, simulate
from lineside.twin.compiled import Runner, row_size, tally_of
from lineside.twin.layout import names_of
from lineside.twin.serial import PathRunner, beyond, row_of
from tests.twin.rows import random_row

HORIZON = 300.0
JAM: dict[str, Any] = {"time_to_failure": 9.0, "repair": 1.0}


def counted(kind: type[Runner], line: Line, replication: int, warmup: float) -> Tally:
    """What a compiled engine counts, departures too."""
    runner = kind(line, HORIZON, warmup, 7, 100_000)
    row = np.zeros(row_size(names_of(line)))
    runner.run(replication, row, lambda _: None)
    return tally_of(row, names_of(line), HORIZON - warmup, runner.departures())


def assert_same_sums(one: Tally, other: Tally) -> None:
    """Assert that everything but the departures is the same within rounding."""
    for field in fields(Tally):
        if field.name not in ("departures", "span"):
            expected = pytest.approx(getattr(other, field.name), rel=1e-7, abs=1e-6, nan_ok=True)
            assert getattr(one, field.name) == expected, field.name


@pytest.mark.parametrize("seed", range(150))
def test_the_recursion_is_the_event_engine_to_the_last_bit(seed: int) -> None:
    """Random rows of machines: every departure is the same number, every sum the same but for rounding."""
    line, warmup = random_row(seed), 40.0 * (seed % 2)

    events = counted(Runner, line, seed % 3, warmup)
    path = counted(PathRunner, line, seed % 3, warmup)

    assert path.departures == events.departures
    assert_same_sums(path, events)


@pytest.mark.parametrize("seed", range(150, 190))
def test_the_recursion_agrees_with_the_plain_engine(seed: int) -> None:
    """The judge of the event engine judges the recursion as well."""
    line, warmup = random_row(seed), 40.0 * (seed % 2)
    plain = oracle.simulate(line, seed=7, replication=0, horizon=HORIZON, warmup=warmup, keep_departures=True)

    path = counted(PathRunner, line, 0, warmup)

    for station, times in plain.departures.items():
        assert path.departures[station] == pytest.approx(times, rel=1e-9, abs=1e-7)
    assert_same_sums(path, plain)


def line_of(station: dict[str, Any] | None = None, source: dict[str, Any] | None = None, **rest: Any) -> Line:
    """Two machines in a row, the first of them changed."""
    return parse_line(
        {
            "schema": "lineside.line/1",
            "products": {"x": {}, "y": {}},
            "calendars": {"early": {"on": [[0, 8]], "period": 24}, "late": {"on": [[8, 16]], "period": 24}},
            "resources": {"crew": {"count": 1}},
            "sources": {"in": {"to": "a", **(source or {})}},
            "stations": {
                "a": {"work": 1.0, "buffer": 1, "to": "b", **(station or {})},
                "b": {"work": 1.0, "buffer": 2, "to": "out", "calendar": "early"},
            },
            **rest,
        }
    )


BEYOND: list[tuple[dict[str, Any], str]] = [
    ({"station": {"servers": 2}}, "stations.a.servers"),
    ({"station": {"start": [{"state": "working"}]}}, "stations.a.start"),
    ({"station": {"needs": {"crew": 1}}}, "stations.a.needs"),
    ({"station": {"blocking": "before"}}, "stations.a.blocking"),
    ({"station": {"takes": {"a": 1, "kit": 1}}, "buffers": {"kit": 3}}, "buffers"),
    ({"station": {"takes": {"a": 2}, "buffer": 2}}, "stations.a.takes"),
    ({"station": {"buffer": {"capacity": 3, "initial": 1}}}, "stations.a.buffer"),
    ({"station": {"buffer": 100_000}}, "stations.a.buffer"),
    ({"station": {"failures": {"f": JAM | {"clock": "calendar"}}}}, "stations.a.failures"),
    ({"station": {"failures": {"f": JAM | {"needs": {"crew": 1}}}}}, "stations.a.failures"),
    ({"station": {"to": {"to": "b", "transfer": 1.0}}}, "stations.a.to"),
    ({"station": {"to": [{"to": "b", "probability": 0.5}, {"to": "a", "probability": 0.5}]}}, "stations.a.to"),
    ({"station": {"to": "a"}}, "stations"),
    ({"station": {"to": "out"}}, "stations"),
    ({"stations": {"a": {"work": 1, "buffer": 1, "to": "b"}, "b": {"work": 1, "buffer": 1, "to": "a"}}}, "stations"),
    ({"station": {"calendar": "late"}}, "calendars"),
    ({"source": {"interval": 1.0, "batch": 2}}, "sources.in.batch"),
    ({"source": {"interval": 1.0, "full": "lose"}}, "sources.in.full"),
    ({"sources": {"in": {"to": "a"}, "more": {"to": "b"}}}, "sources"),
    ({"orders": [{"id": "o", "quantity": 1, "to": "a"}]}, "orders"),
    ({"pallets": {"p": {"count": 1, "load": "a", "unload": "b"}}}, "pallets"),
    ({"products": {"x": {}, "y": {"priority": 1}}}, "products"),
]


@pytest.mark.parametrize(("change", "key"), BEYOND, ids=[key for _, key in BEYOND])
def test_what_the_recursion_does_not_know_is_left_to_the_event_engine(change: dict[str, Any], key: str) -> None:
    """Asked for by name it is refused, and the refusal says which key of the model it is."""
    line = line_of(**change)

    with pytest.raises(ConfigurationError) as refused:
        simulate(line, horizon=10.0, replications=1, warmup=0.0, engine="recursion")

    assert (refused.value.key, refused.value.fields["key"]) == ("recursion.beyond", key)
    assert simulate(line, horizon=10.0, replications=1, warmup=0.0).engine == "events"


def test_the_recursion_is_chosen_where_it_covers_the_line() -> None:
    """Whatever the order in which the stations are written."""
    line = line_of()
    turned = line.model_copy(update={"stations": {name: line.stations[name] for name in ("b", "a")}})

    assert (beyond(turned), row_of(turned)) == (None, ["a", "b"])
    assert simulate(turned, horizon=10.0, replications=1).engine == "recursion"


def test_a_recursion_can_be_stopped_within_a_replication() -> None:
    """Who listens hears of progress below one, and may raise to end the run, whichever thread is told."""

    class Unwanted(Exception):
        """Nobody waits for it any more."""

    def told(share: float) -> None:
        assert 0.0 < share < 1.0
        raise Unwanted

    with pytest.raises(Unwanted):
        simulate(line_of(), horizon=1e9, replications=4, warmup=0.0, threads=2, tell=told, engine="recursion")


def test_a_pause_in_the_middle_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A replication that is reported on part by part counts what one in a single go counts."""
    line = random_row(7)
    whole = counted(PathRunner, line, 0, 40.0)
    monkeypatch.setattr("lineside.twin.serial._STEPS_A_TURN", len(line.stations))

    halting = counted(PathRunner, line, 0, 40.0)

    assert halting.departures == whole.departures
    assert_same_sums(halting, whole)


@pytest.mark.parametrize("failures", [{}, {"f": {"time_to_failure": 0.0, "repair": 0.0}}])
def test_a_recursion_in_which_time_stands_still_is_stopped(failures: dict[str, Any]) -> None:
    """Work or failures that take no time, for ever: said instead of waiting for the end."""
    line = parse_line(
        {
            "schema": "lineside.line/1",
            "sources": {"in": {"to": "a"}},
            "stations": {"a": {"work": float(bool(failures)), "buffer": 0, "to": "out", "failures": failures}},
        }
    )

    with pytest.raises(LinesideError) as raised:
        simulate(line, horizon=10.0, replications=1, warmup=0.0, engine="recursion")

    assert raised.value.key == "twin.endless"


def test_threads_share_the_recursion_without_a_trace() -> None:
    """A replication depends on the seed and its number, not on who computes it."""
    line = random_row(11)

    one, two = (simulate(line, horizon=200.0, replications=8, warmup=0.0, threads=n) for n in (1, 2))

    assert one.engine == "recursion"
    np.testing.assert_array_equal(one.rows, two.rows)
