"""One indicator of all members over months, and the windows of it that a pilot looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from lineside.errors import ConfigurationError

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """The values of an indicator, a row a member and a column a month; NaN where none was told."""

    value: Floats
    members: Ints
    """The number of the member of each row."""
    first: int
    """The number of the first month."""
    generated: Flags | None = None
    """Which members were made up for a demonstration; None where none was."""

    @property
    def end(self) -> int:
        """The month after the last."""
        return self.first + int(self.value.shape[1])

    def rows(self, members: Sequence[int]) -> Ints:
        """The rows of these members. Raises ConfigurationError for one that is not there."""
        place = {int(member): row for row, member in enumerate(self.members)}
        missing = [member for member in members if member not in place]
        if missing:
            raise ConfigurationError("pilots.no_member", members=", ".join(map(str, missing)))
        return np.array([place[member] for member in members], np.int64)

    def between(self, rows: Ints, first: int, end: int) -> Panel:
        """These rows from month `first` to before `end`; months that the panel does not hold are NaN."""
        value = np.full((len(rows), max(end - first, 0)), np.nan)
        begin, stop = max(first, self.first), min(end, self.end)
        if begin < stop:
            value[:, begin - first : stop - first] = self.value[rows, begin - self.first : stop - self.first]
        generated = None if self.generated is None else self.generated[rows]
        return Panel(value, self.members[rows], first, generated)

    def relative(self) -> Panel:
        """The same as natural logarithms, in which a difference is a factor; NaN for values that are not above 0."""
        positive = self.value > 0
        return replace(self, value=np.log(np.where(positive, self.value, np.nan)))

    def any_told(self) -> bool:
        """Whether there is any value."""
        return bool(np.isfinite(self.value).any())
