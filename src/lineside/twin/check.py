"""What one part of a line model says against another: names that lead nowhere, stations that could never work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TypeAlias

from lineside.twin.layout import buffers_of, busy_of, setup_of, takes_of
from lineside.twin.model import ANY, OUT, SCRAP, Busy, Down, Line, SettingUp, Station, Waiting, Working

Contradiction: TypeAlias = tuple[str, str, dict[str, object]]
"""Where (a dotted path), the key of the sentence, and its fields."""

_CLOSE = 1e-6


def contradictions(line: Line) -> list[Contradiction]:
    """Everything in a line model that does not fit together."""
    return [found for check in _CHECKS for found in check(line)]


def _unknown(path: str, name: str, known: Iterable[str]) -> Iterator[Contradiction]:
    names = list(known)
    if name not in names:
        yield path, "twin.unknown", {"name": name, "known": ", ".join(names) or "-"}


def _names(line: Line) -> Iterator[Contradiction]:
    for name in {OUT, SCRAP, *line.stations} & set(line.buffers):
        yield f"buffers.{name}", "twin.name_taken", {"name": name}
    for name in {OUT, SCRAP} & set(line.stations):
        yield f"stations.{name}", "twin.name_taken", {"name": name}
    ids = [order.id for order in line.orders]
    for i, name in enumerate(ids):
        if name in ids[:i]:
            yield f"orders[{i + 1}].id", "twin.name_taken", {"name": name}


def _products(line: Line) -> Iterator[Contradiction]:
    for path, product in _named_products(line):
        if product not in (None, ANY):
            yield from _unknown(path, str(product), line.products)


def _named_products(line: Line) -> Iterator[tuple[str, str | None]]:
    """Where products are named, and the names."""
    for name, station in line.stations.items():
        path = f"stations.{name}"
        yield from ((f"{path}.work.{product}", product) for product in station.work)
        for i, rule in enumerate(station.setups):
            yield from ((f"{path}.setups[{i + 1}]", product) for product in (rule.before, rule.after))
        yield from ((f"{path}.to[{i + 1}].product", route.product) for i, route in enumerate(station.to))
        yield f"{path}.makes", station.makes
        for i, entry in enumerate(station.start):
            yield f"{path}.start[{i + 1}].made", entry.made
            busy = busy_of(entry)
            if busy is not None:
                yield from ((f"{path}.start[{i + 1}].{key}", getattr(busy, key)) for key in ("product", "made"))
    for name, source in line.sources.items():
        named = source.product if isinstance(source.product, Mapping) else [source.product]
        yield from ((f"sources.{name}.product", product) for product in named)
    yield from ((f"orders[{i + 1}].product", order.product) for i, order in enumerate(line.orders))
    for name, buffer in buffers_of(line).items():
        if not isinstance(buffer.initial, int):
            yield from ((f"buffers.{name}.initial", product) for product in buffer.initial)


def _places(line: Line) -> Iterator[Contradiction]:
    targets = buffers_of(line)
    for name, station in line.stations.items():
        for i, route in enumerate(station.to):
            yield from _unknown(f"stations.{name}.to[{i + 1}].to", route.to, [OUT, SCRAP, *targets])
        for buffer in station.takes:
            yield from _unknown(f"stations.{name}.takes.{buffer}", buffer, targets)
    for name, source in line.sources.items():
        yield from _unknown(f"sources.{name}.to", source.to, targets)
    for i, order in enumerate(line.orders):
        yield from _unknown(f"orders[{i + 1}].to", order.to, targets)
    for name, pallets in line.pallets.items():
        for key, station_name in (("load", pallets.load), ("unload", pallets.unload)):
            yield from _unknown(f"pallets.{name}.{key}", station_name, line.stations)
    taken = {buffer for name, station in line.stations.items() for buffer in takes_of(name, station)}
    for name in targets:
        if name not in taken:
            yield f"buffers.{name}", "twin.nobody_takes", {"buffer": name}


def _shared(line: Line) -> Iterator[Contradiction]:
    for name, station in line.stations.items():
        if station.calendar is not None:
            yield from _unknown(f"stations.{name}.calendar", station.calendar, line.calendars)
        yield from _needs(line, f"stations.{name}.needs", station.needs)
        for mode, failure in station.failures.items():
            path = f"stations.{name}.failures.{mode}.needs"
            yield from _needs(line, path, failure.needs)
            yield from _needs_twice(line, path, station.needs, failure.needs)


def _needs(line: Line, path: str, needs: Mapping[str, int]) -> Iterator[Contradiction]:
    for resource, count in needs.items():
        yield from _unknown(f"{path}.{resource}", resource, line.resources)
        if resource in line.resources and count > line.resources[resource].count:
            there = line.resources[resource].count
            yield (
                f"{path}.{resource}",
                "twin.more_than_there_are",
                {"resource": resource, "count": count, "there": there},
            )


def _needs_twice(
    line: Line, path: str, of_part: Mapping[str, int], of_repair: Mapping[str, int]
) -> Iterator[Contradiction]:
    """A repair that waits for what the part in its own server holds."""
    for resource in of_part.keys() & of_repair.keys() & line.resources.keys():
        there = line.resources[resource].count
        if max(of_part[resource], of_repair[resource]) <= there < of_part[resource] + of_repair[resource]:
            yield (
                f"{path}.{resource}",
                "twin.repair_waits_for_itself",
                {
                    "resource": resource,
                    "part": of_part[resource],
                    "repair": of_repair[resource],
                    "there": there,
                },
            )


def _stations(line: Line) -> Iterator[Contradiction]:
    products = list(line.products) or [""]
    for name, station in line.stations.items():
        path = f"stations.{name}"
        if station.buffer is None and not station.takes:
            yield path, "twin.no_buffer", {"station": name}
        for product in products:
            if product not in station.work and ANY not in station.work:
                yield f"{path}.work", "twin.no_work", {"station": name, "product": product}
            yield from _routes(name, station, product)
        buffers = buffers_of(line)
        takes = takes_of(name, station)
        for buffer, count in takes.items():
            capacity = buffers[buffer].capacity if buffer in buffers else None
            if (len(takes) > 1 or count > 1) and capacity is not None and capacity < count:
                yield (
                    f"{path}.takes.{buffer}",
                    "twin.too_small",
                    {"buffer": buffer, "count": count, "capacity": capacity},
                )


def _routes(name: str, station: Station, product: str) -> Iterator[Contradiction]:
    shares = [route.probability for route in station.to if route.product in (None, product)]
    if not shares:
        yield f"stations.{name}.to", "twin.no_route", {"station": name, "product": product}
    elif abs(sum(shares) - 1.0) > _CLOSE:
        total = f"{sum(shares):.6g}"
        yield f"stations.{name}.to", "twin.shares", {"station": name, "product": product or "-", "total": total}


def _sources(line: Line) -> Iterator[Contradiction]:
    buffers = buffers_of(line)
    for name, source in line.sources.items():
        buffer = buffers.get(source.to)
        endless = source.interval is None and source.limit is None
        if endless and buffer is not None and buffer.capacity is None:
            yield f"sources.{name}", "twin.floods", {"source": name, "buffer": source.to}


def _plans(line: Line) -> Iterator[Contradiction]:
    for name, source in line.sources.items():
        if source.plan is None:
            continue
        path, times = f"sources.{name}.plan", [time for time, _ in source.plan.due]
        for _, product in source.plan.due:
            yield from _unknown(path, product, line.products)
        if source.product is not None:
            yield path, "twin.plan_and_product", {"source": name}
        late = source.plan.period is not None and times[-1] >= source.plan.period
        if late or times[0] != 0 or any(one >= two for one, two in pairwise(times)):
            yield path, "twin.plan_times", {"source": name}


def _starts(line: Line) -> Iterator[Contradiction]:
    held: Counter[str] = Counter()
    for name, station in line.stations.items():
        path = f"stations.{name}.start"
        if station.start and line.pallets:
            yield path, "twin.start_pallets", {"station": name}
        if len(station.start) > station.servers:
            count = len(station.start)
            yield path, "twin.start_servers", {"station": name, "count": count, "servers": station.servers}
        for i, entry in enumerate(station.start):
            if isinstance(entry, Down):
                yield from _unknown(f"{path}[{i + 1}].failure", entry.failure, station.failures)
            busy = busy_of(entry)
            if busy is not None:
                product = busy.product or station.makes or next(iter(line.products), "")
                yield from _busy(f"{path}[{i + 1}]", name, station, busy, busy.made or entry.made, product)
            if isinstance(busy, Working | SettingUp):
                held.update(station.needs)
    for resource in held.keys() & line.resources.keys():
        there = line.resources[resource].count
        if held[resource] > there:
            fields = {"resource": resource, "count": held[resource], "there": there}
            yield f"resources.{resource}", "twin.start_resources", fields


def _busy(
    path: str, name: str, station: Station, entry: Busy, made: str | None, product: str
) -> Iterator[Contradiction]:
    """What cannot be of a server that has a part at time 0."""
    if station.makes not in (None, product):
        yield path, "twin.start_makes", {"station": name, "makes": station.makes, "product": product}
    if isinstance(entry, Waiting) and not station.needs:
        yield path, "twin.start_waits", {"station": name}
    if isinstance(entry, SettingUp) and entry.left is None and setup_of(station, made, product) is None:
        yield path, "twin.start_no_setup", {"made": made or "-", "product": product or "-"}


def _calendars(line: Line) -> Iterator[Contradiction]:
    for name, calendar in line.calendars.items():
        edges = [edge for span in calendar.on for edge in span]
        ordered = all(a <= b for a, b in pairwise(edges)) and all(a < b for a, b in calendar.on)
        if not ordered or (calendar.period is not None and edges[-1] > calendar.period):
            yield f"calendars.{name}", "twin.spans", {"calendar": name}


_CHECKS: tuple[Callable[[Line], Iterator[Contradiction]], ...] = (
    _names,
    _products,
    _places,
    _shared,
    _stations,
    _sources,
    _plans,
    _starts,
    _calendars,
)
