"""Indicators of a month as pure functions of its facts, by the definitions of the catalogue.

Each gives a value or why there is none, how much of planned time there are facts of, and what it was computed from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from lineside.exchange import Absence, Catalogue, Value
from lineside.measure import Kpi, Row
from lineside.node.indicators.energy import per_unit, per_value
from lineside.node.indicators.evidence import Evidence
from lineside.node.indicators.found import Formula, Found, share
from lineside.node.indicators.month import MachineMonth, MonthFacts, OrderMonth

_HOUR_US, _MINUTE_S = 3_600_000_000, 60.0


@dataclass(frozen=True, slots=True)
class Computed:
    """A value with the evidence that it names; none of what this node does not compute."""

    value: Value
    evidence: Evidence | None = None


def computed(facts: MonthFacts, catalogue: Catalogue) -> dict[str, Computed]:
    """Every indicator of the catalogue; what the node does not compute is absent as "not_computed"."""
    return {name: _computed(facts, catalogue, name) for name in catalogue.indicators}


def _computed(facts: MonthFacts, catalogue: Catalogue, name: str) -> Computed:
    formula = FORMULAS.get(name)
    if formula is None or not catalogue.of(name).computed:
        return Computed(Value(indicator=name, absent="not_computed"))
    found = formula(facts)
    evidence = Evidence.of(
        {
            "indicator": name,
            "month": facts.month,
            "window_us": list(facts.window),
            "zone": facts.zone,
            "catalogue": catalogue.edition.id,
            "formula": catalogue.of(name).formula,
            "plant": {str(number): text for number, text in facts.editions.items()},
            "value": found.value,
            "absent": found.absent if found.value is None else None,
            "coverage": found.coverage,
            "from": found.basis,
        }
    )
    told: dict[str, Any] = (
        {"absent": found.absent} if found.value is None else {"value": found.value, "origin": found.origin}
    )
    return Computed(Value(indicator=name, coverage=found.coverage, evidence=evidence.sha256, **told), evidence)


# the site's KPIs

_NEEDED: Mapping[Kpi, tuple[tuple[str, Absence], ...]] = {
    "availability": (("state_rules", "no_source"), ("states_by_hand", "no_source")),
    "effectiveness": (
        *(("state_rules", "no_source"), ("states_by_hand", "no_source")),
        *(("counts", "no_units"), ("total_count", "no_units")),
        *(("product", "no_cycle"), ("ideal_cycle", "no_cycle")),
    ),
    "quality": (("counts", "no_units"), ("total_count", "no_units"), ("reject_count", "no_units")),
    "oee": (
        *(("state_rules", "no_source"), ("states_by_hand", "no_source")),
        *(("counts", "no_units"), ("total_count", "no_units"), ("reject_count", "no_units")),
        *(("product", "no_cycle"), ("ideal_cycle", "no_cycle")),
    ),
}
"""What a KPI that lacks this is absent for, the first that is lacked."""
_ALWAYS: tuple[tuple[str, Absence], ...] = (("pace", "no_source"), ("calendar", "no_calendar"))


def _kpi(kpi: Kpi) -> Formula:
    def formula(facts: MonthFacts) -> Found:
        row = facts.site
        judging = {line.pace for line in facts.lines.values()}
        basis = {
            "lines": {
                name: {"pace": line.pace, "planned_busy_s": line.planned_busy_s, kpi: line.values[kpi]}
                for name, line in facts.lines.items()
            },
            "machines": {one.id: _row_told(one.row) for one in facts.machines if one.id in judging},
        }
        return Found(row.values[kpi], _why(row, kpi), share(row.coverage), basis)

    return formula


def _why(row: Row, kpi: Kpi) -> Absence:
    lacked = {lack.code for lack in row.lacks}
    for code, absent in (*_ALWAYS, *_NEEDED[kpi]):
        if code in lacked:
            return absent
    if not row.members:
        return "no_source"
    return "nothing_happened" if row.planned_busy_s == 0 or row.coverage else "too_little_coverage"


def _row_told(row: Row) -> dict[str, Any]:
    """The times (seconds) and counts of a machine."""
    return {
        "times_s": {state.value: seconds for state, seconds in row.times.items()},
        "planned_times_s": {state.value: seconds for state, seconds in row.planned_times.items()},
        "planned_busy_s": row.planned_busy_s,
        "planned_by": row.basis,
        "produced": row.produced,
        "good": row.good,
        "rejected": row.rejected,
        "ideal_s": row.ideal_s,
        "cycles_s": {one.product: one.seconds for one in row.cycles},
        "lacks": sorted({lack.code for lack in row.lacks}),
        "suspects": sorted({one.code for one in row.suspects}),
    }


# over machines


def _coverage(machines: Iterable[MachineMonth]) -> float | None:
    """The share of planned busy time of some machines with data, of all time where nothing plans it; None for none."""
    known = [(one.row.coverage, _weight(one.row)) for one in machines if one.row.coverage is not None]
    whole = sum(weight for _, weight in known)
    return share(sum(told * weight for told, weight in known) / whole) if whole else None


def _weight(row: Row) -> float:
    return sum(row.times.values()) if row.planned_busy_s is None else row.planned_busy_s


def _first_pass_yield(facts: MonthFacts) -> Found:
    lines: dict[str, dict[str, Any]] = {}
    counting = []
    for name in facts.lines:
        stations = [one for one in facts.machines if one.line == name and one.row.produced and one.row.good is not None]
        if not stations:
            continue
        counting += stations
        shares = {one.id: {"good": one.row.good, "started": one.row.produced} for one in stations}
        passed = 1.0
        for one in stations:
            passed *= (one.row.good or 0.0) / (one.row.produced or 1.0)
        lines[name] = {"stations": shares, "yield": passed, "units": max(one.row.produced or 0.0 for one in stations)}
    units = sum(line["units"] for line in lines.values())
    value = sum(line["yield"] * line["units"] for line in lines.values()) / units if units else None
    counted = [one for one in facts.machines if one.row.good is not None]
    absent: Absence = "no_units" if not counted else _quiet(_coverage(counted))
    return Found(value, absent, _coverage(counting or counted), {"lines": lines, "rework": "not told apart"})


def _quiet(coverage: float | None) -> Absence:
    """Why nothing came of machines that would have told."""
    return "nothing_happened" if coverage is None or coverage > 0 else "too_little_coverage"


def _connected_share(facts: MonthFacts) -> Found:
    connected = [one.id for one in facts.machines if one.connected]
    value = len(connected) / len(facts.machines) if facts.machines else None
    basis = {"machines": [one.id for one in facts.machines], "connected": connected}
    return Found(value, "no_source", 1.0 if facts.machines else None, basis)  # the plant file is there all the time


def _machines_connected(facts: MonthFacts) -> Found:
    found = _connected_share(facts)
    value = float(len(found.basis["connected"])) if facts.machines else None
    return Found(value, found.absent, found.coverage, found.basis)


def _twin_in_use(facts: MonthFacts) -> Found:
    """A line that lost its twin since may still have asked it in the month."""
    known, twin = bool(facts.twin.lines or facts.twin.answered), facts.twin
    basis = {"lines": list(twin.lines), "answered": dict(twin.answered)}
    value = float(any(twin.answered.values())) if known else None
    return Found(value, "no_model", 1.0 if known else None, basis)  # the node's own books are there all the time


def _online_share(facts: MonthFacts) -> Found:
    connected = [one for one in facts.machines if one.connected]
    planned = [one for one in connected if one.heard_s is not None]
    basis = {one.id: {"heard_s": one.heard_s, "planned_busy_s": one.row.planned_busy_s} for one in planned}
    busy = sum(one.row.planned_busy_s or 0.0 for one in planned)
    heard = sum(one.heard_s or 0.0 for one in planned)
    absent: Absence = "no_source" if not connected else "no_calendar" if not planned else "nothing_happened"
    return Found(share(heard / busy) if busy else None, absent, _coverage(planned), {"machines": basis})


def _recovery_time(facts: MonthFacts) -> Found:
    lengths = [length for one in facts.machines for length in one.stops.lengths_s]
    basis = {one.id: {"stops_s": list(one.stops.lengths_s), "unheard": one.stops.unheard} for one in facts.machines}
    telling = [one for one in facts.machines if not {"state_rules", "states_by_hand"} & _lacked(one.row)]
    coverage = _coverage(telling)
    absent: Absence = "no_source" if not telling else _quiet(coverage)
    value = median(lengths) / _MINUTE_S if lengths else None
    return Found(value, absent, coverage, {"machines": basis})


def _lacked(row: Row) -> set[str]:
    return {lack.code for lack in row.lacks}


# over orders


def _lead_time(facts: MonthFacts) -> Found:
    start, end = facts.window
    done = [o for o in facts.orders if o.completed_us is not None and start <= o.completed_us < end]
    hours = [((o.completed_us or 0) - o.first_us) / _HOUR_US for o in done if o.first_us is not None]
    return _of_orders(facts, median(hours) if hours else None, done)


def _schedule_adherence(facts: MonthFacts) -> Found:
    start, end = facts.window
    due = [o for o in facts.orders if start <= o.due_us < end and o.made is not None]
    kept = [o for o in due if o.completed_us is not None and o.completed_us <= o.due_us]
    return _of_orders(facts, len(kept) / len(due) if due else None, due)


def _of_orders(facts: MonthFacts, value: float | None, orders: Sequence[OrderMonth]) -> Found:
    counters = {one.counter for one in orders if one.basis == "counted"}
    counting = [one for one in facts.machines if one.id in counters]
    unknown = [one.id for one in facts.orders if one.made is None]
    basis = {
        "orders": [
            {
                "id": one.id,
                "due_us": one.due_us,
                "quantity": one.quantity,
                "made": one.made,
                "first_us": one.first_us,
                "completed_us": one.completed_us,
                "basis": one.basis,
            }
            for one in orders
        ],
        "not_counted": unknown,
    }
    coverage = _coverage(counting) if counting else None
    if coverage == 0:  # that nothing was made is not known
        return Found(None, "too_little_coverage", coverage, basis)
    absent: Absence = "no_orders" if not facts.ordered else "no_units" if unknown and not orders else "nothing_happened"
    return Found(value, absent, coverage, basis)


FORMULAS: Mapping[str, Formula] = {
    "availability": _kpi("availability"),
    "performance": _kpi("effectiveness"),
    "quality": _kpi("quality"),
    "oee": _kpi("oee"),
    "lead_time": _lead_time,
    "first_pass_yield": _first_pass_yield,
    "connected_share": _connected_share,
    "machines_connected": _machines_connected,
    "twin_in_use": _twin_in_use,
    "online_share": _online_share,
    "recovery_time": _recovery_time,
    "schedule_adherence": _schedule_adherence,
    "energy_per_unit": per_unit("kwh"),
    "carbon_per_unit": per_unit("kg_co2"),
    "energy_per_value": per_value("kwh"),
    "carbon_per_value": per_value("kg_co2"),
}
