"""What the history gives back: columns of samples, and the last one of a series."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

Int16s: TypeAlias = NDArray[np.int16]
Int32s: TypeAlias = NDArray[np.int32]
Int64s: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]


class Quality(IntEnum):
    """How far a sample can be trusted: the severity classes of OPC UA status codes, and "nothing came"."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2
    NO_DATA = 3


@dataclass(frozen=True, slots=True)
class Last:
    """The newest sample of a series. `number` and `text` are both None where no value came."""

    time: int
    number: float | None
    text: str | None
    quality: int


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Samples of one series as columns, ordered by time and then by arrival.

    `number` is NaN where there is none. `codes` point into `words`, -1 where there is no text; `words` may
    hold texts that do not occur here, because the samples of one answer share them.
    """

    time: Int64s
    number: Floats
    codes: Int32s
    words: tuple[str, ...]
    quality: Int16s

    @classmethod
    def none(cls) -> Self:
        """No samples at all."""
        return cls(
            time=np.empty(0, np.int64),
            number=np.empty(0, np.float64),
            codes=np.empty(0, np.int32),
            words=(),
            quality=np.empty(0, np.int16),
        )

    @classmethod
    def of(cls, last: Last) -> Self:
        """A single sample."""
        return cls(
            time=np.array([last.time], np.int64),
            number=np.array([np.nan if last.number is None else last.number], np.float64),
            codes=np.array([-1 if last.text is None else 0], np.int32),
            words=() if last.text is None else (last.text,),
            quality=np.array([last.quality], np.int16),
        )

    def __len__(self) -> int:
        return len(self.time)

    @property
    def present(self) -> Bools:
        """True where a value came, number or text."""
        return ~np.isnan(self.number) | (self.codes >= 0)

    def texts(self) -> Iterator[str | None]:
        """The text of each sample, None where there is none."""
        return (self.words[code] if code >= 0 else None for code in self.codes.tolist())

    def last(self) -> Last | None:
        """The newest of these samples, or None when there are none."""
        if not len(self):
            return None
        number, code = float(self.number[-1]), int(self.codes[-1])
        return Last(
            time=int(self.time[-1]),
            number=None if np.isnan(number) else number,
            text=self.words[code] if code >= 0 else None,
            quality=int(self.quality[-1]),
        )
