"""Everything a plant has that can be graded, each with what it is made of, as `measure` and `twin` read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from lineside.exchange import catalogue
from lineside.measure import KPIS, By, Kpi, pace_of
from lineside.plant import Machine, Plant, Timeline
from lineside.trust import Thing, facts

SITE = ("site",)
_BY_PRODUCT = "/by-product"
_SLICED: tuple[Kpi, ...] = ("availability", "quality")
"""KPIs that need to know what was being made only where they are asked for by product; the others always do."""
_ALONE = (
    *("costs", "uploads", "calendars", "profile", "replies", "incidents", "exposures"),
    *("accounts", "tokens", "sessions", "gradings", "keys", "logs"),
)
_NOT_IN_BACKUPS = frozenset({"hours", "buffer", "logs", "uploads", "states", "units", "made", "kpi"})


def kpi_thing(scope: str, kpi: Kpi, by: By | None = None) -> str:
    """The thing that a KPI of a scope ("line/cell") is, as it is asked for."""
    return f"kpi/{scope}/{kpi}{_BY_PRODUCT if by == 'product' and kpi in _SLICED else ''}"


def indicator_thing(indicator: str) -> str:
    """The thing that an indicator of the catalogue is."""
    return f"indicator/{indicator}"


def things_of(timeline: Timeline, stored: Iterable[str], entered: frozenset[str] = frozenset()) -> list[Thing]:
    """All things of a plant, by the newest edition; what earlier time is made of by the editions that judge it.

    `stored` are the keys of all series there are: one that no machine has any more is still there, and gone. `entered`
    are the indicators of which somebody wrote a value.
    """
    newest = timeline.newest
    found = {thing.id: thing for thing in _of_plant(newest)}
    old: dict[str, Thing] = {}
    for edition in reversed(timeline.editions[:-1]):
        for thing in _of_plant(edition.plant):
            known = found if thing.id in found else old
            now = known.setdefault(thing.id, thing)
            if more := tuple(one for one in thing.inputs if one not in now.inputs):
                known[thing.id] = replace(now, inputs=(*now.inputs, *more))
    waiting = [f"signal/{key}" for key in stored] + [one for thing in found.values() for one in thing.inputs]
    while waiting:
        if (one := waiting.pop()) not in found and one.partition("/")[0] in facts().kinds and one not in _ALONE:
            found[one] = replace(old.get(one) or _stray(one), gone=True)
            waiting += found[one].inputs
    indicators = list(_indicators(list(found), entered))
    return [*found.values(), *indicators, *_wholes(list(found.values()), newest, indicators)]


def _indicators(known: Sequence[str], entered: frozenset[str]) -> Iterator[Thing]:
    """Indicators of a month: those that are computed, of what that reads; others once somebody entered a value."""
    covered = _matching(known, "kpi/machine/*/availability")  # it says of how much planned time there are facts
    for one in catalogue().indicators.values():
        if one.computed or one.id in entered:
            made = [found for pattern in one.inputs for found in _matching(known, pattern)]
            inputs = dict.fromkeys([*made, *(covered if one.coverage else ())])
            yield Thing(indicator_thing(one.id), SITE, tuple(inputs), one.names["en"], least=one.grade)


def _matching(known: Sequence[str], pattern: str) -> list[str]:
    return [one for one in known if fnmatchcase(one, pattern)]


def _stray(thing: str) -> Thing:
    """What is stored, but no edition names."""
    _, _, name = thing.partition("/")
    return Thing(thing, (f"machine/{name.partition('/')[0]}", *SITE), name=name)


def _of_plant(plant: Plant) -> Iterator[Thing]:
    for machine in plant.machines.values():
        yield from _of_machine(plant, machine)
    for line in plant.lines:
        yield from _of_line(plant, line)
    for area in plant.areas.values():
        lines = [line.id for line in plant.lines_of(area.id)]
        yield from _mean_of(f"area/{area.id}", (f"area/{area.id}", *SITE), lines, area.name)
    site = plant.site
    yield from _mean_of(f"site/{site.id}", SITE, [one.id for a in plant.areas for one in plant.lines_of(a)], site.name)
    for source in plant.sources.values():
        places = _shared([places_of(plant, one) for one in plant.machines.values() if one.source == source.id])
        yield Thing(f"heard/{source.id}", places, name=source.name)
        yield Thing(f"events/{source.id}", places, name=source.name)
    yield from (Thing(f"signal/{one.series}", SITE, name=one.name) for one in plant.meters.values())
    yield from (Thing(f"product/{one.id}", name=one.name) for one in plant.products.values())
    yield Thing("products", inputs=tuple(f"product/{one}" for one in plant.products))
    yield Thing("plant", inputs=("products", "calendars"), name=site.name)
    yield from (Thing(f"feed/{one.id}", name=one.name) for one in plant.feeds.values())


def places_of(plant: Plant, machine: Machine) -> tuple[str, ...]:
    """The places a machine is in, from itself to the site."""
    return (f"machine/{machine.id}", *_places_of_line(plant, machine.line))


def _places_of_line(plant: Plant, line: str) -> tuple[str, ...]:
    return (f"line/{line}", f"area/{plant.lines[line].area}", *SITE)


def _shared(places: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The places that all of some machines are in."""
    return tuple(one for one in places[0] if all(one in others for others in places)) if places else SITE


