"""Parts in buffers, on ways and on pallets, until they leave the line."""

from __future__ import annotations

import math

from lineside.twin import cells as cell
from lineside.twin.draws import compiled, draw, inlined
from lineside.twin.kernel.clocks import NO_PARTS, book_level, book_parts, look_at, set_clock
from lineside.twin.layout import NONE, TO_OUT, TO_SCRAP, World


@compiled
def create(w: World, product: int, order: int) -> int:
    """A new part; NONE, and the run is marked to stop, when there is no memory for it."""
    part = w.n[cell.RUN_FREE]
    if part == NONE:
        w.n[cell.RUN_CODE] = NO_PARTS
        return NONE
    w.n[cell.RUN_FREE] = w.n[part + cell.PART_NEXT]
    w.n[part + cell.PART_PRODUCT], w.n[part + cell.PART_ORDER], w.n[part + cell.PART_PALLETS] = product, order, NONE
    w.x[part + cell.PART_ENTERED] = w.x[cell.RUN_NOW]
    return part


@compiled
def destroy(w: World, part: int) -> None:
    """Gives the memory of a part back."""
    w.n[part + cell.PART_NEXT] = w.n[cell.RUN_FREE]
    w.n[cell.RUN_FREE] = part


@compiled
def _priority(w: World, part: int) -> int:
    return w.n[w.n[cell.RUN_PRIORITIES] + w.n[part + cell.PART_PRODUCT]]


@inlined
def _ready_places(w: World, station: int) -> int:
    """Ready servers, and no more than pallets that are free where pallets are loaded."""
    places, loads = w.n[station + cell.STATION_READY], w.n[station + cell.STATION_LOADS]
    for k in range(w.n[station + cell.STATION_LOAD_N]):
        places = min(places, w.n[w.n[loads + k] + cell.PALLETS_FREE])
    return places


@inlined
def has_room(w: World, buffer: int) -> bool:
    """Whether a buffer has a place left; ready servers that take single parts from it alone count as places."""
    if w.n[cell.RUN_CODE] == NO_PARTS:
        return False
    room = w.n[buffer + cell.BUFFER_CAPACITY] - w.n[buffer + cell.BUFFER_LEVEL] - w.n[buffer + cell.BUFFER_CLAIMED]
    if room > 0:
        return True
    consumers = w.n[buffer + cell.BUFFER_CONSUMERS]
    for k in range(consumers, consumers + 2 * w.n[buffer + cell.BUFFER_CONSUMER_N], 2):
        if w.n[k + 1]:
            room += _ready_places(w, w.n[k])
    return room > 0


@inlined
def push(w: World, buffer: int, part: int) -> None:
    """Puts a part into a buffer, behind all of at least its priority."""
    book_level(w, buffer)
    w.n[buffer + cell.BUFFER_LEVEL] += 1
    w.x[part + cell.PART_ARRIVED] = w.x[cell.RUN_NOW]
    w.n[part + cell.PART_NEXT] = NONE
    tail = w.n[buffer + cell.BUFFER_TAIL]
    if tail == NONE:
        w.n[buffer + cell.BUFFER_HEAD] = w.n[buffer + cell.BUFFER_TAIL] = part
    elif not w.n[cell.RUN_PRIORITIES] or _priority(w, tail) >= _priority(w, part):
        w.n[tail + cell.PART_NEXT] = part
        w.n[buffer + cell.BUFFER_TAIL] = part
    else:
        _push_before(w, buffer, part)
    consumers = w.n[buffer + cell.BUFFER_CONSUMERS]
    for k in range(consumers, consumers + 2 * w.n[buffer + cell.BUFFER_CONSUMER_N], 2):
        if w.n[w.n[k] + cell.STATION_READY]:
            look_at(w, w.n[k])


@compiled
def _push_before(w: World, buffer: int, part: int) -> None:
    """Puts a part before the first of smaller priority, which there is."""
    before, after = NONE, w.n[buffer + cell.BUFFER_HEAD]
    while _priority(w, after) >= _priority(w, part):
        before, after = after, w.n[after + cell.PART_NEXT]
    w.n[part + cell.PART_NEXT] = after
    if before == NONE:
        w.n[buffer + cell.BUFFER_HEAD] = part
    else:
        w.n[before + cell.PART_NEXT] = part


@inlined
def pop(w: World, buffer: int) -> int:
    """Takes the first part out of a buffer."""
    book_level(w, buffer)
    w.x[cell.RUN_MOVED] = w.x[cell.RUN_NOW]
    part = w.n[buffer + cell.BUFFER_HEAD]
    w.n[buffer + cell.BUFFER_HEAD] = w.n[part + cell.PART_NEXT]
    if w.n[part + cell.PART_NEXT] == NONE:
        w.n[buffer + cell.BUFFER_TAIL] = NONE
    w.n[buffer + cell.BUFFER_LEVEL] -= 1
    w.n[buffer + cell.BUFFER_WAITED] += 1
    w.x[buffer + cell.BUFFER_WAIT] += w.x[cell.RUN_NOW] - w.x[part + cell.PART_ARRIVED]
    return part


