from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lineside.hub.pilots import Adoption
from lineside.hub.types import Group, Packs, median_interval, path, path_in_words
from lineside.texts import LANGUAGES

LEAST = 7
FIRST = 24_300


def group(members: int, seed: int, **changed: np.ndarray) -> Group:
    """Return members of a type over two years: recovery time and connected share around their own levels."""
    random = np.random.default_rng(seed)
    values = {
        "recovery_time": 40 + 5 * random.normal(size=(members, 1)) + 2 * random.normal(size=(members, 24)),
        "connected_share": 0.4 + 0.1 * random.normal(size=(members, 1)) + 0.02 * random.normal(size=(members, 24)),
        "oee": 0.6 + 0.02 * random.normal(size=(members, 24)),
    }
    for name, change in changed.items():
        values[name] = values[name] + change
    return Group(values, np.arange(1, members + 1), FIRST)


def after(rows: range, month: int, members: int, change: float) -> np.ndarray:
    """Return a change of some members from a month on."""
    found = np.zeros((members, 24))
    found[rows.start : rows.stop, month:] = change
    return found


def test_a_pack_that_moved_factories_is_a_step() -> None:
    """Its gain is what adopters changed beyond the others, with an interval that holds the truth, and its cost."""
    season = 10 * np.sin(np.arange(24) / 3)
    seen = group(40, 1, recovery_time=after(range(12), 12, 40, -9.0) + season)
    packs = Packs(
        [Adoption(member, "andon", FIRST + 12) for member in range(1, 13)],
        {(member, "andon"): 20_000.0 + member for member in range(1, 13)},
    )

    found = path(seen, "recovery_time", packs, LEAST)

    assert [(one.kind, one.what, one.members, one.proven, one.cost) for one in found.steps] == [
        ("pack", "andon", 12, False, 20_000.0)
    ]
    step = found.steps[0]
    assert step.low <= 9.0 <= step.high
    assert step.gain == pytest.approx(9.0, abs=2)


def test_adopters_of_different_months_are_held_against_those_that_had_not_yet() -> None:
    """A common shock between the months of adoption is no gain."""
    shock = np.where(np.arange(24) >= 9, -15.0, 0.0)
    seen = group(60, 2, recovery_time=shock + np.zeros((60, 24)))
    packs = Packs([Adoption(member, "p", FIRST + (6 if member < 15 else 12)) for member in range(1, 30)])

    assert path(seen, "recovery_time", packs, LEAST).steps == ()


def test_what_a_pilot_measured_is_told_apart_from_what_was_seen_together() -> None:
    """Only a pack whose pilot worked is told as measured; costs of too few are not told."""
    seen = group(40, 3, recovery_time=after(range(12), 12, 40, -9.0))
    adoptions = [Adoption(member, "andon", FIRST + 12) for member in range(1, 13)]
    few = {(member, "andon"): 5.0 for member in range(1, 7)}

    plain = path(seen, "recovery_time", Packs(adoptions, few), LEAST)
    proven = path(seen, "recovery_time", Packs(adoptions, few, frozenset({"andon"})), LEAST)

    assert (plain.steps[0].proven, proven.steps[0].proven, plain.steps[0].cost) == (False, True, None)
    for language, words in {"en": ("not proven", "measured in a pilot"), "zh": ("未经证明", "由试点测得")}.items():
        assert words[0] in path_in_words(plain, language)[0]
        assert words[1] in path_in_words(proven, language)[0]
        assert words[0] not in path_in_words(proven, language)[0]


def test_an_indicator_that_got_better_with_the_target_is_a_step() -> None:
    """Where connected machines rose and stops got shorter, both are seen together, the better direction of each."""
    seen = group(50, 4, connected_share=after(range(15), 18, 50, 0.3), recovery_time=after(range(15), 18, 50, -8.0))

    found = path(seen, "recovery_time", Packs(), LEAST)

    assert [(one.kind, one.what, one.members) for one in found.steps] == [("indicator", "connected_share", 15)]


@pytest.mark.parametrize("adopters", [6, 30])
def test_a_step_that_too_few_took_or_too_few_left_is_not_told(adopters: int) -> None:
    """Six adopters are too few, and so are six others to hold thirty against."""
    members = 36
    seen = group(members, 5, recovery_time=after(range(adopters), 12, members, -20.0))
    packs = Packs([Adoption(member, "p", FIRST + 12) for member in range(1, adopters + 1)])

    assert path(seen, "recovery_time", packs, LEAST).steps == ()


def test_steps_that_do_nothing_are_seldom_told() -> None:
    """Of 60 types with three packs and two indicators each that do nothing, hardly any has a step."""
    told = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        packs = Packs(
            [
                Adoption(int(member), pack, FIRST + 12)
                for pack in "abc"
                for member in random.choice(np.arange(1, 61), 15, replace=False)
            ]
        )
        told += bool(path(group(60, seed), "recovery_time", packs, LEAST).steps)

    assert told <= stats.binom.ppf(0.9999, 60, 0.05)


@pytest.mark.parametrize("language", LANGUAGES)
def test_paths_are_told_in_words(language: str) -> None:
    """At most three steps, the surest first, each with its numbers; and a sentence where there are none."""
    change = sum(after(range(12 * n, 12 * n + 12), 12, 90, -3.0 * (n + 2)) for n in range(4))
    packs = Packs([Adoption(m, f"p{(m - 1) // 12}", FIRST + 12) for m in range(1, 49)])

    found = path(group(90, 6, recovery_time=np.asarray(change)), "recovery_time", packs, LEAST)
    said = path_in_words(found, language)

    assert [one.what for one in found.steps] == ["p3", "p2", "p1"]
    assert len(said) == 3
    assert not any("types." in text or "{" in text for text in said)
    assert path_in_words(path(group(30, 1), "recovery_time", Packs(), LEAST), language)[0]


def test_the_interval_of_a_median_is_that_of_the_tables() -> None:
    """Of 10 values the second and ninth (97.9 %), of 20 the sixth and fifteenth (95.9 %); five are too few."""
    assert median_interval(np.arange(1.0, 11)) == (5.5, 2.0, 9.0)
    assert median_interval(np.arange(1.0, 21)) == (10.5, 6.0, 15.0)
    assert median_interval(np.arange(1.0, 6))[1:] == (-np.inf, np.inf)
