from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.hub.pilots import Hypothesis, Panel, Plan, plan_of, reach, register
from lineside.trust import Kind
from tests.hub.pilots.planted import START, Design, lasting, plan_for

DESIGN = Design("8 and 16", 8, 16)
PLAN = plan_for(DESIGN, 1.0)


def past_of(value: np.ndarray) -> Panel:
    """Return a panel of members from 1 on whose last month is the one before the start."""
    return Panel(value, np.arange(1, len(value) + 1), START - value.shape[1])


PAST = past_of(np.random.default_rng(1).normal(size=(24, 12)))


def test_a_plan_is_fixed_by_its_hash() -> None:
    """The same plan has the same bytes; what was fixed reads back as it was, and the ledger names its hash alone."""
    fixed = register(PLAN, START - 1, PAST)

    assert fixed == register(replace(PLAN), START - 1, PAST)
    assert plan_of(fixed) == PLAN
    assert fixed.sha256 == sha256(PLAN.document()).hexdigest()
    entry = fixed.entry("pilot/1", "machine", 5)
    assert (entry.kind, entry.facts) == (Kind.PILOT_FIXED, {"sha256": fixed.sha256, "start": "2027-01"})


@pytest.mark.parametrize("month", [START, START + 1])
def test_a_pilot_that_has_begun_cannot_be_planned(month: int) -> None:
    """From its first month on it is too late, whether or not anybody told anything."""
    with pytest.raises(ConfigurationError) as refused:
        register(PLAN, month, PAST)

    assert refused.value.key == "pilots.begun"


def test_who_has_looked_may_not_plan() -> None:
    """One value of one member of either group from the start on is enough; of other members it is not."""
    value = np.full((25, 13), np.nan)
    value[24, 12] = 1.0
    register(PLAN, START - 1, Panel(value, np.arange(1, 26), START - 12))
    value[23, 12] = 1.0

    with pytest.raises(ConfigurationError) as refused:
        register(PLAN, START - 1, Panel(value, np.arange(1, 26), START - 12))

    assert refused.value.key == "pilots.looked"


def test_a_plan_that_was_changed_is_refused() -> None:
    """A byte that differs, or a hash put in beside it after the start, is found."""
    fixed = register(PLAN, START - 1, PAST)
    told = json.loads(fixed.document)
    told["plan"]["hypothesis"]["worth"] = 0.01
    other = json.dumps(told).encode()
    changed = {
        "pilots.changed": replace(fixed, document=other),
        "pilots.fixed_late": replace(fixed, month=START),
        "pilots.no_plan": replace(fixed, document=b"{}", sha256=sha256(b"{}").hexdigest()),
    }

    for key, one in changed.items():
        with pytest.raises(UnusableData) as refused:
            plan_of(one)
        assert refused.value.key == key


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("pilots.too_few_planned", {"treated": (1, 2, 3)}),
        ("pilots.too_few_planned", {"comparison": (9, 9, 9, 9)}),
        ("pilots.member_twice", {"treated": (1, 2, 3, 9)}),
        ("pilots.member_twice", {"treated": (1, 2, 3, 4, 4)}),
        ("pilots.too_short", {"pre": 3}),
        ("pilots.too_short", {"post": 1}),
        ("pilots.no_alpha", {"alpha": 0.5}),
    ],
)
def test_a_plan_that_cannot_tell_anything_is_refused(key: str, change: dict[str, object]) -> None:
    """Groups too small or not apart, too few months, and errors nobody would accept."""
    with pytest.raises(ConfigurationError) as refused:
        replace(PLAN, **change)  # type: ignore[arg-type]

    assert refused.value.key == key


@pytest.mark.parametrize(
    ("expected", "worth", "relative"),
    [(1.0, -0.5, False), (0.0, 0.0, False), (1.0, 2.0, False), (float("nan"), 1.0, False), (-1.5, -0.5, True)],
)
def test_a_hypothesis_has_a_direction_and_a_size(expected: float, worth: float, *, relative: bool) -> None:
    """Expected and worth having point the same way, and no share falls below nothing."""
    with pytest.raises(LinesideError):
        Hypothesis("oee", expected, worth, relative)


def test_planning_tells_the_effect_that_is_found_in_four_of_five_pilots() -> None:
    """Foretold from 12 noisy months it is within a fifth of the truth on average, and says when a plan is hopeless."""
    random = np.random.default_rng(3)
    plan = plan_for(DESIGN, 0.6)

    found = [reach(plan, past_of(lasting(24, 12, 0.5, random)), START - 1) for _ in range(60)]

    # (1.98 + 0.86) standard errors of the change between 12 and 6 months of such noise, by its exact covariance
    gaps = 0.5 ** np.abs(np.subtract.outer(np.arange(18), np.arange(18)))
    weights = np.repeat([-1 / 12, 1 / 6], [12, 6])
    truth = (2.11 + 0.86) * np.sqrt(weights @ gaps @ weights * (1 / 8 + 1 / 16))
    assert np.mean([one.smallest for one in found]) == pytest.approx(truth, rel=0.2)
    assert all(one.hopeless == (one.smallest > 0.6) for one in found)
    assert np.mean([one.hopeless for one in found]) > 0.9


def test_a_relative_plan_is_foretold_as_a_share() -> None:
    """A quarter less stays above nothing: the smallest effect is told as a share with its sign."""
    plan = Plan("x", Hypothesis("recovery_time", -0.25, -0.1, relative=True), PLAN.treated, PLAN.comparison, START)
    value = np.exp(3 + 0.1 * np.random.default_rng(1).normal(size=(24, 12)))

    assert -0.2 < reach(plan, past_of(value), START - 1).smallest < 0