@compiled
def send(w: World, way: int, part: int, duration: float) -> None:
    """Puts a part on a way, in the order of arrival."""
    arrival = w.x[cell.RUN_NOW] + duration
    w.x[part + cell.PART_ARRIVED] = arrival
    before, after = w.n[way + cell.WAY_TAIL], NONE
    if before != NONE and w.x[before + cell.PART_ARRIVED] > arrival:
        before, after = NONE, w.n[way + cell.WAY_HEAD]
        while w.x[after + cell.PART_ARRIVED] <= arrival:
            before, after = after, w.n[after + cell.PART_NEXT]
    w.n[part + cell.PART_NEXT] = after
    if after == NONE:
        w.n[way + cell.WAY_TAIL] = part
    if before == NONE:
        w.n[way + cell.WAY_HEAD] = part
        set_clock(w, w.n[way + cell.WAY_CLOCK], arrival)
    else:
        w.n[before + cell.PART_NEXT] = part


@compiled
def way_event(w: World, way: int) -> None:
    """What comes first on a way arrives."""
    part = w.n[way + cell.WAY_HEAD]
    after = w.n[part + cell.PART_NEXT]
    w.n[way + cell.WAY_HEAD] = after
    if after == NONE:
        w.n[way + cell.WAY_TAIL] = NONE
        set_clock(w, w.n[way + cell.WAY_CLOCK], math.inf)
    else:
        set_clock(w, w.n[way + cell.WAY_CLOCK], w.x[after + cell.PART_ARRIVED])
    to, pallets = w.n[way + cell.WAY_TO], w.n[way + cell.WAY_PALLETS]
    if pallets != NONE:
        destroy(w, part)
        w.n[pallets + cell.PALLETS_FREE] += 1
        look_at(w, w.n[pallets + cell.PALLETS_LOAD])
    elif to > 0:
        w.n[to + cell.BUFFER_CLAIMED] -= 1
        push(w, to, part)
    else:
        leave(w, part, to)


@compiled
def _pallet_off(w: World, pallets: int) -> None:
    """An empty pallet sets out for where it is loaded."""
    if w.n[pallets + cell.PALLETS_LAW] == NONE:
        w.n[pallets + cell.PALLETS_FREE] += 1
        look_at(w, w.n[pallets + cell.PALLETS_LOAD])
    else:
        duration = draw(w, w.n[pallets + cell.PALLETS_LAW], w.n[pallets + cell.PALLETS_STREAM])
        carrier = create(w, 0, NONE)
        if carrier != NONE:
            send(w, w.n[pallets + cell.PALLETS_WAY], carrier, duration)


@compiled
def send_back(w: World, kinds: int) -> None:
    """Sends back one pallet of each of these kinds."""
    for k in range(w.n[cell.RUN_PALLETS_N]):
        pallets = w.n[cell.RUN_PALLETS] + k * cell.PALLETS_SIZE
        if kinds & w.n[pallets + cell.PALLETS_BIT]:
            _pallet_off(w, pallets)


@compiled
def leave(w: World, part: int, to: int) -> None:
    """A part leaves the line."""
    product, products = w.n[part + cell.PART_PRODUCT], w.n[cell.RUN_PRODUCTS]
    made = w.n[cell.RUN_MADE] + product
    if to == TO_OUT:
        w.x[made] += 1.0
        w.x[made + 2 * products] += w.x[cell.RUN_NOW] - w.x[part + cell.PART_ENTERED]
    elif to == TO_SCRAP:
        w.x[made + products] += 1.0
    order = w.n[part + cell.PART_ORDER]
    if order != NONE:
        w.n[order + cell.ORDER_GONE] += 1
        if w.n[order + cell.ORDER_GONE] == w.n[order + cell.ORDER_QUANTITY]:
            w.x[order + cell.ORDER_DONE] = w.x[cell.RUN_NOW]
    book_parts(w, -1)
    if w.n[part + cell.PART_PALLETS]:
        send_back(w, w.n[part + cell.PART_PALLETS])
        w.n[part + cell.PART_PALLETS] = 0
    destroy(w, part)


@compiled
def load_pallet(w: World, pallets: int, part: int) -> None:
    """Puts a part on a pallet, unless it has one of these."""
    if not w.n[part + cell.PART_PALLETS] & w.n[pallets + cell.PALLETS_BIT]:
        w.n[pallets + cell.PALLETS_FREE] -= 1
        w.n[part + cell.PART_PALLETS] |= w.n[pallets + cell.PALLETS_BIT]


@compiled
def hand_over(w: World, taken: int, part: int) -> None:
    """The part that goes on carries the pallets of one that ends in it; a second of the same kind goes back."""
    if w.n[taken + cell.PART_PALLETS]:
        send_back(w, w.n[taken + cell.PART_PALLETS] & w.n[part + cell.PART_PALLETS])
        w.n[part + cell.PART_PALLETS] |= w.n[taken + cell.PART_PALLETS]