def _of_machine(plant: Plant, machine: Machine) -> Iterator[Thing]:
    places, own, name = places_of(plant, machine), machine.id, machine.name
    for signal in machine.signals.values():
        yield Thing(f"signal/{own}/{signal.id}", places, name=f"{name} · {signal.name}")
    yield Thing(
        f"states/{own}", places, (*_signals(machine, [s.id for s in machine.state_signals]), *_heard(machine)), name
    )
    yield Thing(f"made/{own}", places, _made(plant, machine), name)
    yield Thing(f"units/{own}", places, _signals(machine, _counters(machine)), name)
    for kpi in KPIS:
        yield Thing(kpi_thing(f"machine/{own}", kpi), places, _kpi_inputs(plant, machine, kpi), name)
    for kpi in _SLICED:
        inputs = (*_kpi_inputs(plant, machine, kpi), f"made/{own}")
        yield Thing(kpi_thing(f"machine/{own}", kpi, "product"), places, inputs, name)


def _signals(machine: Machine, ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"signal/{machine.id}/{one}" for one in ids)


def _counters(machine: Machine) -> list[str]:
    rule = machine.units
    return [] if rule is None else [one for one in (rule.total, rule.good, rule.rejected) if one is not None]


def _heard(machine: Machine) -> tuple[str, ...]:
    return (f"heard/{machine.source}",) if machine.source else ()


def _orders(plant: Plant, machine: Machine) -> tuple[str, ...]:
    return (f"orders/{machine.line}",) if plant.ordered_from(machine) is not None else ()


def _planned(plant: Plant, machine: Machine) -> tuple[str, ...]:
    """What says when a machine is planned to be busy."""
    return (*(("calendars",) if plant.calendar_of(machine) is not None else ()), *_orders(plant, machine))


def _made(plant: Plant, machine: Machine) -> tuple[str, ...]:
    """What says which product was being made: the machine, else orders, else the line's planned product."""
    if machine.units is not None and machine.units.product is not None:
        return _signals(machine, [machine.units.product])
    product = plant.lines[machine.line].product
    return (*_orders(plant, machine), *((f"product/{product}",) if product else ()))


def _cycles(plant: Plant, machine: Machine) -> tuple[str, ...]:
    """The products whose ideal cycle times may count."""
    told = machine.units is not None and machine.units.product is not None
    if told or _orders(plant, machine):
        return ("products",)
    product = plant.lines[machine.line].product
    return (f"product/{product}",) if product else ()


def _kpi_inputs(plant: Plant, machine: Machine, kpi: Kpi) -> tuple[str, ...]:
    states, units = f"states/{machine.id}", f"units/{machine.id}"
    planned = _planned(plant, machine)
    if kpi == "availability":
        return (states, *planned)
    if kpi == "quality":
        return (units, *planned, *_heard(machine))
    counted = (units,) if kpi == "oee" else _produced(machine)
    return (states, *counted, f"made/{machine.id}", *planned, *_cycles(plant, machine))


def _produced(machine: Machine) -> tuple[str, ...]:
    """What tells the quantity produced: the counter of all units, else that of the good and of the rejected ones."""
    total = None if machine.units is None else machine.units.total
    return (f"units/{machine.id}",) if total is None else _signals(machine, [total])


def _of_line(plant: Plant, line: str) -> Iterator[Thing]:
    places, name = _places_of_line(plant, line), plant.lines[line].name
    pace = pace_of(plant, line)
    for thing, kpi, by in _kpis():
        inputs = () if pace is None else (kpi_thing(f"machine/{pace}", kpi, by),)
        yield Thing(f"kpi/line/{line}/{thing}", places, inputs, name)
    machines = plant.machines_of(line)
    measured = [f"{kind}/{one.id}" for one in machines for kind in ("states", "units", "made")]
    planned = dict.fromkeys(one for m in machines for one in (*_planned(plant, m), *_cycles(plant, m)))
    orders = f"orders/{line}"
    yield Thing(orders, places, name=name)
    yield Thing(f"twin/{line}", places, (*measured, *planned), name)
    yield Thing(f"answers/{line}", places, (f"twin/{line}", orders), name)
    yield Thing(f"completions/{line}", places, (orders, *(f"units/{one.id}" for one in machines)), name)


def _kpis() -> list[tuple[str, Kpi, By | None]]:
    """Every KPI with the last part of its thing's name, and as it is asked for."""
    whole: list[tuple[str, Kpi, By | None]] = [(kpi, kpi, None) for kpi in KPIS]
    return whole + [(f"{kpi}{_BY_PRODUCT}", kpi, "product") for kpi in _SLICED]


def _mean_of(scope: str, places: tuple[str, ...], lines: Sequence[str], name: str) -> Iterator[Thing]:
    """The KPIs of an area or the site: means of its lines, weighed with planned busy time, as availability has it."""
    for thing, kpi, by in _kpis():
        inputs = (kpi_thing(f"line/{line}", one, by) for line in lines for one in dict.fromkeys((kpi, "availability")))
        yield Thing(f"kpi/{scope}/{thing}", places, tuple(inputs), name)


def _wholes(things: Sequence[Thing], plant: Plant, indicators: Sequence[Thing]) -> Iterator[Thing]:
    """What holds many of them."""
    yield from map(Thing, _ALONE)
    signals = tuple(thing.id for thing in things if thing.kind == "signal")
    pushed = {one.id for one in plant.machines.values() if one.source and plant.sources[one.source].type == "push"}
    yield Thing("schedules", inputs=tuple(t.id for t in things if t.kind in ("twin", "orders", "products")))
    yield Thing("jobs", inputs=("schedules", *(thing.id for thing in things if thing.kind == "answers")))
    yield Thing("hours", inputs=signals)
    yield Thing("buffer", inputs=tuple(one for one in signals if one.split("/")[1] in pushed))
    kept = [thing.id for thing in (*things, *indicators) if thing.kind not in _NOT_IN_BACKUPS]
    yield Thing("backups", inputs=(*kept, *(one for one in _ALONE if one not in _NOT_IN_BACKUPS), "schedules", "jobs"))
