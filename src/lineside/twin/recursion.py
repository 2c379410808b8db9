"""The recursion: rows of single machines, compiled, several times as fast as the event engine and equal to it."""

from __future__ import annotations

from typing import Any

from lineside.twin.draws import entry, seed_streams, unchecked
from lineside.twin.kernel.clocks import REACHED
from lineside.twin.kernel.path import close, follow, reset
from lineside.twin.kernel.sums import set_to_zero, write_row
from lineside.twin.layout import World


@entry
def replay(world: World, path: int, seed: int, replication: int, budget: int, row: Any) -> int:
    """Runs a replication, or goes on with it where `replication` is negative, and writes what was counted into `row`.

    Gives back REACHED; or PAUSED after `budget` parts (call again to go on) or ENDLESS.
    """
    w = unchecked(world)
    if replication >= 0:
        seed_streams(w, seed, replication)
        set_to_zero(w)
        reset(w, path)
    code = follow(w, path, budget)
    if code == REACHED:
        close(w, path)
        write_row(w, row)
    return code
