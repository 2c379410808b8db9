from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lineside.errors import ConfigurationError
from lineside.twin import parse_line
from lineside.twin.answers import Change, Shock, Study, best_buffers, bottleneck, candidates, rank, shock_costs, what_if
from lineside.twin.answers.race import Standing, chances, race
from lineside.twin.tally import Floats


def row(*means: float) -> Any:
    """Stations in a row of these exponential cycles, three places before each."""
    names = [f"s{i}" for i in range(len(means))]
    return parse_line(
        {
            "schema": "lineside.line/1",
            "sources": {"in": {"to": "s0"}},
            "stations": {
                name: {
                    "work": {"type": "exponential", "mean": mean},
                    "buffer": 3 if i else 0,
                    "to": names[i + 1] if i + 1 < len(names) else "out",
                }
                for i, (name, mean) in enumerate(zip(names, means, strict=True))
            },
        }
    )


def normal(means: list[float], seed: int, common: float) -> Callable[[int, int, int], Floats]:
    """Draw scores of these means, of sd 1 each, that share this much of their variance."""
    table = np.random.default_rng(seed).standard_normal((len(means) + 1, 3000))
    scores = np.sqrt(common) * table[-1] + np.sqrt(1 - common) * table[:-1] + np.array(means)[:, None]
    return lambda i, first, count: scores[i, first : first + count]


def last(means: list[float], seed: int, common: float = 0.8) -> Standing:
    """Race to the end, with a zone of 0.3."""
    return list(race(len(means), normal(means, seed, common), lambda _: 0.3, 0.9, 3000))[-1]


def test_the_best_is_found_as_often_as_promised() -> None:
    """In the hardest case, all others just the zone behind, and 90 % promised, of 300 races."""
    means = [0.0, 0.0, 0.3, 0.0, 0.0, 0.0]

    right = sum(last(means, seed).best == 2 for seed in range(300))

    assert right >= 270


def test_replications_go_where_they_matter() -> None:
    """Those far behind are dropped after the first stage; shared luck makes every race shorter."""
    means = [0.0, 5.0, 4.8, *[1.0] * 10]

    shared, own = last(means, 1, 0.95), last(means, 1, 0.0)

    assert shared.best == 1
    assert all(len(shared.scores[i]) == 10 for i in range(3, 13))
    assert shared.replications < 0.5 * own.replications


def test_equal_lines_end_in_a_tie() -> None:
    """The same scores cannot be told apart, and are not gone on with."""
    standing = list(race(3, lambda i, _, n: np.arange(n, dtype=float) - (i == 2), lambda _: 0.1, 0.95, 1000))[-1]

    assert standing.decided
    assert standing.alive == (0, 1)
    assert standing.replications == 30
    p_best, _ = chances(standing, 1)
    assert p_best == pytest.approx([0.5, 0.5, 0.0])


def test_the_chance_to_be_best_is_what_happens() -> None:
    """Over many races of widely spread lines, given up early, the leader is best as often as said."""
    said, was = 0.0, 0
    for seed in range(300):
        means = list(np.random.default_rng(10_000 + seed).normal(0.0, 1.0, 6))
        standing = next(iter(race(6, normal(means, seed, 0.5), lambda _: 0.01, 0.95, 10)))
        p_best, p_within = chances(standing, seed)
        assert p_best.sum() == pytest.approx(1.0)
        assert (p_within >= p_best - 1e-12).all()
        said += p_best[standing.best] / 300
        was += standing.best == int(np.argmax(means))

    assert abs(said - was / 300) < 0.06


def test_the_right_change_is_ranked_first() -> None:
    """The slow station in the middle: a faster cycle or a second server there beats all other changes."""
    line = row(0.8, 1.2, 0.8)

    answer = rank(line, candidates(line), Study(horizon=300.0, warmup=50.0), zone=0.02)

    assert answer["decided"]
    assert answer["best"] == "s1: one more server"
    first, second = answer["ranking"][:2]
    assert second["name"] == "s1: cycle 10 % shorter"
    assert first["gain"]["mean"] > first["gain"]["half_width"] > 0
    assert first["p_best"] > 0.95
    assert first["to_best"]["mean"] == 0.0
    assert answer["replications"] == sum(one["replications"] for one in answer["ranking"])
    assert {one["name"] for one in answer["ranking"]} >= {None}


def test_doing_nothing_can_be_best() -> None:
    """When every change makes it worse; by lead time, of which less is better, a slow feeder is an improvement."""
    slow = Change(name="slow", scale={"/stations/s1/work": 1.3})
    feeder = Change(name="feeder", scale={"/stations/s0/work": 2})
    study = Study(horizon=200.0, warmup=50.0)

    by_throughput = rank(row(0.8, 1.0), [slow, feeder], study, zone=0.05)
    by_lead_time = rank(row(0.8, 1.0), [slow, feeder], study, aim="lead_time", zone=0.05)

    assert by_throughput["best"] is None
    assert by_throughput["ranking"][1]["gain"]["mean"] < 0
    assert by_lead_time["best"] == "feeder"
    assert by_lead_time["ranking"][0]["gain"]["mean"] < 0
    assert by_lead_time["ranking"][-1]["name"] == "slow"


