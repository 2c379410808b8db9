from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import stats

from lineside.exchange import catalogue
from lineside.hub.types import (
    NO_TYPE,
    Effort,
    Learned,
    Why,
    adjusted_rand,
    characters,
    in_words,
    learned,
    left_out_in_words,
    no_type,
    overview,
    profiles,
)
from lineside.hub.types.arrays import Ints
from lineside.hub.types.grouping import grouped, squared_distances
from lineside.hub.types.reference import reference
from lineside.texts import LANGUAGES, has
from tests.hub.types.planted import KINDS, one_kind, typed

LEAST = 7
EFFORT = Effort(12, 19)


@cache
def found_in(types: int, apart: float, seed: int, members: int = 160) -> tuple[Learned, Ints]:
    """Return the types learned from planted ones, and which were planted."""
    values, own = typed(members, types, apart, np.random.default_rng((types, seed)))
    return learned(profiles(values, range(1, members + 1)), LEAST, seed, EFFORT), own


@pytest.mark.parametrize("types", [2, 3, 4])
def test_learned_types_are_those_that_were_planted(types: int) -> None:
    """Types whose centres lie six spreads from the middle are found in number, and members as they were planted.

    A tenth of the months and one indicator in twenty are missing; the adjusted Rand index is 0.9 or more.
    """
    for seed in range(2):
        found, own = found_in(types, 6.0, seed)
        of_one = found.type != NO_TYPE

        assert found.number == types
        assert adjusted_rand(found.type[of_one], own[of_one]) >= 0.9
        assert of_one.mean() > 0.75
        assert min(found.stability) >= 0.85


@pytest.mark.parametrize("law", KINDS)
def test_members_of_one_kind_have_no_types(law: str) -> None:
    """Whatever their law, skewed, heavy-tailed or hanging together: no types found (5 % would be by chance)."""
    found = [
        learned(profiles(one_kind(120, law, np.random.default_rng(seed)), range(120)), LEAST, seed, EFFORT)
        for seed in range(2)
    ]

    assert sum(one.number > 0 for one in found) <= 1
    none = next(one for one in found if not one.number)
    assert set(none.type.tolist()) == {NO_TYPE}
    assert characters(none, LEAST) == ()
    assert overview(none) == "No types found: these members look like one kind, or too few tell enough."


def test_plain_grouping_would_find_types_in_one_kind() -> None:
    """The test above can fail: k-means cuts members that merely hang together, and finds the same cut again."""
    shown = profiles(one_kind(120, "related", np.random.default_rng(0)), range(120))
    scaled = shown.scaled[shown.known]
    random = np.random.default_rng(0)

    whole = grouped(scaled, 2, random)
    halves = [grouped(scaled[random.random(len(scaled)) < 0.5], 2, random).centres for _ in range(10)]
    again = [adjusted_rand(squared_distances(scaled, centres).argmin(axis=1), whole.group) for centres in halves]

    assert np.median(again) > 0.6


def test_who_tells_too_little_or_lies_between_is_of_no_type() -> None:
    """A member halfway between two types is near a border, one without indicators lacks them; nothing is filled in."""
    values, own = typed(160, 2, 6.0, np.random.default_rng(3))
    middle = {name: value.copy() for name, value in values.items()}
    for value in middle.values():
        ends = [np.nanmedian(value[own == one]) for one in (0, 1)]
        value[0] = np.mean(ends)
    for name in list(middle)[:4]:
        middle[name][1] = np.nan

    found = learned(profiles(middle, range(160)), LEAST, 0, EFFORT)

    assert found.number == 2
    assert Why(int(found.why[1])) is Why.LACKING
    assert found.type[1] == NO_TYPE
    assert np.isnan(found.profiles.measured[1, :3]).all()
    assert found.sure[0] < 0.95
    assert found.sure[2:][np.isfinite(found.sure[2:])].mean() > 0.97


