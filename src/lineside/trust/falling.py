"""How a grade falls: only by a rule that earns it, never from core, never against a label."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lineside.trust.grades import Because, Fall, Grade, Graded, Label, facts, least_of


@dataclass(frozen=True, slots=True)
class Transformation:
    """What was done to data before it leaves. The defaults say: nothing."""

    contributors: int = 1
    """How many machines, orders or enterprises each number is made of, at least."""
    days: float = 0.0
    """How long a time each number is summed over, at least."""
    suppressed_below: int = 0
    """Numbers of fewer contributors are left out, and others so that they cannot be told by differences."""
    largest_share: float = 1.0
    """How much of a number its largest contributor may be."""
    epsilon: float | None = None
    """The epsilon of differentially private noise; None: no noise."""


def fallen(
    grade: Grade, labels: Iterable[Label], transformation: Transformation, rules: Iterable[Fall] | None = None
) -> Graded:
    """The grade of what a transformation leaves of data with this grade and these labels, with the reasons.

    Labels stay. One that may not leave forbids every fall, another one a fall below the least grade it implies. A label
    that may not leave still may not leave: whoever sends asks `leaves` of the labels too. Pure; never raises a grade
    but to what a label implies.
    """
    held = sorted(labels, key=lambda label: label.id)
    names, least = frozenset(label.id for label in held), least_of(held)
    now, because = max(grade, least), []
    barred = next((label for label in held if not label.leaves), None)
    for rule in facts().falls if rules is None else rules:
        if now is not rule.before or rule.before is Grade.CORE or rule.after >= now:
            continue
        if (lacking := _lacking(rule, transformation)) is not None:
            because.append(Because.of("grades.fall.lacks", rule=rule.id, lacking=lacking))
        elif barred is not None:
            because.append(Because.of("grades.fall.barred", label=barred.words or barred.id))
        elif rule.after < least:
            because.append(Because.of("grades.fall.least", least=least, grade=rule.after))
        else:
            return Graded(rule.after, names, (Because.of("grades.fall.earned", rule=rule.id, before=now),))
    if now is Grade.CORE:
        because.append(Because.of("grades.fall.core"))
    return Graded(now, names, tuple(because))


def _lacking(rule: Fall, done: Transformation) -> str | None:
    """The first thing a rule asks for that was not done, as "contributors >= 5"; None: it is earned."""
    asked = (
        ("contributors", rule.contributors, done.contributors, 1),
        ("days", rule.days, done.days, 1),
        ("suppressed_below", rule.suppressed_below, done.suppressed_below, 1),
        ("largest_share", rule.largest_share, done.largest_share, -1),
        ("epsilon", rule.epsilon, float("inf") if done.epsilon is None else done.epsilon, -1),
    )
    for name, bound, value, way in asked:
        if bound is not None and not (value - bound) * way >= 0:
            return f"{name} {'>=' if way > 0 else '<='} {bound:g}"
    return None
