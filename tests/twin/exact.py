"""Lines whose long-run or transient measures are known exactly, by formulas and chains that know no engine.

Every case names a measure of a tally, its exact mean and where that comes from. Solvers are plain numpy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lineside.twin.tally import BLOCKED, DOWN, STARVED, WORKING, Tally

Measure: TypeAlias = Callable[[Tally], float]
State: TypeAlias = tuple[int, ...]
Moves: TypeAlias = Callable[[State], Iterable[tuple[float, State, bool]]]


@dataclass(frozen=True)
class Case:
    """A line, one of its measures and the exact mean of it."""

    name: str
    line: Mapping[str, Any]
    measure: Measure
    value: float
    source: str
    warmup: float = 500.0
    horizon: float = 20_500.0


# Measures


def throughput(tally: Tally) -> float:
    """Parts out per time."""
    return float(tally.out.sum() / tally.span)


def scrapped(tally: Tally) -> float:
    """Parts scrapped per time."""
    return float(tally.scrapped.sum() / tally.span)


def parts_out(tally: Tally) -> float:
    """Parts gone out."""
    return float(tally.out.sum())


def in_line(tally: Tally) -> float:
    """Mean number of parts in the line."""
    return tally.wip_area / tally.span


def lead_time(product: int = 0) -> Measure:
    """Mean time from entry to out of a product."""
    return lambda tally: float(tally.lead_sum[product] / tally.out[product])


def wait(buffer: int = 0) -> Measure:
    """Mean wait in a buffer."""
    return lambda tally: float(tally.buffer_wait[buffer] / tally.buffer_waited[buffer])


def level(buffer: int = 0) -> Measure:
    """Mean level of a buffer."""
    return lambda tally: float(tally.buffer_area[buffer] / tally.span)


def full(buffer: int = 0) -> Measure:
    """Share of time a buffer is full."""
    return lambda tally: float(tally.buffer_full[buffer] / tally.span)


def left(station: int) -> Measure:
    """Parts that leave a station per time."""
    return lambda tally: float(tally.station_left[station] / tally.span)


def servers(station: int, state: int) -> Measure:
    """Mean number of a station's servers in a state."""
    return lambda tally: float(tally.station_time[station, state] / tally.span)


def lost(tally: Tally) -> float:
    """Share of parts that found no place."""
    return float(tally.source_lost.sum() / tally.source_came.sum())


# Lines


def exponential(rate: float) -> dict[str, Any]:
    """Return an exponential time of this rate."""
    return {"type": "exponential", "mean": 1 / rate}


def single(
    work: Any, *, interval: Any = None, buffer: int | None = None, full: str = "wait", **rest: Any
) -> dict[str, Any]:
    """Return one station behind one source; `station` and `source` add to them. Without interval it has no queue."""
    places = 0 if interval is None else buffer
    station = {"work": work, "buffer": places, "to": "out"} | rest.pop("station", {})
    source = {"to": "a", "interval": interval, "full": full} | rest.pop("source", {})
    return {"sources": {"s": source}, "stations": {"a": station}} | rest


def row(
    works: Sequence[Any], buffers: Sequence[int | None], each: Mapping[str, Any] | None = None, **rest: Any
) -> dict[str, Any]:
    """Return stations in a row behind a source that always has a part."""
    last = len(works) - 1
    stations = {
        f"m{j}": {"work": work, "buffer": buffers[j - 1] if j else 0, "to": f"m{j + 1}" if j < last else "out"}
        | dict(each or {})
        for j, work in enumerate(works)
    }
    return {"sources": {"s": {"to": "m0"}}, "stations": stations} | rest


# Solvers