def test_no_type_is_smaller_than_may_be_told() -> None:
    """Five factories of a kind of their own are no type, however far they are from all others."""
    values, _ = typed(120, 2, 6.0, np.random.default_rng(5))
    odd = {name: value.copy() for name, value in values.items()}
    for value in odd.values():
        value[:5] = np.nanmedian(value) + 12 * np.nanstd(value)

    found = learned(profiles(odd, range(120)), LEAST, 0, EFFORT)

    sizes = np.bincount(found.type[found.type >= 0]) if found.number else np.array([LEAST])
    assert sizes.min() >= LEAST


def test_too_few_members_have_no_types() -> None:
    """Below two minimum groups there is nothing to look for."""
    values, _ = typed(20, 2, 6.0, np.random.default_rng(5))

    assert learned(profiles(values, range(20)), LEAST).number == 0
    assert learned(profiles({}, range(20)), LEAST).number == 0


def test_the_same_seed_gives_the_same_types() -> None:
    """Types can be computed again by whoever doubts them; order and unit do not matter."""
    values, _ = typed(120, 3, 6.0, np.random.default_rng(7))
    one = learned(profiles(values, range(120)), LEAST, 4, EFFORT)

    again = learned(profiles(values, range(120)), LEAST, 4, EFFORT)
    scaled = learned(profiles({name: 1000 * value for name, value in values.items()}, range(120)), LEAST, 4, EFFORT)

    assert one.type.tolist() == again.type.tolist() == scaled.type.tolist()
    assert one.trials == again.trials


def test_grouping_in_parts_is_plain_k_means() -> None:
    """More members than a part holds: each lies with its nearest centre, and a centre is the mean of what is told."""
    random = np.random.default_rng(3)
    scaled = random.normal(size=(5000, 14))
    scaled[random.random(scaled.shape) < 0.05] = np.nan

    found = grouped(scaled, 3, random, 1)

    apart = np.stack([np.nanmean((scaled - centre) ** 2, axis=1) for centre in found.centres], axis=1) * 14
    assert found.distance == pytest.approx(apart)
    assert (found.group == apart.argmin(axis=1)).all()
    means = np.array([np.nanmean(scaled[found.group == one], axis=0) for one in range(3)])
    assert found.centres == pytest.approx(means, abs=0.02)


