"""Other simulation packages on the line of `twin.py`, each as its own manual would write it, where it is installed.

Each returns the CPU ns of a part at a station, starts left out, and the parts out a unit of time.
"""

# mypy: disable-error-code="misc, untyped-decorator"
from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bench._line import LIFE, PLACES, REPAIR, STATIONS, WORK


@dataclass(frozen=True, slots=True)
class Peer:
    """A package, how long a line it is given and what is not the same."""

    name: str
    package: str
    horizon: float
    run: Callable[[int, float], tuple[float, float]]
    differs: str


def simpy_line(seed: int, horizon: float) -> tuple[float, float]:
    """One process a station, stores between them."""
    import simpy

    draw, environment = random.Random(seed), simpy.Environment()
    buffers = [simpy.Store(environment, capacity=PLACES) for _ in range(STATIONS - 1)]
    left = [0] * STATIONS

    def station(i: int) -> Iterator[Any]:
        life = draw.expovariate(1 / LIFE)
        while True:
            if i:
                yield buffers[i - 1].get()
            work = draw.expovariate(1 / WORK)
            while life < work:
                yield environment.timeout(life)
                work -= life
                yield environment.timeout(draw.expovariate(1 / REPAIR))
                life = draw.expovariate(1 / LIFE)
            yield environment.timeout(work)
            life -= work
            if i < STATIONS - 1:
                yield buffers[i].put(None)
            left[i] += 1

    for i in range(STATIONS):
        environment.process(station(i))
    began = time.process_time()
    environment.run(horizon)
    return (time.process_time() - began) / sum(left) * 1e9, left[-1] / horizon


def cimba_line(seed: int, horizon: float) -> tuple[float, float]:
    """One process a station, stores between them; the first run compiles them."""
    import cimba

    from bench._cimba import line_of

    line = line_of(STATIONS)
    experiment = cimba.Experiment(line, window=cimba.Window(duration=horizon), seed=seed)
    began = time.process_time()
    results = experiment.run()
    spent = time.process_time() - began
    left = [int(results[station].left.values[0, 0]) for station in line.stations]
    return spent / sum(left) * 1e9, left[-1] / horizon


def salabim_line(seed: int, horizon: float) -> tuple[float, float]:
    """One component a station, stores between them, nothing monitored."""
    import salabim

    draw = random.Random(seed)
    environment = salabim.Environment(yieldless=False, random_seed=seed)
    buffers = [salabim.Store(capacity=PLACES, monitor=False) for _ in range(STATIONS - 1)]
    left = [0] * STATIONS

    class Station(salabim.Component):
        def setup(self, i: int) -> None:
            self.i = i

        def process(self) -> Iterator[Any]:
            i, life = self.i, draw.expovariate(1 / LIFE)
            while True:
                if i:
                    yield self.from_store(buffers[i - 1])
                part = self.from_store_item() if i else salabim.Component("part")
                work = draw.expovariate(1 / WORK)
                while life < work:
                    yield self.hold(life)
                    work -= life
                    yield self.hold(draw.expovariate(1 / REPAIR))
                    life = draw.expovariate(1 / LIFE)
                yield self.hold(work)
                life -= work
                if i < STATIONS - 1:
                    yield self.to_store(buffers[i], part)
                left[i] += 1

    for i in range(STATIONS):
        Station(i=i)
    began = time.process_time()
    environment.run(till=horizon)
    return (time.process_time() - began) / sum(left) * 1e9, left[-1] / horizon


def ciw_line(seed: int, horizon: float) -> tuple[float, float]:
    """A network of ten nodes; its service takes the repairs in."""
    import ciw

    draw = random.Random(seed)

    class WorkAndRepairs(ciw.dists.Distribution):
        def __init__(self) -> None:
            self.life = draw.expovariate(1 / LIFE)

        def sample(self, t: Any = None, ind: Any = None) -> float:
            del t, ind
            whole = work = draw.expovariate(1 / WORK)
            while self.life < work:
                work -= self.life
                whole += draw.expovariate(1 / REPAIR)
                self.life = draw.expovariate(1 / LIFE)
            self.life -= work
            return whole

    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=3.0), *[None] * (STATIONS - 1)],
        service_distributions=[WorkAndRepairs() for _ in range(STATIONS)],
        number_of_servers=[1] * STATIONS,
        queue_capacities=[2, *[PLACES] * (STATIONS - 1)],
        routing=[[1.0 if j == i + 1 else 0.0 for j in range(STATIONS)] for i in range(STATIONS)],
    )
    simulation = ciw.Simulation(network)
    began = time.process_time()
    simulation.simulate_until_max_time(horizon)
    spent = time.process_time() - began
    nodes = [record.node for record in simulation.get_all_records() if record.record_type == "service"]
    return spent / len(nodes) * 1e9, nodes.count(STATIONS) / horizon


PEERS = (
    Peer("SimPy", "simpy", 5_000.0, simpy_line, "nothing is kept but the parts that left each station"),
    Peer("cimba", "cimba", 50_000.0, cimba_line, "the same, compiled beforehand"),
    Peer("salabim", "salabim", 1_000.0, salabim_line, "the same, its monitors off"),
    Peer(
        "Ciw", "ciw", 1_000.0, ciw_line, "repairs in the service time; the first station fed at 3 a unit into 2 places"
    ),
)
