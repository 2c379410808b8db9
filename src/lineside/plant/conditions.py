"""Conditions of state rules: what a signal must show for a rule to hold.

Written in the plant file as a value (`"ACTIVE"`, `3`, `true`), a list of values (any of them), or a comparison
in quotes (`"> 2.5"`, `"!= READY"`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from lineside.plant.wording import Misworded

Comparison: TypeAlias = str
_COMPARISON = re.compile(r"^(>=|<=|!=|==|>|<)\s*(.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Condition:
    """One signal's part in a rule: it equals one of `words`, or compares to `number` by `comparison`."""

    words: tuple[str, ...] = ()
    comparison: Comparison | None = None
    number: float | None = None

    @property
    def numeric(self) -> bool:
        """True when the condition can only be judged on a number-valued signal."""
        return self.comparison in (">", ">=", "<", "<=")


def parse_condition(raw: object) -> Condition:
    """The condition a plant file wrote. Raises Misworded when it is none of the three forms."""
    if isinstance(raw, list | tuple):
        if not raw:
            raise Misworded("plant.condition_empty")
        return Condition(words=tuple(_word(item) for item in raw))
    if isinstance(raw, str) and (match := _COMPARISON.match(raw.strip())):
        comparison, right = match.groups()
        number = _number(right)
        if comparison == "!=":
            return Condition(words=(right,), comparison="!=", number=number)
        if comparison == "==":
            return Condition(words=(right,), number=number)
        if number is None:
            raise Misworded("plant.condition_number", value=raw)
        return Condition(comparison=comparison, number=number)
    return Condition(words=(_word(raw),))


def _word(raw: object) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str | int | float):
        return str(raw).removesuffix(".0") if isinstance(raw, float) else str(raw)
    raise Misworded("plant.condition", value=raw)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
