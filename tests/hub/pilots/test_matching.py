from __future__ import annotations

import numpy as np
import pytest

from lineside.errors import ConfigurationError, UnusableData
from lineside.hub.pilots import Candidates, Panel, compared, matched
from lineside.texts import LANGUAGES
from tests.hub.pilots.planted import START, lasting, rematched

MONTHS = (START - 12, START)


def panel(value: np.ndarray) -> Panel:
    """Return a panel whose members are numbered from 0."""
    return Panel(value, np.arange(len(value)), START - value.shape[1])


def test_the_nearest_are_found_and_nobody_twice() -> None:
    """Twins planted beside each member of another level are its comparison."""
    random = np.random.default_rng(2)
    levels = np.concatenate([np.arange(8) * 10.0, np.arange(8) * 10.0 + 0.5, np.arange(8) * 10.0 - 0.5])
    value = levels[:, None] + lasting(1, 12, 0.5, random) + 0.01 * lasting(24, 12, 0.5, random)

    found = matched(panel(value), Candidates(["34"] * 24, [1] * 24), range(8), range(8, 24), MONTHS)

    pairs = {(one.treated, one.member) for one in found.matches}
    assert pairs == {(place, place + shift) for place in range(8) for shift in (8, 16)}
    assert found.alone == ()
    assert found.comparison == tuple(range(8, 24))


def test_the_same_industry_and_size_come_first() -> None:
    """Of members at the same level those of the same classes are taken."""
    value = (
        50 + 3 * np.random.default_rng(2).normal(size=(40, 1)) + np.random.default_rng(3).normal(size=(40, 12)) * 0.01
    )
    value[10:20] = value[20:30] = value[:10]
    classes = Candidates(["34"] * 20 + ["17"] * 20, [1] * 10 + [1, 2] * 15)

    found = matched(panel(value), classes, range(10), range(10, 40), MONTHS, each=1)

    own = [one for one in found.matches if one.member < 20]
    assert sum(one.same_industry for one in found.matches) >= 8
    assert sum(one.same_size for one in own) >= len(own) - 5


def test_nobody_is_taken_who_is_far_away() -> None:
    """A member unlike all others stays alone, and is named."""
    value = np.random.default_rng(4).normal(size=(30, 12)) * 0.1 + np.random.default_rng(5).normal(size=(30, 1))
    value[0] += 50
    value[25] = np.nan

    found = matched(panel(value), Candidates(["34"] * 30, [1] * 30), range(6), range(6, 30), MONTHS)

    assert found.alone == (0,)
    assert 25 not in found.comparison
    for language in LANGUAGES:
        said = compared(found, language)
        assert len(said) == len(found.matches) + 2
        assert not any(text.startswith("pilots.") for text in said)


def test_falling_back_is_avoided_by_earlier_months_and_told_else() -> None:
    """Picked in the months that count as before, members fall back as foretold; picked earlier they hardly do."""
    runs = 60
    before = [rematched(seed, earlier=False) for seed in range(runs)]
    earlier = [rematched(seed, earlier=True)[0] for seed in range(runs)]
    foretold = np.mean([found.falls_back for _, found in before])
    seen = np.mean([mean for mean, _ in before])

    assert seen > 0.12
    assert foretold == pytest.approx(seen, abs=0.1)
    assert abs(np.mean(earlier)) < 0.1


def test_without_any_past_nobody_is_matched() -> None:
    """Members that told nothing, and members that are not there, are refused."""
    empty = panel(np.full((10, 12), np.nan))
    classes = Candidates(["34"] * 10, [1] * 10)

    with pytest.raises(UnusableData):
        matched(empty, classes, range(4), range(4, 10), MONTHS)
    with pytest.raises(ConfigurationError):
        matched(empty, classes, [99], range(4, 10), MONTHS)
