"""Time 0: lives, the parts in the line, and what servers are doing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from lineside.twin import model
from lineside.twin.distributions import Law
from lineside.twin.oracle.parts import Buffer, Offer, Part
from lineside.twin.oracle.resources import Need
from lineside.twin.oracle.stations import Server
from lineside.twin.tally import BLOCKED, SETUP, WAITING, WORKING

if TYPE_CHECKING:
    from lineside.twin.oracle.run import Run


def begin(run: Run) -> None:
    """Put the line at time 0: then resources and places go to those who wait for them."""
    for station in run.floor.stations:
        for server in station.servers:
            for index, (name, failure) in enumerate(station.failures):
                server.lives[index] = run.draw(failure.time_to_failure, station, f"life/{name}")
    for buffer in run.floor.buffers:
        for name in products_in(buffer, run.floor.names[0]):
            run.put(Part(run.floor.product(name)), buffer)
    for station in run.floor.stations:
        for server, entry in zip(station.servers, station.spec.start, strict=False):
            _start(run, server, entry)
    for server in run.floor.servers():
        server.go_on(run.books.now)
    run.resources.give()
    for buffer in run.floor.buffers:
        run.serve(buffer)


def products_in(buffer: Buffer, only: str) -> Iterator[str]:
    """Give the products of the parts in a buffer at time 0, in their order."""
    initial = buffer.spec.initial
    if isinstance(initial, tuple):
        yield from initial
        return
    for name, number in initial.items() if isinstance(initial, Mapping) else [(only, initial)]:
        yield from [name] * number


def _start(run: Run, server: Server, entry: model.Start) -> None:
    """Put a server into the state it is said to be in; its clock is not set yet."""
    if entry.made is not None:
        server.made = run.floor.product(entry.made)
    if isinstance(entry, model.Down):
        server.failure = [name for name, _ in server.station.failures].index(entry.failure)
        _, failure = server.station.failures[server.failure]
        server.repair_left = _time(run, server, entry.left, failure.repair, f"repair/{entry.failure}")
        _ask(run, server, failure.needs, for_repair=True)
        if entry.doing is not None:
            if entry.doing.made is not None:
                server.made = run.floor.product(entry.doing.made)
            _give_part(run, server, entry.doing)
    elif not isinstance(entry, model.Idle):
        _give_part(run, server, entry)


def _give_part(run: Run, server: Server, entry: model.Busy) -> None:
    """Give a server its part and let it be where it is with it."""
    spec, names = server.station.spec, run.floor.names
    product = run.floor.product(entry.product or spec.makes)
    server.part = Part(product, entered=run.books.now)
    run.books.in_line += 1
    if isinstance(entry, model.Blocked):
        if spec.blocking == "after":
            server.made = product
        _block(run, server)
        return
    if spec.blocking == "before":
        server.road = run.choose_road(server)
        server.road.to.claimed += 1
        server.claimed = True
    if isinstance(entry, model.Waiting):
        server.doing = WAITING
        _ask(run, server, spec.needs, for_repair=False)
        return
    run.resources.hold(spec.needs)
    if isinstance(entry, model.SettingUp):
        before = None if server.made is None else names[server.made]
        rule = server.station.setup(before, names[product])
        server.doing = SETUP
        server.plan_setup(_time(run, server, entry.left, None if rule is None else rule.time, "setup"))
    else:
        work = spec.work.get(names[product], spec.work.get(model.ANY))
        server.doing = WORKING
        server.left = _time(run, server, entry.left, work, "work")
        server.plan_work()
    server.made = product


def _block(run: Run, server: Server) -> None:
    """Let a part wait for room where it goes next; out of the line there always is."""
    server.doing = BLOCKED
    server.road = run.choose_road(server)
    to, spec = server.road.to, server.station.spec
    if to not in run.floor.exits.values():
        to.offers.append(Offer((-spec.priority, False, next(run.turns)), server))
    elif spec.blocking == "after":
        run.depart(server)
    else:
        to.claimed += 1
        server.claimed, server.doing = True, WAITING
        _ask(run, server, spec.needs, for_repair=False)


def _time(run: Run, server: Server, left: Law | None, whole: Law | None, purpose: str) -> float:
    """Draw what is left, or the whole time where that is not said."""
    if left is not None:
        return run.draw(left, server.station, "start")
    if whole is None:
        raise ValueError(server.place)  # a checked line has one
    return run.draw(whole, server.station, purpose)


def _ask(run: Run, server: Server, wanted: Mapping[str, int], *, for_repair: bool) -> None:
    rank = (-server.station.spec.priority, False, next(run.turns))
    run.resources.join(Need(rank, server, wanted, for_repair))