class Chain:
    """A Markov chain in continuous time, its states found from one of them. Counted moves are what it makes."""

    def __init__(self, start: State, moves: Moves) -> None:
        self.states, self.moves = [start], moves
        index = {start: 0}
        found: list[tuple[int, int, float]] = []
        made: list[float] = []
        for state in self.states:  # it grows while it is read
            made.append(0.0)
            for rate, to, counts in moves(state):
                if to not in index:
                    index[to] = len(self.states)
                    self.states.append(to)
                found.append((index[state], index[to], rate))
                made[-1] += rate * counts
        self.rates = np.zeros((len(self.states), len(self.states)))
        for row_, column, rate in found:
            self.rates[row_, column] += rate
        self.rates -= np.diag(self.rates.sum(axis=1))
        self.made = np.array(made)

    def steady(self) -> NDArray[np.float64]:
        """Shares of time, of the balance equations with one replaced by their sum being 1."""
        equations = self.rates.T.copy()
        equations[-1] = 1.0
        right = np.zeros(len(self.states))
        right[-1] = 1.0
        return np.asarray(np.linalg.solve(equations, right), np.float64)

    def rate(self) -> float:
        """What it makes per time in the long run."""
        return float(self.steady() @ self.made)

    def mean(self, of: Callable[[State], float]) -> float:
        """Long-run mean of a function of the state."""
        return float(self.steady() @ np.array([of(state) for state in self.states]))

    def integral(self, rewards: NDArray[np.float64], time: float) -> float:
        """Mean integral of rewards from the first state on up to a time, by uniformisation (Jensen 1953)."""
        fastest = float(-self.rates.diagonal().min()) * 1.01
        jumps = np.eye(len(self.states)) + self.rates / fastest
        chance = np.zeros(len(self.states))
        chance[0] = 1.0
        total, weight, reached = 0.0, math.exp(-fastest * time), 0.0
        for k in range(int(fastest * time + 12 * math.sqrt(fastest * time) + 30)):
            reached += weight
            total += (1.0 - reached) * float(chance @ rewards) / fastest
            chance = chance @ jumps
            weight *= fastest * time / (k + 1)
        return total


def mg1_wait(arrivals: float, mean: float, second: float) -> float:
    """Mean wait in M/G/1 (Pollaczek and Khinchine)."""
    return arrivals * second / (2 * (1 - arrivals * mean))


def erlang_c(offered: float, number: int) -> float:
    """Chance to wait in M/M/c."""
    terms = [offered**k / math.factorial(k) for k in range(number)]
    last = offered**number / math.factorial(number) * number / (number - offered)
    return last / (sum(terms) + last)


def erlang_b(offered: float, number: int) -> float:
    """Chance to be lost in M/G/c/c."""
    terms = [offered**k / math.factorial(k) for k in range(number + 1)]
    return terms[-1] / sum(terms)


def mva(demands: Sequence[float], parts: int, delay: float = 0.0) -> float:
    """Throughput of a closed network of single exponential servers and a delay (Reiser and Lavenberg 1980)."""
    levels = np.zeros(len(demands))
    rate = 0.0
    for n in range(1, parts + 1):
        times = np.array(demands) * (1 + levels)
        rate = n / (delay + float(times.sum()))
        levels = rate * times
    return rate


def gm1_root(transform: Callable[[float], float], rate: float) -> float:
    """Root of s = A*(rate (1 - s)) below 1, for G/M/1."""
    root = 0.5
    for _ in range(10_000):
        root = transform(rate * (1 - root))
    return root


IDLE, HELD, CLAIMING = 0, -1, -2
"""States of a machine of a chain's row; working in phase k is k, down in phase k is -2 - k."""


