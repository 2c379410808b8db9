"""The plain engine: the line model of the manual in code, written to be read. It judges the fast engine.

Everything that can happen next is a clock. The next event is the least time, of equal times the first clock in this
order: sources, orders (one a buffer they are released at), servers, calendar lives (one a server), calendars,
transfers (one a route), empty pallets. After each event stations are looked at, first come, first served, until none
can start a part.

What the manual leaves open is settled here:

- A batch of a source, or the parts of an order, wait as one: all have waited since the batch came. The next order at
  a buffer is released when its time has come and the one before it is all in. A source without `interval` begins at
  `first` or at 0, its next part begins to wait when the one before it is in; `batch` and `full` mean nothing to it.
- A server that is down or off shift takes no resources and claims no place; it keeps its turn.
- A part that carries a pallet of its loop takes no other at `load`. A part put together carries the pallets of its
  parts; a second one of a loop goes back. What goes out or is scrapped gives back what it still carries. At a station
  that loads pallets, no more ready servers count as places than there are free pallets.
- A station that makes the product it made before needs no set-up, unless a rule names that product on both sides.
  Of rules equally exact the first counts.
- A part put together belongs to the order of the part that goes on; a part that ends in another ends uncounted.
- Set-ups and work of no length, and repairs, end by an event of their own.
- Work goes on in stretches, each up to the finish or the failure that comes before it. A stretch that is interrupted
  lasts from then on the difference of its planned end and that time; lives are used up by whole stretches.
"""

from __future__ import annotations

from lineside.twin.oracle.run import simulate
from lineside.twin.oracle.stations import switches

__all__ = ["simulate", "switches"]
