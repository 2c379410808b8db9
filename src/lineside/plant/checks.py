"""What one part of a plant file says against another: names that lead nowhere, rules that cannot hold."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import pairwise
from typing import TypeAlias

from lineside.plant.calendar import clip, local_us, shift_spans
from lineside.plant.energy import METER, Meter, wrong_meter
from lineside.plant.factors import factors
from lineside.plant.model import Calendar, Machine, Plant, StateRule, UnitsRule

Contradiction: TypeAlias = tuple[tuple[str | int, ...], str, dict[str, object]]
"""Where (key path), which sentence, and its fields."""

_A_WEEK = 7 * 86_400_000_000


def contradictions(plant: Plant) -> Iterator[Contradiction]:
    """Everything in `plant` that does not fit together."""
    for check in _CHECKS:
        yield from check(plant)


def _unknown(where: tuple[str | int, ...], what: str, name: str, known: Iterable[str]) -> Contradiction:
    names = list(known)
    near = difflib.get_close_matches(name, names, 1)
    if near:
        return where, "plant.unknown_name_near", {"what": what, "name": name, "near": near[0]}
    listed = ", ".join(names) or "-"
    return where, "plant.unknown_name", {"what": what, "name": name, "known": listed}


def _references(plant: Plant) -> Iterator[Contradiction]:
    tables: tuple[tuple[str, Iterable[tuple[tuple[str | int, ...], str | None]], Iterable[str]], ...] = (
        ("area", [(("line", x.id, "area"), x.area) for x in plant.lines.values()], plant.areas),
        ("line", [(("machine", m.id, "line"), m.line) for m in plant.machines.values()], plant.lines),
        (
            "source",
            [
                *((("machine", m.id, "source"), m.source) for m in plant.machines.values()),
                *((("meter", m.id, "source"), m.source) for m in plant.meters.values()),
            ],
            plant.sources,
        ),
        (
            "calendar",
            [
                (("site", "calendar"), plant.site.calendar),
                *((("area", a.id, "calendar"), a.calendar) for a in plant.areas.values()),
                *((("line", x.id, "calendar"), x.calendar) for x in plant.lines.values()),
                *((("machine", m.id, "calendar"), m.calendar) for m in plant.machines.values()),
            ],
            plant.calendars,
        ),
        (
            "product",
            [
                *((("line", x.id, "product"), x.product) for x in plant.lines.values()),
                *((("order", i, "product"), o.product) for i, o in enumerate(plant.orders)),
            ],
            plant.products,
        ),
        ("line", [(("order", i, "line"), o.line) for i, o in enumerate(plant.orders)], plant.lines),
        (
            "machine",
            [
                *((("order", i, "machine"), o.machine) for i, o in enumerate(plant.orders)),
                *(
                    (("product", p.id, "ideal_cycle_on", name), name)
                    for p in plant.products.values()
                    for name in p.ideal_cycle_on
                ),
            ],
            plant.machines,
        ),
    )
    for what, uses, known in tables:
        names = list(known)
        yield from (_unknown(where, what, name, names) for where, name in uses if name and name not in names)


def _pace_stations(plant: Plant) -> Iterator[Contradiction]:
    for line in plant.lines.values():
        own = [m.id for m in plant.machines_of(line.id)]
        if line.pace and line.pace not in own:
            yield _unknown(("line", line.id, "pace"), "machine", line.pace, own)


def _machines(plant: Plant) -> Iterator[Contradiction]:
    for machine in plant.machines.values():
        for index, rule in enumerate(machine.states):
            yield from _state_rule(machine, rule, ("machine", machine.id, "states", index, "when"))
        if machine.units is not None:
            where = ("machine", machine.id, "units")
            yield from _units_rule(machine, machine.units, where)
            if plant.counted_by_hand(machine):
                yield from _told_by_hand(machine, machine.units, where)
        if machine.signals and machine.source is None:
            yield ("machine", machine.id, "signals"), "plant.no_source", {"machine": machine.id}


def _state_rule(machine: Machine, rule: StateRule, where: tuple[str | int, ...]) -> Iterator[Contradiction]:
    for name, condition in rule.when.items():
        signal = machine.signals.get(name)
        if signal is None:
            yield _unknown((*where, name), "signal", name, machine.signals)
        elif condition.numeric and not signal.numeric:
            yield (*where, name), "plant.compares_text", {"signal": name, "kind": signal.kind}
        elif signal.numeric and not all(map(_is_number, condition.words)):
            yield (*where, name), "plant.word_for_number", {"signal": name, "kind": signal.kind}


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _units_rule(machine: Machine, rule: UnitsRule, where: tuple[str | int, ...]) -> Iterator[Contradiction]:
    for role, name in (("total", rule.total), ("good", rule.good), ("rejected", rule.rejected)):
        if name is None:
            continue
        signal = machine.signals.get(name)
        if signal is None:
            yield _unknown((*where, role), "signal", name, machine.signals)
        elif signal.kind not in ("counter", "count"):
            yield (*where, role), "plant.not_a_counter", {"signal": name, "kind": signal.kind}
    if rule.product is not None and rule.product not in machine.signals:
        yield _unknown((*where, "product"), "signal", rule.product, machine.signals)


def _told_by_hand(machine: Machine, rule: UnitsRule, where: tuple[str | int, ...]) -> Iterator[Contradiction]:
    """People tell how many were made since they last told, never a running total."""
    for role, name in (("total", rule.total), ("good", rule.good), ("rejected", rule.rejected)):
        if name is not None and name in machine.signals and machine.signals[name].kind == "counter":
            yield (*where, role), "plant.tally_counter", {"signal": name, "machine": machine.id}


def _orders(plant: Plant) -> Iterator[Contradiction]:
    seen: set[str] = set()
    for index, order in enumerate(plant.orders):
        if order.line is None and order.machine is None:
            yield ("order", index), "plant.order_nowhere", {"order": order.id}
        if _aware(order.end, plant) <= _aware(order.start, plant):
            yield ("order", index, "end"), "plant.order_backwards", {"order": order.id}
        if order.id in seen:
            yield ("order", index, "id"), "plant.order_twice", {"order": order.id}
        seen.add(order.id)


def _aware(moment: datetime, plant: Plant) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=plant.site.zone)


def _calendars(plant: Plant) -> Iterator[Contradiction]:
    for calendar in plant.calendars.values():
        where = ("calendar", calendar.id)
        if plant.site.production_day_starts is None and (name := _over_midnight(calendar)):
            yield ("site",), "plant.production_day", {"shift": name, "calendar": calendar.id}
        yield from _overlaps(plant, calendar, where)


def _over_midnight(calendar: Calendar) -> str | None:
    shifts = [*calendar.shift, *(s for o in calendar.override for s in o.shifts)]
    return next((s.name for s in shifts if s.end <= s.start and (s.end.hour, s.end.minute) != (0, 0)), None)


def _overlaps(plant: Plant, calendar: Calendar, where: tuple[str, str]) -> Iterator[Contradiction]:
    """Shifts of one week (and around each override) that cover the same time twice, and breaks outside their shift."""
    days = [date(2024, 1, 1), *(o.date for o in calendar.override)]
    for day in days:
        start = local_us(day, datetime.min.time(), plant.site.zone)
        spans = shift_spans(calendar, plant.site.zone, plant.site.production_day_starts, start, start + _A_WEEK)
        for before, after in pairwise(spans):
            if after.start < before.end:
                yield (
                    where,
                    "plant.shifts_overlap",
                    {"calendar": calendar.id, "one": before.name, "two": after.name},
                )
                return
        for span in spans:
            if clip(span.breaks, span.start, span.end) != span.breaks or any(a >= b for a, b in span.breaks):
                yield where, "plant.break_outside", {"calendar": calendar.id, "shift": span.name}
                return


def _energy(plant: Plant) -> Iterator[Contradiction]:
    told = plant.energy
    if told is not None and told.grid is not None and told.grid not in factors().grids:
        yield _unknown(("energy", "grid"), "grid", told.grid, factors().grids)
    for meter in plant.meters.values():
        where = ("meter", meter.id)
        for key, problem, fields in wrong_meter(meter, () if told is None else told.carriers):
            yield (*where, key), problem, fields
        yield from _metered_places(plant, meter)
        source = plant.sources.get(meter.source)
        if source is not None and source.type == "tally":
            yield (*where, "source"), "plant.meter_tally", {"meter": meter.id, "source": meter.source}
    if plant.meters and METER in plant.machines:
        yield ("machine", METER), "plant.meter_machine", {}


def _metered_places(plant: Plant, meter: Meter) -> Iterator[Contradiction]:
    known: dict[str, Iterable[str]] = {"line": plant.lines, "machine": plant.machines}
    for at, place in enumerate(meter.of):
        level, _, name = place.partition("/")
        if place == "site":
            continue
        if level not in known:
            yield ("meter", meter.id, "of", at), "plant.meter_place", {"value": place}
        elif name not in known[level]:
            yield _unknown(("meter", meter.id, "of", at), level, name, known[level])


def _keep(plant: Plant) -> Iterator[Contradiction]:
    days = plant.keep.days
    thin, gone = days.get("measures_days", 0), days.get("minutes_days")
    if gone is not None and gone <= thin:
        yield ("keep", "minutes_days"), "plant.keep_order", {"days": gone, "thin": thin}


def _sparkplug(plant: Plant) -> Iterator[Contradiction]:
    if (told := plant.sparkplug) is None:
        return
    for what, named, known in (("machine", told.machines, plant.machines), ("line", told.lines, plant.lines)):
        for place, name in enumerate(named or ()):
            if name not in known:
                yield _unknown(("sparkplug", f"{what}s", place), what, name, known)
    machines = plant.machines if told.machines is None else told.machines
    lines = plant.lines if told.lines is None else told.lines
    if both := sorted(set(machines) & set(lines)):
        yield ("sparkplug",), "plant.sparkplug_twice", {"names": ", ".join(both)}


def _sign_ins(plant: Plant) -> Iterator[Contradiction]:
    known = {"area": plant.areas, "line": plant.lines, "machine": plant.machines}
    issuers: set[str] = set()
    for one in plant.sign_ins.values():
        where = ("sign_in", one.id)
        if "openid" not in one.scopes:
            yield (*where, "scopes"), "plant.sign_in_scopes", {}
        if one.issuer in issuers:
            yield (*where, "issuer"), "plant.sign_in_twice", {"issuer": one.issuer}
        issuers.add(one.issuer)
        for group, roles in one.groups.items():
            for place, role in enumerate(roles):
                level, _, name = role.partition("@")[2].partition("/")
                if name and name not in known[level]:
                    yield _unknown((*where, "groups", group, place), level, name, known[level])


_CHECKS: tuple[Callable[[Plant], Iterator[Contradiction]], ...] = (
    _references,
    _pace_stations,
    _machines,
    _orders,
    _calendars,
    _energy,
    _keep,
    _sparkplug,
    _sign_ins,
)