@dataclass(frozen=True)
class Row:
    """Machines in a row as a chain: each has `phases` exponential phases of one rate, and fails while it works."""

    rates: tuple[float, ...]
    places: tuple[int, ...]
    phases: int = 1
    fails: float = 0.0
    repairs: float = 1.0
    before: bool = False

    def chain(self, machines: Sequence[int] | None = None, queues: Sequence[int] | None = None) -> Chain:
        """From these states and levels on, or from the empty row on."""
        start = self._settled(list(machines or [IDLE] * len(self.rates)), list(queues or [0] * len(self.places)))
        return Chain(start, self._moves)

    def _moves(self, state: State) -> Iterable[tuple[float, State, bool]]:
        count = len(self.rates)
        for j, machine in enumerate(state[:count]):
            machines, queues = list(state[:count]), list(state[count:])
            if machine >= 1:
                machines[j] = -2 - machine
                if self.fails:
                    yield self.fails, self._settled(machines, queues), False
                last = j == count - 1
                if machine < self.phases:
                    machines[j] = machine + 1
                elif last or self.before:
                    machines[j] = IDLE
                    if not last:
                        queues[j] += 1
                else:
                    machines[j] = HELD
                yield self.rates[j] * self.phases, self._settled(machines, queues), last and machine == self.phases
            elif machine < CLAIMING:
                machines[j] = -2 - machine
                yield self.repairs, self._settled(machines, queues), False

    def _settled(self, machines: list[int], queues: list[int]) -> State:
        """The state when all has moved that can move at once."""
        before: State = ()
        while before != (*machines, *queues):
            before = (*machines, *queues)
            for j in reversed(range(len(machines))):
                room = j == len(queues) or queues[j] < self.places[j] or machines[j + 1] == IDLE
                if machines[j] == HELD and room:
                    machines[j] = IDLE
                    queues[j] += 1
                if machines[j] == CLAIMING and room:
                    machines[j] = 1
                if machines[j] == IDLE and (j == 0 or queues[j - 1] > 0):
                    queues[j - 1] -= j > 0
                    machines[j] = CLAIMING if self.before else 1
        return (*machines, *queues)


# Cases


def one_station() -> Iterable[Case]:
    """Yield queues before one station."""
    works: dict[str, tuple[Any, float]] = {
        "constant": (1.0, 1.0),
        "exponential": (exponential(1.0), 2.0),
        "shifted exponential": ({"type": "exponential", "mean": 0.6, "shift": 0.4}, 1.36),
        "erlang": ({"type": "erlang", "shape": 3, "mean": 1.0}, 4 / 3),
        "gamma": ({"type": "gamma", "shape": 0.5, "mean": 1.0}, 3.0),
        "weibull": ({"type": "weibull", "shape": 2.0, "scale": 1 / math.gamma(1.5)}, 1 / math.gamma(1.5) ** 2),
        "lognormal": ({"type": "lognormal", "mean": 1.0, "sd": 0.8}, 1.64),
        "triangular": ({"type": "triangular", "low": 0.2, "mode": 0.5, "high": 2.3}, 1 + 3.87 / 18),
        "uniform": ({"type": "uniform", "low": 0.0, "high": 2.0}, 4 / 3),
        "weighted": ({"type": "empirical", "values": [0.5, 2.5], "weights": [3, 1]}, 1.75),
        "recorded": ({"type": "block_bootstrap", "values": [0.5, 0.5, 2.5, 0.5], "block": 1}, 1.75),
    }
    for name, (work, second) in works.items():
        line = single(work, interval=exponential(0.7))
        yield Case(f"M/G/1 {name}", line, wait(), mg1_wait(0.7, 1.0, second), "Pollaczek-Khinchine")
    yield Case(
        "M/M/1 lead time", single(exponential(1.0), interval=exponential(0.8)), lead_time(), 5.0, "1 / (mu - lambda)"
    )
    for number in (2, 4):
        line = single(exponential(1.0), interval=exponential(0.8 * number), station={"servers": number})
        value = erlang_c(0.8 * number, number) / (0.2 * number)
        yield Case(f"M/M/{number}", line, wait(), value, "Erlang C")
    line = single(
        {"type": "uniform", "low": 0, "high": 2},
        interval=exponential(2.5),
        buffer=0,
        full="lose",
        station={"servers": 3},
    )
    yield Case("M/G/3/3", line, lost, erlang_b(2.5, 3), "Erlang B")
    share = [0.9**k for k in range(6)]
    line = single(exponential(1.0), interval=exponential(0.9), buffer=4, full="lose")
    yield Case("M/M/1/5 lost", line, lost, share[5] / sum(share), "birth and death")
    yield Case("M/M/1/5 full", line, full(), share[5] / sum(share), "birth and death")
    yield Case(
        "M/M/1/5 in line", line, in_line, sum(k * s for k, s in enumerate(share)) / sum(share), "birth and death"
    )
    line = single(exponential(1.0), interval=exponential(0.2), source={"batch": 3})
    yield Case("M^3/M/1", line, in_line, 0.6 * 4 / (2 * 0.4), "L = rho (b + 1) / (2 (1 - rho)), batches of b")
    root = gm1_root(lambda s: math.exp(-s / 0.8), 1.0)
    yield Case(
        "D/M/1", single(exponential(1.0), interval=1.25), lead_time(), 1 / (1 - root), "G/M/1: 1 / (mu (1 - sigma))"
    )
    root = gm1_root(lambda s: (1.6 / (1.6 + s)) ** 2, 1.0)
    line = single(exponential(1.0), interval={"type": "erlang", "shape": 2, "mean": 1.25})
    yield Case("E2/M/1", line, wait(), root / (1 - root), "G/M/1: sigma / (mu (1 - sigma))")