def test_learning_tells_how_far_it_is_and_ends_when_it_is_not_wanted() -> None:
    """Each world of one kind and each sample drawn anew is told of, in order; what telling raises ends it there."""
    values, _ = typed(120, 2, 6.0, np.random.default_rng(7))
    told: list[tuple[int, int]] = []

    def until(done: int, of: int) -> None:
        if done == 5:
            raise InterruptedError
        told.append((done, of))

    learned(profiles(values, range(120)), LEAST, 4, EFFORT, lambda *step: told.append(step))
    every, told = told, []
    with pytest.raises(InterruptedError):
        learned(profiles(values, range(120)), LEAST, 4, EFFORT, until)

    assert [done for done, _ in every[: EFFORT.references]] == list(range(EFFORT.references))
    assert {of for _, of in every} == {EFFORT.references + EFFORT.samples}
    assert max(done for done, _ in every) == EFFORT.references + EFFORT.samples - 1
    assert told == every[:5]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_type_is_explained_in_plain_words(language: str) -> None:
    """Few machines connected, long stops, good quality: by the features that set it apart, with numbers and size."""
    found, own = found_in(2, 6.0, 0)

    shown = characters(found, LEAST)
    second = int(np.bincount(found.type[(own == 1) & (found.type >= 0)]).argmax())
    said = in_words(shown[second], LEAST, language)

    wanted = {
        "en": ("few machines connected (", "long stops (", ", the others "),
        "zh": ("联网设备少（", "停机时间长（", "其他为"),
    }
    features = {(one.feature.indicator, one.high) for one in shown[second].traits}
    assert len(features) == 3
    assert features <= {
        ("connected_share", False), ("recovery_time", True), ("quality", True), ("availability", False)
    }  # fmt: skip
    named = [
        text
        for text, trait in zip(wanted[language], ("connected_share", "recovery_time"), strict=False)
        if trait in dict(features)
    ]
    assert all(text in said for text in named)
    assert wanted[language][2] in said
    assert str(shown[second].size // LEAST * LEAST) in said
    assert overview(found, language)
    assert not any(text.startswith("types.") for text in (said, *left_out_in_words(found, language)))
    assert {no_type(found, row, language) is None for row in np.flatnonzero(found.type >= 0).tolist()} == {True}
    assert all(no_type(found, row, language) for row in np.flatnonzero(found.type < 0).tolist())


def test_numbers_of_a_type_are_on_the_public_grid() -> None:
    """Medians are rounded to the catalogue's steps, and are of enough members on both sides."""
    found, _ = found_in(3, 6.0, 1)

    for character in characters(found, LEAST):
        assert character.size >= LEAST
        assert 1 <= len(character.traits) <= 3
        for trait in character.traits:
            step = catalogue().of(trait.feature.indicator).step
            assert trait.own / step == pytest.approx(round(trait.own / step))
            assert trait.high == (trait.own > trait.others)
    assert characters(found, 1000)[0].traits == ()


def test_every_indicator_of_the_catalogue_has_words() -> None:
    """A type can be told of any indicator in words of its own, low and high."""
    names = [f"types.level.{name}.{side}" for name in catalogue().indicators for side in ("low", "high")]

    assert [name for name in names if not has(name)] == []


def test_features_that_do_not_repeat_are_left_out() -> None:
    """Trends that are noise, indicators hardly anybody tells and such as do not differ count for nothing."""
    random = np.random.default_rng(1)
    level = random.normal(0.7, 0.05, (100, 1))
    values = {
        "availability": level + 0.01 * random.normal(size=(100, 24)),
        "quality": random.normal(size=(100, 24)),
        "oee": np.where(np.arange(100)[:, None] < 70, np.nan, level + np.zeros((100, 24))),
        "lead_time": np.full((100, 24), 5.0),
        "recovery_time": 30 + random.normal(0, 5, (100, 1)) * np.arange(24) / 12 + random.normal(size=(100, 24)) * 0.1,
    }

    found = profiles(values, range(100))

    kept = {(one.indicator, one.kind) for one in found.features}
    left = {(one.feature.indicator, one.feature.kind): one.why for one in found.left_out}
    assert {("availability", "level"), ("recovery_time", "trend")} <= kept
    assert left["availability", "trend"] == "noise"
    assert left["quality", "level"] == "noise"
    assert left["oee", "level"] == "few"
    assert left["lead_time", "level"] == "alike"


def test_agreement_is_that_of_the_textbook() -> None:
    """Hubert and Arabie's index: 1 for renamed groups, 0 on average for groups at random, and a case by hand.

    Of six members as 000111 and 001122, 2 pairs are together in both, 6 and 3 in each, of 15: (2 - 1.2) / (4.5 - 1.2).
    """
    random = np.random.default_rng(0)
    one = random.integers(0, 4, 200)
    others = [adjusted_rand(one, random.permutation(one)) for _ in range(200)]

    assert adjusted_rand(one, (one + 1) % 4) == 1.0
    assert np.mean(others) == pytest.approx(0.0, abs=0.005)
    assert adjusted_rand(np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 2, 2])) == pytest.approx(0.8 / 3.3)


def test_members_of_one_kind_are_like_the_real_ones() -> None:
    """They have the medians, spreads, skew and relations of the real ones, and their gaps."""
    random = np.random.default_rng(2)
    both = random.normal(size=(4000, 1)) + 0.5 * random.normal(size=(4000, 2))
    scaled = np.column_stack([both[:, 0], np.exp(both[:, 1])])
    scaled[random.random(scaled.shape) < 0.1] = np.nan

    drawn = reference(scaled).drawn(random)

    assert (np.isnan(drawn) == np.isnan(scaled)).all()
    levels = [0.1, 0.25, 0.5, 0.75, 0.9]
    for place in (0, 1):
        assert np.nanquantile(drawn[:, place], levels) == pytest.approx(
            np.nanquantile(scaled[:, place], levels), abs=0.35
        )
    seen = [stats.spearmanr(*x[np.isfinite(x).all(axis=1)].T).statistic for x in (scaled, drawn)]
    assert seen[1] == pytest.approx(seen[0], abs=0.05)
