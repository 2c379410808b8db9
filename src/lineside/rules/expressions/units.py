"""Units of figures in rules: what may be added, and what a product is in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_NAME = re.compile(r"[A-Za-z%][A-Za-z0-9_%]*")


@dataclass(frozen=True, slots=True)
class Unit:
    """A product of powers of names: "CNY/year", "kWh*h", "1" for a pure number."""

    powers: tuple[tuple[str, int], ...] = ()
    """In the order of their names, none of them 0."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The unit that a text names. Raises ValueError for what names none."""
        above, *below = text.replace(" ", "").split("/")
        powers: dict[str, int] = {}
        for part, step in [*((one, 1) for one in above.split("*")), *((one, -1) for one in below)]:
            if part == "1" and (step == 1):
                continue
            if _NAME.fullmatch(part) is None:
                raise ValueError(text)
            powers[part] = powers.get(part, 0) + step
        return cls._of(powers)

    @classmethod
    def _of(cls, powers: dict[str, int]) -> Self:
        return cls(tuple(sorted((name, power) for name, power in powers.items() if power)))

    def times(self, other: Unit, sign: int = 1) -> Self:
        """The unit of a product; with a `sign` of -1 of a quotient."""
        powers = dict(self.powers)
        for name, power in other.powers:
            powers[name] = powers.get(name, 0) + sign * power
        return self._of(powers)

    def __str__(self) -> str:
        above = [name for name, power in self.powers for _ in range(power)]
        below = [name for name, power in self.powers for _ in range(-power)]
        return "/".join(["*".join(above) or "1", *below])


PURE = Unit()