def disturbed_station() -> Iterable[Case]:
    """Yield one station with priorities, failures, set-ups, shifts or operators."""
    line = single(
        {"low": exponential(1.0), "high": 0.5},
        interval=exponential(0.9),
        source={"product": {"low": 5, "high": 4}},
        products={"low": {}, "high": {"priority": 1}},
    )
    rest = (0.5 * 2 + 0.4 * 0.25) / 2
    yield Case("priority, high", line, lead_time(1), rest / 0.8 + 0.5, "M/G/1 with priorities (Cobham 1954)")
    yield Case("priority, low", line, lead_time(0), rest / (0.8 * 0.3) + 1.0, "M/G/1 with priorities (Cobham 1954)")

    failing = {"failures": {"f": {"time_to_failure": exponential(0.1), "repair": exponential(0.5)}}}
    line = single(1.0, interval=exponential(0.6), station=failing)
    value = mg1_wait(0.6, 1.2, 1.2**2 + 0.1 * 8)
    yield Case("M/D/1 failing in work", line, wait(), value, "M/G/1 of completion times (Avi-Itzhak and Naor 1963)")
    line = single(exponential(1.0), station=failing)
    yield Case("failing in work, output", line, throughput, 1 / 1.2, "work and repairs a part")
    yield Case("failing in work, down", line, servers(0, DOWN), 0.2 / 1.2, "work and repairs a part")
    aging = {"failures": {"f": {"time_to_failure": exponential(0.1), "repair": 2.0, "clock": "calendar"}}}
    line = single(exponential(1.0), interval=exponential(0.3), station=aging)
    yield Case("failing by calendar", line, servers(0, DOWN), 2 / 12, "mean repair / (mean life + mean repair)")
    crew = {"failures": {"f": {"time_to_failure": exponential(0.2), "repair": exponential(1.0), "needs": {"crew": 1}}}}
    line = single(exponential(1.0), station=crew | {"servers": 4}, resources={"crew": {"count": 1}})
    share = [math.perm(4, k) * 0.2**k for k in range(5)]
    value = sum((4 - k) * s for k, s in enumerate(share)) / sum(share)
    yield Case("four machines, one crew", line, servers(0, WORKING), value, "machine repair, birth and death")
    yield Case("four machines, one crew, output", line, throughput, value, "machine repair, birth and death")

    line = single(
        exponential(1.0),
        source={"product": {"x": 3, "y": 1}},
        products={"x": {}, "y": {}},
        station={"setups": [{"from": "x", "to": "y", "time": 2}, {"time": exponential(1.0)}]},
    )
    yield Case(
        "set-ups at random", line, throughput, 1 / (1 + 3 / 16 * 3), "mean work and set-ups of independent products"
    )
    line = single(
        exponential(1.0), calendars={"day": {"on": [[2, 6], [7, 9]], "period": 10}}, station={"calendar": "day"}
    )
    yield Case("on shift six of ten", line, throughput, 0.6, "work stands still off shift", horizon=20_500.0)
    station = {"buffer": 0, "to": "out", "needs": {"op": 1}}
    line = {
        "sources": {"s": {"to": "a"}, "t": {"to": "b"}},
        "stations": {"a": station | {"work": exponential(1.0)}, "b": station | {"work": exponential(0.5)}},
        "resources": {"op": {"count": 1}},
    }
    yield Case("one operator, two machines", line, left(1), 1 / 3, "the operator goes to and fro")
    yield Case("one operator, works", line, servers(1, WORKING), 2 / 3, "the operator goes to and fro")


