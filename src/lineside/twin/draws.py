"""The random streams of `streams` for compiled engines: the same numbers from the same seeds."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from lineside.twin import cells as cell
from lineside.twin.compiling import PIPELINE
from lineside.twin.layout import (
    BOOTSTRAP,
    CONSTANT,
    EQUALLY,
    EXPONENTIAL,
    GAMMA,
    LOGNORMAL,
    TRIANGULAR,
    UNIFORM,
    WEIBULL,
    WEIGHTED,
    World,
)
from lineside.twin.streams import EDGES, HEIGHTS, LAYERS

_STEP = 2.0**-53
_TAIL = float(EDGES[1])
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_LAYER = np.uint64(LAYERS - 1)
_11, _17, _19, _23, _27, _30, _31, _41, _45 = (np.uint64(n) for n in (11, 17, 19, 23, 27, 30, 31, 41, 45))

_njit: Any = njit  # its own types know less options than it takes
Function = TypeVar("Function", bound=Callable[..., Any])


ENGINES = (
    *(
        "cells.py",
        "compiling.py",
        "draws.py",
        "events.py",
        "layout.py",
        "recursion.py",
        "streams.py",
        "tally.py",
        "kernel/*.py",
    ),
    *(f"schedule/{name}.py" for name in ("annealing", "decoding", "execution", "shop", "tabu")),
)
"""All modules that hold compiled code, or constants of it."""


def sources(folder: Path) -> str:
    """A digest of the code of the engines in a folder."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(path for pattern in ENGINES for path in folder.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


_SOURCES = sources(Path(__file__).parent)


_PIECE = {"nogil": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "pipeline_class": PIPELINE}


def compiled(function: Function) -> Function:
    """A function for compiled code alone; it is kept within the entries that call it."""
    return cast("Function", _njit(**_PIECE)(function))


def optimised(function: Function) -> Function:
    """As `compiled`, optimised by itself before it is kept within entries: slower to compile, faster in a few."""
    return cast("Function", _njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function))


def inlined(function: Function) -> Function:
    """A function for compiled code alone that becomes part of each that calls it, where a call costs too much."""
    return cast("Function", _njit(**_PIECE, forceinline=True)(function))


def entry(function: Function) -> Function:
    """A compiled function that Python may call; other threads run meanwhile."""
    return cast("Function", _kept(_njit(nogil=True, no_cfunc_wrapper=True)(function)))


def _kept(function: Any) -> Any:
    """The function, compiled once for all processes, where there is a folder to keep it in.

    Numba looks at the file of a function alone; but the cells it addresses and what it calls stand in others.
    """
    try:
        function.enable_caching()
    except RuntimeError:
        return function
    function._cache._cache_file._source_stamp = _SOURCES  # noqa: SLF001 (numba has no other way to say it)
    return function


def _address(typing: Any, array: Any) -> Any:
    """The address of an array's first cell: one machine word to pass, and nothing to check at each access."""
    del typing

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, arguments[0]).data

    pointer: Any = types.CPointer
    return pointer(array.dtype)(array), generate


_first_cell: Any = intrinsic(_address)


@compiled
def unchecked(w: World) -> World:
    """The same memory without bounds, for compiled code only; it must outlive the call."""
    return World(_first_cell(w.n), _first_cell(w.x), _first_cell(w.bits))


@compiled
def _mixed(z: Any) -> Any:
    z = (z ^ (z >> _30)) * _M1
    z = (z ^ (z >> _27)) * _M2
    return z ^ (z >> _31)


@compiled
def seed_streams(w: World, seed: int, replication: int) -> None:
    """Sets every stream to its start."""
    mixed = _mixed(np.uint64(seed) + _GOLDEN * np.uint64(replication) + _GOLDEN)
    for i in range(w.n[cell.RUN_STREAM_N]):
        stream = w.n[cell.RUN_STREAMS] + i * cell.STREAM_SIZE
        state = mixed ^ w.bits[stream + cell.STREAM_NAME]
        for word in range(4):
            state += _GOLDEN
            w.bits[stream + word] = _mixed(state)
    for k in range(w.n[cell.RUN_TABLE_N]):
        law = w.n[w.n[cell.RUN_TABLES] + k]
        w.n[law + cell.LAW_PLACE] = w.n[law + cell.LAW_LEFT] = 0


@compiled
def next_bits(bits: Any, s: int) -> Any:
    """The next 64 bits of xoshiro256++."""
    s0, s1, s2, s3 = bits[s], bits[s + 1], bits[s + 2], bits[s + 3]
    total = s0 + s3
    shifted = s1 << _17
    s2 ^= s0
    s3 ^= s1
    bits[s + 1] = s1 ^ s2
    bits[s] = s0 ^ s3
    bits[s + 2] = s2 ^ shifted
    bits[s + 3] = (s3 << _45) | (s3 >> _19)
    return ((total << _23) | (total >> _41)) + s0


