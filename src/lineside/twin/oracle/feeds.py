"""What brings parts into the line: orders and sources."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lineside.twin import model
from lineside.twin.distributions import Law
from lineside.twin.oracle.parts import Buffer, Clock, Part
from lineside.twin.streams import pick, source_stream

if TYPE_CHECKING:
    from lineside.twin.oracle.run import Run


class Feed(Clock, ABC):
    """Parts that wait outside the line for a place in their buffer: of a source, or of the orders released there."""

    def __init__(self, place: str, to: Buffer) -> None:
        super().__init__(place, self.come)
        self.to = to
        self.parts: deque[Part] = deque()

    @abstractmethod
    def come(self) -> None:
        """Bring the next parts."""

    @abstractmethod
    def all_in(self, now: float) -> None:
        """Go on, now that the parts brought last are all in the line."""

    def next_part(self, now: float) -> Part:  # noqa: ARG002 (a plan wants it)
        """Give the part that finds a place."""
        return self.parts.popleft()


class OrderFeed(Feed):
    """Orders released at one buffer, one after the other."""

    def __init__(self, to: Buffer, orders: list[tuple[int, model.Order]], run: Run) -> None:
        super().__init__(orders[0][1].to, to)
        self._orders = deque(sorted(orders, key=lambda item: item[1].release))
        self._run = run
        self.time = self._orders[0][1].release

    def come(self) -> None:
        """Release the next order."""
        self.time = math.inf
        index, order = self._orders.popleft()
        product = self._run.floor.product(order.product)
        self.parts.extend(Part(product, index) for _ in range(order.quantity))
        self._run.offer_feed(self)

    def all_in(self, now: float) -> None:
        """Wait for the next release."""
        if self._orders:
            self.time = max(now, self._orders[0][1].release)


class Source(Feed):
    """A source of the line: this one always has another part for its buffer."""

    def __init__(self, index: int, name: str, to: Buffer, spec: model.Source, run: Run) -> None:
        super().__init__(name, to)
        self._index = index
        self._spec = spec
        self._run = run
        self._to_come = math.inf if spec.limit is None else spec.limit
        self._products = run.stream(source_stream(name, "product"))
        self.time = 0.0 if spec.first is None else spec.first

    def come(self) -> None:
        """Bring the first part."""
        self.time = math.inf
        self._bring(1)
        self._run.offer_feed(self)

    def all_in(self, now: float) -> None:  # noqa: ARG002 (it takes no time)
        """Bring the next part at once."""
        self._run.books.sums.source_came[self._index] += 1
        self._run.count_up(self.place)
        if self._to_come:
            self._bring(1)
            self._run.join(self)

    def next_part(self, now: float) -> Part:
        """Give the part that finds a place; what it is to become a plan says at that moment."""
        part = super().next_part(now)
        if self._spec.plan is not None:
            part.product = self._run.floor.product(due(self._spec.plan, now))
        return part

    def _bring(self, number: int) -> None:
        self._to_come -= number
        self.parts.extend(Part(self._product()) for _ in range(number))

    def _product(self) -> int:
        named = self._spec.product
        if not isinstance(named, Mapping):
            return self._run.floor.product(named)
        return self._run.floor.product(list(named)[pick(self._products.uniform(), tuple(named.values()))])


def due(plan: model.Plan, now: float) -> str:
    """The product a plan says is due."""
    time = now if plan.period is None else now % plan.period
    begun = [product for begin, product in plan.due if begin <= time]
    return begun[-1] if begun else plan.due[0][1]


class TimedSource(Source):
    """A source whose batches come after intervals."""

    def __init__(self, index: int, name: str, to: Buffer, spec: model.Source, interval: Law, run: Run) -> None:
        super().__init__(index, name, to, spec, run)
        self._interval = interval
        self._intervals = run.stream(source_stream(name, "interval"))
        if spec.first is None:
            self._wait(0.0)

    def come(self) -> None:
        """Bring the next batch."""
        self.time = math.inf
        batch = int(min(self._spec.batch, self._to_come))
        self._run.books.sums.source_came[self._index] += batch
        if self._spec.full == "wait":
            self._bring(batch)
            self._run.offer_feed(self)
            return
        for _ in range(batch):
            self._bring(1)
            self._run.offer_feed(self)
            self._lose()
        self._wait(self._run.books.now)

    def all_in(self, now: float) -> None:
        """Wait for the next batch."""
        if self._spec.full == "wait":
            self._wait(now)

    def _lose(self) -> None:
        if self.parts:
            self.parts.clear()
            self._run.withdraw(self)
            self._run.books.sums.source_lost[self._index] += 1

    def _wait(self, now: float) -> None:
        if self._to_come:
            self.time = now + self._intervals.draw(self._interval)
