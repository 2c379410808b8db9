"""What looking around at an address finds: plain facts of each value there, before anything is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple

from lineside.connect.observations import NO_VALUE, NUMBER
from lineside.plant import Kind, SourceSettings

FEW_WORDS = 24
"""A text with more values than this is no state."""


class Note(NamedTuple):
    """Something a person should know of what was found: a text key and its fields."""

    key: str
    fields: Mapping[str, object]


@dataclass(slots=True)
class Seen:
    """How the values of one address behaved while they were watched."""

    count: int = 0
    example: str = ""
    words: list[str] = field(default_factory=list)
    """Each value once, in the order they came; none beyond `FEW_WORDS` and one."""
    numbers: bool = True
    whole: bool = True
    rises: int = 0
    falls: int = 0
    _last: float | None = None

    def see(self, value: str) -> None:
        """Takes one more value, as text; no value counts as none."""
        if not value or value.upper() == NO_VALUE:
            return
        self.count += 1
        self.example = value
        if len(self.words) <= FEW_WORDS and value not in self.words:
            self.words.append(value)
        if not NUMBER.fullmatch(value):
            self.numbers = self.whole = False
            return
        number = float(value)
        self.whole = self.whole and number.is_integer()
        if self._last is not None:
            self.rises += number > self._last
            self.falls += number < self._last
        self._last = number

    @property
    def few(self) -> bool:
        """True when no more values came than a state has."""
        return len(self.words) <= FEW_WORDS


@dataclass(slots=True)
class Offer:
    """One value that the other side offers.

    `place` are the names from the top down to it, the last one its own. `model` is what the model of the other side
    calls it, where it has one: `PART_COUNT.GOOD`. `kind` is set where the protocol itself says it. `labels` name the
    values of an enumeration. `useless` says why no signal can hold it.
    """

    address: str
    place: tuple[str, ...]
    model: str = ""
    kind: Kind | None = None
    unit: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    constant: bool = False
    useless: str = ""
    seen: Seen = field(default_factory=Seen)

    @property
    def name(self) -> str:
        """Its own name."""
        return self.place[-1]


@dataclass(slots=True)
class Surroundings:
    """What one type of source found at an address. `machines` are places that the model says are machines.

    With `listened` the items were watched while they were found.
    """

    settings: SourceSettings
    items: list[Offer]
    machines: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    models: frozenset[str] = frozenset()
    notes: list[Note] = field(default_factory=list)
    listened: bool = False


@dataclass(slots=True)
class Look:
    """How long the other side is watched, in seconds, and how far that is."""

    watch_s: float
    found: int = 0
    """How many values were found so far."""
    _began: float | None = None

    @property
    def seconds(self) -> float:
        """For how long it has been watched."""
        return 0.0 if self._began is None else min(monotonic() - self._began, self.watch_s)

    @property
    def left_s(self) -> float:
        """For how long it is still to be watched; the first question begins it."""
        if self._began is None:
            self._began = monotonic()
        return self.watch_s - self.seconds