def rows() -> Iterable[Case]:
    """Yield stations in a row with places between them."""
    for places in (0, 1, 5):
        line = row([exponential(1.0)] * 2, [places])
        yield Case(f"two alike, {places} places", line, throughput, (places + 2) / (places + 3), "birth and death")
    cases: dict[str, tuple[Row, dict[str, Any]]] = {
        "two unlike": (Row((1.0, 1.2), (2,)), {}),
        "three": (Row((1.0, 1.2, 1.1), (1, 2)), {}),
        "four without places": (Row((1.0, 1.0, 1.0, 1.0), (0, 0, 0)), {}),
        "three blocking before": (Row((1.0, 1.2, 1.1), (1, 0), before=True), {"blocking": "before"}),
        "two failing": (
            Row((2.0, 1.8), (3,), fails=0.1, repairs=0.4),
            {"failures": {"f": {"time_to_failure": exponential(0.1), "repair": exponential(0.4)}}},
        ),
        "three failing": (
            Row((2.0, 1.8, 2.2), (2, 1), fails=0.1, repairs=0.4),
            {"failures": {"f": {"time_to_failure": exponential(0.1), "repair": exponential(0.4)}}},
        ),
        "two failing, blocking before": (
            Row((2.0, 1.8), (1,), fails=0.1, repairs=0.4, before=True),
            {
                "failures": {"f": {"time_to_failure": exponential(0.1), "repair": exponential(0.4)}},
                "blocking": "before",
            },
        ),
    }
    for name, (model, each) in cases.items():
        line = row([exponential(rate) for rate in model.rates], model.places, each)
        yield Case(name, line, throughput, model.chain().rate(), "chain of the whole row")
    model, each = cases["three"]
    line = row([exponential(rate) for rate in model.rates], model.places, each)
    chain = model.chain()
    yield Case(
        "three, blocked", line, servers(0, BLOCKED), chain.mean(lambda s: s[0] == HELD), "chain of the whole row"
    )
    yield Case(
        "three, starved", line, servers(2, STARVED), chain.mean(lambda s: s[2] == IDLE), "chain of the whole row"
    )
    yield Case("three, level", line, level(1), chain.mean(lambda s: s[3]), "chain of the whole row")
    model, each = cases["three failing"]
    line = row([exponential(rate) for rate in model.rates], model.places, each)
    down = model.chain().mean(lambda s: s[1] < CLAIMING)
    yield Case("three failing, down", line, servers(1, DOWN), down, "chain of the whole row")
    for phases in (2, 4):
        model = Row((1.0, 1.1, 0.9), (1, 1), phases=phases)
        works = [{"type": "erlang", "shape": phases, "mean": 1 / rate} for rate in model.rates]
        line = row(works, model.places)
        yield Case(f"three of {phases} phases", line, throughput, model.chain().rate(), "chain with phases")


