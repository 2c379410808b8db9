"""What was done with the twins of a plant in a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TwinMonth:
    """The lines that have a twin, and how many questions those of each line answered in the month.

    Only a twin that is trusted answers: see `Twins.trusted`.
    """

    lines: tuple[str, ...] = ()
    answered: Mapping[str, int] = field(default_factory=dict)
