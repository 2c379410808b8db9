"""Random rows of single machines, to hold the recursion against the other engines."""

from __future__ import annotations

from typing import Any

from lineside.twin import Line, parse_line
from tests.twin.lines import Maker


def random_row(seed: int) -> Line:
    """A row of one to six machines that the recursion covers; the same seed gives the same row."""
    return parse_line(_RowMaker(seed).document(), f"random row {seed}")


class _RowMaker(Maker):
    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.names = [f"s{i}" for i in range(self.draw.randint(1, 6))]
        self.whole = self.often(0.3)
        """Whole numbers only, so that many things happen at one time."""
        if not self.often(0.4):
            self.products = []

    def time(self) -> Any:
        """Any distribution, or a whole number."""
        return self.draw.choice([0, 1, 2, 3, 5]) if self.whole else super().time()

    def document(self) -> dict[str, Any]:
        """The row as a model."""
        draw = self.draw
        line: dict[str, Any] = {"schema": "lineside.line/1", "products": {name: {} for name in self.products}}
        if self.shifts:
            period = {} if self.often(0.1) else {"period": 50}
            on, begun = [[draw.choice([0, 5]), 20], [30, 45]], draw.choice([0, 0, 20, 33])
            line["calendars"] = {"early": {"on": on, "from": begun, **period}}
        stations = {name: self.machine(place) for place, name in enumerate(self.names)}
        line["stations"] = {name: stations[name] for name in draw.sample(self.names, len(self.names))}
        line["sources"] = {"in": self.source(stations["s0"])}
        return line

    def machine(self, place: int) -> dict[str, Any]:
        """One machine; the first takes its time."""
        draw = self.draw
        on = self.names[place + 1] if place + 1 < len(self.names) else "out"
        scrap = [{"to": draw.choice(["scrap", "out"]), "probability": 0.1}, {"to": on, "probability": 0.9}]
        mixed = self.products and self.often(0.4)
        station: dict[str, Any] = {
            "work": 2
            if place == 0 and self.whole
            else {self.products[0]: self.time(), "*": self.time()}
            if mixed
            else self.time(),
            "buffer": draw.choice([0, 0, 1, 2, 5, None]),
            "to": scrap if self.often(0.4) else on,
        }
        if self.often(0.6):
            station["failures"] = {f"f{i}": self.failure() for i in range(draw.randint(1, 3))}
        if self.products and self.often(0.4):
            exact = [{"from": self.products[0], "to": self.products[-1], "time": self.time()}]
            station["setups"] = [{"time": self.time()}, *(exact if self.often(0.5) else [])]
        if self.products and self.often(0.2):
            station["makes"] = self.products[-1]
        if self.shifts and self.often(0.6):
            station["calendar"] = "early"
        return station

    def failure(self) -> dict[str, Any]:
        """A failure by working time."""
        life = self.draw.choice([4, 7, 10]) if self.whole else {"type": "exponential", "mean": 8.0}
        return {"time_to_failure": life, "repair": self.time()}

    def source(self, first: dict[str, Any]) -> dict[str, Any]:
        """A source that brings one part after the other to the first machine."""
        source: dict[str, Any] = {"to": "s0"}
        if first["buffer"] is None or self.often(0.5):
            source["interval"] = 1 if self.whole else self.time()
        if self.often(0.3):
            source["first"] = 3
        if self.often(0.2):
            source["limit"] = 20
        if self.products and self.often(0.3):
            source["plan"] = {"due": [[10 * i, name] for i, name in enumerate(self.products)], "period": 35}
        elif self.products and self.often(0.7):
            source["product"] = {name: 1 + i for i, name in enumerate(self.products)}
        return source