def networks() -> Iterable[Case]:
    """Yield networks with ways back, closed loops, pallets and assembly."""
    line = {
        "sources": {"s": {"to": "a", "interval": exponential(0.5)}},
        "stations": {
            "a": {"work": exponential(1.0), "buffer": None, "to": "b"},
            "b": {
                "work": exponential(0.9),
                "buffer": None,
                "to": [
                    {"to": "out", "probability": 0.7},
                    {"to": "a", "probability": 0.2},
                    {"to": "scrap", "probability": 0.1},
                ],
            },
        },
    }
    loads = [0.625 / 1.0, 0.625 / 0.9]
    yield Case(
        "rework and scrap, in line", line, in_line, sum(r / (1 - r) for r in loads), "open network (Jackson 1957)"
    )
    yield Case("rework and scrap, out", line, throughput, 0.625 * 0.7, "flow")
    yield Case("rework and scrap, scrapped", line, scrapped, 0.625 * 0.1, "flow")
    line = {
        "sources": {"s": {"to": "a", "interval": exponential(0.8)}},
        "stations": {
            "a": {
                "work": exponential(1.0),
                "buffer": None,
                "to": {"to": "b", "transfer": {"type": "uniform", "low": 1, "high": 5}},
            },
            "b": {"work": exponential(1.2), "servers": 2, "buffer": None, "to": "out"},
        },
    }
    value = 1 / 0.2 + 3 + erlang_c(0.8 / 1.2, 2) / (2.4 - 0.8) + 1 / 1.2
    yield Case("a way between two stations", line, lead_time(), value, "open network; a way is a station without queue")

    rates = [1.0, 1.3, 0.9]
    stations: dict[str, Any] = {
        f"m{j}": {"work": exponential(rate), "buffer": None, "to": f"m{(j + 1) % 3}"} for j, rate in enumerate(rates)
    }
    stations["m0"]["buffer"] = {"capacity": None, "initial": 5}
    demands = [1 / rate for rate in rates]
    yield Case(
        "closed loop", {"stations": stations}, left(1), mva(demands, 5), "closed network (Gordon and Newell 1967)"
    )
    parting = [{"to": "m2", "probability": 0.5}, {"to": "m0", "probability": 0.5}]
    stations = stations | {"m1": stations["m1"] | {"to": parting}}
    value = mva([1.0, 1 / 1.3, 0.5 / 0.9], 5)
    yield Case(
        "closed loop with a short cut", {"stations": stations}, left(1), value, "closed network, demands by visits"
    )

    for back, delay in ((None, 0.0), (exponential(0.5), 2.0)):
        pallets = {"p": {"count": 4, "load": "m0", "unload": "m2", "back": back}}
        line = row([exponential(rate) for rate in rates], [None, None], pallets=pallets)
        name = "four pallets" if back is None else "four pallets with a way back"
        yield Case(name, line, throughput, mva(demands, 4, delay), "closed network of the pallets")

    line = {
        "sources": {"s": {"to": "a"}, "t": {"to": "b"}},
        "buffers": {"x": 2, "y": 3},
        "stations": {
            "a": {"work": exponential(1.0), "buffer": 0, "to": "x"},
            "b": {"work": exponential(1.2), "buffer": 0, "to": "y"},
            "c": {"work": exponential(1.5), "takes": {"x": 1, "y": 1}, "to": "out"},
        },
    }
    yield Case("assembly of two", line, throughput, Chain((0, 0, 0), assembly).rate(), "chain of the whole line")
    line = {
        "sources": {"s": {"to": "q", "interval": exponential(1.0)}},
        "buffers": {"q": None},
        "stations": {
            "fast": {"work": exponential(1.0), "takes": {"q": 1}, "to": "out"},
            "slow": {"work": exponential(0.5), "takes": {"q": 1}, "to": "out"},
        },
    }
    yield Case("a slow helper", line, in_line, Chain((0, 0), helper).mean(sum), "chain, cut at 200 parts")


def assembly(state: State) -> Iterable[tuple[float, State, bool]]:
    """Moves of two stations that feed a third; x and y count one more than their places when a feeder is blocked."""
    x, y, busy = state
    if x < 3:
        yield 1.0, joined(x + 1, y, busy), False
    if y < 4:
        yield 1.2, joined(x, y + 1, busy), False
    if busy:
        yield 1.5, joined(x, y, 0), True


def joined(x: int, y: int, busy: int) -> State:
    """The state when the third station has begun if it can."""
    return (x - 1, y - 1, 1) if x and y and not busy else (x, y, busy)


def helper(state: State) -> Iterable[tuple[float, State, bool]]:
    """Moves of two servers at one queue, the first of them preferred; the queue is counted with the first."""
    first, second = state
    if first + second < 200:
        yield 1.0, ((first + 1, second) if first == 0 or second else (first, 1)), False
    if first:
        yield 1.0, (first - 1, second), True
    if second:
        yield 0.5, ((first - 1, 1) if first > 1 else (first, 0)), True


