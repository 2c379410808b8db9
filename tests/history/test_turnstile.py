from __future__ import annotations

import os
import threading

from lineside.history.turnstile import Turnstile


def test_a_waiting_live_writer_goes_before_waiting_bulk_ones() -> None:
    """Whoever came first: when the turn is free, live goes before bulk."""
    turnstile = Turnstile()
    order: list[str] = []

    def write(name: str, *, bulk: bool) -> None:
        with turnstile.turn(bulk=bulk):
            order.append(name)

    with turnstile.turn(bulk=True):
        threads = [
            threading.Thread(target=write, args=(name,), kwargs={"bulk": name != "live"}, name=name)
            for name in ("bulk 1", "bulk 2", "live")
        ]
        for thread in threads:
            thread.start()
        while not turnstile._live_waiting:  # noqa: SLF001 - nothing else tells that the thread has come so far
            os.sched_yield()
    for thread in threads:
        thread.join()

    assert order[0] == "live"
    assert sorted(order) == ["bulk 1", "bulk 2", "live"]