@compiled
def uniform(bits: Any, s: int) -> float:
    """A number in [0, 1)."""
    return np.int64(next_bits(bits, s) >> _11) * _STEP


@compiled
def exponential(bits: Any, s: int) -> float:
    """An exponential number of mean 1."""
    while True:
        drawn = next_bits(bits, s)
        layer = int(drawn & _LAYER)
        x = np.int64(drawn >> _11) * _STEP * EDGES[layer]
        if x < EDGES[layer + 1]:
            return x
        if layer == 0:
            return _TAIL - math.log(1.0 - uniform(bits, s))
        if HEIGHTS[layer] + uniform(bits, s) * (HEIGHTS[layer + 1] - HEIGHTS[layer]) < math.exp(-x):
            return x


@compiled
def normal(bits: Any, s: int) -> float:
    """A standard normal number."""
    radius = math.sqrt(-2.0 * math.log(1.0 - uniform(bits, s)))
    return radius * math.cos(2.0 * math.pi * uniform(bits, s))


@compiled
def gamma(bits: Any, s: int, shape: float) -> float:
    """A gamma number of scale 1."""
    raised = shape + 1.0 if shape < 1.0 else shape
    d = raised - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = normal(bits, s)
        v = (1.0 + c * x) ** 3
        if v > 0.0 and math.log(1.0 - uniform(bits, s)) < 0.5 * x * x + d - d * v + d * math.log(v):
            break
    if shape < 1.0:
        return d * v * (1.0 - uniform(bits, s)) ** (1.0 / shape)
    return d * v


@compiled
def first_above(x: Any, at: int, n: int, share: float) -> int:
    """The index of the first of n cumulative shares that is greater."""
    low, high = 0, n - 1
    while low < high:
        middle = (low + high) // 2
        if x[at + middle] > share:
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def first_above_or_last(x: Any, at: int, n: int, value: float) -> int:
    """The index of the first of n ascending numbers that is greater, or n."""
    return n if x[at + n - 1] <= value else first_above(x, at, n, value)


@compiled
def _triangular(share: float, low: float, mode: float, high: float) -> float:
    width = high - low
    if width == 0.0:
        return low
    if share * width < mode - low:
        return low + math.sqrt(share * width * (mode - low))
    return high - math.sqrt((1.0 - share) * width * (high - mode))


@compiled
def _listed(w: World, law: int, stream: int) -> float:
    """A number from a table of values."""
    kind, table, n = w.n[law + cell.LAW_KIND], w.n[law + cell.LAW_AT], w.n[law + cell.LAW_N]
    if kind == EQUALLY:
        return w.x[table + int(uniform(w.bits, stream) * n)]
    if kind == WEIGHTED:
        return w.x[table + first_above(w.x, table + n, n, uniform(w.bits, stream))]
    if kind == BOOTSTRAP:
        if w.n[law + cell.LAW_LEFT] == 0:
            w.n[law + cell.LAW_PLACE] = int(uniform(w.bits, stream) * n)
            w.n[law + cell.LAW_LEFT] = int(w.x[law + cell.LAW_A])
        w.n[law + cell.LAW_LEFT] -= 1
    place = w.n[law + cell.LAW_PLACE]
    w.n[law + cell.LAW_PLACE] = (place + 1) % n
    return w.x[table + place]


@compiled
def _shaped(w: World, law: int, stream: int) -> float:
    """A number of a law that is neither constant nor exponential, before its shift."""
    kind, a, b = w.n[law + cell.LAW_KIND], w.x[law + cell.LAW_A], w.x[law + cell.LAW_B]
    if kind == GAMMA:
        return gamma(w.bits, stream, a) * b
    if kind == WEIBULL:
        return b * exponential(w.bits, stream) ** a
    if kind == LOGNORMAL:
        return math.exp(a + b * normal(w.bits, stream))
    if kind == TRIANGULAR:
        return _triangular(uniform(w.bits, stream), a, b, w.x[law + cell.LAW_C])
    if kind == UNIFORM:
        return a + uniform(w.bits, stream) * b
    return _listed(w, law, stream)


@compiled
def draw(w: World, law: int, stream: int) -> float:
    """A number of a law from a stream, both named by their addresses."""
    kind, shift = w.n[law + cell.LAW_KIND], w.x[law + cell.LAW_SHIFT]
    if kind == EXPONENTIAL:
        return shift + exponential(w.bits, stream) * w.x[law + cell.LAW_A]
    if kind == CONSTANT:
        return shift + w.x[law + cell.LAW_A]
    return shift + _shaped(w, law, stream)
