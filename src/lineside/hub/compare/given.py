"""What the register and the submissions hand over to be compared: members, indicators and their months, in memory."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, log1p
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lineside.errors import ConfigurationError
from lineside.exchange import Indicator
from lineside.hub.figures import Origin

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_MOST_PLACES = 2**52  # up to there a place is exact
_FINEST_RATIO = 0.01  # which the digits of a place tell apart
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Scale:
    """How an indicator is compared: its unit, which direction is better, its bounds and the public grid.

    `step` is the width of a place of that grid, in the indicator's unit: place `i` holds what lies nearer to `i * step`
    than to any other. Where it is a `ratio`, place `i` holds what lies nearer to `(1 + step) ** i` by its logarithm;
    what is below the lower bound counts as at it. A value of less than `least_coverage` counts as absent. Raises
    ConfigurationError.
    """

    id: str
    unit: str
    direction: Literal["higher", "lower"]
    low: float
    high: float
    step: float
    least_coverage: float = 0.0
    ratio: bool = False

    def __post_init__(self) -> None:
        told = (self.low, self.high, self.step)
        if not (all(isfinite(one) for one in told) and self.low < self.high and self.step > 0):
            raise ConfigurationError("compare.no_grid", indicator=self.id, low=self.low, high=self.high, step=self.step)
        even = max(abs(self.low), abs(self.high)) / self.step <= _MOST_PLACES
        if not (self.step >= _FINEST_RATIO and self.low > 0 if self.ratio else even):
            raise ConfigurationError("compare.no_grid", indicator=self.id, low=self.low, high=self.high, step=self.step)

    def places(self, values: Floats) -> Ints:
        """The place of each value on the grid."""
        if self.ratio:
            return np.floor(np.log(np.maximum(values, self.low)) / log1p(self.step) + 0.5).astype(np.int64)
        return np.floor(values / self.step + 0.5).astype(np.int64)

    def at(self, place: int) -> float:
        """The middle of a place, in the indicator's unit, without the dust of binary fractions."""
        if self.ratio:
            return float(f"{(1 + self.step) ** place:.{_DIGITS}g}")
        return round(place * self.step, 12)

    @classmethod
    def of(cls, indicator: Indicator) -> Scale:
        """The scale of an indicator of the catalogue."""
        one = indicator
        return cls(one.id, one.unit, one.better, one.low, one.high, one.step, one.coverage, one.ratio)

    @property
    def ends(self) -> tuple[int, int]:
        """The places of the bounds."""
        first, last = self.places(np.array([self.low, self.high]))
        return int(first), int(last)

    @property
    def better(self) -> int:
        """1 where more is better, else -1."""
        return 1 if self.direction == "higher" else -1


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """The register as far as it is compared, one place of each array a member.

    `division` is two digits of GB/T 4754 as a number, 0 where it is not known; `size` and `region` count in `sizes` and
    `regions`, -1 where not known. Raises ConfigurationError where the arrays do not fit together.
    """

    ids: Ints
    division: Ints
    size: Ints
    region: Ints
    generated: Flags
    sizes: tuple[str, ...]
    regions: tuple[str, ...]

    def __post_init__(self) -> None:
        parts = (self.division, self.size, self.region, self.generated)
        if any(one.shape != self.ids.shape for one in parts) or np.unique(self.ids).size != self.ids.size:
            raise ConfigurationError("compare.not_one_shape", what="members")
        if any("/" in name or not name for name in (*self.sizes, *self.regions)):
            raise ConfigurationError("compare.no_name")

    def __len__(self) -> int:
        return int(self.ids.size)


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """One indicator of all members, `(members, months)`: values (NaN: absent), their origin and coverage (0 to 1).

    A coverage of NaN was not told: what was entered by hand has none.
    """

    indicator: Scale
    value: Floats
    origin: NDArray[np.uint8]
    coverage: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.value.ndim != 2 or self.value.shape != self.origin.shape or self.value.shape != self.coverage.shape:
            raise ConfigurationError("compare.not_one_shape", what=self.indicator.id)

    def usable(self, month: int, *, generated: bool) -> Floats:
        """The values of a month that may count, NaN for the others.

        Others are absent, outside the indicator's bounds (whoever admits submissions flags them), covered too little,
        or generated where `generated` leaves these out.
        """
        value, origin = self.value[:, month], self.origin[:, month]
        with np.errstate(invalid="ignore"):
            within = (value >= self.indicator.low) & (value <= self.indicator.high)
            covered = self.coverage[:, month] >= self.indicator.least_coverage
        covered |= np.isnan(self.coverage[:, month]) & (origin != Origin.MEASURED)
        keep = within & covered & (origin != Origin.ABSENT)
        if not generated:
            keep &= origin != Origin.GENERATED
        return np.where(keep, value, np.nan)
