"""Who tells the values of another is found; who has one number in common is not."""

from __future__ import annotations

import numpy as np

from lineside.exchange import Value, catalogue
from lineside.hub import Copied, Figures, copied
from lineside.hub.figures import Said

MONTH = 24_320
OWN = {"availability": 0.8123, "performance": 0.9044, "quality": 0.9871, "lead_time": 41.5}


def told(figures: Figures, member: int, month: int, **values: float) -> None:
    """What a member says of a month."""
    figures.take([Said(member, month, [Value(indicator=name, value=value) for name, value in values.items()])])


def test_three_values_of_another_are_found() -> None:
    """With the month, both members and what is the same, in each of the last three months."""
    figures = Figures(catalogue())
    for back in range(4):
        told(figures, 3, MONTH - back, **OWN)
        told(figures, 8, MONTH - back, **{**OWN, "lead_time": 12.0})

    found = copied(figures.snapshot())

    assert [one.month for one in found] == [MONTH, MONTH - 1, MONTH - 2]
    assert found[0] == Copied(MONTH, (3, 8), ("availability", "performance", "quality"))


def test_less_than_that_and_common_values_are_left_alone() -> None:
    """Two of a kind, nothing and all of a share, and a value that thirty members have."""
    figures = Figures(catalogue())
    told(figures, 1, MONTH, **OWN)
    told(figures, 2, MONTH, **{**OWN, "availability": 0.8, "lead_time": 12.0})
    for member in (3, 4):
        told(figures, member, MONTH, availability=1.0, quality=1.0, performance=0.0, first_pass_yield=1.0)
    for member in range(10, 40):
        told(figures, member, MONTH, availability=0.9, quality=0.99, performance=0.95)

    assert copied(figures.snapshot()) == []


def test_members_by_chance_are_not_found() -> None:
    """A thousand, each with six values to four digits."""
    rng, figures = np.random.default_rng(7), Figures(catalogue())
    names = ("availability", "performance", "quality", "first_pass_yield", "schedule_adherence", "lead_time")
    for member in range(1, 1001):
        told(figures, member, MONTH, **dict(zip(names, rng.uniform(0.5, 1, len(names)).round(4).tolist(), strict=True)))

    assert copied(figures.snapshot()) == []