def transients() -> Iterable[Case]:
    """Yield what an empty line does up to a time, and lines without chance."""
    line = row([exponential(1.0)], [])
    yield Case("one from empty", line, parts_out, 30.0, "Poisson", warmup=0.0, horizon=30.0)
    for model in (Row((1.0, 1.2, 1.1), (1, 2)), Row((1.0, 0.8), (2,), phases=3)):
        phases = model.phases
        works = [{"type": "erlang", "shape": phases, "mean": 1 / rate} for rate in model.rates]
        chain = model.chain()
        line = row(works, model.places)
        name = f"{len(works)} of {phases} phases from empty"
        yield Case(name, line, parts_out, chain.integral(chain.made, 12.0), "uniformisation", warmup=0.0, horizon=12.0)
    chain = Chain((0,), lambda s: [(0.9, (s[0] + 1,), False)] * (s[0] < 200) + [(1.0, (s[0] - 1,), True)] * (s[0] > 0))
    line = single(exponential(1.0), interval=exponential(0.9))
    value = chain.integral(np.array([float(n) for (n,) in chain.states]), 20.0) / 20
    yield Case("M/M/1 from empty", line, in_line, value, "uniformisation", warmup=0.0, horizon=20.0)
    begun = {"buffer": {"capacity": None, "initial": 7}, "start": [{"state": "working"}]}
    line = single(exponential(1.0), interval=exponential(0.9), station=begun)
    chain = Chain((8,), chain.moves)
    value = chain.integral(np.array([float(n) for (n,) in chain.states]), 20.0) / 20
    yield Case("M/M/1 from eight", line, in_line, value, "uniformisation", warmup=0.0, horizon=20.0)
    yield from started_rows()
    line = row([2.0, 3.0, 1.0], [1, 0])
    yield Case("flow shop", line, parts_out, 32.0, "first out at 6, then one in 3", warmup=0.0, horizon=100.0)
    line = row([2.0, 3.0], [2])
    yield Case("flow shop, blocked", line, servers(0, BLOCKED), 1 / 3, "one in 3 of work 2", warmup=50.0, horizon=110.0)
    line = single(2.0, interval=5.0, source={"batch": 2})
    yield Case("batches of two", line, lead_time(), 3.0, "the first takes 2, the second 4", warmup=2.0, horizon=104.5)


def started_rows() -> Iterable[Case]:
    """Yield what two failing stations do that begin with one of them down."""
    failing = {"failures": {"f": {"time_to_failure": exponential(0.1), "repair": exponential(0.4)}}}
    down = {"state": "down", "failure": "f", "doing": {"state": "working"}}
    for blocking, stopped in (("after", HELD), ("before", CLAIMING)):
        model = Row((2.0, 1.8), (3,), fails=0.1, repairs=0.4, before=blocking == "before")
        starts = {
            "first down": ([-3, 1], 2, [down, {"state": "working"}]),
            "second down": ([stopped, -3], 3, [{"state": "blocked"}, down]),
        }
        for name, (machines, queue, (first, second)) in starts.items():
            line = row([exponential(2.0), exponential(1.8)], [3], failing | {"blocking": blocking})
            line["stations"]["m0"]["start"] = [first]
            line["stations"]["m1"] |= {"start": [second], "buffer": {"capacity": 3, "initial": queue}}
            chain = model.chain(machines, [queue])
            held = np.array([float(state[0] == stopped) for state in chain.states])
            measures = (("out", parts_out, chain.made, 1.0), ("blocked", servers(0, BLOCKED), held, 8.0))
            for what, measure, rewards, over in measures:
                yield Case(
                    f"{name}, blocking {blocking}, {what}",
                    line,
                    measure,
                    chain.integral(rewards, 8.0) / over,
                    "uniformisation",
                    warmup=0.0,
                    horizon=8.0,
                )


CASES = (*one_station(), *disturbed_station(), *rows(), *networks(), *transients())
