"""Inference attacks on what all members are told of learned types, and the guarantee they test.

It is given to k members against c who put together all that they know, and know who is of which type:

1. *Sides.* The medians and quartiles of an edition, all types together, bound no member's value on any side.
2. *Exchange.* Members of a type that told the same may exchange all their values, and all that is told is the same.
3. *Time.* Of two editions within a year, what is told of a level or a step parts nobody from the rest, or a group.

Each attack also breaks figures that lack the rule it is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from lineside.exchange import catalogue
from lineside.hub.classification import Edition
from lineside.hub.classification.holding import Holding, apart, within_a_year
from lineside.hub.classification.making import World, basis, made
from lineside.hub.classification.population import Population
from lineside.hub.classification.statement import Band, Basis, encoded
from lineside.hub.compare import Scale, Secrecy
from lineside.hub.pilots import Adoption
from lineside.hub.types import Feature, Learned, Packs, Profiles, Why
from tests.hub.compare.worlds import Attacker, Figure, figure, honest

Values = NDArray[np.float64]
Types = NDArray[np.int64]
RULES = Secrecy()
ABOUT = ("availability", "quality")
SCALES = {name: Scale.of(catalogue().of(name)) for name in ABOUT}
MONTHS = [f"2026-{one:02d}" for one in range(1, 13)]
LETTERS = ("A", "B", "C", "D")


def world(
    values: Mapping[str, Values],
    types: Types,
    month: str = MONTHS[0],
    before: Sequence[tuple[Edition, Basis]] = (),
    packs: Packs = Packs(),  # noqa: B008 - a value that never changes
    months: Mapping[str, Values] | None = None,
) -> World:
    """Members of these levels and types (-1: of none), as they are after the learning."""
    number = len(types)
    measured = np.column_stack(list(values.values()))
    scaled = (measured - np.nanmedian(measured, axis=0)) / np.nanstd(measured, axis=0)
    members = np.arange(1, number + 1)
    profiles = Profiles(members, tuple(Feature(one, "level") for one in values), measured, scaled, ())
    why = np.where(types >= 0, int(Why.TYPED), int(Why.BORDER))
    kinds = int(types.max()) + 1
    found = Learned(profiles, kinds, types, why, np.ones(number), (0.95,) * kinds, 0.02, ())
    people = Population(
        members, np.zeros(number, bool), ("",) * number, ("",) * number, months or {}, first=2026 * 12 - 24
    )
    told = within_a_year([(edition.month, one.sets) for edition, one in before], month)
    last = before[-1][0] if before else None
    letters = LETTERS[:kinds]
    return World(month, people, found, letters, packs, RULES, catalogue(), Holding(told, RULES.group), last)


def parted(seed: int, kinds: int, number: int = 90) -> tuple[dict[str, Values], Types]:
    """Levels that part into types of different sizes, and the types; a few near borders."""
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(kinds, 4.0)) * 0.4 + 0.6 / kinds
    types = rng.choice(kinds, number, p=weights / weights.sum())
    middle = rng.permutation(np.linspace(0.3, 0.9, kinds))
    values = {name: np.clip(middle[types] + rng.normal(0, 0.08, number), 0.02, 0.98) for name in ABOUT}
    types[rng.random(number) < 0.05] = -1
    return values, types


def told_figures(edition: Edition, one: Basis, indicator: str) -> list[Figure]:
    """What was told anew of a level, by the members that each figure is of, as places of the grid."""
    scale, found = SCALES[indicator], []
    for kind in edition.types:
        for trait in kind.traits:
            if trait.indicator == indicator and kind.since == edition.month:
                for side, band in (("own", trait.own), ("others", trait.others)):
                    members = one.sets[f"level/{indicator}/{side}/{kind.name}"]
                    found.append(figure([number - 1 for number in members], _places(scale, band)))
    return found


def _places(scale: Scale, band: Band) -> dict[int, int]:
    told = {25: band.low, 50: band.middle, 75: band.high}
    return {part: int(scale.places(np.array([at]))[0]) for part, at in told.items() if at is not None}


@pytest.mark.parametrize("kinds", [2, 3, 4])
@pytest.mark.parametrize("seed", range(4))
def test_types_of_an_edition_bound_nobody_on_any_side(kinds: int, seed: int) -> None:
    """From all traits of all types, with two spies at an end of one type: everybody else may have any value."""
    values, types = parted(seed, kinds)
    edition, one = _learned(world(values, types))

    for name in ABOUT:
        told = told_figures(edition, one, name)
        those = np.flatnonzero(types == seed % kinds)
        spies = those[np.argsort(values[name][those])][[0, 1] if seed % 2 else [-2, -1]]
        known = {int(i): int(SCALES[name].places(values[name][[i]])[0]) for i in spies}

        found = Attacker(told, known, SCALES[name].ends).intervals()

        assert len(told) >= 2
        assert set(found.values()) == {SCALES[name].ends}


def test_quartiles_of_three_types_would_bound_one() -> None:
    """20 of a type beside 38 of another: the quartile of these and the median of both say that all 20 lie low."""
    low, high = np.full(20, 0.31), np.concatenate([np.full(9, 0.31), np.full(29, 0.81)])
    values = np.concatenate([low, high, np.full(30, 0.81)])
    types = np.repeat([0, 1, 2], [20, 38, 30])
    scale = SCALES["availability"]
    second, both = list(range(20, 58)), list(range(58))

    naive = [honest(scale, second, values, [25, 50, 75]), honest(scale, both, values, [50])]
    edition, one = _learned(world({"availability": values, "quality": values}, types))

    assert Attacker(naive, {}, scale.ends).intervals()[frozenset(range(20))][1] < scale.ends[1]
    told = told_figures(edition, one, "availability")
    assert len(told) >= 4
    assert set(Attacker(told, {}, scale.ends).intervals().values()) == {scale.ends}


@pytest.mark.parametrize("seed", range(3))
def test_members_of_a_type_may_exchange_all_they_gave(seed: int) -> None:
    """The statement has the same bytes; exchanged across types it has others, so that the test can fail."""
    rng = np.random.default_rng(seed)
    values, types = parted(seed, 3)
    within, across = np.arange(len(types)), rng.permutation(len(types))
    for kind in range(3):
        those = np.flatnonzero(types == kind)
        within[those] = rng.permutation(those)

    told, exchanged, other = (
        encoded(made(world({name: one[order] for name, one in values.items()}, types)))
        for order in (np.arange(len(types)), within, across)
    )

    assert exchanged == told
    assert other != told


@pytest.mark.parametrize("seed", range(6))
def test_who_changes_its_type_is_never_alone(seed: int) -> None:
    """Values that stand still, a year of editions in which members join, leave, go over and stop telling by ones."""
    rng = np.random.default_rng(seed)
    values, types = parted(seed, 2, 70)
    before: list[tuple[Edition, Basis]] = []
    told: dict[str, list[Figure]] = {name: [] for name in ABOUT}
    for month in MONTHS:
        edition, one = _learned(world(values, types, month, before))
        before.append((edition, one))
        for name in ABOUT:
            told[name] += told_figures(edition, one, name)
        for member in rng.choice(len(types), rng.choice([1, 2, 12]), replace=False):
            types[member] = rng.choice([-1, 0, 1])
        values[ABOUT[0]][rng.integers(len(types))] = np.nan

    assert all(told.values())
    for name, some in told.items():
        for i, a in enumerate(some):
            assert all(apart(a.members, b.members, RULES.group) for b in some[:i])
        assert set(Attacker(some, {}, SCALES[name].ends).intervals().values()) == {SCALES[name].ends}


def test_a_member_that_goes_over_alone_would_be_bounded() -> None:
    """Told anew each month the median of a type moves when one comes, and says on which side of it that one lies.

    What was told stands instead, with the month it is of, until a group has come.
    """
    values = {name: np.repeat([0.42, 0.62, 0.9], [10, 11, 30]) + 0.001 * np.arange(51) / 51 for name in ABOUT}
    types = np.repeat([0, 1], [21, 30])
    types[20] = -1
    later, group = types.copy(), types.copy()
    later[20] = 0
    scale = SCALES["availability"]

    first = _learned(world(values, types))
    second = _learned(world(values, later, MONTHS[1], [first]))
    group[[0, *range(14, 20)]] = 1
    third = _learned(world(values, group, MONTHS[2], [first, second]))
    naive = [honest(scale, list(range(count)), values["availability"], [50]) for count in (20, 21)]

    assert Attacker(naive, {}, scale.ends).intervals()[frozenset([20])] != scale.ends
    assert [one.since for one in second[0].types] == [MONTHS[0]] * 2
    assert [(a.traits, a.size) for a in second[0].types] == [(a.traits, a.size) for a in first[0].types]
    assert second[1].types[20] == "A"
    assert {one.since for one in third[0].types} == {MONTHS[2]}


def test_a_year_later_all_is_told_anew() -> None:
    """Levels are of twelve months: those of then share none with those of now."""
    values, types = parted(1, 2)
    first = _learned(world(values, types))
    types[np.flatnonzero(types == 0)[0]] = 1

    eleven = _learned(world(values, types, "2026-12", [first]))[0]
    twelve = _learned(world(values, types, "2027-01", [first]))[0]

    assert {one.since for one in eleven.types} == {MONTHS[0]}
    assert {one.since for one in twelve.types} == {"2027-01"}


def test_one_more_who_took_a_step_changes_nothing_that_is_told() -> None:
    """The gain of a pack is told of its takers: one more, or other costs of one more, waits for six others."""
    rng = np.random.default_rng(2)
    values, _ = parted(2, 2)
    types = np.arange(90) % 2
    oee = 0.5 + 0.01 * rng.normal(size=(90, 24))
    oee[:60, 12:] += 0.1
    months = {"oee": np.clip(oee, 0, 1), "availability": rng.normal(0.7, 0.01, (90, 24))}

    def told(takers: int, month: str, before: Sequence[tuple[Edition, Basis]] = ()) -> tuple[Edition, Basis]:
        adopted = [Adoption(member, "c" * 64, 2026 * 12 - 12) for member in range(1, takers + 1)]
        costs = {(one.member, one.pack): 1000.0 * one.member for one in adopted}
        return _learned(world(values, types, month, before, Packs(adopted, costs), months))

    first = told(40, MONTHS[0])
    one_more, many_more = told(41, MONTHS[1], [first]), told(60, MONTHS[1], [first])
    steps = [[path.steps for one in edition.types for path in one.paths] for edition, _ in (first, one_more, many_more)]

    assert all(step.kind == "pack" for some in steps[0] for step in some)
    assert [len(some) for some in steps[0]] == [1, 1]
    assert steps[1] == steps[0]
    assert all(a != b for a, b in zip(steps[0], steps[2], strict=True))


def _learned(of: World) -> tuple[Edition, Basis]:
    return made(of), basis(of)
