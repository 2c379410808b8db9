"""Random lines as plants have them, and how near a fit comes to what they were made of."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lineside.twin import Line, parse_line, simulate
from lineside.twin.distributions import mean_of
from lineside.twin.fit import Parameter, Twin, plain_line

DAY = 86_400.0


def known_line(seed: int, *, rich: bool = False) -> Line:
    """A row of 3 to 8 unreliable stations; a rich one has products, set-ups, scrap, rework, parallel servers."""
    return parse_line(_Maker(random.Random(seed), rich=rich).document(), f"known {seed}")


class _Maker:
    def __init__(self, draw: random.Random, *, rich: bool) -> None:
        self.draw, self.rich = draw, rich
        self.names = [f"s{i}" for i in range(draw.randint(3, 6 if rich else 8))]
        self.products = ["a", "b", "c"][: draw.randint(2, 3)] if rich else []

    def document(self) -> dict[str, Any]:
        source: dict[str, Any] = {"to": "s0"}
        if self.products:
            runs = [[i * 4 * 3600.0, self.products[i % len(self.products)]] for i in range(6)]
            source["plan"] = {"due": runs, "period": DAY}
        stations = {name: self.station(place) for place, name in enumerate(self.names)}
        if self.rich and len(self.names) > 3:
            place = self.draw.randint(2, len(self.names) - 1)
            to = stations[self.names[place]]["to"]
            to[0]["probability"] -= 0.05
            to.append({"to": self.names[place - 1], "probability": 0.05})
            stations[self.names[place - 1]]["buffer"] = None
            source["interval"] = {"type": "gamma", "shape": 4, "mean": 60 * self.draw.uniform(1.0, 1.2)}
            stations["s0"]["buffer"] = None
        named: dict[str, Any] = {"products": {name: {} for name in self.products}} if self.products else {}
        return {"schema": "lineside.line/1", **named, "sources": {"in": source}, "stations": stations}

    def station(self, place: int) -> dict[str, Any]:
        draw, on = self.draw, self.names[place + 1] if place + 1 < len(self.names) else "out"
        servers = 2 if self.rich and draw.random() < 0.25 else 1
        cycle = draw.uniform(24, 38) * servers
        scrapped = draw.uniform(0.005, 0.03) if self.rich and draw.random() < 0.5 else 0.0
        to = [{"to": on, "probability": 1.0 - scrapped}]
        if scrapped:
            to.append({"to": "scrap", "probability": scrapped})
        station: dict[str, Any] = {
            "work": {p: self.work(cycle * draw.uniform(0.9, 1.1)) for p in self.products} or self.work(cycle),
            "servers": servers,
            "buffer": 0 if place == 0 else draw.randint(1, 8),
            "failures": {name: self.failure(*size) for name, size in self.modes()},
            "to": to,
        }
        if self.products and draw.random() < 0.6:
            station["setups"] = [{"time": {"type": "uniform", "low": 200, "high": 400}}]
        return station

    def work(self, mean: float) -> dict[str, Any]:
        shift = mean * self.draw.uniform(0.6, 0.9)
        return {"type": "gamma", "shape": self.draw.uniform(2, 6), "mean": mean - shift, "shift": shift}

    def modes(self) -> list[tuple[str, tuple[float, float]]]:
        draw = self.draw
        stops = [("jam", (draw.uniform(1, 4) * 3600, draw.uniform(240, 900)))]
        return [*stops, ("slip", (draw.uniform(0.3, 1) * 3600, draw.uniform(15, 40)))] if draw.random() < 0.5 else stops

    def failure(self, life: float, repair: float) -> dict[str, Any]:
        clock = {"clock": "calendar"} if self.rich and self.draw.random() < 0.2 else {}
        law = self.draw.choice([{"type": "gamma", "shape": 2.0}, {"type": "lognormal", "sd": repair * 0.8}])
        return {"time_to_failure": {"type": "exponential", "mean": life}, "repair": law | {"mean": repair}, **clock}


@dataclass(frozen=True, slots=True)
class Known:
    """A parameter of a fit, beside the truth."""

    parameter: Parameter
    truth: float

    @property
    def covered(self) -> bool:
        """The interval holds the truth."""
        low, high = self.parameter.low, self.parameter.high
        return (low is None or low <= self.truth * (1 + 1e-9)) and (high is None or self.truth <= high * (1 + 1e-9))


def known(line: Line, twin: Twin) -> Iterator[Known]:
    """The measured parameters of which the line says the truth."""
    for parameter in twin.parameters:
        if parameter.origin != "measured" or not parameter.path.startswith("/stations/"):
            continue
        truth = _truth(line, parameter)
        if truth is not None:
            yield Known(parameter, truth)


def _truth(line: Line, parameter: Parameter) -> float | None:
    station = line.stations[parameter.station or ""]
    failure = station.failures.get(parameter.about)
    match parameter.what:
        case "work":
            law = station.work.get(parameter.about or "*")
            return None if law is None else mean_of(law)
        case "setup":
            return mean_of(station.setups[0].time)
        case "life" | "repair" if failure:
            return mean_of(failure.repair if parameter.what == "repair" else failure.time_to_failure)
        case "places" if station.buffer:
            return None if station.buffer.capacity is None else float(station.buffer.capacity)
        case "servers":
            return float(station.servers)
        case "share":
            *_, to = parameter.about.split(": ")
            return sum(way.probability for way in station.to if way.to == to)
    return None


def rate(line: Line, *, days: float = 10.0, replications: int = 16, seed: int = 99) -> float:
    """Parts an hour in the long run."""
    told = simulate(line, horizon=days * DAY, warmup=0.5 * DAY, replications=replications, seed=seed).plain()
    mean: float = told["throughput"]["mean"]
    return mean * 3600


def changed(line: Line, station: str, what: str) -> Line | None:
    """The line with a known change at a station; None where it has nothing to change."""
    document = plain_line(line)
    at = document["stations"][station]
    if what == "cycle":
        at["work"] = {product: scaled(law, 0.9) for product, law in at["work"].items()}
    elif what == "repair":
        if not at.get("failures"):
            return None
        for failure in at["failures"].values():
            failure["repair"] = scaled(failure["repair"], 0.5)
    else:
        capacity = at["buffer"]["capacity"]
        if capacity is None or station == next(iter(document["stations"])):
            return None
        at["buffer"] = {"capacity": capacity + 5}
    return parse_line(document)


def scaled(law: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """A law whose every time is a multiple."""
    times = {"value", "mean", "sd", "scale", "shift", "low", "mode", "high"}
    whole = {key: value * factor if key in times else value for key, value in law.items()}
    if "values" in law:
        whole["values"] = [value * factor for value in law["values"]]
    return whole
