"""What is measured of a source while it runs: figures of the last minutes, in the same memory whatever comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

Clock = Callable[[], float]
RATE_S = 60
"""The time over which a rate is told."""
SKEW_STEPS, SKEW_STEP_S = 10, 60.0
"""The time over which the skew of clocks is told."""


class Recent:
    """One figure for each of the last `steps` steps of time; those of one step are joined to one."""

    def __init__(self, steps: int, step_s: float, join: Callable[[float, float], float], clock: Clock) -> None:
        self._step_s = step_s
        self._join = join
        self._clock = clock
        self._steps = [-1] * steps
        self._figures = [0.0] * steps

    def note(self, figure: float) -> None:
        """Takes a figure of the present step."""
        step = int(self._clock() / self._step_s)
        at = step % len(self._steps)
        self._figures[at] = self._join(self._figures[at], figure) if self._steps[at] == step else figure
        self._steps[at] = step

    def figures(self) -> list[float]:
        """One figure for each of the last steps in which there was one."""
        oldest = int(self._clock() / self._step_s) - len(self._steps)
        return [figure for step, figure in zip(self._steps, self._figures, strict=True) if step > oldest]


class Rate:
    """How many a second, over the last minute or for as long as it has counted."""

    def __init__(self, clock: Clock = monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._recent = Recent(RATE_S, 1.0, lambda a, b: a + b, clock)

    def note(self, count: int) -> None:
        """So many more."""
        self._recent.note(count)

    @property
    def per_second(self) -> float:
        """The rate."""
        return sum(self._recent.figures()) / min(max(self._clock() - self._began, 1.0), RATE_S)


@dataclass(frozen=True, slots=True)
class Failure:
    """A conversation that ended: when (microseconds UTC), and why as a text key with its fields."""

    time: int
    key: str
    fields: dict[str, object]


def _nothing() -> int:
    return 0


class Vitals:
    """How a source fares in figures, since the node runs it with these settings."""

    def __init__(self, clock: Clock = monotonic) -> None:
        self.heard = Rate(clock)
        """Values its peer gave, those that repeat what was known already included."""
        self.stored = Rate(clock)
        """Values new to the history."""
        self.waiting = 0
        """Values and messages taken from the peer that are not durable yet."""
        self.inbox: Callable[[], int] = _nothing
        """Messages that the conversation has not read yet."""
        self.dropped = 0
        """Values or messages thrown away here: no room for them, or a time that cannot be."""
        self.losses = 0
        """How often it was told that something was lost on the way."""
        self.failures = 0
        """How many conversations ended, those that never began included."""
        self.failure: Failure | None = None
        """The last of them."""
        self._waited = Recent(RATE_S, 1.0, max, clock)
        self._behind = Recent(SKEW_STEPS, SKEW_STEP_S, min, clock)

    def waits(self, count: int) -> None:
        """So many values wait, beside what is in the inbox."""
        self.waiting = count + self.inbox()
        self._waited.note(self.waiting)

    def arrived(self, behind_us: int) -> None:
        """The time a source gave to a new value lay so far behind our clock when it came."""
        self._behind.note(behind_us)

    def failed(self, failure: Failure) -> None:
        """A conversation ended."""
        self.failures += 1
        self.failure = failure
        self.inbox = _nothing

    @property
    def most_waiting(self) -> int:
        """The longest queue of the last minute."""
        return round(max(self._waited.figures(), default=0))

    @property
    def skew_s(self) -> float | None:
        """The least that source times lay behind our clock in the last ten minutes; None without new values.

        Below zero the source's clock is ahead of ours. Above it is behind, or all its values come late.
        """
        figures = self._behind.figures()
        return min(figures) / 1_000_000 if figures else None
