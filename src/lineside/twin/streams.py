"""Random streams: one a (place, purpose), each drawn in an order of its own, the same in every engine.

The generator is xoshiro256++ (Blackman and Vigna, 2019), seeded by splitmix64 from the run's seed, the
replication and the stream's name. A stream is found by its name, so a change elsewhere in the line does not move it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from lineside.twin.distributions import (
    BlockBootstrap,
    Constant,
    Empirical,
    Erlang,
    Exponential,
    Gamma,
    Law,
    Lognormal,
    Recorded,
    Triangular,
    Uniform,
    Weibull,
)

_MASK = 2**64 - 1
_GOLDEN = 0x9E3779B97F4A7C15
LAYERS = 256
_R = 7.69711747013104972  # where the tail of the exponential ziggurat begins
_V = 3.9496598225815571993e-3  # area of each layer


def _ziggurat() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Right edges of the layers under exp(-x), and exp(-x) there (Marsaglia and Tsang, 2000)."""
    x = np.zeros(LAYERS + 1)
    x[0], x[1] = _V * math.exp(_R), _R
    for i in range(2, LAYERS):
        x[i] = -math.log(math.exp(-x[i - 1]) + _V / x[i - 1])
    return x, np.exp(-x)


EDGES, HEIGHTS = _ziggurat()


def splitmix(state: int) -> tuple[int, int]:
    """The next state and its output."""
    state = (state + _GOLDEN) & _MASK
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return state, z ^ (z >> 31)


def name_hash(name: str) -> int:
    """64-bit FNV-1a of the name in UTF-8."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = ((value ^ byte) * 0x100000001B3) & _MASK
    return value


def seeded(seed: int, replication: int, name: int) -> tuple[int, int, int, int]:
    """The generator's first state for a stream, `name` being the hash of its name."""
    _, mixed = splitmix((seed + _GOLDEN * replication) & _MASK)
    state = mixed ^ name
    words = []
    for _ in range(4):
        state, word = splitmix(state)
        words.append(word)
    return words[0], words[1], words[2], words[3]


def station_stream(station: str, purpose: str) -> str:
    """Name of a station's stream: purpose is work, route, setup, transfer, start, life/<mode> or repair/<mode>."""
    return f"station/{station}/{purpose}"


def source_stream(source: str, purpose: str) -> str:
    """Name of a source's stream: purpose is interval or product."""
    return f"source/{source}/{purpose}"


def pallets_stream(pallets: str) -> str:
    """Name of the stream of the ways back of empty pallets."""
    return f"pallets/{pallets}/back"


class Stream:
    """One stream in plain Python."""

    def __init__(self, seed: int, replication: int, name: str) -> None:
        self._s = list(seeded(seed, replication, name_hash(name)))
        self._blocks: dict[int, tuple[int, int]] = {}  # of each distribution: the next value and how many are left
        self._replayed: dict[int, int] = {}  # of each distribution: how many were drawn

    def bits(self) -> int:
        """The next 64 bits."""
        s = self._s
        total = (s[0] + s[3]) & _MASK
        result = ((((total << 23) | (total >> 41)) & _MASK) + s[0]) & _MASK
        shifted = (s[1] << 17) & _MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = ((s[3] << 45) | (s[3] >> 19)) & _MASK
        return result

    def uniform(self) -> float:
        """A number in [0, 1)."""
        return (self.bits() >> 11) * 2.0**-53

    def exponential(self) -> float:
        """An exponential number of mean 1, by ziggurat."""
        while True:
            bits = self.bits()
            layer = bits & (LAYERS - 1)
            x = (bits >> 11) * 2.0**-53 * float(EDGES[layer])
            if x < EDGES[layer + 1]:
                return x
            if layer == 0:
                return _R - math.log(1.0 - self.uniform())
            low, high = float(HEIGHTS[layer]), float(HEIGHTS[layer + 1])
            if low + self.uniform() * (high - low) < math.exp(-x):
                return x

    def normal(self) -> float:
        """A standard normal number, by Box and Muller; the second of the pair is not kept."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self.uniform()))
        return radius * math.cos(2.0 * math.pi * self.uniform())

    def gamma(self, shape: float) -> float:
        """A gamma number of scale 1 (Marsaglia and Tsang, 2000); a shape below 1 is raised by one and drawn back."""
        if shape < 1.0:
            return self.gamma(shape + 1.0) * math.pow(1.0 - self.uniform(), 1.0 / shape)
        d = shape - 1.0 / 3.0
        c = 1.0 / math.sqrt(9.0 * d)
        while True:
            x = self.normal()
            v = (1.0 + c * x) ** 3
            if v > 0.0 and math.log(1.0 - self.uniform()) < 0.5 * x * x + d - d * v + d * math.log(v):
                return d * v

    def draw(self, law: Law) -> float:
        """A number of this distribution."""
        return law.shift + self._above_shift(law)

    def _above_shift(self, law: Law) -> float:  # noqa: PLR0911 - one line a kind of law
        match law:
            case Constant():
                return law.value
            case Exponential():
                return self.exponential() * law.mean
            case Gamma() | Erlang():
                return self.gamma(law.shape) * (law.mean / law.shape)
            case Weibull():
                return law.scale * math.pow(self.exponential(), 1.0 / law.shape)
            case Lognormal():
                mu, sigma = lognormal_parameters(law)
                return math.exp(mu + sigma * self.normal())
            case Triangular():
                return self._triangular(law.low, law.mode, law.high)
            case Uniform():
                return law.low + self.uniform() * (law.high - law.low)
            case Empirical():
                if law.weights is None:
                    return law.values[int(self.uniform() * len(law.values))]
                return law.values[pick(self.uniform(), law.weights)]
            case BlockBootstrap():
                return self._next_of(law)
            case Recorded():
                drawn = self._replayed.get(id(law), 0)
                self._replayed[id(law)] = drawn + 1
                return law.values[drawn % len(law.values)]

    def _triangular(self, low: float, mode: float, high: float) -> float:
        u, width = self.uniform(), high - low
        if width == 0.0:
            return low
        if u * width < mode - low:
            return low + math.sqrt(u * width * (mode - low))
        return high - math.sqrt((1.0 - u) * width * (high - mode))

    def _next_of(self, law: BlockBootstrap) -> float:
        at, left = self._blocks.get(id(law), (0, 0))
        if left == 0:
            at, left = int(self.uniform() * len(law.values)), law.block
        self._blocks[id(law)] = (at + 1) % len(law.values), left - 1
        return law.values[at]


def lognormal_parameters(law: Lognormal) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm."""
    variance = math.log1p((law.sd / law.mean) ** 2)
    return math.log(law.mean) - variance / 2.0, math.sqrt(variance)


def cumulative(weights: tuple[float, ...]) -> list[float]:
    """Cumulative shares of weights, the last exactly 1."""
    sums = list(accumulate(weights))
    return [*(s / sums[-1] for s in sums[:-1]), 1.0]


def pick(uniform: float, weights: tuple[float, ...]) -> int:
    """The index a uniform number falls on."""
    return bisect_right(cumulative(weights), uniform)
