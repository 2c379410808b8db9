from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from lineside.errors import UnusableData
from lineside.hub.pilots import (
    Doubt,
    Hypothesis,
    Interval,
    Outcome,
    Panel,
    Plan,
    Verdict,
    findings,
    foreseen,
    headline,
    outcome,
    register,
    told,
)
from lineside.texts import LANGUAGES
from tests.hub.pilots.planted import START, Design, judged, panel_of, plan_for, planted

BASE = Design("15 and 30", 15, 30)
RUNS = 60


def ended(value: np.ndarray, plan: Plan, **panel: np.ndarray) -> Outcome:
    """Register a plan before its start and return its outcome after its end."""
    members = np.arange(1, len(value) + 1)
    past = Panel(value[:, : plan.pre], members, plan.first)
    return outcome(register(plan, START - 1, past), Panel(value, members, plan.first, **panel), plan.end)


@cache
def outcomes(design: Design, expected: float = 1.2) -> tuple[Outcome, ...]:
    """Return what became of pilots of a design."""
    return tuple(judged(design, expected, seed).outcome for seed in range(RUNS))


def verdicts(design: Design, expected: float = 1.2) -> list[Verdict]:
    """Return what is said of them."""
    return [one.verdict for one in outcomes(design, expected)]


def share(found: list[Verdict], verdict: Verdict) -> float:
    """Return how often a verdict was given."""
    return sum(one is verdict for one in found) / len(found)


def test_what_does_nothing_is_not_said_to_have_worked() -> None:
    """At most 2.5 % by the interval (3 of 60 by chance once in 20); that it did not work is said where it can be."""
    found = verdicts(BASE)

    assert share(found, Verdict.WORKED) <= 5 / RUNS
    assert share(found, Verdict.FAILED) > 0.3


def test_what_worked_is_said_to_have_worked() -> None:
    """An effect as expected is mostly seen, and never denied."""
    found = verdicts(replace(BASE, effect=1.2, varying=0.3))

    assert share(found, Verdict.WORKED) > 0.7
    assert share(found, Verdict.FAILED) == 0


def test_what_went_the_other_way_did_not_work() -> None:
    """A harm is no success however clear it is, and is said to be one."""
    found = outcomes(replace(BASE, effect=-1.2))

    failed = [one for one in found if one.verdict is Verdict.FAILED]
    assert len(failed) > 0.8 * RUNS
    assert not any(one.verdict is Verdict.WORKED for one in found)
    assert all("the other way" in headline(one) for one in failed if one.effect.high < 0)


def test_too_few_cannot_tell() -> None:
    """Six and six noisy factories neither show nor exclude a small effect."""
    found = verdicts(replace(BASE, treated=6, comparison=6, effect=0.3), 0.6)

    assert share(found, Verdict.OPEN) > 0.8


def test_groups_that_went_apart_before_are_seen() -> None:
    """A drift that began long before is called an effect in few pilots, though their intervals exclude 0 in most."""
    found = outcomes(replace(BASE, drift=0.15))

    assert np.mean([not one.effect.holds(0.0) for one in found]) > 0.9
    assert np.mean([one.verdict is Verdict.WORKED for one in found]) < 0.15
    assert np.mean([bool({Doubt.APART, Doubt.DRIFT} & {*one.doubts}) for one in found]) > 0.8


def test_checks_seldom_raise_a_false_alarm() -> None:
    """Where both groups go alike, the check of the time before fails in about one pilot of twenty."""
    found = outcomes(BASE)

    apart = np.mean([Doubt.APART in one.doubts for one in found])
    fake = np.mean([Doubt.FAKE_START in one.doubts for one in found])
    assert apart <= 8 / RUNS
    assert fake <= 8 / RUNS


def test_an_interval_that_does_not_exclude_nothing_is_never_a_success() -> None:
    """Over many designs: worked means all of the interval on the expected side; failed, all below what was worth it."""
    for effect in (-0.6, 0.0, 0.4, 0.8, 1.6):
        for seed in range(8):
            one = judged(replace(BASE, effect=effect, varying=0.4), 1.2, seed).outcome
            if one.verdict is Verdict.WORKED:
                assert one.effect.low > 0
                assert one.effect.high >= one.plan.hypothesis.worth
                assert one.doubts == ()
            if one.verdict is Verdict.FAILED:
                assert one.effect.high < one.plan.hypothesis.worth


def test_one_factory_does_not_carry_a_pilot() -> None:
    """Where all of an effect is that of one factory, leaving it out shows that, and nothing is claimed."""
    design = replace(BASE, treated=15, comparison=30)
    pilot = planted(design, np.random.default_rng(1))
    value = pilot.value.copy()
    value[0, 12:] += 60.0

    found = ended(value, plan_for(design, 1.2))

    without = {one.member: one.effect.mean for one in found.without}
    assert len(without) == 15
    assert found.effect.mean > 3
    assert without[1] < 1
    assert found.verdict is Verdict.OPEN


def test_the_picture_shows_when_an_effect_began() -> None:
    """Months before lie around 0, months after around what was planted; together they hold at once."""
    design = Design("", 30, 60, 2.0, 0.3)
    found = [judged(design, 2.0, seed).outcome for seed in range(20)]

    for one in found:
        assert [point.month for point in one.picture] == [*range(-12, 6)]
        assert sum(point.effect.mean for point in one.picture if point.month < 0) == pytest.approx(0, abs=0.5)
    after = [point.effect.mean for one in found for point in one.picture if point.month >= 0]
    at_once = [all(point.together.holds(2.0 if point.month >= 0 else 0.0) for point in one.picture) for one in found]
    assert np.mean(after) == pytest.approx(2.0, abs=0.2)
    assert sum(at_once) >= 17


