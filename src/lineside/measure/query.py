"""Answers a question about a scope and a window: which machines to read, which rule makes the number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter

from lineside.errors import ConfigurationError
from lineside.history import History
from lineside.measure.facts import MachineFacts, read_facts
from lineside.measure.kpi import Kpi
from lineside.measure.number import Number, open_number
from lineside.measure.rows import By, Domain, Level, Row, domains, line_row, machine_row, weighted_row
from lineside.plant import Plant, Timeline

_MOST_PIECES = 5000
_LEVELS: dict[str, Level] = {"machine": "machine", "line": "line", "area": "area", "site": "site"}


@dataclass(frozen=True, slots=True)
class Scope:
    """A machine, line, area or the site of a plant."""

    level: Level
    id: str

    @classmethod
    def parse(cls, text: str, plant: Plant) -> Scope:
        """The scope `text` names, "line/cell" or "site". Raises ConfigurationError when the plant has none such."""
        kind, _, name = text.partition("/")
        level = _LEVELS.get(kind)
        known = {
            "machine": plant.machines,
            "line": plant.lines,
            "area": plant.areas,
            "site": {plant.site.id: plant.site},
        }
        if level == "site" and not name:
            name = plant.site.id
        if level is None or name not in known[level]:
            raise ConfigurationError("measure.no_scope", scope=text, known=", ".join(known.get(kind, known)))
        return cls(level, name)

    @classmethod
    def every(cls, plant: Plant) -> list[Scope]:
        """The site, then each area with its lines and each line with its machines."""
        scopes = [cls("site", plant.site.id)]
        for area in plant.areas:
            scopes.append(cls("area", area))
            for line in plant.lines_of(area):
                scopes += [cls("line", line.id), *(cls("machine", m.id) for m in plant.machines_of(line.id))]
        return scopes

    def machines(self, plant: Plant) -> tuple[str, ...]:
        """The machines whose facts judge this scope."""
        if self.level == "machine":
            return (self.id,)
        return tuple(pace for line in self.lines(plant) if (pace := pace_of(plant, line)) is not None)

    def lines(self, plant: Plant) -> tuple[str, ...]:
        """The lines inside this scope."""
        if self.level == "line":
            return (self.id,)
        areas = plant.areas if self.level == "site" else (self.id,)
        return tuple(line.id for area in areas for line in plant.lines_of(area))


def pace_of(plant: Plant, line: str) -> str | None:
    """The pace station of a line: the one named, or its only machine."""
    machines = plant.machines_of(line)
    return plant.lines[line].pace or (machines[0].id if len(machines) == 1 else None)


def kpi_rows(
    history: History, timeline: Timeline, scopes: list[Scope], start: int, end: int, by: By | None = None
) -> list[Row]:
    """The rows of each scope in [start, end), whole or by shift, production day or product.

    Raises ConfigurationError when they are more than anybody reads.
    """
    plant = timeline.newest
    needed = dict.fromkeys(machine for scope in scopes for machine in scope.machines(plant))
    facts = read_facts(history, timeline, list(needed), start, end)
    pieces = {machine: domains(facts[machine], plant, by) for machine in needed}
    if (count := sum(map(len, pieces.values()))) > _MOST_PIECES:
        raise ConfigurationError("measure.pieces", count=count, most=_MOST_PIECES)
    judged = {machine: [machine_row(facts[machine], plant, piece) for piece in pieces[machine]] for machine in needed}
    return [row for scope in scopes for row in _rows_of(scope, plant, judged, start, end)]


def whole_row(facts: MachineFacts, plant: Plant) -> Row:
    """The row of one machine in all of its window."""
    return machine_row(facts, plant, Domain(facts.start, facts.end, ((facts.start, facts.end),)))


def row_of(scope: Scope, plant: Plant, machines: Mapping[str, Row], start: int, end: int) -> Row:
    """The row of a scope in [start, end), from the whole rows of the machines that judge it."""
    return _rows_of(scope, plant, {machine: [row] for machine, row in machines.items()}, start, end)[0]


def opened(history: History, timeline: Timeline, scope: Scope, kpi: Kpi, start: int, end: int) -> Number:
    """A KPI of `scope` in [start, end), opened to its formula, inputs and intervals."""
    plant = timeline.newest
    facts = read_facts(history, timeline, scope.machines(plant), start, end)
    row = row_of(scope, plant, {machine: whole_row(found, plant) for machine, found in facts.items()}, start, end)
    single = scope.level in ("machine", "line") and facts
    return open_number(kpi, row, next(iter(facts.values())) if single else None)


def _rows_of(scope: Scope, plant: Plant, judged: Mapping[str, list[Row]], start: int, end: int) -> list[Row]:
    """The rows of a scope, from those of the machines that judge it."""
    whole = Domain(start, end, ((start, end),))
    if scope.level == "machine":
        return judged[scope.id]
    by_line: list[list[Row]] = []
    for line in scope.lines(plant):
        pace = pace_of(plant, line)
        if pace is None:
            by_line.append([line_row(plant, line, None, whole)])
        else:
            by_line.append([line_row(plant, line, row, row.domain) for row in judged[pace]])
    if scope.level == "line":
        return by_line[0]
    name = plant.site.name if scope.level == "site" else plant.areas[scope.id].name
    unplaced: list[tuple[int, Row]] = []
    placed: dict[tuple[object, ...], list[tuple[int, Row]]] = {}
    for place, row in enumerate(row for found in by_line for row in found):
        if row.planned_busy_s is None and _key(row.domain) == _key(whole):
            unplaced.append((place, row))
        else:
            placed.setdefault(_key(row.domain), []).append((place, row))
    combined = []
    for rows in placed.values() or [[]]:
        members = [row for _, row in sorted([*rows, *unplaced], key=itemgetter(0))]
        domain = rows[0][1].domain if rows else whole
        combined.append(weighted_row(scope.level, scope.id, name, members, domain))
    return combined


def _key(domain: Domain) -> tuple[object, ...]:
    return domain.start, domain.end, domain.shift, domain.production_day, domain.product
