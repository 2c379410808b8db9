"""Since when a peer has been heard without a gap, by this computer's clock, which somebody may set meanwhile."""

from __future__ import annotations

from time import monotonic

from lineside.connect.vitals import Clock


class Presence:
    """The span in which one peer was heard, up to the last thing it said.

    How long it has been silent is measured by a clock that nobody can set.
    """

    def __init__(self, silence_us: int, clock: Clock = monotonic) -> None:
        self._silence_us = silence_us
        self._clock = clock
        self._began = self._spoke = clock()
        self._bridged = False
        self._broken = False
        self._told_until = 0
        self._known_at = 0
        self.span: tuple[int, int] | None = None

    @property
    def is_silent(self) -> bool:
        """Nothing was heard for longer than a pause may be."""
        return self._is_long_ago(self._spoke)

    @property
    def has_begun(self) -> bool:
        """The conversation has lasted longer than a pause may be."""
        return self._is_long_ago(self._began)

    def connected(self) -> None:
        """The peer accepted."""
        self._began = self._spoke = self._clock()

    def alive(self, now: int, asked: int | None = None) -> None:
        """It said something. An answer tells no more than what was so when it was `asked`."""
        self._spoke = self._clock()
        bridged, self._bridged = self._bridged, False
        broken, self._broken = self._broken, False
        since, until = self.span or (now, now)
        before, self._known_at = self._known_at, now if asked is None else asked
        if now < until:  # the clock was set back: this time comes again, and is told again
            self._told_until = min(self._told_until, now)
            self.span = (min(since, now) if bridged else now, now)
        elif bridged or (not broken and now - before <= self._silence_us):
            self.span = (since, max(until, self._known_at))
        else:
            self.span = (now, now)

    def reached(self, span: tuple[int, int]) -> None:
        """Another says that it was heard then."""
        self._spoke = self._clock()
        self.span, self._known_at = span, span[1]

    def bridge(self, heard: int | None) -> None:
        """All since it was last heard is about to be replayed; `heard` says when that was where no span does."""
        self._bridged = True
        if self.span is None and heard is not None:
            self.span = (heard, heard)

    def lost(self) -> None:
        """The conversation ended."""
        self._bridged = False
        self._broken = True

    def forget(self) -> None:
        """Begins anew with what comes next."""
        self.span = None

    def untold(self, span: tuple[int, int]) -> tuple[int, int] | None:
        """What of a span was not told yet, if only its end; from now on it is."""
        if span[1] <= self._told_until:
            return None
        start, self._told_until = max(span[0], self._told_until), span[1]
        return start, span[1]

    def _is_long_ago(self, moment: float) -> bool:
        return (self._clock() - moment) * 1_000_000 > self._silence_us
