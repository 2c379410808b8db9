from __future__ import annotations

import numpy as np

from lineside.hub.classification.names import named

MEMBERS = np.arange(1, 31)
TYPES = np.repeat([0, 1, 2], 10)


def letters(*of: str) -> dict[int, str]:
    """The letters of thirds of the members before."""
    return {int(member): of[at // 10] for at, member in enumerate(MEMBERS) if of[at // 10]}


def test_the_first_types_are_called_by_the_alphabet() -> None:
    """In the order of their sizes, as they come."""
    assert named(MEMBERS, TYPES, 3, {}) == ("A", "B", "C")


def test_a_type_that_stays_keeps_its_letter_whatever_its_place() -> None:
    """Also where a few changed sides."""
    before = letters("C", "A", "B")
    before[1], before[11] = before[11], before[1]

    assert named(MEMBERS, TYPES, 3, before) == ("C", "A", "B")


def test_a_new_type_gets_a_letter_that_nobody_had() -> None:
    """A split type hands its letter to the half that is most of it; newcomers say nothing."""
    before = dict.fromkeys(range(1, 14), "A") | dict.fromkeys(range(21, 31), "B")

    assert named(MEMBERS, TYPES, 3, before) == ("A", "C", "B")


def test_without_types_there_are_no_names() -> None:
    """Whatever there was before."""
    assert named(MEMBERS, np.full(30, -1), 0, letters("A", "B", "B")) == ()
