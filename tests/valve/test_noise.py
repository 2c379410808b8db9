from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable

import pytest

from lineside.errors import ConfigurationError
from lineside.valve import Contribution, Question, mechanism, noised

pytest.importorskip("opendp", reason="the extra `privacy` is not installed")

DRAWS = 3000
SURE = 4.75
"""Standard deviations: by chance alone a test is past them once in a million runs."""


def loss(draw: Callable[[list[int]], int], data: list[int], neighbour: list[int]) -> float:
    """Return a bound below the privacy loss that is seen between two data sets, at one in a million.

    Of the events "at most t", for t at the quartiles of all that was drawn, the one whose probabilities differ most.
    """
    drawn = [[draw(one) for _ in range(DRAWS)] for one in (data, neighbour)]
    both = sorted(drawn[0] + drawn[1])
    found = []
    for quarter in (1, 2, 3):
        limit = both[len(both) * quarter // 4]
        shares = [sum(value <= limit for value in values) / DRAWS for values in drawn]
        for p, q in (shares, shares[::-1], [1 - s for s in shares], [1 - s for s in shares][::-1]):
            if p and q:
                spread = math.sqrt((1 - p) / (p * DRAWS) + (1 - q) / (q * DRAWS))
                found.append(math.log(p / q) - SURE * spread)
    return max(found)


def test_neighbouring_data_tell_no_more_than_epsilon() -> None:
    """With and without the largest contribution: outcomes are within exp(epsilon), by experiment."""
    epsilon, bounds = 1.0, (-100, 100)
    count, total = mechanism("count", epsilon), mechanism("sum", epsilon, bounds)

    assert loss(count.draw, [0] * 20, [0] * 19) <= epsilon
    assert loss(total.draw, [10] * 20 + [100], [10] * 20) <= epsilon
    assert loss(total.draw, [10] * 20 + [10**6], [10] * 20) <= epsilon


def test_the_experiment_finds_half_the_noise() -> None:
    """A mechanism that claims epsilon and spends twice as much is caught."""
    claimed = 1.0
    faulty = mechanism("sum", 2 * claimed, (-100, 100))

    assert loss(faulty.draw, [10] * 20 + [100], [10] * 20) > claimed


@pytest.mark.parametrize("epsilon", [0.001, 0.1, 1 / 3, 0.7, 1.0, 3.3, 20.0])
@pytest.mark.parametrize("bounds", [(0, 1), (-10_000, 10_000), (3, 7919)])
def test_what_is_proven_is_never_more_than_what_is_spent(epsilon: float, bounds: tuple[int, int]) -> None:
    """OpenDP's own bound stays at or below the epsilon asked for, and close to it."""
    for made in (mechanism("count", epsilon), mechanism("sum", epsilon, bounds)):
        assert 0.99 * epsilon < made.epsilon <= epsilon


def test_figures_are_near_the_truth_where_there_are_many() -> None:
    """Of two thousand contributions count, sum and mean come close, by the error stated; values are clamped."""
    given = [Contribution(f"m{i}", str(day), 50.0 if i else 10**9) for i in range(100) for day in range(20)]

    count = noised(Question("count", 1.0), given)
    total = noised(Question("sum", 1.0, 0.0, 100.0), given)
    mean = noised(Question("mean", 1.0, 0.0, 100.0), given)

    for told, truth in ((count, 2000), (total, 101_000), (mean, 50.5)):
        assert told.value is not None
        assert told.error is not None
        assert abs(told.value - truth) < 8 * told.error
        assert (0.99 < told.epsilon <= 1.0, told.delta) == (True, 0.0)
    assert total.error == pytest.approx(300, rel=0.02)


def test_of_nobody_there_is_noise_and_perhaps_no_mean() -> None:
    """An empty set gives a figure like any other, as its emptiness is a secret, too."""
    told = [noised(Question("mean", 1.0, 0.0, 10.0), []) for _ in range(40)]

    assert {one.value is None for one in told} == {True, False}
    assert all(0 <= one.value <= 10 for one in told if one.value is not None)


def test_the_guarantee_is_said_in_words() -> None:
    """Epsilon and what it means stand with each figure, in both languages."""
    told = noised(Question("count", 0.5), [])

    assert "epsilon 0.5" in told.guarantee()
    assert "1.65 times as likely" in told.guarantee()
    assert "1.65 倍" in told.guarantee("zh")


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: Question("sum", 0.0), "valve.no_epsilon"),
        (lambda: Question("sum", math.nan), "valve.no_epsilon"),
        (lambda: Question("sum", 1.0, 2.0, 1.0), "valve.no_bounds"),
        (lambda: noised(Question("count", 1.0), [Contribution("a", "1", 1.0)] * 2), "valve.unit_twice"),
        (lambda: noised(Question("sum", 1.0), [Contribution("a", "1", math.inf)]), "valve.not_a_number"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(make: Callable[[], object], key: str) -> None:
    """Each mistake has its own sentence and cure."""
    with pytest.raises(ConfigurationError) as error:
        make()

    assert error.value.key == key
    assert error.value.cure()


def test_without_opendp_the_extra_is_named() -> None:
    """One error that says what to install; the room itself starts without it."""
    code = (
        "import sys; sys.modules['opendp'] = None\n"
        "from lineside.valve import Question, noised\n"
        "try:\n    noised(Question('count', 1.0), [])\n"
        "except Exception as error:\n    print(error, error.cure())"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout == (
        "Noise needs OpenDP, which is not installed. "
        'Install the extra that brings it: pip install "lineside[privacy]".\n'
    )
