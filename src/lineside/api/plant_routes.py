"""What the plant is, what it is doing now, and how its sources are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Request, get

from lineside import __version__
from lineside.api.guard import TheCaller, TheReach, Within, in_query, needs
from lineside.api.parameters import From, MaybeScope, TheNode, To
from lineside.api.problems import language_of
from lineside.measure import Scope, iso, pace_of, parse_window, shifts_of
from lineside.node import now_us
from lineside.plant import STATES, Line, Machine, Plant, shift_spans
from lineside.trust import LOCAL_OWNER, Permission, Reach


@get("/api/plant", opt=needs(Permission.READ_PLANT, Within.FILTERED), sync_to_thread=False)
def plant_structure(
    node: TheNode, request: Request[Any, Any, Any], caller: TheCaller, reach: TheReach
) -> dict[str, Any]:
    """Site, areas, lines, machines and signals of the edition in force, and what is wrong with an edited file."""
    plant, edition = node.plant, node.timeline.editions[-1]
    language = language_of(request)
    refused = node.editions.refused
    return {
        "id": plant.site.id,
        "name": plant.site.name,
        "timezone": plant.site.timezone,
        "production_day_starts": str(plant.site.production_day_starts or "00:00")[:5],
        "demo": (node.folder / "demo.toml").exists(),
        "version": __version__,
        "folder": str(node.folder.resolve()) if caller is LOCAL_OWNER else None,
        "states": [state.value for state in STATES],
        "edition": {
            "number": edition.number,
            "valid_from": None if edition.valid_from is None else iso(edition.valid_from, plant.site.zone),
        },
        "findings": [
            {"line": f.line, "key": f.key, "problem": f.sentence(language), "cure": f.cure(language)}
            for f in (refused.findings if refused and reach.whole else ())
        ],
        "areas": [
            {
                "id": area.id,
                "name": area.name,
                "lines": lines,
            }
            for area in plant.areas.values()
            if (lines := [_line(plant, line, reach) for line in plant.lines_of(area.id) if _shown(plant, line, reach)])
            or reach.whole
        ],
    }


def _shown(plant: Plant, line: Line, reach: Reach) -> bool:
    """Whether a line is in reach, or any machine of it."""
    return reach.line(line.id) or any(reach.machine(machine.id) for machine in plant.machines_of(line.id))


def _line(plant: Plant, line: Line, reach: Reach) -> dict[str, Any]:
    return {
        "id": line.id,
        "name": line.name,
        "pace": pace_of(plant, line.id) if reach.line(line.id) else None,
        "product": line.product,
        "machines": [_machine(plant, machine) for machine in plant.machines_of(line.id) if reach.machine(machine.id)],
    }


def _machine(plant: Plant, machine: Machine) -> dict[str, Any]:
    return {
        "id": machine.id,
        "name": machine.name,
        "label": machine.label,
        "source": machine.source,
        "signals": [
            {"id": s.id, "kind": s.kind, "unit": s.unit, "description": s.description} for s in machine.signals.values()
        ],
        "state_rules": bool(machine.states),
        "tally": plant.counted_by_hand(machine),
    }


@get("/api/now", opt=needs(Permission.READ_FACTS, Within.FILTERED), sync_to_thread=False)
def present(node: TheNode, reach: TheReach) -> dict[str, Any]:
    """What every machine is doing now and the KPIs of the running shift."""
    return {"time_ms": now_us() // 1000, **now_within(node.now, reach)}


def now_within(now: Mapping[str, Any], reach: Reach) -> Mapping[str, Any]:
    """What of the present is in reach."""
    if reach.whole or not now:
        return now
    inside = {"machines": reach.machine, "lines": reach.line, "areas": reach.area}
    parts = {part: {name: one for name, one in now[part].items() if has(name)} for part, has in inside.items()}
    return {**now, **parts, "site": {}}


@get("/api/keeping", opt=needs(Permission.READ_PLANT), sync_to_thread=True)
def keeping(node: TheNode, request: Request[Any, Any, Any]) -> dict[str, Any]:
    """How much of the disk the history takes, how fast it grows and when there is no room left, and what is kept."""
    return node.keeping.told(language_of(request))


@get("/api/shifts", opt=needs(Permission.READ_PLANT, in_query("scope")), sync_to_thread=True)
def shift_list(node: TheNode, start: From, end: To, within: MaybeScope = None) -> dict[str, Any]:
    """The shifts that touch a window, by the site's calendar or that of the machine the scope names."""
    plant = node.plant
    first, last = parse_window(start, end, plant)
    if within is not None and (machines := Scope.parse(within, plant).machines(plant)):
        spans = shifts_of(plant, plant.machines[machines[0]], first, last)
    elif plant.site.calendar is not None:
        calendar = plant.calendars[plant.site.calendar]
        spans = shift_spans(calendar, plant.site.zone, plant.site.production_day_starts, first, last)
    else:
        spans = []
    return {
        "shifts": [
            {
                "name": s.name,
                "start_ms": s.start // 1000,
                "end_ms": s.end // 1000,
                "production_day": s.production_day.isoformat(),
                "breaks": [[a // 1000, b // 1000] for a, b in s.breaks],
            }
            for s in spans
        ]
    }