def test_what_cannot_be_ruled_out_is_told() -> None:
    """A difference before that hides in the noise lies within what is told as possible."""
    found = [one.parallel for one in outcomes(replace(BASE, drift=0.05))]

    assert all(one is not None for one in found)
    farthest = 0.05 * 5.5  # of the first or last month before, against their mean
    assert np.mean([one.not_ruled_out >= farthest for one in found if one]) > 0.95
    assert np.mean([one.drift.holds(0.05 * 9) for one in found if one]) > 0.85


def test_a_relative_effect_is_told_as_a_share() -> None:
    """A quarter less of levels that differ tenfold is found as such; values that are not above 0 are absent."""
    random = np.random.default_rng(9)
    value = np.exp(random.normal(3, 0.8, (45, 1)) + 0.1 * random.normal(size=(45, 18)))
    value[:15, 12:] *= 0.75
    value[20, 3] = 0.0
    base = plan_for(BASE, 1.0)
    plan = replace(base, hypothesis=Hypothesis("recovery_time", -0.25, -0.1, relative=True))

    found = ended(value, plan)

    assert found.effect.mean == pytest.approx(-0.25, abs=0.03)
    assert found.verdict is Verdict.WORKED
    assert "−2" in headline(found)
    assert " %" in headline(found)


def test_who_fell_silent_is_told_and_ends_in_no_verdict() -> None:
    """Members without half of the months are not counted; when a third of the treated is gone nothing is said."""
    design = replace(BASE, effect=3.0, missing=0.0)
    value = planted(design, np.random.default_rng(2)).value
    value[:6, 13:] = np.nan
    value[44, :7] = np.nan

    found = ended(value, plan_for(design, 3.0))

    assert (found.treated.planned, found.treated.counted) == (15, 9)
    assert (found.comparison.planned, found.comparison.counted) == (30, 29)
    assert found.doubts == (Doubt.SILENT,)
    assert found.verdict is Verdict.OPEN


def test_months_nobody_can_compare_are_left_out() -> None:
    """A month that fewer than two of the comparison group told is told as unused."""
    value = planted(replace(BASE, missing=0.0), np.random.default_rng(2)).value
    value[16:, 14] = np.nan

    assert ended(value, plan_for(BASE, 1.0)).unused == (2,)


def test_nothing_is_said_before_the_end() -> None:
    """Looking early is refused, and so is an outcome of two factories."""
    pilot = planted(BASE, np.random.default_rng(0))
    panel, plan = panel_of(pilot, BASE), plan_for(BASE, 1.0)
    fixed = register(plan, START - 1, Panel(panel.value[:, :12], panel.members, panel.first))
    gone = panel.value.copy()
    gone[:13, 12:] = np.nan

    for key, values, month in (("pilots.not_over", panel.value, plan.end - 1), ("pilots.too_few_told", gone, plan.end)):
        with pytest.raises(UnusableData) as refused:
            outcome(fixed, Panel(values, panel.members, panel.first), month)
        assert refused.value.key == key


def test_the_same_seed_gives_the_same_outcome() -> None:
    """Chance is seeded: an outcome can be computed again by whoever doubts it."""
    design = replace(BASE, effect=1.0)

    assert judged(design, 1.2, 5).outcome == judged(design, 1.2, 5).outcome


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_said_in_words(language: str) -> None:
    """No sentence lacks a field or a text, whatever the outcome."""
    designs = [
        Design("", 4, 4),
        replace(BASE, effect=1.2),
        replace(BASE, effect=-2.0),
        replace(BASE, drift=0.3),
        Design("", 6, 12, 1.0, missing=0.4, pre=12),
    ]
    said = []
    for design in designs:
        one = judged(design, 1.2, 1)
        said += [headline(one.outcome, language), *findings(one.outcome, language)]
        said.append(foreseen(one.reach, one.outcome.plan.hypothesis, language))

    assert [text for text in said if text.startswith("pilots.") or "{" in text] == []
    assert len({*said}) > 20


def test_others_are_told_of_groups_alone() -> None:
    """Small groups are not told; figures are on the grid, intervals never narrower, members as at least."""
    generated = np.arange(45) == 3
    value = planted(replace(BASE, effect=1.2), np.random.default_rng(4)).value
    found = ended(value, plan_for(BASE, 1.2), generated=generated)

    shown = told(found, 7, 0.5)

    assert shown is not None
    assert told(found, 16, 0.5) is None
    assert (shown.treated, shown.comparison, shown.generated) == (14, 28, True)
    assert shown.effect.low <= found.effect.low
    assert shown.effect.high >= found.effect.high
    figures = [shown.effect, *(point.effect for point in shown.picture)]
    assert all(end % 0.5 == 0 for one in figures for end in (one.mean, one.low, one.high))
    kept = {one.month for one in found.picture if min(one.treated, one.comparison) >= 7}
    assert {point.month for point in shown.picture} == kept


def test_an_interval_knows_what_it_holds() -> None:
    """Its ends belong to it."""
    assert Interval(1.0, 0.0, 2.0).holds(0.0)
    assert not Interval(1.0, 0.1, 2.0).holds(0.0)