def test_a_ranking_can_be_stopped_at_any_time() -> None:
    """It says what is known by then, and that it is not decided."""
    line = row(1.0, 1.0, 1.0)
    stages: list[dict[str, Any]] = []
    shares: list[float] = []
    of_stages: list[float] = []

    def see(answer: dict[str, Any]) -> None:
        stages.append(answer)
        of_stages.append(shares[-1])

    answer = rank(
        line,
        candidates(line)[:4],
        Study(horizon=100.0, warmup=0.0),
        zone=1e-4,
        see=see,
        stop=lambda: len(stages) == 2,
        tell=shares.append,
    )

    assert len(stages) == 2
    assert not answer["decided"]
    assert all(0.0 < share < 1.0 for share in of_stages)
    assert {*shares} == {0.0, *of_stages}
    shares.clear()
    study = Study(horizon=100.0, warmup=0.0)
    limited = rank(line, candidates(line)[:4], study, zone=1e-4, most=15, tell=shares.append)
    assert not limited["decided"]
    assert shares[-1] == 1.0
    assert max(one["replications"] for one in limited["ranking"]) == 15


@pytest.mark.parametrize(
    ("question", "least"),
    [("rank", 2 * 9 + 10 * 9), ("what_if", 9), ("bottleneck", 10 * 4), ("shock", 2 * 50), ("buffers", 10 * 3)],
)
def test_an_answer_can_be_ended_before_its_first_step(question: str, least: int) -> None:
    """It is told of every run before there is anything to compare, so that nobody waits who wants it no more."""
    line, study = row(1.0, 1.2, 1.1), Study(horizon=400.0)
    changes = candidates(line)
    told: list[float] = []
    tell = told.append
    shock = Shock("station", 100.0, 50.0, "s1")
    asked: dict[str, Callable[[], Any]] = {
        "rank": lambda: rank(line, changes, study, tell=tell),
        "what_if": lambda: what_if(line, changes, study, replications=2, tell=tell),
        "bottleneck": lambda: bottleneck(line, study, tell=tell),
        "shock": lambda: shock_costs(line, shock, study, changes=changes, tell=tell),
        "buffers": lambda: best_buffers(line, 8, study, tell=tell),
    }

    asked[question]()

    assert told.count(0.0) >= least
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_ranking_of_nothing_is_refused() -> None:
    """No changes, no zone, or orders that are not due."""
    line, study = row(1.0, 1.0), Study(horizon=100.0, warmup=0.0)

    for wrong, key in (
        ({"changes": []}, "answers.no_changes"),
        ({"changes": candidates(line), "zone": 0.0}, "answers.zone"),
        ({"changes": candidates(line), "most": 5}, "answers.zone"),
        ({"changes": candidates(line), "aim": "on_time"}, "answers.nothing_due"),
    ):
        with pytest.raises(ConfigurationError) as refused:
            rank(line, study=study, **wrong)
        assert refused.value.key == key


def exact(first: float, second: float, places: int) -> float:
    """Throughput of two exponential stations with so many places between them: M/M/1 with places + 2 at most."""
    load = second / first
    return (1 - (1 - load) / (1 - load ** (places + 3))) / second


def test_the_truth_of_two_machines_is_found() -> None:
    """By the exact throughput, what is chosen is best or within the zone in 19 of 20 rankings at least."""
    changes = [
        Change(name="first", scale={"/stations/s0/work": 0.94}),
        Change(name="second", scale={"/stations/s1/work": 0.95}),
        Change(name="places", set={"/stations/s1/buffer": 4}),
        Change(name="many", set={"/stations/s1/buffer": 6}),
    ]
    true = {
        None: exact(1.0, 1.05, 3),
        "first": exact(0.94, 1.05, 3),
        "second": exact(1.0, 1.05 * 0.95, 3),
        "places": exact(1.0, 1.05, 4),
        "many": exact(1.0, 1.05, 6),
    }
    right = 0
    for seed in range(20):
        answer = rank(row(1.0, 1.05), changes, Study(horizon=600.0, warmup=100.0, seed=seed), zone=0.01)
        right += true[answer["best"]] >= max(true.values()) - answer["zone"]
        gain = answer["ranking"][0]["gain"]
        assert abs(gain["mean"] - (true[answer["best"]] - true[None])) < 3 * gain["half_width"]

    assert right >= 19
