"""What only compiled code calls is compiled in a way of its own, and gives the same."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from lineside.twin import cells as cell
from lineside.twin import compiling
from lineside.twin.draws import compiled
from lineside.twin.layout import World


@compiled
def _piece(w: World, other: World) -> float:
    """Use what is written in another way: cells, parts of two Worlds, truth of numbers."""
    total = 0.0
    for i in range(cell.LAW_SIZE):
        mine, theirs = w.n[cell.LAW_KIND + i], other.n[i]
        if mine and not w.x[i]:
            total += 1.0
        chosen = w.n if theirs else other.n
        total += chosen[i] * 10.0 + other.x[cell.LAW_LEFT]
        while mine:
            mine //= 2
            total += 100.0
    return total


def _both(w: World, other: World) -> float:
    return _piece(w, other)


_whole: Any = numba.njit(_both)


def _world(first: int) -> World:
    n = (np.arange(cell.LAW_SIZE) + first) % 5
    return World(n, (n % 3).astype(float), n.astype(np.uint64))


def test_a_piece_gives_what_python_gives() -> None:
    """Numbers even and odd, whole and not, of the memory they belong to."""
    plain: Any = _piece
    for first in range(5):
        worlds = _world(first), _world(2)
        assert _whole(*worlds) == plain.py_func(*worlds)


def test_a_piece_is_made_machine_code_with_what_calls_it_alone() -> None:
    """Machine code of its own was most of what a first simulation waited for."""
    assert numba.version_info.short == compiling.KNOWN, "numba is new: look at `compiling` and at its own pipeline"
    _whole(_world(0), _world(1))
    piece: Any = _piece
    (made,) = piece.overloads.values()

    assert made.library.get_pointer_to_function(made.fndesc.mangled_name) == 0
