"""Whether a line has come to a stand for good."""

from __future__ import annotations

import math

from lineside.twin.oracle.feeds import Feed
from lineside.twin.oracle.floor import Floor
from lineside.twin.oracle.parts import Buffer, Way
from lineside.twin.oracle.resources import Resources
from lineside.twin.oracle.stations import Server
from lineside.twin.tally import SETUP, WORKING


def stands_still(floor: Floor, resources: Resources) -> bool:
    """Whether nothing but calendars and calendar lives can happen any more, were all stations on shift.

    A line in which a server is down is none: its repair can still change something.
    """
    if any(clock.time < math.inf for clock in floor.clocks() if isinstance(clock, Feed | Way)):
        return False
    if any(server.failure is not None or server.doing in (SETUP, WORKING) for server in floor.servers()):
        return False
    on = [shifts.on for shifts in floor.shifts]
    for shifts in floor.shifts:
        shifts.on = True
    still = not (
        any(station.can_start() for station in floor.stations)
        or any(has_mover(buffer) for buffer in floor.buffers)
        or resources.can_give()
    )
    for shifts, was_on in zip(floor.shifts, on, strict=True):
        shifts.on = was_on
    return still


def has_mover(buffer: Buffer) -> bool:
    """Whether someone who waits for a place can have one now."""
    return buffer.has_room() and any(can_move(offer.giver) for offer in buffer.offers)


def can_move(giver: Server | Feed) -> bool:
    """Whether it can use a place now: a server that claims one before its work cannot while down or off shift."""
    return isinstance(giver, Feed) or giver.station.spec.blocking == "after" or giver.is_up()
