"""One replication, event by event."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from functools import partial
from itertools import count

from lineside.errors import LinesideError
from lineside.twin import model
from lineside.twin.distributions import Law
from lineside.twin.oracle.books import Books
from lineside.twin.oracle.feeds import Feed
from lineside.twin.oracle.floor import Floor
from lineside.twin.oracle.parts import NOTHING, NOWHERE, Buffer, Loop, Offer, Part, Road, Way
from lineside.twin.oracle.resources import Need, Resources
from lineside.twin.oracle.standstill import can_move, stands_still
from lineside.twin.oracle.starting import begin
from lineside.twin.oracle.stations import Server, Shifts, Station
from lineside.twin.streams import Stream, pallets_stream, pick, station_stream
from lineside.twin.tally import BLOCKED, SETUP, STARVED, WAITING, WORKING, Tally

MOST_AT_ONCE = 1_000_000
"""Events and parts of endless sources without time moving on, after which a line is said to be endless."""


def simulate(
    line: model.Line,
    *,
    seed: int,
    replication: int,
    horizon: float,
    warmup: float = 0.0,
    keep_departures: bool = False,
    most_events: int = 10_000_000,
) -> Tally:
    """What one replication of a line counts from the warm-up to the horizon, both in the line's unit of time.

    Raises `LinesideError` with `twin.endless` for a line in which time stands still, and with `twin.too_many` after
    `most_events`.
    """
    run = Run(line, seed, replication, warmup)
    stuck = run.until(horizon, most_events)
    return run.books.tally(horizon, stuck, keep_departures=keep_departures)


class Run:
    """One replication."""

    def __init__(self, line: model.Line, seed: int, replication: int, warmup: float) -> None:
        self._seed, self._replication = seed, replication
        self._at_once = 0
        self._moved = 0.0
        """When work, a set-up or a transfer ended last, or a part came or was taken."""
        self.turns = count()
        self._to_look_at: deque[Station] = deque()
        self._streams: dict[str, Stream] = {}
        self.resources = Resources(line.resources, self._begin_what_was_asked_for)
        self.floor = Floor(line, self)
        self.books = Books(line, self.floor.stations, self.floor.buffers, warmup)
        self._clocks = self.floor.clocks()

    def stream(self, name: str) -> Stream:
        """The stream of this name."""
        if name not in self._streams:
            self._streams[name] = Stream(self._seed, self._replication, name)
        return self._streams[name]

    def draw(self, law: Law, station: Station, purpose: str) -> float:
        """Draw from a station's stream."""
        return self.stream(station_stream(station.name, purpose)).draw(law)

    # Time

    def until(self, horizon: float, most_events: int) -> float:
        """Let all happen up to the horizon; return when the line got stuck, NaN when it did not."""
        begin(self)
        self._to_look_at = deque(self.floor.stations)
        self._settle()
        for events in count():
            clock = min(self._clocks, key=lambda clock: clock.time)
            if clock.time > horizon:
                break
            if events == most_events:
                raise LinesideError("twin.too_many", events=most_events, time=self.books.now)
            self._pass_time(clock.time)
            self.count_up(clock.place)
            if isinstance(clock, Feed | Way) or (isinstance(clock, Server) and clock.failure is None):
                self._moved = self.books.now
            clock.ring()
            self._settle()
        stuck = self.books.in_line > 0 and stands_still(self.floor, self.resources)
        self._pass_time(horizon)
        return self._moved if stuck else math.nan

    def count_up(self, place: str) -> None:
        """Count what happens without time moving on, and stop when it is too much."""
        self._at_once += 1
        if self._at_once > MOST_AT_ONCE:
            raise LinesideError("twin.endless", time=self.books.now, station=place)

    def _pass_time(self, to: float) -> None:
        if self.books.pass_time(to):
            self._at_once = 0

    # Stations begin

    def _look_at(self, station: Station) -> None:
        """Put a station on the list of those to look at, once."""
        if station not in self._to_look_at:
            self._to_look_at.append(station)

    def _settle(self) -> None:
        while self._to_look_at:
            self._start_all(self._to_look_at.popleft())

    def _start_all(self, station: Station) -> None:
        """Start what can start; a server that stays ready is a place for one part more."""
        while station.finds_what_it_takes():
            server = next((server for server in station.servers if server.is_ready()), None)
            if server is None:
                break
            self._start(server)
        if station.takes_single:
            self.serve(station.takes[0][0])

    def _start(self, server: Server) -> None:
        station = server.station
        taken = [self._take(buffer) for buffer, number in station.takes for _ in range(number)]
        server.part = self._put_together(station, taken)
        server.doing = WAITING
        for buffer, _ in station.takes:
            self.serve(buffer)
        if station.spec.blocking == "before":
            server.doing = BLOCKED
            self._offer_part(server)
        else:
            self._ask_for_resources(server)

    def _put_together(self, station: Station, taken: list[Part]) -> Part:
        first, *others = taken
        first.entered = min(part.entered for part in taken)
        for loop in station.loads:
            if not first.pallets[loop.index]:
                loop.free -= 1
                first.pallets[loop.index] = 1
        for other in others:
            for loop in self.floor.loops:
                if first.pallets[loop.index]:
                    self._unload(other, loop)
            first.pallets.update(other.pallets)
        if station.spec.makes is not None:
            first.product = self.floor.product(station.spec.makes)
        self.books.in_line -= len(others)
        return first

    def _begin_part(self, server: Server) -> None:
        """Begin the set-up, or the work where none is needed."""
        names = self.floor.names
        before = None if server.made is None else names[server.made]
        setup = server.station.setup(before, names[server.part.product])
        server.made = server.part.product
        if setup is None:
            self._begin_work(server)
            return
        server.doing = SETUP
        server.plan_setup(self.draw(setup.time, server.station, "setup"))
        server.run(self.books.now)

    def _begin_work(self, server: Server) -> None:
        laws = server.station.spec.work
        name = self.floor.names[server.part.product]
        server.doing = WORKING
        server.left = self.draw(laws[name] if name in laws else laws[model.ANY], server.station, "work")
        server.plan_work()
        server.run(self.books.now)

    # Servers end

    def rings(self, server: Server) -> None:
        """A set-up, work or a repair ends, or an operating failure strikes."""
        server.time = math.inf
        if server.failure is not None:
            self._repaired(server, server.failure)
        elif server.doing == SETUP:
            self._begin_work(server)
        else:
            self._worked(server)

    def _worked(self, server: Server) -> None:
        server.worked()
        if server.strikes is None:
            self._finish(server)
        else:
            self._fail(server, server.strikes)
            server.plan_work()

    def _finish(self, server: Server) -> None:
        server.doing = BLOCKED
        self.resources.give_back(server.station.spec.needs)
        if server.claimed:
            self.depart(server)
        else:
            self._offer_part(server)

    def _offer_part(self, server: Server) -> None:
        """Choose where the part goes, and wait there for a place."""
        server.road = self.choose_road(server)
        rank = (-server.station.spec.priority, False, next(self.turns))
        server.road.to.offers.append(Offer(rank, server))
        self.serve(server.road.to)

    def choose_road(self, server: Server) -> Road:
        """Choose the route of a server's part."""
        station = server.station
        roads = [road for road in station.roads if road.product in (None, server.part.product)]
        if len(roads) == 1:
            return roads[0]
        uniform = self.stream(station_stream(station.name, "route")).uniform()
        return roads[pick(uniform, tuple(road.probability for road in roads))]

    def depart(self, server: Server) -> None:
        """The part leaves its server for a place that it has claimed or found."""
        part, road, station = server.part, server.road, server.station
        if not server.claimed:
            road.to.claimed += 1
        server.part, server.road, server.claimed, server.doing = NOTHING, NOWHERE, False, STARVED
        self.books.sums.station_left[station.index] += 1
        self.books.departures[station.index].append(self.books.now)
        if road.way is None:
            self._arrive(part, road.to)
        else:
            time = self.draw(road.way.law, station, "transfer")
            road.way.send(self.books.now + time, partial(self._arrive, part, road.to))
        self._look_at(station)
        for loop in station.unloads:
            self._unload(part, loop)

    def _arrive(self, part: Part, to: Buffer) -> None:
        to.claimed -= 1
        if to not in self.floor.exits.values():
            self.put(part, to)
            return
        self.books.in_line -= 1
        if to is self.floor.exits[model.SCRAP]:
            self.books.sums.scrapped[part.product] += 1
        else:
            self.books.sums.out[part.product] += 1
            self.books.sums.lead_sum[part.product] += self.books.now - part.entered
        if part.order is not None:
            self.books.count_for_order(part.order)
        for loop in self.floor.loops:
            self._unload(part, loop)

    def _unload(self, part: Part, loop: Loop) -> None:
        """Send back the pallets of this loop that a part carries."""
        for _ in range(part.pallets.pop(loop.index, 0)):
            if loop.way is None:
                self._pallet_back(loop)
            else:
                back = self.stream(pallets_stream(loop.name)).draw(loop.way.law)
                loop.way.send(self.books.now + back, partial(self._pallet_back, loop))

    def _pallet_back(self, loop: Loop) -> None:
        loop.free += 1
        for station in self.floor.stations:
            if loop in station.loads:
                self._look_at(station)

    # Buffers

    def put(self, part: Part, buffer: Buffer) -> None:
        """Let a part enter a buffer, and the line where it comes from outside."""
        if math.isnan(part.entered):
            part.entered = self.books.now
            self.books.in_line += 1
        part.came = self.books.now
        buffer.put(part, self.floor.priorities)
        for station in buffer.takers:
            if any(server.is_ready() for server in station.servers):
                self._look_at(station)

    def _take(self, buffer: Buffer) -> Part:
        part = buffer.parts.pop(0)
        self._moved = self.books.now
        self.books.sums.buffer_waited[buffer.index] += 1
        self.books.sums.buffer_wait[buffer.index] += self.books.now - part.came
        return part

    def offer_feed(self, feed: Feed) -> None:
        """Let the parts of a feed in, as many as find a place; the others wait."""
        self.join(feed)
        self.serve(feed.to)

    def join(self, feed: Feed) -> None:
        """Let a feed wait for places."""
        feed.to.offers.append(Offer((0, True, next(self.turns)), feed))

    def withdraw(self, feed: Feed) -> None:
        """Let a feed wait no longer."""
        feed.to.offers = [offer for offer in feed.to.offers if offer.giver is not feed]

    def serve(self, buffer: Buffer) -> None:
        """Give places to those who wait for them, while there are any."""
        while buffer.has_room():
            offers = [offer for offer in buffer.offers if can_move(offer.giver)]
            if not offers:
                return
            offer = min(offers, key=lambda offer: offer.rank)
            buffer.offers.remove(offer)
            if isinstance(offer.giver, Feed):
                self._let_in(offer, offer.giver)
            else:
                self._let_go(offer.giver, buffer)

    def _let_in(self, offer: Offer, feed: Feed) -> None:
        self.put(feed.next_part(self.books.now), feed.to)
        if feed.parts:
            feed.to.offers.append(offer)
        else:
            feed.all_in(self.books.now)

    def _let_go(self, server: Server, buffer: Buffer) -> None:
        if server.station.spec.blocking == "after":
            self.depart(server)
            return
        buffer.claimed += 1
        server.claimed = True
        self._ask_for_resources(server)

    # Resources

    def _ask_for_resources(self, server: Server) -> None:
        server.doing = WAITING
        self._ask(server, server.station.spec.needs, for_repair=False)

    def _ask(self, server: Server, wanted: Mapping[str, int], *, for_repair: bool) -> None:
        rank = (-server.station.spec.priority, False, next(self.turns))
        self.resources.ask(Need(rank, server, wanted, for_repair))

    def _begin_what_was_asked_for(self, need: Need) -> None:
        self._begin_repair(need.server) if need.for_repair else self._begin_part(need.server)

    # Failures and shifts

    def ages(self, server: Server) -> None:
        """A calendar life ends."""
        self._fail(server, server.age(self.books.now))

    def _fail(self, server: Server, index: int) -> None:
        server.halt(self.books.now)
        name, failure = server.station.failures[index]
        server.failure = index
        server.repair_left = self.draw(failure.repair, server.station, f"repair/{name}")
        server.lives[index] = self.draw(failure.time_to_failure, server.station, f"life/{name}")
        self._ask(server, failure.needs, for_repair=True)

    def _begin_repair(self, server: Server) -> None:
        server.in_repair = True
        server.run(self.books.now)

    def _repaired(self, server: Server, index: int) -> None:
        _, failure = server.station.failures[index]
        server.failure, server.in_repair = None, False
        server.go_on(self.books.now)
        self.resources.give_back(failure.needs)
        self._can_act_again([server])

    def shift_changes(self, shifts: Shifts) -> None:
        """A calendar switches its stations on or off."""
        servers = [server for station in shifts.stations for server in station.servers]
        for server in servers:
            if shifts.on:
                server.go_on(self.books.now)
            else:
                server.halt(self.books.now)
        if shifts.on:
            self.resources.give()
            self._can_act_again(servers)

    def _can_act_again(self, servers: list[Server]) -> None:
        """Look at what servers that are up and on shift again could not do before."""
        for server in servers:
            self.serve(server.road.to)
            self._look_at(server.station)
