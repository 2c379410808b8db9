"""Random lines with everything a line model knows, to hold the engines against each other."""

from __future__ import annotations

import random
from typing import Any

from lineside.twin import Line, parse_line


def random_line(seed: int) -> Line:
    """A line of one to five stations; the same seed gives the same line."""
    return parse_line(Maker(seed).document(), f"random {seed}")


class Maker:
    """Draws the parts of a line."""

    def __init__(self, seed: int) -> None:
        self.draw = draw = random.Random(seed)
        self.names = [f"s{i}" for i in range(draw.randint(1, 5))]
        self.products = ["a", "b", "c"][: draw.randint(1, 3)] if self.often(0.5) else []
        self.shared = self.often(0.35)
        self.shifts = self.often(0.35)

    def often(self, share: float) -> bool:
        """Whether something is so that often."""
        return self.draw.random() < share

    def time(self) -> Any:
        """Any distribution."""
        mean = round(self.draw.uniform(0.3, 3.0), 2)
        values = [mean, 1.0, 2.0, 0.7, 1.3]
        return self.draw.choice(
            [
                mean,
                {"type": "exponential", "mean": mean},
                {"type": "gamma", "shape": round(self.draw.uniform(0.4, 4.0), 2), "mean": mean},
                {"type": "erlang", "shape": 3, "mean": mean},
                {"type": "weibull", "shape": round(self.draw.uniform(0.6, 3.0), 2), "scale": mean},
                {"type": "lognormal", "mean": mean, "sd": mean / 2, "shift": 0.1},
                {"type": "triangular", "low": 0.1, "mode": mean, "high": mean + 1.0},
                {"type": "uniform", "low": mean / 2, "high": mean},
                {"type": "empirical", "values": values},
                {"type": "empirical", "values": values, "weights": [1, 2, 3, 0, 1]},
                {"type": "block_bootstrap", "values": values, "block": 3},
                {"type": "recorded", "values": values, "shift": 0.2},
            ]
        )

    def document(self) -> dict[str, Any]:
        """The line as a model."""
        draw, names = self.draw, self.names
        line: dict[str, Any] = {"schema": "lineside.line/1", "sources": {}}
        if self.products:
            line["products"] = {name: {"priority": draw.choice([0, 0, 1])} for name in self.products}
        if self.shifts:
            first = draw.choice([0, 0, 5])
            line["calendars"] = {
                "early": {"on": [[first, 20], [30, 45]], "period": 50},
                "late": {"on": [[0, 70]], **({} if self.often(0.2) else {"period": 100})},
            }
        if self.shared:
            line["resources"] = {"operator": {"count": draw.randint(1, 2)}, "crew": {"count": 1}}
        stations = line["stations"] = {}
        for place, name in enumerate(names):
            stations[name] = self.station(place, stations)
        if len(names) >= 3 and self.often(0.3):
            line["buffers"] = {"kit": {"capacity": draw.choice([3, None])}}
            last = stations[names[-1]]
            last["takes"] = {names[-1]: 1, "kit": draw.randint(1, 2)}
            last["buffer"] = 2 if last["buffer"] == 0 else last["buffer"]
            line["sources"]["kits"] = {"to": "kit", "interval": self.time()}
        self.feed(line)
        if len(names) > 1 and self.often(0.3):
            back = {"back": self.time()} if self.often(0.5) else {}
            line["pallets"] = {"loop": {"count": draw.randint(1, 4), "load": "s0", "unload": names[-1], **back}}
        for station in stations.values():
            if station["buffer"] and self.often(0.2):
                station["buffer"] = {"capacity": station["buffer"], "initial": self.initial()}
        for calendar in line.get("calendars", {}).values():
            if self.often(0.4):
                calendar["from"] = draw.choice([3, 20, 33.3, 70, 149])
        if "pallets" not in line and self.often(0.5):
            self.begin(line)
        return line

    def initial(self) -> Any:
        """Parts in a buffer: a number, numbers by product or products in their order."""
        draw = self.draw
        if not self.products:
            return draw.randint(1, 3)
        in_order = draw.choices(self.products, k=draw.randint(1, 4))
        return draw.choice([1, in_order, {name: in_order.count(name) for name in in_order}])

    def begin(self, line: dict[str, Any]) -> None:
        """What servers do at time 0, no more of them holding resources than there are."""
        free = line.get("resources", {}).get("operator", {}).get("count", 0)
        for station in line["stations"].values():
            needs = bool(station.get("needs"))
            entries = station["start"] = []
            for _ in range(self.draw.randint(0, station["servers"])):
                entry = self.busy(station, needs=needs, free=free)
                free -= needs and entry["state"] in ("working", "setup")
                if "failures" in station and self.often(0.4):
                    doing = {} if entry["state"] == "idle" else {"doing": entry}
                    entry = {"state": "down", "failure": self.draw.choice(list(station["failures"])), **doing}
                    if self.often(0.7):
                        entry["left"] = self.time()
                entries.append(entry)

    def busy(self, station: dict[str, Any], *, needs: bool, free: int) -> dict[str, Any]:
        """What a server that is not down does."""
        states = ["idle", "blocked"] + ["waiting"] * needs + ["working", "working", "setup"] * (free > 0 or not needs)
        entry: dict[str, Any] = {"state": self.draw.choice(states)}
        if self.products and self.often(0.5):
            entry["made"] = self.draw.choice(self.products)
        if self.products and entry["state"] != "idle" and self.often(0.8):
            entry["product"] = self.draw.choice(self.products)
        same = self.products and entry.get("made") == entry.get("product", self.products[0])
        unruled = entry["state"] == "setup" and (same or "setups" not in station)
        if entry["state"] in ("working", "setup") and (unruled or self.often(0.7)):
            entry["left"] = self.time()
        return entry

    def station(self, place: int, before: dict[str, Any]) -> dict[str, Any]:
        """A station behind those before it."""
        draw = self.draw
        by_product = self.products and self.often(0.4)
        station: dict[str, Any] = {
            "work": {self.products[0]: self.time(), "*": self.time()} if by_product else self.time(),
            "servers": draw.choice([1, 1, 1, 2, 3]),
            "buffer": draw.choice([0, 1, 2, 5, None]),
            "to": self.routes(place, before),
        }
        if self.often(0.3):
            station["blocking"] = "before"
        if self.often(0.5):
            station["failures"] = {f"f{i}": self.failure() for i in range(draw.randint(1, 2))}
        if self.products and self.often(0.4):
            exact = [{"from": self.products[0], "to": self.products[-1], "time": self.time()}]
            station["setups"] = [{"time": self.time()}, *(exact if self.often(0.5) else [])]
        if self.shared and self.often(0.5):
            station["needs"] = {"operator": 1}
        if self.often(0.3):
            station["priority"] = draw.randint(0, 2)
        if self.shifts and self.often(0.6):
            station["calendar"] = draw.choice(["early", "late"])
        return station

    def failure(self) -> dict[str, Any]:
        """A failure of either clock."""
        needs = {"needs": {"crew": 1}} if self.shared and self.often(0.6) else {}
        life = {"type": "exponential", "mean": self.draw.uniform(5.0, 30.0)}
        clock = self.draw.choice(["operating", "calendar"])
        return {"time_to_failure": life, "repair": self.time(), "clock": clock, **needs}

    def routes(self, place: int, before: dict[str, Any]) -> list[dict[str, Any]]:
        """On, sometimes scrapped, sometimes back to a queue that never fills up."""
        left = 1.0
        routes: list[dict[str, Any]] = []
        back = self.names[place - 1]
        if place and before[back]["buffer"] is None and self.often(0.3):
            routes.append({"to": back, "probability": 0.15})
            left -= 0.15
        if self.often(0.4):
            routes.append({"to": "scrap", "probability": 0.1})
            left -= 0.1
        on = self.names[place + 1] if place + 1 < len(self.names) else "out"
        routes.append({"to": on, "probability": left})
        if self.often(0.3):
            for route in routes:
                route["transfer"] = self.time()
        return routes

    def feed(self, line: dict[str, Any]) -> None:
        """What brings parts in: a source, two, or orders."""
        draw, sources = self.draw, line["sources"]
        kind = draw.randrange(4)
        if kind == 0 and line["stations"]["s0"]["buffer"] is not None:
            sources["in"] = {"to": "s0"}
        elif kind == 1:
            line["orders"] = [
                {
                    "id": f"o{i}",
                    "quantity": draw.randint(1, 20),
                    "release": draw.choice([0, 0, 10, 50]),
                    "to": "s0",
                    **({"product": draw.choice(self.products)} if self.products else {}),
                }
                for i in range(5)
            ]
        else:
            full = draw.choice(["wait", "lose"])
            sources["in"] = {"to": "s0", "interval": self.time(), "batch": draw.choice([1, 1, 3]), "full": full}
            if self.often(0.3):
                sources["more"] = {"to": "s0", "interval": self.time(), "first": 3}
        for source in sources.values():
            if self.products and self.often(0.3):
                due = [[20 * i, draw.choice(self.products)] for i in range(draw.randint(1, 4))]
                source["plan"] = {"due": due, **({"period": 90} if self.often(0.7) else {})}
            elif self.products and self.often(0.7):
                source["product"] = {name: 1 + i for i, name in enumerate(self.products)}
